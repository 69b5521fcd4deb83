#include "core/classify/dialects/dialect.hpp"

#include "core/text/ascii.hpp"

#include <algorithm>

/// Forms that no shape would find.
namespace majlis::recognise {
namespace {

/// Value of `"key":"value"` behind `from`, also where JSON stands within a JSON string (\"key\":\"value\"); npos in `from` if
/// none.
std::string json_value(std::string_view words, std::string_view key, std::size_t& from, std::size_t until)
{
    const auto at = words.find(key, from);
    if (at == std::string_view::npos || at >= until) {
        from = std::string_view::npos;
        return {};
    }
    auto rest = words.substr(at + key.size());
    from = at + key.size();
    rest.remove_prefix(std::min(rest.find_first_not_of("\\\" :\t\r\n"), rest.size()));
    return std::string{rest.substr(0, rest.substr(0, 1'000).find_first_of("\\\"\r\n"))};
}

}  // namespace

std::vector<Found> read_json(const Notice& notice)
{
    std::vector<Found> all;
    if (!notice.says("bouncedrecipients")) return all;
    std::string words;
    for (const auto line : notice.lines()) words += line;  // long lines are folded anywhere
    std::size_t from = words.find("bouncedRecipients");
    while (from != std::string::npos) {
        auto address = json_value(words, "emailAddress", from, words.size());
        if (from == std::string::npos) break;
        const auto next = std::min(words.find("emailAddress", from), from + 2'000);
        std::size_t status_at = from, reason_at = from;
        auto told = json_value(words, "\"status", status_at, next) + " " + json_value(words, "diagnosticCode", reason_at, next);
        if (!addresses_in(address, 1).empty()) add_found(all, {std::move(address), std::move(told)});
    }
    return all;
}

std::vector<Found> read_message_router(const Notice& notice)
{
    std::vector<Found> all;
    for (std::size_t i = 0; i < notice.lines().size(); ++i) {
        if (!notice.lower()[i].starts_with("recipient address:")) continue;
        auto spots = addresses_in(notice.lines()[i], 1);
        // The address that we sent to, where the router had another name for it.
        for (std::size_t j = i + 1; j < std::min(notice.lines().size(), i + 4); ++j)
            if (notice.lower()[j].starts_with("original address:"))
                if (auto sent = addresses_in(notice.lines()[j], 1); !sent.empty()) spots = std::move(sent);
        if (!spots.empty() && notice.may_fail(spots.front().address))
            add_found(all, {spots.front().address, words_after(notice, i + 1, 0)});
    }
    return all;
}

std::vector<Found> read_x400(const Notice& notice)
{
    std::vector<Found> all;
    for (std::size_t i = 0; i < notice.lines().size(); ++i) {
        const auto low = notice.lower()[i];
        for (const std::string_view key : {"dda:smtp=", "dd.rfc-822=", "dd.rfc822=", "dda:rfc-822=", "dda:rfc822="}) {
            const auto at = low.find(key);
            if (at == std::string_view::npos) continue;
            auto value = notice.lines()[i].substr(at + key.size());
            value = value.substr(
                0, value.find_first_of(";/ \t)\"'") == std::string_view::npos ? value.size() : value.find_first_of(";/ \t\"'"));
            std::string address{value};
            if (const auto mark = address.find("(a)"); mark != std::string::npos) address.replace(mark, 3, "@");
            if (!addresses_in(address, 1).empty() && notice.may_fail(address))
                add_found(all, {address, words_after(notice, i + 1, 0)});
        }
    }
    return all;
}

std::vector<Found> read_screen_name(const Notice& notice)
{
    const auto domain = text::lowered(notice.mail().from_domain);
    if (domain != "aol.com" && domain != "compuserve.com" && domain != "cs.com") return {};
    const auto place = notice.find("could not be delivered");
    std::vector<Found> all;
    for (std::size_t i = place ? place->line + 1 : notice.lines().size(); i < notice.lines().size(); ++i) {
        const auto line = notice.lines()[i];
        const bool name = !line.empty() && line.size() <= 32 && std::all_of(line.begin(), line.end(), [](char c) {
            return text::is_letter(c) || text::is_digit(c) || c == '_' || c == '.';
        });
        if (name) add_found(all, {std::string{line} + "@" + domain, std::string{notice.flat().substr(0, 600)}});
    }
    return all;
}

}  // namespace majlis::recognise
