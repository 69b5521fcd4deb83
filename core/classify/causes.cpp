#include "core/classify/cause_phrases.hpp"
#include "core/classify/notice.hpp"

#include "core/text/ascii.hpp"

#include <algorithm>

/// Why a mail did not arrive: RFC 3463 codes where they are telling, words where they are not.
namespace majlis {
std::string_view cause_name(Cause cause)
{
    switch (cause) {
        case Cause::no_such_user:
            return "no_such_user";
        case Cause::mailbox_full:
            return "mailbox_full";
        case Cause::host_unknown:
            return "host_unknown";
        case Cause::network:
            return "network";
        case Cause::loop:
            return "loop";
        case Cause::too_large:
            return "too_large";
        case Cause::policy:
            return "policy";
        case Cause::content:
            return "content";
        case Cause::spam:
            return "spam";
        case Cause::authentication:
            return "authentication";
        case Cause::quota_of_ours:
            return "quota_of_ours";
        case Cause::other:
            break;
    }
    return "other";
}

bool blames_member(Cause cause)
{
    switch (cause) {
        case Cause::no_such_user:
        case Cause::mailbox_full:
        case Cause::host_unknown:
        case Cause::network:
        case Cause::other:
            return true;
        default:
            return false;
    }
}

namespace recognise {
namespace {

constexpr std::size_t longest_reason = 4'000;  // bytes of words that are searched for a cause

template <std::size_t N>
Cause first_of(const Phrase (&phrases)[N], std::string_view words)
{
    for (const auto& [phrase, cause] : phrases)
        if (words.find(phrase) != std::string_view::npos) return cause;
    return Cause::other;
}

Cause by_code(std::string_view status)
{
    if (status.size() < 5) return Cause::other;
    const auto detail = status.substr(2);
    for (const auto& code : codes)
        if (detail == code.detail) return code.cause;
    switch (detail[0]) {
        case '6':
            return Cause::content;
        case '7':  // 7.4 to 7.16: security features; 7.20 on: DKIM, SPF, reverse DNS, DMARC
            return Cause::authentication;
        case '4':
            return Cause::network;
        default:
            return Cause::other;
    }
}

/// Addresses and names of hosts may hold any word ("mx.spamfilter.example.org said: user unknown"): without them, in lower case.
std::string without_names(std::string_view words)
{
    std::string kept;
    while (!words.empty()) {
        const auto begin = std::min(words.find_first_not_of(" \t\r\n"), words.size());
        const auto word = words.substr(begin, words.find_first_of(" \t\r\n", begin) - begin);
        words.remove_prefix(begin + word.size());
        const auto low = text::lowered(word);
        const bool link = low.find("//") != std::string::npos;
        const bool code = low.starts_with("resolver.") || low.starts_with("smtp") || low.starts_with("storedrv.") ||
                          low.starts_with("queue.") || low.starts_with("transport.") ||
                          text::is_digit(low.empty() ? ' ' : low[0]) || low.starts_with("#");
        const bool host = !link && !code && std::count(low.begin(), low.end(), '.') >= 2 && low.find("..") == std::string::npos;
        if (host) continue;
        const auto size = kept.size();
        std::size_t from = 0;
        if (!link)
            for (const auto& spot : addresses_in(low)) {
                kept.append(low, from, spot.begin - from);
                from = spot.end;
            }
        kept.append(low, from);
        kept.erase(std::remove_if(kept.begin() + static_cast<std::ptrdiff_t>(size), kept.end(),
                                  [](char c) { return std::string_view{"<>\"`"}.find(c) != std::string_view::npos; }),
                   kept.end());
        if (kept.size() > size) kept += ' ';
    }
    return kept;
}

/// A code that tells no more than the class: the words know better.
bool is_vague(std::string_view status) { return status.size() < 5 || status.ends_with(".0.0") || status.ends_with(".5.0"); }

}  // namespace

Cause cause_of(std::string_view status, std::string_view diagnostic)
{
    const auto words = without_names(diagnostic.substr(0, longest_reason));
    std::string better;
    if (is_vague(status)) {
        better = status_in(words);
        if (!better.empty()) status = better;
    }
    // A full mailbox is told by its code; 5.7.1 and 5.1.1 are used for anything.
    const auto code = by_code(status);
    if (code == Cause::mailbox_full) return code;
    if (const auto cause = first_of(foreign, words); cause != Cause::other) return cause;
    const auto told = first_of(members, words);
    if (code == Cause::loop || (code == Cause::too_large && told != Cause::mailbox_full)) return code;
    if (told != Cause::other) {
        const bool closed = code == Cause::policy || code == Cause::authentication;
        return closed && told != Cause::no_such_user && told != Cause::mailbox_full ? code : told;
    }
    if (code != Cause::other) return code;
    return first_of(wires, words);
}

void settle(Failure& failure, std::string_view stated_status)
{
    failure.status = status_in(stated_status);
    if (failure.status.empty() || failure.status.starts_with('2')) failure.status = status_in(failure.diagnostic);
    if (failure.status.empty() || failure.status.starts_with('2')) failure.status = failure.delayed ? "4.0.0" : "5.0.0";
    failure.permanent = !failure.delayed && failure.status.starts_with('5');
    failure.cause = cause_of(failure.status, failure.diagnostic);
}

}  // namespace recognise
}  // namespace majlis
