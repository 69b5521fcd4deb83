#include "core/classify/dialects/dialect.hpp"
#include "core/classify/dialects/opening_phrases.hpp"

#include "core/text/ascii.hpp"

#include <algorithm>

/// Sentences that end in recipients: behind them on the line, or on lines below that an address begins. By family, more telling
/// ones first.
namespace majlis::recognise {
namespace {

constexpr std::size_t most_tries = 50;    // places of one sentence that are looked at
constexpr std::size_t looked_below = 12;  // lines behind an opening in which the first recipient must stand

/// Nothing but punctuation, or a rule of dashes.
bool is_ornament(std::string_view line)
{
    return std::none_of(line.begin(), line.end(),
                        [](char c) { return text::is_letter(c) || text::is_digit(c) || !text::is_ascii(c); });
}

/// "Ann Ray <a@b>", "Ann Ray (a@b)", "'a@b' on 1/2/2003": a line that is about one recipient rather than a sentence.
Spot recipient_line(std::string_view line)
{
    if (auto spot = leading_address(line); !spot.address.empty()) return spot;
    auto spots = addresses_in(line, 1);
    if (spots.empty() || spots.front().begin > 60 || line.starts_with('>')) return {};
    const auto before = line.substr(0, spots.front().begin);
    const auto behind = line.substr(std::min(spots.front().end, line.size()));
    const bool enclosed = (before.ends_with('<') && behind.starts_with('>')) ||
                          (before.ends_with('(') && behind.starts_with(')')) ||
                          (before.ends_with('[') && behind.starts_with(']'));
    return enclosed && before.find(':') == std::string_view::npos ? spots.front() : Spot{};
}

void read_below(const Notice& notice, std::size_t line, std::vector<Found>& all)
{
    std::size_t looked = 0;
    for (std::size_t i = line; i < notice.lines().size(); ++i) {
        const auto words = notice.lines()[i];
        if (words.empty() || is_ornament(words)) continue;
        auto spot = recipient_line(words);
        const bool takes = !spot.address.empty() && notice.may_fail(spot.address) && !continues_sentence(notice, i, spot.end);
        if (takes) add_found(all, {spot.address, words_after(notice, i, spot.end)});
        if (all.empty() && ++looked > looked_below) return;
        // "a@b, c@d; e@f": a list on one line
        if (!takes) continue;
        for (auto& other : addresses_in(words.substr(spot.end)))
            if (const auto gap = words.substr(spot.end).substr(0, other.begin);
                gap.find_first_of(",;") != std::string_view::npos && is_ornament(gap) && notice.may_fail(other.address))
                add_found(all, {other.address, words_after(notice, i, spot.end)});
    }
}

/// The recipients behind the opening on its own line: all of them, up to a word that leads away ("from", "because").
bool read_behind(const Notice& notice, const Notice::Place& place, std::vector<Found>& all)
{
    const auto line = notice.lines()[place.line];
    const auto rest = line.substr(std::min(place.column, line.size()));
    bool any = false;
    std::size_t last = 0;
    for (auto& spot : addresses_in(rest)) {
        const auto gap = text::lowered(rest.substr(last, spot.begin - last));
        if (gap.size() > 80 || contains_any(gap, {" from ", "from:", " von ", " de ", "contact ", "subject", "message-id"}))
            break;
        if (any && contains_any(gap, {"rcpt to", " said", "because", " by ", "see "})) break;
        last = spot.end;
        if (!notice.may_fail(spot.address)) continue;
        any = true;
        if (is_found(all, spot.address)) continue;
        add_found(all, {spot.address, std::string{line.substr(0, place.column)} + " " +
                                          words_after(notice, place.line, place.column + spot.end)});
    }
    return any;
}

template <std::size_t N>
std::vector<Found> read_after(const Opening (&table)[N], const Notice& notice)
{
    std::vector<Found> all;
    for (const auto& opening : table) {
        std::size_t tries = 0;
        for (auto place = notice.find(opening.phrase); place && tries < most_tries;
             place = notice.find(opening.phrase, place->next)) {
            ++tries;
            if (read_behind(notice, *place, all)) continue;
            if (all.empty()) read_below(notice, place->line + 1, all);
        }
        if (!all.empty()) return all;
    }
    return all;
}

/// Reasons that name the mailbox behind the address: it is reported besides.
constexpr std::string_view besides[] = {"quota violation for"};

}  // namespace

std::vector<Found> read_after_opening(const Notice& notice)
{
    auto all = read_after(openings, notice);
    for (const auto phrase : besides)
        if (const auto place = notice.find(phrase); place && !all.empty()) read_behind(notice, *place, all);
    return all;
}

std::vector<Found> read_after_label(const Notice& notice) { return read_after(labels, notice); }

bool speaks_of_failure(const Notice& notice)
{
    const auto said = [&](std::string_view phrase) { return notice.says(phrase); };
    return std::any_of(std::begin(sentences), std::end(sentences), said) ||
           std::any_of(std::begin(openings), std::end(openings),
                       [&](const Opening& o) { return o.says == Says::failure && said(o.phrase); });
}

}  // namespace majlis::recognise
