#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "core/address/address.hpp"
#include "core/commands/commands.hpp"
#include "core/commands/fold.hpp"
#include "core/commands/words.hpp"
#include "core/text/ascii.hpp"
#include "core/text/directions.hpp"
#include "core/text/printable.hpp"
#include "core/text/units.hpp"

namespace majlis::commands {
namespace {

constexpr std::size_t longest_line = 500;

std::vector<std::string_view> split(std::string_view text)
{
    std::vector<std::string_view> words;
    while (true) {
        text = text::trim(text);
        if (text.empty()) return words;
        const auto end = std::min(text.find_first_of(" \t"), text.size());
        words.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

/// The first address in the line as it was written, checked; "" where there is none.
std::string address_in(std::string_view line)
{
    for (auto word : split(line)) {
        if (const auto equals = word.find('='); equals != std::string_view::npos && equals < word.find('@'))
            word.remove_prefix(equals + 1);
        if (text::starts_with_nocase(word, "mailto:")) word.remove_prefix(7);
        while (!word.empty() && std::string_view{"<(\"'"}.find(word.front()) != std::string_view::npos) word.remove_prefix(1);
        while (!word.empty() && std::string_view{">)\"',;."}.find(word.back()) != std::string_view::npos) word.remove_suffix(1);
        if (word.find('@') == std::string_view::npos) continue;
        if (const auto address = parse_address(word)) return address->text();
    }
    return {};
}

void fail(Line& line) { line.wrong = Line::Wrong::argument; }

/// "digest", "digest=mime", "weekly", "address=other@example.org", the list's name, "please".
void join_argument(Line& line, std::string_view rest, std::string_view original)
{
    for (auto word : split(rest)) {
        const auto equals = word.find('=');
        const auto key = word.substr(0, equals);
        if (equals != std::string_view::npos && (key == "address" || key == "adresse")) {
            line.address = address_in(original);
            if (line.address.empty()) fail(line);
        } else if (equals != std::string_view::npos) {
            const auto format = words::format_of(word.substr(equals + 1));
            const auto value = !format.empty() ? std::string_view{"daily"} : words::digest_of(word.substr(equals + 1));
            if (key != "digest" || value.empty()) return fail(line);
            if (format.empty() || line.argument.empty()) line.argument = value == "off" ? "" : value;
            line.format = format;
        } else if (const auto digest = words::digest_of(word); !digest.empty() && digest != "off") {
            line.argument = digest;
        } else if (!words::is_filler(word)) {
            if (!line.list.empty()) return fail(line);
            line.list = word;
        }
    }
}

/// daily, weekly, off; mime and plain say how they are made.
void digest_argument(Line& line, std::string_view rest, std::string_view)
{
    const auto all = split(rest);
    if (all.size() != 1) return fail(line);
    const auto format = words::format_of(all.front());
    line.argument = format.empty() ? words::digest_of(all.front()) : format;
    if (line.argument.empty()) fail(line);
}

void leave_argument(Line& line, std::string_view rest, std::string_view)
{
    for (const auto word : split(rest)) {
        if (words::is_filler(word)) continue;
        if (!line.list.empty()) return fail(line);
        line.list = word;
    }
}

template <std::string_view (*read)(std::string_view)>
void one_of(Line& line, std::string_view rest, std::string_view)
{
    const auto all = split(rest);
    line.argument = all.size() == 1 ? read(all.front()) : std::string_view{};
    if (line.argument.empty()) fail(line);
}

void token_argument(Line& line, std::string_view rest, std::string_view)
{
    const auto good = [](char c) { return text::is_letter(c) || text::is_digit(c); };
    if (rest.size() < 16 || rest.size() > 64 || !std::ranges::all_of(rest, good)) return fail(line);
    line.argument = rest;
}

/// Behind "until", "jusqu'au", "حتى".
void until_argument(Line& line, std::string_view rest, std::string_view)
{
    static const std::array small{folded("until"), folded("till"), folded("to"),  folded("jusqu'au"), folded("jusqu'à"),
                                  folded("au"),    folded("le"),   folded("حتى"), folded("إلى")};
    for (const auto word : split(rest)) {
        if (std::ranges::find(small, word) != small.end()) continue;
        if (!line.argument.empty()) return fail(line);
        line.argument = words::switch_of(word) == "off" ? std::string_view{"off"} : word;
    }
    const bool dated = until_of(line.argument, 0).has_value() || line.argument.find_first_of("-/.") != std::string::npos;
    if (line.argument != "off" && (!dated || !text::is_digit(line.argument.front()))) fail(line);
}

void address_argument(Line& line, std::string_view, std::string_view original)
{
    line.argument = address_in(original);
    if (line.argument.empty()) fail(line);
}

void id_argument(Line& line, std::string_view rest, std::string_view original)
{
    const auto all = split(original);
    if (split(rest).size() != 1 || all.empty()) return fail(line);
    line.argument = message_id(all.back());
    if (line.argument.empty()) fail(line);
}

void help_argument(Line& line, std::string_view rest, std::string_view)
{
    const auto all = split(rest);
    if (std::ranges::all_of(all, words::is_filler)) return;
    const auto of = words::verb_in(rest);
    if (of && of->rest.empty())
        line.argument = verb_name(of->verb);
    else if (rest == "set" || rest == "alias")
        line.argument = rest;
    else
        fail(line);
}

/// Words behind a command that takes none: then the line was no command.
void no_argument(Line& line, std::string_view rest, std::string_view)
{
    const auto all = split(rest);
    if (!std::ranges::all_of(all, words::is_filler)) line.verb.reset();
}

/// As it was written: the archive folds words in its own way. The words for it are single ones.
void question_argument(Line& line, std::string_view rest, std::string_view original)
{
    const auto begin = original.find_first_not_of(" :=\t", std::min(original.find_first_of(" :=\t"), original.size()));
    if (rest.empty() || begin == std::string_view::npos) return fail(line);
    line.argument = original.substr(begin);
}

using ReadArgument = void (*)(Line& line, std::string_view rest, std::string_view original);
struct Form {
    Verb verb;
    std::string_view name;
    ReadArgument read;
};
constexpr std::array forms{
    Form{Verb::join, "join", join_argument},
    Form{Verb::leave, "leave", leave_argument},
    Form{Verb::confirm, "confirm", token_argument},
    Form{Verb::set_digest, "set digest", digest_argument},
    Form{Verb::set_mail, "set mail", one_of<words::switch_of>},
    Form{Verb::set_language, "set language", one_of<words::language_of>},
    Form{Verb::set_vacation, "set vacation", until_argument},
    Form{Verb::set_own, "set own", one_of<words::switch_of>},
    Form{Verb::set_duplicates, "set duplicates", one_of<words::switch_of>},
    Form{Verb::set_notices, "set notices", one_of<words::notices_of>},
    Form{Verb::alias_add, "alias add", address_argument},
    Form{Verb::alias_remove, "alias remove", address_argument},
    Form{Verb::lists, "lists", no_argument},
    Form{Verb::whoami, "whoami", no_argument},
    Form{Verb::why, "why", id_argument},
    Form{Verb::help, "help", help_argument},
    Form{Verb::archive, "archive", question_argument},
    Form{Verb::get, "get", id_argument},
    Form{Verb::thread, "thread", id_argument},
    Form{Verb::end, "end", no_argument},
};

const Form& form_of(Verb verb) { return *std::ranges::find(forms, verb, &Form::verb); }

}  // namespace

std::string_view verb_name(Verb verb) { return form_of(verb).name; }

std::string Line::canonical() const
{
    if (!verb) return {};
    std::string out{verb_name(*verb)};
    if (!argument.empty()) out += " " + argument;
    if (!format.empty()) out += " digest=" + format;
    if (!address.empty()) out += " address=" + address;
    return out;
}

Line parse_line(std::string_view written)
{
    Line line;
    line.text = text::printable(text::trim(text::without_directions(written)), longest_line);
    if (written.size() > longest_line) return line;
    auto plain = folded(written);
    while (plain.size() > 1 && std::string_view{".!,;? "}.find(plain.back()) != std::string_view::npos) plain.pop_back();
    const auto found = words::verb_in(text::trim(plain));
    if (!found) return line;
    line.verb = found->verb;
    line.language = found->language;
    form_of(found->verb).read(line, found->rest, line.text);
    return line;
}

}  // namespace majlis::commands
