#include "core/classify/dialects/dialect.hpp"

#include "core/text/ascii.hpp"

#include <algorithm>
#include <array>

/// Notices read by their shape alone, in whatever language they are.
namespace majlis::recognise {
namespace {

/// Words before an address that say that it is somebody else's.
bool is_foreign(std::string_view before)
{
    const auto words = text::lowered(text::trim(before));
    static constexpr std::array ends{"from:",         "from",         "sender:",
                                     "sender",        "reply-to:",    "return-path: <",
                                     "subject:",      "message-id:",  "contact",
                                     "contact:",      "email",        "e-mail",
                                     "mail to",       "write to",     "by",
                                     "by:",           "de :",         "de:",
                                     "von:",          "von",          "at",
                                     "da:",           "references:",  "message",
                                     "message <",     "id <",         "message-id: <",
                                     "contact <",     "from: <",      "from <",
                                     "sender: <",     "sender <",     "please",
                                     "administrator", "mailto:",      "support",
                                     "support:",      "orig_from:",   "reply-to: <",
                                     "from: \"",      "expéditeur :", "absender:",
                                     "e.g., if",      "e.g.",         "for example",
                                     "try",           "such as"};
    return std::any_of(ends.begin(), ends.end(), [&](const char* end) { return words.ends_with(end); });
}

/// The words before an address, those of the line above where it begins its own.
std::string words_before(const Notice& notice, std::size_t line, std::size_t column)
{
    std::string words{notice.lines()[line].substr(0, column)};
    return line > 0 && text::trim(words).size() < 2 ? std::string{notice.lines()[line - 1]} + " " + words : words;
}

}  // namespace

std::vector<Found> read_bracketed_colon(const Notice& notice)
{
    std::vector<Found> all;
    for (std::size_t i = 0; i < notice.lines().size(); ++i) {
        const auto line = notice.lines()[i];
        const auto spot = leading_address(line);
        if (spot.address.empty() || !notice.may_fail(spot.address)) continue;
        const auto before = line.substr(0, spot.begin);
        if (before.find_first_not_of("<\"'") != std::string_view::npos) continue;
        auto behind = line.substr(spot.end);
        behind.remove_prefix(std::min(behind.find_first_not_of(">\"' "), behind.size()));
        if (behind.starts_with('(')) {  // "(expanded from <c@d>):"
            const auto close = behind.find(')');
            behind.remove_prefix(close == std::string_view::npos ? behind.size() : close + 1);
        }
        if (behind.starts_with(':')) add_found(all, {spot.address, words_after(notice, i, spot.end)});
    }
    return all;
}

std::vector<Found> read_leading(const Notice& notice)
{
    std::vector<Found> all;
    for (std::size_t i = 0; i < notice.lines().size(); ++i) {
        const auto spot = leading_address(notice.lines()[i]);
        if (!spot.address.empty() && notice.may_fail(spot.address) && !continues_sentence(notice, i, spot.end))
            add_found(all, {spot.address, words_after(notice, i, spot.end)});
    }
    return all;
}

std::vector<Found> read_sentence(const Notice& notice)
{
    std::vector<Found> all;
    std::size_t near = 0;  // candidates of the first paragraph that has one
    for (std::size_t i = 0; i < notice.lines().size(); ++i) {
        const auto line = notice.lines()[i];
        if (line.empty() && near == 0) near = all.size();
        if (line.starts_with('>') && !line.starts_with(">>")) continue;
        for (const auto& spot : addresses_in(line, 4)) {
            if (!notice.may_fail(spot.address) || is_foreign(words_before(notice, i, spot.begin))) continue;
            const auto label = text::lowered(line.substr(0, 4));
            if (label.starts_with("to:") || label.starts_with("cc:")) continue;
            add_found(all, {spot.address, std::string{line.substr(0, 600)} + " " + words_after(notice, i, line.size())});
            break;
        }
    }
    if (all.size() < 2) return all;
    // Several: those whom the returned mail was for, else those that are named first.
    const auto& known = notice.original().recipients;
    const auto meant = [&](const Found& found) {
        return text::equal_nocase(found.recipient, notice.original().sent_to) ||
               std::any_of(known.begin(), known.end(), [&](const auto& k) { return text::equal_nocase(k, found.recipient); });
    };
    if (std::any_of(all.begin(), all.end(), meant))
        all.erase(std::remove_if(all.begin(), all.end(), [&](const Found& f) { return !meant(f); }), all.end());
    else if (near > 0)
        all.resize(near, Found{{}, {}});
    return all;
}

std::vector<Found> read_recipient_label(const Notice& notice)
{
    std::vector<Found> all;
    for (std::size_t i = 0; i < notice.lines().size(); ++i) {
        if (!notice.lower()[i].starts_with("to:") && !notice.lower()[i].starts_with("to :")) continue;
        for (const auto& spot : addresses_in(notice.lines()[i]))
            if (notice.may_fail(spot.address)) add_found(all, {spot.address, words_after(notice, i + 1, 0)});
    }
    return all;
}

std::vector<Found> read_original(const Notice& notice)
{
    // Whom a list's copy was for is told by its return path; a trace field may name whom it was passed on to, and To the list.
    const auto& original = notice.original();
    if (!original.list_id.empty()) return {};
    if (!original.sent_to.empty() && notice.may_fail(original.sent_to)) return {{original.sent_to}};
    if (original.recipients.size() != 1 || !notice.may_fail(original.recipients.front())) return {};
    return {{original.recipients.front()}};
}

}  // namespace majlis::recognise
