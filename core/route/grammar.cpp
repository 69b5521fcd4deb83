#include "core/route/grammar.hpp"

#include "core/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace majlis {
namespace grammar {
namespace {

struct Word {
    std::string_view word;
    Command command;
    enum class Token { none, may, must } token = Token::none;
};

/// The first spelling of each is the one that majlis writes.
constexpr std::array<Word, 17> words{{
    {"subscribe", Command::subscribe},
    {"join", Command::subscribe},
    {"subscribe-digest", Command::subscribe_digest},
    {"join-digest", Command::subscribe_digest},
    {"unsubscribe", Command::unsubscribe, Word::Token::may},
    {"leave", Command::unsubscribe},
    {"confirm", Command::confirm, Word::Token::may},
    {"help", Command::help},
    {"request", Command::request},
    {"owner", Command::owner},
    {"owners", Command::owner},
    {"admin", Command::owner},
    {"mod", Command::moderate, Word::Token::must},
    {"bounce", Command::bounce, Word::Token::may},
    {"bounces", Command::bounce, Word::Token::may},
    {"report", Command::report, Word::Token::may},
    {"unsub", Command::unsubscribe},
}};

constexpr std::size_t longest_token = 64;
constexpr std::size_t longest_local = 255;  // with room for more than RFC 5321 allows

}  // namespace

bool is_token(std::string_view text)
{
    const auto base32 = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); };
    return text.size() >= 16 && text.size() <= longest_token && std::all_of(text.begin(), text.end(), base32);
}

std::optional<Target> parse_command(std::string_view text)
{
    for (const Word& word : words) {
        if (!text.starts_with(word.word)) continue;
        const auto rest = text.substr(word.word.size());
        if (rest.empty() && word.token != Word::Token::must) return Target{0, word.command, {}};
        if (word.token == Word::Token::none || rest.size() < 2 || (rest[0] != '-' && rest[0] != '+')) continue;
        const auto token = rest.substr(1);
        // An unknown token is still one: who reads it answers politely.
        const auto may_stand = [](char c) { return text::is_letter(c) || text::is_digit(c); };
        if (token.size() > longest_token || !std::all_of(token.begin(), token.end(), may_stand)) continue;
        return Target{0, word.command, text::lowered(token)};
    }
    return std::nullopt;
}

}  // namespace grammar

std::optional<Target> route_address(std::string_view address_key, const FindList& find)
{
    const auto at = address_key.rfind('@');
    if (at == std::string_view::npos || at == 0 || at > grammar::longest_local) return std::nullopt;
    if (const auto exact = find(address_key)) return Target{*exact, Command::post, {}};
    const auto local = address_key.substr(0, at);
    // From the right: the longest list name wins.
    for (std::size_t cut = local.find_last_of("+-"); cut != std::string_view::npos && cut > 0;
         cut = local.find_last_of("+-", cut - 1)) {
        auto target = grammar::parse_command(local.substr(cut + 1));
        if (!target) continue;
        const auto list = find(std::string{local.substr(0, cut)}.append(address_key.substr(at)));
        if (!list) continue;
        target->list_id = *list;
        return target;
    }
    return std::nullopt;
}

std::string_view command_name(Command command)
{
    switch (command) {
        case Command::post:
            return "post";
        case Command::subscribe:
            return "subscribe";
        case Command::subscribe_digest:
            return "subscribe-digest";
        case Command::unsubscribe:
            return "unsubscribe";
        case Command::confirm:
            return "confirm";
        case Command::help:
            return "help";
        case Command::request:
            return "request";
        case Command::owner:
            return "owner";
        case Command::moderate:
            return "mod";
        case Command::bounce:
            return "bounce";
        case Command::report:
            break;
    }
    return "report";
}

}  // namespace majlis
