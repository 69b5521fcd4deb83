#include "core/commands/commands.hpp"

#include <algorithm>

#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"

namespace majlis::commands {
namespace {

constexpr std::size_t longest_prefix = 24;  // bytes of "Re", "AW", "RE ", "رد" with its space

/// Behind "Re:", "Re[2]:", "RE :", "رد:": short, one word, whatever the language.
std::string_view without_prefix(std::string_view subject)
{
    const auto colon = subject.substr(0, longest_prefix).find(':');
    if (colon == std::string_view::npos) return subject;
    const auto word = text::trim(subject.substr(0, colon));
    if (word.find(' ') != std::string_view::npos || word.find('=') != std::string_view::npos) return subject;
    return subject.substr(colon + 1);
}

/// Reads lines of a body into `commands`.
class Reader {
public:
    explicit Reader(Commands& commands) : commands_{commands} {}

    void take(std::string_view text)
    {
        if (ended_) return leave_over(text);
        auto line = parse_line(text);
        if (line.verb == Verb::end) {
            ended_ = true;
            return;
        }
        if (!line.verb && (polite_ || ++strange_ > most_strange_lines)) {
            ended_ = true;
            return leave_over(text);
        }
        if (commands_.lines.size() >= most_lines) return leave_over(text);
        add(std::move(line));
    }
    void add(Line line)
    {
        if (commands_.language.empty()) commands_.language = line.language;
        const auto same = [&](const Line& one) { return line.runs() && one.runs() && one.canonical() == line.canonical(); };
        if (std::ranges::none_of(commands_.lines, same)) commands_.lines.push_back(std::move(line));
    }
    /// What follows may be a letter: it ends with the first line that is no command.
    void stop_at_prose() { polite_ = true; }

private:
    void leave_over(std::string_view text)
    {
        if (commands_.unprocessed.size() < most_unprocessed) commands_.unprocessed.push_back(text::printable(text, 200));
    }

    Commands& commands_;
    std::size_t strange_ = 0;
    bool ended_ = false, polite_ = false;
};

}  // namespace

std::string bare_subject(std::string_view subject)
{
    for (int i = 0; i < 20; ++i) {
        subject = text::trim(subject);
        if (subject.starts_with('[')) {
            const auto end = subject.find(']');
            if (end == std::string_view::npos) break;
            subject.remove_prefix(end + 1);
            continue;
        }
        const auto rest = without_prefix(subject);
        if (rest.size() == subject.size()) break;
        subject = rest;
    }
    return std::string{text::trim(subject)};
}

Commands read_commands(const Message& message)
{
    Commands commands;
    Reader reader{commands};
    const auto written = field_text(message.root().fields, "Subject");
    auto subject = parse_line(written);
    if (!subject.runs()) subject = parse_line(bare_subject(written));
    const bool by_subject = subject.runs() && subject.verb != Verb::end;
    if (by_subject) {
        reader.add(subject);
        reader.stop_at_prose();
    }
    for (const auto& line : own_lines(readable_text(message))) reader.take(line);
    const bool nothing = std::ranges::none_of(commands.lines, &Line::runs);
    if (!by_subject && nothing && subject.verb && subject.verb != Verb::end) reader.add(std::move(subject));
    return commands;
}

}  // namespace majlis::commands
