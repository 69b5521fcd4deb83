#include "cli/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <nlohmann/json.hpp>
#include <ostream>

#include "core/text/printable.hpp"

namespace majlis::cli {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t longest_cell = 2'000;  // bytes; a reply or reason is shown whole, a hostile one is not
constexpr std::size_t widest_column = 60;
constexpr std::size_t rows_measured = 500;

Json json_of(const Value& value);

Json json_of(const Record& record)
{
    Json out = Json::object();
    for (const Field& field : record) out[field.key] = json_of(field.value);
    return out;
}

Json json_of(const Value& value)
{
    struct Visitor {
        Json operator()(std::nullptr_t) const { return nullptr; }
        Json operator()(bool b) const { return b; }
        Json operator()(std::int64_t n) const { return n; }
        Json operator()(const std::string& s) const { return s; }
        Json operator()(const Record& r) const { return json_of(r); }
        Json operator()(const Array& a) const
        {
            Json out = Json::array();
            for (const Value& v : a) out.push_back(json_of(v));
            return out;
        }
    };
    return std::visit(Visitor{}, value.as);
}

std::string dump(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

/// Columns that a text takes: code points without combining marks (Arabic vowels, accents).
std::size_t width_of(std::string_view text)
{
    std::size_t width = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if ((c & 0xC0) == 0x80) continue;
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
        const bool mark = (c == 0xCC) || (c == 0xCD && next < 0xB0) || (c == 0xD9 && next >= 0x8B && next <= 0x9F);
        if (!mark) ++width;
    }
    return width;
}

/// An id that is a name stands in another field as well: people need not read it twice.
bool is_name_again(const Field& field) { return field.key == "id" && std::holds_alternative<std::string>(field.value.as); }

/// Line ends as people type them, "\n".
std::string one_line(const std::string& text)
{
    std::string line;
    for (const char c : text) c == '\n' ? line.append("\\n") : line.append(1, c);
    return line;
}

bool is_rows(const Value& value)
{
    const auto* array = std::get_if<Array>(&value.as);
    return array != nullptr && !array->empty() && std::holds_alternative<Record>(array->front().as);
}

void show_text(std::ostream& out, const Record& record, std::size_t indent)
{
    std::size_t widest = 0;
    for (const Field& field : record) widest = std::max(widest, field.key.size());
    const std::string margin(indent, ' ');
    for (const Field& field : record) {
        if (is_name_again(field)) continue;
        if (const auto* inner = std::get_if<Record>(&field.value.as)) {
            out << margin << field.key << '\n';
            show_text(out, *inner, indent + 2);
        } else if (is_rows(field.value)) {
            out << margin << field.key << '\n';
            for (const Value& row : std::get<Array>(field.value.as)) {
                out << margin << " ";
                for (const Field& cell : std::get<Record>(row.as)) {
                    const std::string text = cell_text(cell.value);
                    if (!text.empty() && text != "-") out << ' ' << text << ' ';
                }
                out << '\n';
            }
        } else {
            out << margin << field.key << std::string(widest - field.key.size() + 2, ' ') << cell_text(field.value) << '\n';
        }
    }
}

}  // namespace

Value::Value() = default;
Value::Value(bool b) : as{b} {}
Value::Value(std::int64_t n) : as{n} {}
Value::Value(int n) : as{std::int64_t{n}} {}
Value::Value(std::size_t n) : as{static_cast<std::int64_t>(n)} {}
Value::Value(std::string s) : as{std::move(s)} {}
Value::Value(std::string_view s) : as{std::string{s}} {}
Value::Value(const char* s) : as{std::string{s}} {}
Value::Value(Array a) : as{std::move(a)} {}
Value::Value(Record r) : as{std::move(r)} {}
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

Value time_value(std::int64_t unix_time)
{
    if (unix_time == 0) return {};
    const std::time_t time = unix_time;
    std::tm parts{};
    if (gmtime_r(&time, &parts) == nullptr) return {};
    std::array<char, 40> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return std::string{text.data(), size};
}

