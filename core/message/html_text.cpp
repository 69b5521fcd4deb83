#include "core/message/html_text.hpp"

#include "core/message/html_entities.hpp"
#include "core/message/html_lines.hpp"
#include "core/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace majlis {
namespace {

using html::Direction;
using html::Lines;

constexpr std::size_t most_attributes = 50;       ///< of one tag
constexpr std::size_t most_directions = 200;      ///< open elements that set one
constexpr std::size_t longest_url = 2'000;        ///< that is shown
constexpr std::size_t longest_link_text = 4'000;  ///< that is compared with its address

constexpr std::array<std::string_view, 20> block_tags{"address", "article",  "aside",  "body", "center",  "dd",     "div",
                                                      "dt",      "fieldset", "footer", "form", "head",    "header", "html",
                                                      "legend",  "li",       "main",   "nav",  "section", "tr"};
static_assert(std::is_sorted(block_tags.begin(), block_tags.end()));

/// Blocks with an empty line around them.
constexpr std::array<std::string_view, 13> paragraph_tags{"blockquote", "dl", "figure", "h1", "h2",  "h3",   "h4",
                                                          "h5",         "h6", "hr",     "p",  "pre", "table"};
static_assert(std::is_sorted(paragraph_tags.begin(), paragraph_tags.end()));

/// Nothing in them is text.
constexpr std::array<std::string_view, 5> silent_tags{"script", "style", "template", "title", "xml"};

/// They have no end tag.
constexpr std::array<std::string_view, 10> void_tags{"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"};

template <std::size_t Count>
bool is_one_of(const std::string& name, const std::array<std::string_view, Count>& names)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

struct Tag {
    std::string name;  // lower case, without the slash; the first 16 letters
    bool closing = false;
    std::string_view attributes;
};

/// The decoded value of an attribute, or nothing.
std::optional<std::string> attribute(const Tag& tag, std::string_view wanted)
{
    std::string_view rest = tag.attributes;
    const auto skip = [&rest](std::string_view any) { rest.remove_prefix(std::min(rest.find_first_not_of(any), rest.size())); };
    for (std::size_t count = 0; count < most_attributes; ++count) {
        skip(" \t\r\n/");
        if (rest.empty()) break;
        const auto name = rest.substr(0, std::max<std::size_t>(std::min(rest.find_first_of("= \t\r\n/", 1), rest.size()), 1));
        rest.remove_prefix(name.size());
        skip(" \t\r\n");
        std::string_view value;
        if (rest.starts_with('=')) {
            rest.remove_prefix(1);
            skip(" \t\r\n");
            const bool quoted = rest.starts_with('"') || rest.starts_with('\'');
            const auto close = quoted ? rest.find(rest.front(), 1) : std::string_view::npos;
            const bool whole = close != std::string_view::npos;
            value = whole ? rest.substr(1, close - 1) : rest.substr(0, rest.find_first_of(" \t\r\n"));
            rest.remove_prefix(whole ? close + 1 : value.size());
        }
        if (text::equal_nocase(name, wanted)) return html::decoded(value);
    }
    return std::nullopt;
}

bool is_hidden(const Tag& tag)
{
    if (is_one_of(tag.name, void_tags)) return false;
    const auto style = attribute(tag, "style");
    if (!style) return false;
    std::string plain = text::lowered(*style);
    std::erase_if(plain, [](char c) { return text::is_space(c); });
    return plain.find("display:none") != std::string::npos || plain.find("mso-hide:all") != std::string::npos;
}

/// An address that may be shown: http, https, or the address in a mailto; "" for others.
std::string shown_url(std::string_view href)
{
    std::string url;
    for (const char c : text::trim(href))
        if (!text::is_control(c) && c != ' ' && c != '<' && c != '>') url += c;
    if (text::starts_with_nocase(url, "mailto:"))
        url = url.substr(7, url.find('?') - 7);
    else if (!text::starts_with_nocase(url, "http://") && !text::starts_with_nocase(url, "https://"))
        return {};
    return url.size() > longest_url ? std::string{} : url;
}

/// "https://www.example.org/" as people write it: "example.org".
std::string_view bare_url(std::string_view url)
{
    for (const std::string_view start : {"https://", "http://", "mailto:", "www."})
        if (text::starts_with_nocase(url, start)) url.remove_prefix(start.size());
    while (url.ends_with('/')) url.remove_suffix(1);
    return url;
}

/// An element that changes something until its end tag. `inner` counts elements of its name inside it.
struct Scope {
    std::string name;
    Direction before = Direction::unknown;
    std::size_t inner = 0;
};

class Reader {
public:
    Reader(std::string_view html, HtmlLinks links) : html_{html}, links_{links} {}

