#include "core/classify/notice.hpp"

#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"

#include <algorithm>
#include <array>
#include <utility>

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

constexpr std::size_t longest_diagnostic = 500;  // bytes
constexpr std::size_t longest_reason = 4'000;    // bytes of words that are searched for a cause

using Phrase = std::pair<std::string_view, Cause>;

/// First, what is never the member's fault: servers put such refusals under any code, also under 5.1.1.
constexpr Phrase foreign[] = {
    {"spamhaus", Cause::spam},
    {"spamcop", Cause::spam},
    {"barracuda reputation", Cause::spam},
    {"looks like spam", Cause::spam},
    {"considered spam", Cause::spam},
    {"as spam", Cause::spam},
    {"spam message", Cause::spam},
    {"spam content", Cause::spam},
    {"spam detected", Cause::spam},
    {"is spam", Cause::spam},
    {"likely spam", Cause::spam},
    {"suspected spam", Cause::spam},
    {"spam score", Cause::spam},
    {"spam filter", Cause::spam},
    {"antispam", Cause::spam},
    {"anti-spam", Cause::spam},
    {"unsolicited", Cause::spam},
    {"junk mail", Cause::spam},
    {"spam", Cause::spam},
    {"bulk mail", Cause::spam},
    {"blacklist", Cause::spam},
    {"black list", Cause::spam},
    {"blocklist", Cause::spam},
    {"block list", Cause::spam},
    {" rbl", Cause::spam},
    {"dnsbl", Cause::spam},
    {"is listed ", Cause::spam},
    {"listed at", Cause::spam},
    {"reputation", Cause::spam},
    {"virus", Cause::content},
    {"malware", Cause::content},
    {"infected", Cause::content},
    {"attachment", Cause::content},
    {"content reject", Cause::content},
    {"message content", Cause::content},
    {"content denied", Cause::content},
    {"prohibited content", Cause::content},
    {"prohibited file", Cause::content},
    {"forbidden file", Cause::content},
    {"bare lf", Cause::content},
    {"malformed", Cause::content},
    {"invalid header", Cause::content},
    {"dmarc", Cause::authentication},
    {"dkim", Cause::authentication},
    {"spf", Cause::authentication},
    {"sender policy framework", Cause::authentication},
    {"unauthenticated", Cause::authentication},
    {"authentication required", Cause::authentication},
    {"authentication failed", Cause::authentication},
    {"must authenticate", Cause::authentication},
    {"not authenticated", Cause::authentication},
    {"requires authentication", Cause::authentication},
    {"authentication is required", Cause::authentication},
    {"not authorized to send", Cause::authentication},
    {"reverse dns", Cause::authentication},
    {"ptr record", Cause::authentication},
    {"no ptr", Cause::authentication},
    {"reverse hostname", Cause::authentication},
    {"starttls", Cause::authentication},
    {"rate limit", Cause::quota_of_ours},
    {"ratelimit", Cause::quota_of_ours},
    {"rate that", Cause::quota_of_ours},
    {"too many message", Cause::quota_of_ours},
    {"too many connection", Cause::quota_of_ours},
    {"too many recipients", Cause::quota_of_ours},
    {"too many mails", Cause::quota_of_ours},
    {"too many emails", Cause::quota_of_ours},
    {"too quickly", Cause::quota_of_ours},
    {"sending limit", Cause::quota_of_ours},
    {"sending quota", Cause::quota_of_ours},
    {"limit on the number of", Cause::quota_of_ours},
    {"daily limit", Cause::quota_of_ours},
    {"daily user sending", Cause::quota_of_ours},
    {"throttl", Cause::quota_of_ours},
    {"unusual rate", Cause::quota_of_ours},
    {"exceeded the maximum number", Cause::quota_of_ours},
    {"max defers and failures per hour", Cause::quota_of_ours},
    {"too many hops", Cause::loop},
    {"hop count", Cause::loop},
    {"mail loop", Cause::loop},
    {"loops back", Cause::loop},
    {"loop detected", Cause::loop},
    {"looping", Cause::loop},
    {"routing loop", Cause::loop},
    {"message loop", Cause::loop},
    {"mail forwarding loop", Cause::loop},
    {"delivered-to line", Cause::loop},
    {"message too large", Cause::too_large},
    {"message too big", Cause::too_large},
    {"message is too big", Cause::too_large},
    {"message is too large", Cause::too_large},
    {"message size exceed", Cause::too_large},
    {"size limit", Cause::too_large},
    {"size exceeds", Cause::too_large},
    {"maximum message size", Cause::too_large},
    {"too large", Cause::too_large},
    {"exceeds fixed maximum", Cause::too_large},
    {"maximum size", Cause::too_large},
    {"message length exceeds", Cause::too_large},
    {"sender rejected", Cause::policy},
    {"sender address rejected", Cause::policy},
    {"sender denied", Cause::policy},
    {"sender verify fail", Cause::policy},
    {"sender domain", Cause::policy},
    {"sender not allowed", Cause::policy},
    {"relaying", Cause::policy},
    {"relay access", Cause::policy},
    {"to relay", Cause::policy},
    {"relay denied", Cause::policy},
    {"relay not", Cause::policy},
    {"rcpthosts", Cause::policy},
    {"client host rejected", Cause::policy},
    {"not accepting mail from", Cause::policy},
    {"not accept mail from", Cause::policy},
    {"greylist", Cause::policy},
    {"graylist", Cause::policy},
    {"only accepts mail from", Cause::policy},
    {"not permitted to send", Cause::policy},
    {"not allowed to send", Cause::policy},
    {"permission to send", Cause::policy},
    {"senders restricted", Cause::policy},
    {"recipnotauthorized", Cause::policy},
    {"notauthorized", Cause::policy},
    {"administratively prohibited", Cause::policy},
    {"administrative prohibition", Cause::policy},
};