std::string duration_text(std::int64_t seconds)
{
    if (seconds < 60) return fmt::format("{} s", seconds);
    if (seconds < 3'600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
    if (seconds < 86'400) return fmt::format("{} h {} min", seconds / 3'600, seconds / 60 % 60);
    return fmt::format("{} d {} h", seconds / 86'400, seconds / 3'600 % 24);
}

std::string size_text(std::int64_t bytes)
{
    static constexpr std::array<const char*, 4> units{"kB", "MB", "GB", "TB"};
    if (bytes < 1'000) return fmt::format("{} bytes", bytes);
    double size = static_cast<double>(bytes) / 1'000;
    std::size_t unit = 0;
    for (; size >= 1'000 && unit + 1 < units.size(); ++unit) size /= 1'000;
    return fmt::format("{:.1f} {}", size, units[unit]);
}

std::string counted(std::int64_t count, std::string_view noun)
{
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

Array strings(const std::vector<std::string>& texts)
{
    Array out;
    for (const std::string& text : texts) out.emplace_back(text);
    return out;
}

std::string cell_text(const Value& value)
{
    struct Visitor {
        std::string operator()(std::nullptr_t) const { return "-"; }
        std::string operator()(bool b) const { return b ? "yes" : "no"; }
        std::string operator()(std::int64_t n) const { return std::to_string(n); }
        std::string operator()(const std::string& s) const { return text::printable(one_line(s), longest_cell); }
        std::string operator()(const Record& r) const { return text::printable(json_text(r), longest_cell); }
        std::string operator()(const Array& a) const
        {
            std::string out;
            for (const Value& v : a) out.append(out.empty() ? "" : ", ").append(cell_text(v));
            return a.empty() ? "-" : out;
        }
    };
    return std::visit(Visitor{}, value.as);
}

std::string json_text(const Record& record) { return dump(json_of(record), -1); }

Table::Table(std::ostream& out, Format format, std::string_view nothing) : out_{out}, format_{format}, nothing_{nothing} {}

void Table::add(Record row)
{
    ++rows_;
    if (format_ == Format::json) {
        out_ << (rows_ == 1 ? "[\n" : ",\n") << dump(json_of(row), -1);
        return;
    }
    std::erase_if(row, is_name_again);
    if (rows_ == 1)
        for (const Field& field : row) head_.push_back(field.key);
    std::vector<std::string> cells;
    cells.reserve(row.size());
    for (const Field& field : row) cells.push_back(cell_text(field.value));
    if (streaming_) {
        print_row(cells);
        return;
    }
    waiting_.push_back(std::move(cells));
    if (waiting_.size() == rows_measured) flush();
}

void Table::flush()
{
    widths_.assign(head_.size(), 0);
    for (std::size_t i = 0; i < head_.size(); ++i) widths_[i] = head_[i].size();
    for (const auto& cells : waiting_)
        for (std::size_t i = 0; i < cells.size() && i < widths_.size(); ++i)
            widths_[i] = std::max(widths_[i], std::min(width_of(cells[i]), widest_column));
    print_row(head_);
    for (const auto& cells : waiting_) print_row(cells);
    waiting_.clear();
    streaming_ = true;
}

void Table::print_row(const std::vector<std::string>& cells)
{
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        line += cells[i];
        const std::size_t width = width_of(cells[i]);
        if (i + 1 < cells.size())
            line.append(i < widths_.size() && widths_[i] > width ? widths_[i] - width : 0, ' ').append("  ");
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out_ << line << '\n';
}

void Table::finish()
{
    if (format_ == Format::json)
        out_ << (rows_ == 0 ? "[]\n" : "\n]\n");
    else if (rows_ == 0)
        out_ << nothing_ << '\n';
    else if (!streaming_)
        flush();
    out_.flush();
}

void show(std::ostream& out, Format format, const Record& record)
{
    if (format == Format::json)
        out << dump(json_of(record), 2) << '\n';
    else
        show_text(out, record, 0);
    out.flush();
}

}  // namespace majlis::cli
