#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The parts of the reader of majlis.toml; only core/config includes them.
namespace majlis::config {

struct Entry;

/// A TOML value with the line that it stands on, free of the parser that read it.
struct Value {
    enum class Kind { text, integer, real, truth, date, array, table };
    Kind kind = Kind::text;
    std::size_t line = 0;
    std::string text;  ///< of a text
    std::int64_t number = 0;
    bool truth = false;
    std::vector<Value> items;    ///< of an array
    std::vector<Entry> entries;  ///< of a table, in the order of the file

    const Value* find(std::string_view key) const;
};

struct Entry {
    std::string key;
    Value value;
};

/// "a text", "a list": what a person would call it.
std::string_view kind_name(Value::Kind kind);

/// A complaint with its place.
struct Message {
    std::size_t line = 0;
    std::string text;
};

/// Everything that is wrong with one file.
struct Report {
    std::vector<Message> errors;
    std::vector<Message> warnings;
};

/// Reads TOML. A syntax error goes to the report, and nothing more is known then: an empty table.
Value parse_toml(std::string_view text, Report& report);

}  // namespace majlis::config