    std::string read()
    {
        while (at_ < html_.size()) {
            const char c = html_[at_];
            if (c == '<' && begins_tag())
                read_markup();
            else if (c == '&')
                read_entity();
            else
                put(html_.substr(at_, 1)), ++at_;
        }
        if (hidden_ && !hides_nothing_) {
            // Its end tag is missing: rather too much text than none.
            hides_nothing_ = true;
            hidden_.reset();
            at_ = hidden_from_;
            return read();
        }
        close_link();
        return lines_.finish();
    }

private:
    /// "<" before anything but a letter, "/", "!" or "?" is text.
    bool begins_tag() const
    {
        const char next = at_ + 1 < html_.size() ? html_[at_ + 1] : ' ';
        return text::is_letter(next) || next == '/' || next == '!' || next == '?';
    }

    void read_markup()
    {
        if (html_.substr(at_, 4) == "<!--") return skip_past("-->", 4);
        Tag tag;
        tag.closing = html_[at_ + 1] == '/';
        std::size_t end = at_ + (tag.closing ? 2 : 1);
        const std::size_t begin = end;
        while (end < html_.size() && end - begin < 16 && (text::is_letter(html_[end]) || text::is_digit(html_[end]))) ++end;
        tag.name = text::lowered(html_.substr(begin, end - begin));
        skip_past_tag_end(end);
        const std::size_t attributes_end = html_[at_ - 1] == '>' ? at_ - 1 : at_;
        tag.attributes = html_.substr(end, std::max(end, attributes_end) - end);
        if (hidden_)
            leave_hidden(tag);
        else if (!tag.closing && !hides_nothing_ && is_hidden(tag))
            hidden_ = Scope{tag.name, Direction::unknown, 0}, hidden_from_ = at_;
        else
            act(tag);
        if (!tag.closing && is_one_of(tag.name, silent_tags)) skip_content(tag.name);
    }

    void leave_hidden(const Tag& tag)
    {
        if (tag.name != hidden_->name) return;
        if (!tag.closing)
            ++hidden_->inner;
        else if (hidden_->inner-- == 0)
            hidden_.reset();
    }

    void act(const Tag& tag)
    {
        if (tag.name == "a") return act_on_link(tag);
        if (tag.name == "br") return end_row();
        if (tag.name == "img") return describe_picture(tag);
        if (tag.name == "td" || tag.name == "th") return lines_.next_cell();
        if (tag.name == "ul" || tag.name == "ol") return act_on_list(tag);
        const bool apart = is_one_of(tag.name, paragraph_tags);
        const bool block = apart || std::binary_search(block_tags.begin(), block_tags.end(), std::string_view{tag.name});
        if (block) lines_.end_line(apart ? Lines::Gap::line : Lines::Gap::none);
        direct(tag);
        if (tag.name == "li" && !tag.closing) lines_.open_item();
        if (tag.name == "pre") lines_.keep_spaces(tag.closing ? -1 : 1);
        if (tag.name == "blockquote") tag.closing ? lines_.close_quote() : lines_.open_quote();
        if (tag.name == "hr" && !tag.closing) lines_.put("* * *"), lines_.end_line(Lines::Gap::line);
    }

    /// A second one in a row makes an empty line.
    void end_row()
    {
        if (was_break_at_ == text_put_)
            lines_.end_line(Lines::Gap::line);
        else
            lines_.end_line();
        was_break_at_ = text_put_;
    }

    void act_on_list(const Tag& tag)
    {
        const bool outermost = !lines_.in_list();
        if (tag.closing) {
            lines_.end_line();
            lines_.close_list();
            if (!lines_.in_list()) lines_.end_line(Lines::Gap::line);
            return;
        }
        lines_.end_line(outermost ? Lines::Gap::line : Lines::Gap::none);
        lines_.open_list(tag.name == "ol" ? Lines::Items::numbered : Lines::Items::unnumbered);
    }

    void act_on_link(const Tag& tag)
    {
        close_link();
        if (tag.closing || links_ == HtmlLinks::leave_out) return;
        const auto href = attribute(tag, "href");
        if (href) url_ = shown_url(*href);
    }