/// The member's mailbox or domain.
constexpr Phrase members[] = {
    {"mailbox full", Cause::mailbox_full},
    {"mailbox is full", Cause::mailbox_full},
    {"full mailbox", Cause::mailbox_full},
    {"enough storage", Cause::mailbox_full},
    {"enough space", Cause::mailbox_full},
    {"overdrawn", Cause::mailbox_full},
    {"over quota", Cause::mailbox_full},
    {"overquota", Cause::mailbox_full},
    {"over the maximum", Cause::mailbox_full},
    {"quota exceeded", Cause::mailbox_full},
    {"exceeded quota", Cause::mailbox_full},
    {"exceeded storage", Cause::mailbox_full},
    {"exceeded the quota", Cause::mailbox_full},
    {"exceeds quota", Cause::mailbox_full},
    {"exceeds allowed size", Cause::mailbox_full},
    {"exceeded its quota", Cause::mailbox_full},
    {"exceeded the local limit", Cause::mailbox_full},
    {"quota full", Cause::mailbox_full},
    {"quota violation", Cause::mailbox_full},
    {"insufficient disk", Cause::mailbox_full},
    {"insufficient system storage", Cause::mailbox_full},
    {"out of storage", Cause::mailbox_full},
    {"inbox is full", Cause::mailbox_full},
    {"maildir over", Cause::mailbox_full},
    {"disk quota", Cause::mailbox_full},
    {"mailfolder is full", Cause::mailbox_full},
    {"not enough space", Cause::mailbox_full},
    {"no space left", Cause::mailbox_full},
    {"storage quota", Cause::mailbox_full},
    {"mailbox_full", Cause::mailbox_full},
    {"quota", Cause::mailbox_full},
    {"boîte aux lettres pleine", Cause::mailbox_full},
    {"boite pleine", Cause::mailbox_full},
    {"boîte de réception est pleine", Cause::mailbox_full},
    {"postfach ist voll", Cause::mailbox_full},
    {"buzón lleno", Cause::mailbox_full},
    {"casella piena", Cause::mailbox_full},
    {"caixa postal cheia", Cause::mailbox_full},
    {"is full", Cause::mailbox_full},
    {"host unknown", Cause::host_unknown},
    {"unknown host", Cause::host_unknown},
    {"host not found", Cause::host_unknown},
    {"domain not found", Cause::host_unknown},
    {"domain name not found", Cause::host_unknown},
    {"no such domain", Cause::host_unknown},
    {"unknown domain", Cause::host_unknown},
    {"unrouteable mail domain", Cause::host_unknown},
    {"unroutable mail domain", Cause::host_unknown},
    {"unrouteable address", Cause::host_unknown},
    {"unable to route", Cause::host_unknown},
    {"name or service not known", Cause::host_unknown},
    {"nxdomain", Cause::host_unknown},
    {"nullmx", Cause::host_unknown},
    {"null mx", Cause::host_unknown},
    {"does not accept mail", Cause::host_unknown},
    {"couldn't find any host", Cause::host_unknown},
    {"couldn't find a mail exchanger", Cause::host_unknown},
    {"dns error", Cause::host_unknown},
    {"domain couldn't be found", Cause::host_unknown},
    {"domain does not exist", Cause::host_unknown},
    {"host or domain name not found", Cause::host_unknown},
    {"no mx", Cause::host_unknown},
    {"all relevant mx records point to non-existent hosts", Cause::host_unknown},
    {"user unknown", Cause::no_such_user},
    {"user not known", Cause::no_such_user},
    {"not known at", Cause::no_such_user},
    {"nonexistent", Cause::no_such_user},
    {"non-existent", Cause::no_such_user},
    {"non existent", Cause::no_such_user},
    {"unknown e-mail", Cause::no_such_user},
    {"unknown email", Cause::no_such_user},
    {"not a registered", Cause::no_such_user},
    {"did not exactly match", Cause::no_such_user},
    {"not our customer", Cause::no_such_user},
    {"delivery userid", Cause::no_such_user},
    {"mailbox expired", Cause::no_such_user},
    {"has expired", Cause::no_such_user},
    {"ha expirado", Cause::no_such_user},
    {"abandoned", Cause::no_such_user},
    {"recipientnotfound", Cause::no_such_user},
    {"unknown user", Cause::no_such_user},
    {"no such user", Cause::no_such_user},
    {"nosuchuser", Cause::no_such_user},
    {"no such mailbox", Cause::no_such_user},
    {"no such recipient", Cause::no_such_user},
    {"no such address", Cause::no_such_user},
    {"no such person", Cause::no_such_user},
    {"no mailbox", Cause::no_such_user},
    {"unknown recipient", Cause::no_such_user},
    {"recipient unknown", Cause::no_such_user},
    {"unknown or illegal", Cause::no_such_user},
    {"unknown local", Cause::no_such_user},
    {"unknown address", Cause::no_such_user},
    {"address unknown", Cause::no_such_user},
    {"address not found", Cause::no_such_user},
    {"not found", Cause::no_such_user},
    {"invalid recipient", Cause::no_such_user},
    {"invalid mailbox", Cause::no_such_user},
    {"invalid address", Cause::no_such_user},
    {"mailbox not available", Cause::no_such_user},
    {"mailbox unavailable", Cause::no_such_user},
    {"mailbox not exist", Cause::no_such_user},
    {"mailbox disabled", Cause::no_such_user},
    {"mailbox is disabled", Cause::no_such_user},
    {"account disabled", Cause::no_such_user},
    {"account is disabled", Cause::no_such_user},
    {"account has been disabled", Cause::no_such_user},
    {"account is inactive", Cause::no_such_user},
    {"inactive", Cause::no_such_user},
    {"does not exist", Cause::no_such_user},
    {"doesn't exist", Cause::no_such_user},
    {"not exist", Cause::no_such_user},
    {"doesn't have a", Cause::no_such_user},
    {"not listed in", Cause::no_such_user},
    {"not listed", Cause::no_such_user},
    {"not recognized", Cause::no_such_user},
    {"is not known", Cause::no_such_user},
    {"no longer", Cause::no_such_user},
    {"not a valid", Cause::no_such_user},
    {"not a known", Cause::no_such_user},
    {"has moved", Cause::no_such_user},
    {"suspended", Cause::no_such_user},
    {"deactivated", Cause::no_such_user},
    {"unknown in virtual", Cause::no_such_user},
    {"recipnotfound", Cause::no_such_user},
    {"couldn't be found", Cause::no_such_user},
    {"inconnu", Cause::no_such_user},
    {"introuvable", Cause::no_such_user},
    {"n'existe pas", Cause::no_such_user},
    {"unbekannt", Cause::no_such_user},
    {"existiert nicht", Cause::no_such_user},
    {"no existe", Cause::no_such_user},
    {"desconocido", Cause::no_such_user},
    {"não existe", Cause::no_such_user},
    {"sconosciuto", Cause::no_such_user},
    {"non esiste", Cause::no_such_user},
    {"не существует", Cause::no_such_user},
    {"不存在", Cause::no_such_user},
    {"存在しません", Cause::no_such_user},
    {"غير موجود", Cause::no_such_user},
};

