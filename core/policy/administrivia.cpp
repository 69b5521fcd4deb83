#include "core/policy/administrivia.hpp"

#include <algorithm>
#include <array>

#include "core/commands/commands.hpp"
#include "core/commands/fold.hpp"
#include "core/message/html_text.hpp"
#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"

namespace majlis {
namespace {

constexpr std::size_t lines_read = 10;          // that are not blank
constexpr std::size_t text_read = 64 * 1024;    // bytes of the part, still encoded
constexpr std::size_t longest_command = 200;    // bytes of a line
constexpr std::size_t short_text = 200;         // bytes: below it a mail that says "help" says little else
constexpr std::size_t digest_rule_length = 70;  // RFC 1153: dashes behind the preamble

const Part* first_plain(const Message& message)
{
    const auto found = std::ranges::find_if(message.parts, [](const Part& part) {
        return !part.divided && part.is("text", "plain") && part.disposition != "attachment" && part.name.empty();
    });
    return found == message.parts.end() ? nullptr : &*found;
}

/// The beginning of it, decoded.
std::string beginning(const Message& message)
{
    const Part* part = first_plain(message);
    if (part == nullptr) return {};
    Part head = *part;
    head.body = head.body.substr(0, text_read);
    return part_text(head);
}

/// For mails that have no plain text: quotes in it stand behind "> ".
std::string beginning_of_html(const Message& message)
{
    const Part* part = first_text(message);
    if (part == nullptr || !part->is("text", "html")) return {};
    Part head = *part;
    head.body = head.body.substr(0, text_read);
    return html_to_text(part_text(head));
}

std::string_view next_line(std::string_view& text)
{
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

std::size_t words_in(std::string_view line)
{
    std::size_t count = 0;
    bool inside = false;
    for (const char c : line) {
        if (!inside && !text::is_space(c)) ++count;
        inside = !text::is_space(c);
    }
    return count;
}

bool begins_with_set(std::string_view line)
{
    const auto folded = commands::folded(line);
    const auto word = std::string_view{folded}.substr(0, folded.find(' '));
    return word == "set" || word == "regler" || word == commands::folded("\u0636\u0628\u0637");
}

enum class Likely { no, weakly, surely };

/// What people also write to each other counts as a command only where it stands alone and is complete.
Likely command_in(std::string_view line)
{
    using commands::Verb;
    line = text::trim(line);
    if (line.empty() || line.size() > longest_command) return Likely::no;
    const auto parsed = commands::parse_line(line);
    if (!parsed.runs()) return Likely::no;
    switch (*parsed.verb) {
        case Verb::join:
        case Verb::leave:
            return parsed.list.empty() ? Likely::surely : Likely::no;
        case Verb::confirm:
            return parsed.argument.empty() ? Likely::no : Likely::surely;
        case Verb::set_digest:
        case Verb::set_mail:
        case Verb::set_language:
        case Verb::set_vacation:
            return begins_with_set(line) ? Likely::surely : Likely::no;
        case Verb::help:
        case Verb::lists:
        case Verb::whoami:
            return words_in(line) == 1 ? Likely::weakly : Likely::no;
        default:
            return Likely::no;
    }
}

/// "Approved: secret", as other managers take it. The secret is not repeated.
bool passes_a_password(std::string_view line)
{
    static constexpr std::array<std::string_view, 4> names{"approved:", "approve:", "x-approved:", "x-approve:"};
    return std::ranges::any_of(names, [&](std::string_view name) {
        return text::starts_with_nocase(line, name) && !text::trim(line.substr(name.size())).empty();
    });
}

Mistake in_subject(const Message& message, std::string_view text)
{
    const auto subject = field_text(message.root().fields, "Subject");
    const auto bare = commands::bare_subject(subject);
    const auto likely = command_in(bare);
    if (likely == Likely::no) return {};
    // "Re: help" answers somebody else's; a long text under "Help" asks the readers.
    const bool answers = bare.size() + 3 <= subject.size() && text::trim(subject).front() != '[';
    return {text::printable(bare, longest_command), answers || (likely == Likely::weakly && text.size() > short_text)};
}

Mistake in_text(std::string_view text)
{
    const bool brief = text.size() <= short_text;
    std::size_t read = 0;
    while (!text.empty() && read < lines_read) {
        const auto raw = next_line(text);
        const auto line = text::trim(raw);
        if (line.empty()) continue;
        if (line == "--") return {};  // a signature
        if (++read == 1 && passes_a_password(line)) return {std::string{line.substr(0, line.find(':'))}, false};
        const auto likely = command_in(line);
        if (likely == Likely::no) continue;
        return {text::printable(line, longest_command), read > 1 || (likely == Likely::weakly && !brief)};
    }
    return {};
}

bool digits_at(std::string_view text, std::size_t at, std::size_t count)
{
    return text.size() >= at + count && std::ranges::all_of(text.substr(at, count), text::is_digit);
}

/// "2026-11-22", of a digest over several lists.
bool is_day(std::string_view rest)
{
    return digits_at(rest, 0, 4) && digits_at(rest, 5, 2) && digits_at(rest, 8, 2) && rest[4] == '-' && rest[7] == '-';
}

/// "vol 3", "vol. 3", "v3", the same in Arabic.
bool counts_issues(std::string_view rest)
{
    static const std::array<std::string, 3> volumes{"vol", "v", commands::folded("\u0627\u0644\u0645\u062c\u0644\u062f")};
    for (const auto& volume : volumes) {
        if (!rest.starts_with(volume)) continue;
        const auto number = rest.find_first_not_of(". ", volume.size());
        if (number != std::string_view::npos && text::is_digit(rest[number])) return true;
    }
    return false;
}

/// "[Rabat] Digest, Vol 3, Issue 12", as etc/templates/*/digest.txt write it, and other managers in English.
bool names_a_digest(std::string_view subject)
{
    static const std::array<std::string, 3> words{"digest", "resume", commands::folded("\u0645\u0644\u062e\u0635")};
    const auto folded = commands::folded(subject);
    for (const auto& word : words)
        for (auto at = folded.find(word); at != std::string::npos; at = folded.find(word, at + 1)) {
            auto rest = std::string_view{folded}.substr(at + word.size());
            const auto whole = rest.size();
            for (const std::string_view comma : {",", "\u060c"})
                if (rest.starts_with(comma)) rest.remove_prefix(comma.size());
            const bool behind_comma = rest.size() < whole;  // people write "summary 2026-11-22" without one
            rest = text::trim(rest);
            if (counts_issues(rest) || (behind_comma && is_day(rest))) return true;
        }
    return false;
}

std::string_view without_quote_marks(std::string_view line)
{
    line.remove_prefix(std::min(line.find_first_not_of("> \t"), line.size()));
    return text::trim(line);
}

/// Some programs quote without marks, below the header of what they answer.
bool is_quoted_subject(std::string_view line)
{
    line = without_quote_marks(line);
    if (line.size() > longest_command * 2) return false;
    const auto folded = commands::folded(line.substr(0, std::min(line.find(':'), line.size())));
    static const std::array<std::string, 3> names{"subject", "objet",
                                                  commands::folded("\u0627\u0644\u0645\u0648\u0636\u0648\u0639")};
    return std::ranges::any_of(names, [&](const auto& name) { return text::trim(folded) == name; }) && names_a_digest(line);
}

bool is_quoted_rule(std::string_view line)
{
    line = text::trim(line);
    if (!line.starts_with('>')) return false;
    line = without_quote_marks(line);
    return line.size() == digest_rule_length && line.find_first_not_of('-') == std::string_view::npos;
}

}  // namespace

Mistake command_by_mistake(const Message& message)
{
    const auto text = first_plain(message) != nullptr ? beginning(message) : beginning_of_html(message);
    auto in_body = in_text(text);
    auto mistake = in_subject(message, text);
    if (mistake.word.empty() || (mistake.doubtful && !in_body.word.empty() && !in_body.doubtful)) return in_body;
    return mistake;
}

std::string quoted_digest(const Message& message)
{
    const auto subject = field_text(message.root().fields, "Subject");
    if (names_a_digest(subject)) return text::printable(subject, 120);
    const auto text = first_plain(message) != nullptr ? beginning(message) : beginning_of_html(message);
    for (std::string_view rest = text; !rest.empty();) {
        const auto line = next_line(rest);
        if (is_quoted_rule(line)) return "> ------";
        if (is_quoted_subject(line)) return text::printable(without_quote_marks(line), 120);
    }
    return {};
}

}  // namespace majlis
