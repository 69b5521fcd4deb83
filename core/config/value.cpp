#include "core/config/value.hpp"

#include <toml++/toml.h>

#include <algorithm>

namespace majlis::config {
namespace {

constexpr std::size_t max_depth = 8;  // ours are never deeper than [[inbox]] oauth2 = {...}

Value convert(const toml::node& node, std::size_t depth);

void convert_table(const toml::table& table, Value& out, std::size_t depth)
{
    out.kind = Value::Kind::table;
    for (const auto& [key, node] : table) {
        out.entries.push_back({std::string{key.str()}, convert(node, depth + 1)});
        out.entries.back().value.line = std::max<std::size_t>(key.source().begin.line, 1);
    }
    const auto earlier = [](const Entry& a, const Entry& b) { return a.value.line < b.value.line; };
    std::stable_sort(out.entries.begin(), out.entries.end(), earlier);
}

Value convert(const toml::node& node, std::size_t depth)
{
    Value out;
    out.line = node.source().begin.line;
    if (depth > max_depth) return out;
    switch (node.type()) {
        case toml::node_type::table:
            convert_table(*node.as_table(), out, depth);
            break;
        case toml::node_type::array:
            out.kind = Value::Kind::array;
            for (const auto& item : *node.as_array()) out.items.push_back(convert(item, depth + 1));
            break;
        case toml::node_type::string:
            out.text = node.as_string()->get();
            break;
        case toml::node_type::integer:
            out.kind = Value::Kind::integer;
            out.number = node.as_integer()->get();
            break;
        case toml::node_type::floating_point:
            out.kind = Value::Kind::real;
            break;
        case toml::node_type::boolean:
            out.kind = Value::Kind::truth;
            out.truth = node.as_boolean()->get();
            break;
        default:
            out.kind = Value::Kind::date;
            break;
    }
    return out;
}

}  // namespace

const Value* Value::find(std::string_view key) const
{
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
    return found == entries.end() ? nullptr : &found->value;
}

std::string_view kind_name(Value::Kind kind)
{
    switch (kind) {
        case Value::Kind::text:
            return "a text in quotes";
        case Value::Kind::integer:
            return "a whole number";
        case Value::Kind::real:
            return "a number with a point";
        case Value::Kind::truth:
            return "true or false";
        case Value::Kind::date:
            return "a date";
        case Value::Kind::array:
            return "a list";
        case Value::Kind::table:
            return "a section";
    }
    return "";
}

Value parse_toml(std::string_view text, Report& report)
{
    try {
        const toml::table table = toml::parse(text);
        Value root;
        root.line = 1;
        convert_table(table, root, 0);
        return root;
    } catch (const toml::parse_error& error) {
        report.errors.push_back({error.source().begin.line, "this is not TOML: " + std::string{error.description()}});
        Value root;
        root.kind = Value::Kind::table;
        return root;
    }
}

}  // namespace majlis::config