constexpr Phrase wires[] = {
    {"timed out", Cause::network},
    {"timeout", Cause::network},
    {"connection refused", Cause::network},
    {"connection reset", Cause::network},
    {"connection dropped", Cause::network},
    {"no route to host", Cause::network},
    {"network is unreachable", Cause::network},
    {"network unreachable", Cause::network},
    {"lost connection", Cause::network},
    {"connection was dropped", Cause::network},
    {"connection to mail exchanger", Cause::network},
    {"connection failed", Cause::network},
    {"could not initiate smtp", Cause::network},
    {"temporarily unavailable", Cause::network},
    {"unavailable or busy", Cause::network},
    {"communications failure", Cause::network},
    {"attempts:", Cause::network},
    {"connection lost", Cause::network},
    {"unable to connect", Cause::network},
    {"establish an smtp connection", Cause::network},
    {"could not connect", Cause::network},
    {"can't connect", Cause::network},
    {"not responding", Cause::network},
    {"did not respond", Cause::network},
    {"unreachable", Cause::network},
    {"too long", Cause::network},
    {"retry time", Cause::network},
    {"not accepting", Cause::policy},
    {"prohibited", Cause::policy},
    {"not allowed", Cause::policy},
    {"not permitted", Cause::policy},
    {"not authorized", Cause::policy},
    {"denied", Cause::policy},
    {"policy", Cause::policy},
    {"blocked", Cause::policy},
    {"banned", Cause::policy},
    {"refused", Cause::policy},
    {"rejected", Cause::policy},
};

