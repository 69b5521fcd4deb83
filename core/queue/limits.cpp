#include "core/queue/limits.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace majlis::queue {

namespace {

constexpr std::int64_t wrong_clock_seconds = 3600;
constexpr std::int64_t fine_seconds = 120;
constexpr std::chrono::seconds longest_window = std::chrono::days{31};

/// Cuts spaces and then a word of letters, or digits, off the front.
std::string_view cut(std::string_view& text, bool (*belongs)(char))
{
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    std::size_t length = 0;
    while (length < text.size() && belongs(text[length])) ++length;
    const auto word = text.substr(0, length);
    text.remove_prefix(length);
    return word;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::optional<std::uint64_t> number(std::string_view digits)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

std::string singular(std::string_view word)
{
    std::string out{word};
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (out.size() > 1 && out.back() == 's') out.pop_back();
    return out;
}

std::optional<Unit> unit_of(std::string_view word)
{
    const auto name = singular(word);
    if (name == "recipient") return Unit::recipients;
    if (name == "message") return Unit::messages;
    return std::nullopt;
}

std::optional<std::int64_t> seconds_of(std::string_view word)
{
    struct Name {
        std::string_view text;
        std::int64_t seconds;
    };
    static constexpr std::array<Name, 12> names = {{{"second", 1},
                                                    {"sec", 1},
                                                    {"s", 1},
                                                    {"minute", 60},
                                                    {"min", 60},
                                                    {"m", 60},
                                                    {"hour", 3600},
                                                    {"h", 3600},
                                                    {"day", 86'400},
                                                    {"d", 86'400},
                                                    {"week", 604'800},
                                                    {"w", 604'800}}};
    const auto name = singular(word);
    for (const auto& known : names) {
        if (known.text == name) return known.seconds;
    }
    return std::nullopt;
}

ParsedLimit wrong(std::string_view text, std::string_view why)
{
    return {std::nullopt, "limit \"" + std::string{text.substr(0, 80)} + "\": " + std::string{why} +
                              "; write for example \"60 recipients/minute\" or \"2000 messages/day\""};
}

std::uint64_t amount(const Usage& usage, Unit unit) { return unit == Unit::recipients ? usage.recipients : usage.messages; }

/// The last second of the bucket, not later than now: a bucket is in use until this moment has left the window.
std::int64_t last_moment(const Usage& usage, std::int64_t now)
{
    return std::min(usage.start + std::max<std::int64_t>(usage.width.count(), 1) - 1, std::max(now, usage.start));
}

bool counts(const Usage& usage, const Limit& limit, std::int64_t now)
{
    if (usage.start > now + wrong_clock_seconds) return false;
    return last_moment(usage, now) + limit.window.count() > now;
}

struct Room {
    std::uint64_t left = 0;
    std::int64_t next_at = 0;
};

/// What one limit leaves, and when there will be room for one more.
Room room(const Limit& limit, std::span<const Usage> usage, std::int64_t now, std::uint64_t cap)
{
    std::uint64_t used = 0;
    for (const auto& bucket : usage) {
        if (counts(bucket, limit, now)) used += amount(bucket, limit.unit);
    }
    if (used < cap) return {cap - used, now};
    if (cap == 0) return {0, now + limit.window.count()};
    std::vector<std::pair<std::int64_t, std::uint64_t>> leaving;  // when, how much
    for (const auto& bucket : usage) {
        if (counts(bucket, limit, now)) {
            leaving.emplace_back(last_moment(bucket, now) + limit.window.count(), amount(bucket, limit.unit));
        }
    }
    std::sort(leaving.begin(), leaving.end());
    for (const auto& [when, much] : leaving) {
        used -= much;
        if (used < cap) return {0, when};
    }
    return {0, now + limit.window.count()};
}

}  // namespace

ParsedLimit parse_limit(std::string_view text)
{
    auto rest = text;
    const auto count = number(cut(rest, is_digit));
    if (!count || *count == 0) return wrong(text, "it begins with a number above 0");
    const auto unit = unit_of(cut(rest, is_letter));
    if (!unit) return wrong(text, "after the number comes \"recipients\" or \"messages\"");
    cut(rest, [](char) { return false; });
    if (rest.empty() || rest.front() != '/') return wrong(text, "a \"/\" comes before the time");
    rest.remove_prefix(1);
    const auto digits = cut(rest, is_digit);
    const auto times = digits.empty() ? std::optional<std::uint64_t>{1} : number(digits);
    const auto seconds = seconds_of(cut(rest, is_letter));
    cut(rest, [](char) { return false; });
    if (!seconds || !rest.empty()) return wrong(text, "the time is second, minute, hour, day or week, or a number of them");
    if (!times || *times == 0 || *times > static_cast<std::uint64_t>(longest_window.count() / *seconds)) {
        return wrong(text, "the time is from 1 second to 31 days");
    }
    return {Limit{*count, *unit, std::chrono::seconds{static_cast<std::int64_t>(*times) * *seconds}}, ""};
}

Allowance allowance(std::span<const Limit> limits, std::span<const Usage> usage, std::int64_t now, unsigned reserve_percent,
                    Urgency urgency)
{
    Allowance allowed;
    allowed.next_at = now;
    const std::uint64_t percent = urgency == Urgency::urgent ? 0 : std::min(reserve_percent, 100U);
    for (const auto& limit : limits) {
        const auto reserved = limit.count / 100 * percent + limit.count % 100 * percent / 100;  // rounded down, no overflow
        const auto found = room(limit, usage, now, limit.count - reserved);
        auto& left = limit.unit == Unit::recipients ? allowed.recipients : allowed.messages;
        left = std::min(left, found.left);
        allowed.next_at = std::max(allowed.next_at, found.next_at);
    }
    return allowed;
}

Ledger::Ledger(std::vector<Limit> limits) : limits_(std::move(limits)) {}

void Ledger::restore(std::int64_t minute, std::uint64_t recipients, std::uint64_t messages)
{
    const Usage usage{minute * 60, std::chrono::seconds{60}, recipients, messages};
    const auto later = [](const Usage& a, const Usage& b) { return a.start < b.start; };
    usage_.insert(std::upper_bound(usage_.begin(), usage_.end(), usage, later), usage);
}

void Ledger::note(std::int64_t now, std::uint64_t recipients, std::uint64_t messages)
{
    if (limits_.empty()) return;
    if (usage_.empty() || usage_.back().start != now || usage_.back().width.count() != 1) {
        compact(now);
        usage_.push_back({now, std::chrono::seconds{1}, 0, 0});
    }
    usage_.back().recipients += recipients;
    usage_.back().messages += messages;
}

void Ledger::give_back(std::int64_t when, std::uint64_t recipients, std::uint64_t messages)
{
    for (auto bucket = usage_.rbegin(); bucket != usage_.rend() && (recipients > 0 || messages > 0); ++bucket) {
        const bool holds = bucket->start <= when && when < bucket->start + bucket->width.count();
        if (!holds) continue;
        const auto some = std::min(recipients, bucket->recipients);
        const auto few = std::min(messages, bucket->messages);
        bucket->recipients -= some;
        bucket->messages -= few;
        recipients -= some;
        messages -= few;
    }
}

Allowance Ledger::allowed(std::int64_t now, unsigned reserve_percent, Urgency urgency) const
{
    return allowance(limits_, usage_, now, reserve_percent, urgency);
}

/// Forgets what no window reaches any more, and joins old seconds into minutes: at most a bucket a minute and 120 more.
void Ledger::compact(std::int64_t now)
{
    std::vector<Usage> kept;
    kept.reserve(usage_.size() + 1);
    for (const auto& bucket : usage_) {
        const bool needed = std::any_of(limits_.begin(), limits_.end(), [&](const Limit& l) { return counts(bucket, l, now); });
        if (!needed) continue;
        const bool old = bucket.start < now - fine_seconds && bucket.width.count() == 1;
        const auto minute = bucket.start - (bucket.start % 60);
        if (old && !kept.empty() && kept.back().width.count() == 60 && kept.back().start == minute) {
            kept.back().recipients += bucket.recipients;
            kept.back().messages += bucket.messages;
        } else if (old) {
            kept.push_back({minute, std::chrono::seconds{60}, bucket.recipients, bucket.messages});
        } else {
            kept.push_back(bucket);
        }
    }
    usage_ = std::move(kept);
}

}  // namespace majlis::queue
