#include "core/route/grammar.hpp"
#include "core/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace majlis {
namespace {

constexpr std::size_t most_tokens = 20;
constexpr std::size_t longest_text = 64 * 1024;

struct Mark {
    std::string_view word;
    Command command;
};
constexpr std::array<Mark, 3> marks{{{"confirm", Command::confirm}, {"mod", Command::moderate}, {"bounce", Command::bounce}}};

/// Every "confirm-TOKEN" of a lower-case text; in a Subject a space may stand for the hyphen.
void collect(std::string_view words, std::vector<Target>& found)
{
    for (const Mark& mark : marks) {
        for (auto at = words.find(mark.word); at != std::string_view::npos; at = words.find(mark.word, at + 1)) {
            const bool inside_word = at > 0 && (text::is_letter(words[at - 1]) || text::is_digit(words[at - 1]));
            auto rest = words.substr(at + mark.word.size());
            if (inside_word || rest.empty() || std::string_view{"-+ "}.find(rest.front()) == std::string_view::npos) continue;
            rest.remove_prefix(1);
            const auto base = [](char c) { return text::is_letter(c) || text::is_digit(c); };
            const auto token = rest.substr(
                0, static_cast<std::size_t>(
                       std::find_if_not(rest.begin(), rest.begin() + std::min<std::ptrdiff_t>(std::ssize(rest), 65), base) -
                       rest.begin()));
            if (!grammar::is_token(token) || found.size() >= most_tokens) continue;
            const Target target{0, mark.command, std::string{token}};
            if (std::find(found.begin(), found.end(), target) == found.end()) found.push_back(target);
        }
    }
}

}  // namespace

std::vector<Target> tokens_in_replies(const Message& message)
{
    std::vector<Target> found;
    const auto& fields = message.root().fields;
    collect(text::lowered(field_text(fields, "Subject")).substr(0, longest_text), found);
    for (const auto* name : {"In-Reply-To", "References"})
        for (const Field* field : find_fields(fields, name)) collect(text::lowered(field->body), found);
    return found;
}

}  // namespace majlis
