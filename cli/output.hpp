#pragma once
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace majlis::cli {

struct Value;
struct Field;
using Array = std::vector<Value>;
/// One thing: fields in the order in which people read them, keys in snake_case.
using Record = std::vector<Field>;

struct Value {
    std::variant<std::nullptr_t, bool, std::int64_t, std::string, Array, Record> as;
    Value();  // null
    Value(bool b);
    Value(std::int64_t n);
    Value(int n);
    Value(std::size_t n);
    Value(std::string s);
    Value(std::string_view s);
    Value(const char* s);
    Value(Array a);
    Value(Record r);
    Value(const Value& other);
    Value(Value&& other) noexcept;
    Value& operator=(const Value& other);
    Value& operator=(Value&& other) noexcept;
    ~Value();
};

struct Field {
    std::string key;
    Value value;
};

enum class Format { text, json };

/// "2026-11-22T16:07:23Z"; null for 0, which means never.
Value time_value(std::int64_t unix_time);
/// "3 d 4 h", "12 s": the two largest units.
std::string duration_text(std::int64_t seconds);
/// "30.5 MB" with powers of 1,000.
std::string size_text(std::int64_t bytes);
/// "1 post", "2 posts".
std::string counted(std::int64_t count, std::string_view noun);
Array strings(const std::vector<std::string>& texts);
/// What a terminal may be shown of a value: one line, no control characters.
std::string cell_text(const Value& value);
std::string json_text(const Record& record);

/// Rows of the same fields: an aligned table, or an array of objects. Rows leave as they come (after the first 500, from
/// which the widths are taken), so that a million of them need no memory.
class Table {
public:
    /// `nothing` is said, in text, where there was no row.
    Table(std::ostream& out, Format format, std::string_view nothing);
    void add(Record row);
    void finish();

private:
    void print_row(const std::vector<std::string>& cells);
    void flush();

    std::ostream& out_;
    Format format_;
    std::string nothing_;
    std::size_t rows_ = 0;
    std::vector<std::string> head_;
    std::vector<std::size_t> widths_;
    std::vector<std::vector<std::string>> waiting_;
    bool streaming_ = false;
};

/// One thing: "key  value" lines, or an object. Records within are indented, arrays of records become lines.
void show(std::ostream& out, Format format, const Record& record);

}  // namespace majlis::cli