template <std::size_t N>
Cause first_of(const Phrase (&phrases)[N], std::string_view words)
{
    for (const auto& [phrase, cause] : phrases)
        if (words.find(phrase) != std::string_view::npos) return cause;
    return Cause::other;
}

struct Code {
    std::string_view detail;  // "1.1" of "5.1.1"
    Cause cause;
};

constexpr Code codes[] = {
    {"1.0", Cause::no_such_user},  {"1.1", Cause::no_such_user}, {"1.2", Cause::host_unknown}, {"1.3", Cause::no_such_user},
    {"1.4", Cause::no_such_user},  {"1.6", Cause::no_such_user}, {"1.7", Cause::policy},       {"1.8", Cause::policy},
    {"1.10", Cause::host_unknown}, {"2.1", Cause::no_such_user}, {"2.2", Cause::mailbox_full}, {"2.3", Cause::too_large},
    {"3.1", Cause::network},       {"3.2", Cause::network},      {"3.4", Cause::too_large},    {"4.0", Cause::network},
    {"4.1", Cause::network},       {"4.2", Cause::network},      {"4.3", Cause::network},      {"4.4", Cause::host_unknown},
    {"4.5", Cause::network},       {"4.6", Cause::loop},         {"4.7", Cause::network},      {"4.14", Cause::loop},
    {"5.3", Cause::quota_of_ours}, {"7.0", Cause::policy},       {"7.1", Cause::policy},       {"7.2", Cause::policy},
    {"7.3", Cause::policy},
};

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

