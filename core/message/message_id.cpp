#include "core/message/message.hpp"

#include "core/text/ascii.hpp"

namespace majlis {
namespace {

constexpr std::size_t longest_id = 996;  // with its brackets one line of RFC 5322, 2.1.1
constexpr std::size_t most_ids = 1'000;

bool is_dropped(char c) { return text::is_control(c) || c == ' ' || c == '<' || c == '>'; }

/// White space, controls and brackets go; what is left is one word.
std::string cleaned(std::string_view raw)
{
    std::string id;
    for (const char c : raw) {
        if (!is_dropped(c)) id += c;
        if (id.size() > longest_id) return {};
    }
    while (!id.empty() && (id.front() == '[' || id.front() == '"') && id.find('@') != std::string::npos) id.erase(0, 1);
    // The bracket of "[a@b]" goes, that of a domain literal "a@[192.0.2.1]" stays.
    if (!id.empty() && id.back() == ']' && id.find("@[") == std::string::npos) id.pop_back();
    return id;
}

/// Takes the next id, in brackets or a bare word, from the front of `rest`; comments are passed over.
std::string take_id(std::string_view& rest)
{
    while (!rest.empty()) {
        const auto begin = rest.find_first_not_of(" \t\r\n,;");
        rest.remove_prefix(begin == std::string_view::npos ? rest.size() : begin);
        if (rest.empty()) break;
        std::string_view word;
        if (rest.front() == '(') {
            const auto end = rest.find(')');
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
            continue;
        }
        if (rest.front() == '<') {
            const auto end = rest.find('>');
            word = rest.substr(0, end);
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        } else {
            const auto end = rest.find_first_of(" \t\r\n,;<(");
            word = rest.substr(0, end);
            rest.remove_prefix(word.size());
        }
        if (auto id = cleaned(word); !id.empty()) return id;
    }
    return {};
}

}  // namespace

std::string message_id(std::string_view field_body)
{
    // An id in brackets is meant even where other words stand before it.
    if (const auto bracket = field_body.find('<'); bracket != std::string_view::npos) {
        auto rest = field_body.substr(bracket);
        if (auto id = take_id(rest); !id.empty()) return id;
    }
    return take_id(field_body);
}

std::vector<std::string> message_ids(std::string_view field_body)
{
    std::vector<std::string> ids;
    while (ids.size() < most_ids) {
        auto id = take_id(field_body);
        if (id.empty()) break;
        if (id.find('@') != std::string::npos || field_body.empty()) ids.push_back(std::move(id));
    }
    return ids;
}

}  // namespace majlis
