#include "core/moderation/html_quotes.hpp"

#include <algorithm>
#include <array>

#include "core/text/ascii.hpp"

namespace majlis::moderation {
namespace {

constexpr std::string_view mark_of_a_quote = "<p>&gt; </p>";
constexpr std::size_t longest_tag = 8 * 1024;  // bytes; a longer one is text

struct Tag {
    std::string name;        // lower case
    std::string attributes;  // lower case
    bool closes = false;     // "</x>"
    bool lone = false;       // "<x/>"
    std::size_t end = 0;     // behind its ">"
};

bool of_a_name(char c) { return text::is_letter(c) || text::is_digit(c) || c == ':'; }

/// The tag that begins at `at`, where a '<' stands; name is empty where none does.
Tag read_tag(std::string_view html, std::size_t at)
{
    Tag tag;
    std::size_t from = at + 1;
    if (from < html.size() && html[from] == '/') {
        tag.closes = true;
        ++from;
    }
    std::size_t to = from;
    while (to < html.size() && to - from < 40 && of_a_name(html[to])) ++to;
    if (to == from || !text::is_letter(html[from])) return tag;
    char quote = 0;
    std::size_t end = to;
    for (; end < html.size() && end - at < longest_tag; ++end) {
        if (quote != 0) {
            if (html[end] == quote) quote = 0;
        } else if (html[end] == '"' || html[end] == '\'') {
            quote = html[end];
        } else if (html[end] == '>') {
            break;
        }
    }
    if (end >= html.size() || html[end] != '>') return tag;
    tag.name = text::lowered(html.substr(from, to - from));
    tag.attributes = text::lowered(html.substr(to, end - to));
    tag.lone = tag.attributes.ends_with('/');
    tag.end = end + 1;
    return tag;
}

bool mentions(const Tag& tag, std::initializer_list<std::string_view> words)
{
    return std::ranges::any_of(words, [&](std::string_view word) { return tag.attributes.find(word) != std::string::npos; });
}

enum class Role { none, quote, rest_is_quote };

/// What an opening tag begins.
Role role_of(const Tag& tag)
{
    if (tag.name == "blockquote") return Role::quote;
    if (mentions(tag,
                 {"gmail_quote_container", "gmail_quote\"", "gmail_quote'", "gmail_extra", "yahoo_quoted", "protonmail_quote",
                  "tutanota_quote", "zmail_extra", "moz-forward-container", "ms-outlook-mobile-reference-message", "k9mail-quote",
                  "mail_quote", "replyheader", "outlookmessageheader"}))
        return Role::quote;
    // Outlook puts the original behind these, not inside.
    if (tag.name != "body" && mentions(tag, {"divrplyfwdmsg", "stopspelling", "appendonsend"})) return Role::rest_is_quote;
    if (tag.name == "div" && mentions(tag, {"border-top:solid #e1e1e1", "border-top:solid #b5c4df", "border-top: solid #e1e1e1",
                                            "border-top: 1pt solid rgb(225", "border-top:1px solid #e1e1e1"}))
        return Role::rest_is_quote;
    return Role::none;
}

bool is_void(std::string_view name)
{
    static constexpr std::array<std::string_view, 12> all{"br",   "hr",   "img",   "input", "meta",   "link",
                                                          "area", "base", "embed", "col",   "source", "wbr"};
    return std::ranges::find(all, name) != all.end();
}

}  // namespace

std::string without_html_quotes(std::string_view html)
{
    std::string out;
    std::string inside;     // name of the element that is left out
    std::size_t depth = 0;  // of elements of that name
    for (std::size_t at = 0; at < html.size();) {
        const auto next = std::min(html.find('<', at), html.size());
        if (inside.empty()) out.append(html.substr(at, next - at));
        if (next == html.size()) break;
        if (html.substr(next).starts_with("<!--")) {
            const auto end = html.find("-->", next + 4);
            at = end == std::string_view::npos ? html.size() : end + 3;
            continue;
        }
        const auto tag = read_tag(html, next);
        if (tag.name.empty()) {
            if (inside.empty()) out += '<';
            at = next + 1;
            continue;
        }
        at = tag.end;
        if (!inside.empty()) {
            if (tag.name != inside || tag.lone) continue;
            depth += tag.closes ? std::size_t(-1) : 1;
            if (depth == 0) inside.clear();
            continue;
        }
        const Role role = tag.closes ? Role::none : role_of(tag);
        if (role == Role::none) {
            out.append(html.substr(next, tag.end - next));
            continue;
        }
        out += mark_of_a_quote;
        if (role == Role::rest_is_quote) break;
        if (tag.lone || is_void(tag.name)) continue;
        inside = tag.name;
        depth = 1;
    }
    return out;
}

}  // namespace majlis::moderation