/// How many digits stand here, at most `most`.
std::size_t digits_at(std::string_view words, std::size_t at, std::size_t most)
{
    std::size_t n = 0;
    while (n < most && at + n < words.size() && text::is_digit(words[at + n])) ++n;
    return n;
}

/// The length of "5.1.1" here, or 0. The subject is 0 to 7 (RFC 3463), the detail at most three digits.
std::size_t enhanced_at(std::string_view words, std::size_t at)
{
    if (at + 5 > words.size() || words[at + 1] != '.' || words[at + 2] < '0' || words[at + 2] > '7' || words[at + 3] != '.')
        return 0;
    const auto detail = digits_at(words, at + 4, 4);
    const auto end = at + 4 + detail;
    if (detail == 0 || detail > 3) return 0;
    const bool goes_on =
        end < words.size() && (text::is_letter(words[end]) || (words[end] == '.' && digits_at(words, end + 1, 1) > 0));
    return goes_on ? 0 : end - at;
}

/// A number of three digits is a reply only where a reply may stand: not in "after 480 minutes" or "port 587".
bool is_reply_at(std::string_view words, std::size_t at)
{
    if (digits_at(words, at, 4) != 3 || words[at + 1] > '5') return false;
    const auto behind = words.substr(at + 3, 12);
    if (!behind.empty() && (text::is_letter(behind[0]) || behind[0] == '.' || behind[0] == '@' || behind[0] == '%'))
        return behind[0] == '.' && (behind.size() == 1 || text::is_space(behind[1]));
    for (const auto* unit :
         {" minute", " hour", " second", " day", " byte", " kb", " mb", " k ", " message", " recipient", " time"})
        if (text::starts_with_nocase(behind, unit)) return false;
    return true;
}

bool is_version(std::string_view before)
{
    const auto words = text::lowered(text::trim(before.substr(before.size() - std::min<std::size_t>(before.size(), 12))));
    for (const auto* name : {"version", "release", " v", "exim", "domino", "notes", "service", "ver.", "agent"})
        if (words.ends_with(name)) return true;
    return false;
}

}  // namespace

std::string status_in(std::string_view words)
{
    std::string reply;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] != '2' && words[i] != '4' && words[i] != '5') continue;
        const char before = i > 0 ? words[i - 1] : ' ';
        if (text::is_letter(before) || text::is_digit(before) || before == '.' || before == '@' || before == '+' || before == '$')
            continue;
        if (const auto size = enhanced_at(words, i); size > 0 && !is_version(words.substr(0, i)))
            return std::string{words.substr(i, size)};
        if (words[i] == '2' || before == '-' || before == '/' || !reply.empty()) continue;
        if (is_reply_at(words, i)) reply = std::string{words[i]} + ".0.0";
    }
    return reply;
}

namespace {

/// Not longer than a diagnostic may be, and no character cut in two.
std::string shortened(std::string utf8)
{
    if (utf8.size() <= longest_diagnostic) return utf8;
    auto end = longest_diagnostic;
    while (end > 0 && (static_cast<unsigned char>(utf8[end]) & 0xc0) == 0x80) --end;
    utf8.resize(end);
    return utf8;
}

}  // namespace

std::string diagnostic_line(std::string_view words)
{
    std::string line;
    for (const char c : words.substr(0, 4 * longest_diagnostic)) {
        const bool blank = text::is_control(c) || c == ' ';
        if (blank && (line.empty() || line.back() == ' ')) continue;
        if (line.size() >= longest_diagnostic) break;
        line += blank ? ' ' : c;
    }
    while (line.ends_with(' ')) line.pop_back();
    // A character cut in two goes; what is no UTF-8 at all is decoded as a guess.
    for (int cut = 0; cut < 4 && !line.empty() && !text::valid_utf8(line) && !text::is_ascii(line.back()); ++cut) {
        auto shorter = line;
        shorter.resize(line.size() - static_cast<std::size_t>(cut) - 1);
        if (text::valid_utf8(shorter)) return shorter;
    }
    return text::valid_utf8(line) ? line : shortened(text::to_utf8(line, "us-ascii"));  // a guess may be longer than the bytes
}

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
