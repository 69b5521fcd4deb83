#include "core/lists/roster_row.hpp"

#include "core/address/address.hpp"
#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"
#include "core/text/printable.hpp"
#include "core/text/words.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace majlis::roster {

namespace {

constexpr std::size_t max_name = 500;

using Word = std::pair<std::string_view, std::string_view>;
constexpr auto modes = std::to_array<Word>({
    {"each", "each"},
    {"regular", "each"},
    {"mail", "each"},
    {"email", "each"},
    {"each email", "each"},
    {"all email", "each"},
    {"all", "each"},
    {"on", "each"},
    {"txt", "each"},
    {"html", "each"},
    {"urlize", "each"},
    {"not_me", "each"},
    {"notice", "each"},
    {"enabled", "each"},
    {"daily", "daily"},
    {"digest", "daily"},
    {"digest-mime", "daily"},
    {"digest-plain", "daily"},
    {"digestplain", "daily"},
    {"mime_digests", "daily"},
    {"summary", "daily"},
    {"plaintext_digests", "daily"},
    {"abridged", "daily"},
    {"summary_digests", "daily"},
    {"abridged email", "daily"},
    {"digest email", "daily"},
    {"weekly", "weekly"},
    {"none", "none"},
    {"nomail", "none"},
    {"no email", "none"},
    {"no mail", "none"},
    {"off", "none"},
    {"disabled", "none"},
    {"muted", "none"},
});
constexpr auto languages = std::to_array<Word>({
    {"french", "fr"},
    {"fran", "fr"},
    {"arabic", "ar"},
    {"arabe", "ar"},
    {"english", "en"},
    {"anglais", "en"},
});

}  // namespace

void clear(RosterRow& row, std::size_t line)
{
    row.line = line;
    for (std::string* text : {&row.address, &row.key, &row.name, &row.mode, &row.language, &row.problem}) text->clear();
}

void fail(RosterRow& row, std::size_t line, std::string problem)
{
    clear(row, line);
    row.problem = std::move(problem);
}

void set_address(RosterRow& row, std::string_view address)
{
    const auto parsed = parse_address(address);
    if (!parsed) {
        row.address = text::printable(text::trim(address));
        row.problem = "'" + row.address + "': " + parsed.error().message();
        return;
    }
    row.address = parsed->text();
    row.key = parsed->key();
    if (!text::is_ascii(parsed->local)) {
        // In an export it is a slip far more often than an address: few servers take one (RFC 6531).
        row.problem =
            "'" + row.address + "' has letters beyond ASCII before the @; if that is right, add it with 'majlis member add'";
        row.key.clear();
    }
}

void set_name(RosterRow& row, std::string_view name, std::string_view charset)
{
    name = text::trim(name.substr(0, max_name * 4));
    std::string converted;
    if (!text::is_ascii(name) && (!charset.empty() || !text::valid_utf8(name))) {
        converted = text::to_utf8(name, charset);
        name = converted;
    } else if (name.find("=?") != std::string_view::npos) {
        converted = text::decode_words(name);
        name = converted;
    }
    row.name.clear();
    row.name.reserve(name.size());
    for (const char c : name) {
        if (!text::is_space(c) && !text::is_control(c))
            row.name += c;
        else if (!row.name.empty() && row.name.back() != ' ')
            row.name += ' ';
    }
    if (row.name.size() > max_name) {
        std::size_t cut = max_name;
        while ((static_cast<unsigned char>(row.name[cut]) & 0xc0) == 0x80) --cut;
        row.name.resize(cut);
    }
    if (row.name.ends_with(' ')) row.name.pop_back();
}

void set_mode(RosterRow& row, std::string_view mode)
{
    mode = text::trim(mode);
    if (mode.empty()) return;
    for (const auto& [word, meaning] : modes) {
        if (!text::equal_nocase(mode, word)) continue;
        row.mode = meaning;
        return;
    }
    if (row.problem.empty()) row.problem = "mode '" + text::printable(mode, 40) + "' is unknown; use each, daily, weekly or none";
}

void set_language(RosterRow& row, std::string_view language)
{
    language = text::trim(language);
    for (const auto& [word, meaning] : languages) {
        if (text::starts_with_nocase(language, word)) row.language = meaning;
    }
    const bool code = language.size() == 2 || (language.size() > 2 && (language[2] == '-' || language[2] == '_'));
    for (const std::string_view known : {"fr", "ar", "en"}) {
        if (code && text::starts_with_nocase(language, known)) row.language = known;
    }
}

}  // namespace majlis::roster