    /// Shows an address that the reader could not see otherwise.
    void close_link()
    {
        if (!url_.empty() && !text::trim(link_text_).empty()) {
            const auto shown = bare_url(text::trim(link_text_));
            if (!text::equal_nocase(shown, bare_url(url_))) {
                const std::string url = std::exchange(url_, {});
                put(" <" + url + ">");
            }
        }
        url_.clear();
        link_text_.clear();
    }

    void describe_picture(const Tag& tag)
    {
        const auto text = attribute(tag, "alt");
        if (text && !text::trim(*text).empty()) put("[" + std::string{text::trim(*text)} + "]");
    }

    void direct(const Tag& tag)
    {
        if (!tag.closing) {
            if (!directions_.empty() && directions_.back().name == tag.name) ++directions_.back().inner;
            const auto dir = attribute(tag, "dir");
            if (!dir || directions_.size() >= most_directions || is_one_of(tag.name, void_tags)) return;
            if (!directions_.empty() && directions_.back().name == tag.name) --directions_.back().inner;
            directions_.push_back({tag.name, direction_});
            turn(text::equal_nocase(*dir, "rtl")   ? Direction::right_to_left
                 : text::equal_nocase(*dir, "ltr") ? Direction::left_to_right
                                                   : Direction::unknown);
        } else if (!directions_.empty() && directions_.back().name == tag.name) {
            if (directions_.back().inner > 0) {
                --directions_.back().inner;
                return;
            }
            turn(directions_.back().before);
            directions_.pop_back();
        }
    }

    void turn(Direction direction)
    {
        direction_ = direction;
        lines_.set_direction(direction);
    }

    /// A ">" inside a quoted attribute does not end the tag; a quote that never ends does not swallow the rest.
    void skip_past_tag_end(std::size_t from)
    {
        std::size_t at = from;
        while (at < html_.size() && html_[at] != '>') {
            const char c = html_[at];
            if ((c == '"' || c == '\'') && html_[at - 1] == '=') {
                const std::size_t close = find_quote(c, at + 1);
                if (close != std::string_view::npos) at = close;
            }
            ++at;
        }
        at_ = std::min(at + 1, html_.size());
    }

    /// Remembers that there are no more of a kind, so that many open quotes are not searched for again and again.
    std::size_t find_quote(char quote, std::size_t from)
    {
        bool& none_left = quote == '"' ? no_double_ : no_single_;
        if (none_left) return std::string_view::npos;
        const auto close = html_.find(quote, from);
        none_left = close == std::string_view::npos;
        return close;
    }

    void skip_past(std::string_view mark, std::size_t ahead)
    {
        const auto end = html_.find(mark, at_ + ahead);
        at_ = end == std::string_view::npos ? html_.size() : end + mark.size();
    }

    void skip_content(std::string_view name)
    {
        while (at_ < html_.size()) {
            const auto close = html_.find("</", at_);
            at_ = close == std::string_view::npos ? html_.size() : close;
            if (text::equal_nocase(html_.substr(std::min(at_ + 2, html_.size()), name.size()), name)) return;
            at_ = std::min(at_ + 2, html_.size());
        }
    }

    void read_entity()
    {
        const auto found = html::read_reference(html_.substr(at_));
        if (found.length == 0) {
            put("&");
            ++at_;
            return;
        }
        at_ += found.length;
        if (found.character == 0) return;
        std::string character;
        html::append_utf8(character, found.character);
        put(character);
    }

    void put(std::string_view text)
    {
        if (hidden_) return;
        lines_.put(text);
        if (!text::trim(text).empty()) ++text_put_;
        if (!url_.empty() && link_text_.size() < longest_link_text) link_text_ += text;
    }

    std::string_view html_;
    HtmlLinks links_;
    std::size_t at_ = 0;
    bool no_double_ = false, no_single_ = false;
    Lines lines_;
    std::size_t text_put_ = 0, was_break_at_ = 0;
    std::string url_, link_text_;
    std::optional<Scope> hidden_;
    std::size_t hidden_from_ = 0;
    bool hides_nothing_ = false;
    std::vector<Scope> directions_;
    Direction direction_ = Direction::unknown;
};

}  // namespace

std::string html_to_text(std::string_view html, HtmlLinks links) { return Reader{html, links}.read(); }

}  // namespace majlis
