#include "core/classify/dialects/dialect.hpp"

#include "core/text/ascii.hpp"

#include <algorithm>

/// SMTP dialogue in the words, as Sendmail, Courier and gateways of virus scanners show it.
namespace majlis::recognise {
namespace {

constexpr std::size_t reply_within = 4;  // lines

/// "550 5.1.1" at the begin of a line; replies of success do not count.
bool begins_refusal(std::string_view line)
{
    const auto digits = line.substr(0, 3);
    return digits.size() == 3 && (digits[0] == '4' || digits[0] == '5') && text::is_digit(digits[1]) &&
           text::is_digit(digits[2]) && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
}

/// What the other side said, without "<<<", "Received:" and their like; empty where the line is no reply.
std::string_view reply_in(std::string_view line)
{
    for (const auto* mark : {"<<<", "Received <<<", "Received:", "Remote host said:", "Reply:", "Response:", "<-"})
        if (text::starts_with_nocase(line, mark)) return text::trim(line.substr(std::string_view{mark}.size()));
    return begins_refusal(line) ? line : std::string_view{};
}

}  // namespace

std::vector<Found> read_hops(const Notice& notice)
{
    for (std::size_t i = 0; i < notice.lines().size(); ++i) {
        const auto hops = notice.lower()[i].find("too many hops");
        const auto to = notice.lower()[i].find(", to ", hops == std::string_view::npos ? hops : hops + 1);
        if (to == std::string_view::npos) continue;
        const auto spots = addresses_in(notice.lines()[i].substr(to), 1);
        if (spots.empty() || !notice.may_fail(spots.front().address)) continue;
        // Where it went round and round, and whom we sent it to.
        auto all = read_after_opening(notice);
        add_found(all, {spots.front().address, std::string{notice.lines()[i].substr(0, 600)}});
        return all;
    }
    return {};
}

std::vector<Found> read_transcript(const Notice& notice)
{
    std::vector<Found> all;
    const auto& lines = notice.lines();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto command = notice.lower()[i].substr(0, 60).find("rcpt to:");
        if (command != std::string_view::npos) {
            const auto spots = addresses_in(lines[i].substr(command), 1);
            if (spots.empty() || !notice.may_fail(spots.front().address)) continue;
            for (std::size_t j = i + 1; j < std::min(lines.size(), i + 1 + reply_within); ++j) {
                const auto reply = reply_in(lines[j]);
                if (begins_refusal(reply)) add_found(all, {spots.front().address, std::string{reply}});
                if (!reply.empty()) break;
            }
            continue;
        }
        // "550 5.1.1 <a@b>... User unknown"
        const auto reply = reply_in(lines[i]);
        if (!begins_refusal(reply)) continue;
        const auto spot = leading_address(reply);
        if (spot.address.empty() || !notice.may_fail(spot.address)) continue;
        if (reply.substr(spot.end).substr(0, 4).find("...") != std::string_view::npos)
            add_found(all, {spot.address, std::string{reply}});
    }
    return all;
}

}  // namespace majlis::recognise
