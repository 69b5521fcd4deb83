#include "core/config/readers.hpp"

#include <arpa/inet.h>
#include <unicode/ucal.h>
#include <unicode/uenum.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/address/address.hpp"
#include "core/text/ascii.hpp"
#include "core/text/nearest.hpp"

namespace majlis::config {
namespace {

bool good_host(std::string_view host)
{
    const auto fits = [](char c) {
        return text::is_letter(c) || text::is_digit(c) || c == '-' || c == '.' || c == '_' || c == ':';
    };
    return !host.empty() && host.size() <= 253 && host.front() != '.' && host.front() != '-' &&
           std::all_of(host.begin(), host.end(), fits);
}

std::optional<std::int64_t> whole_number(std::string_view digits)
{
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.empty() || !text::is_digit(digits.front()) || problem != std::errc{} || end != digits.data() + digits.size()) {
        return std::nullopt;
    }
    return number;
}

std::optional<std::pair<std::string_view, std::string_view>> split(std::string_view text, std::string_view at)
{
    const auto place = text.find(at);
    if (place == std::string_view::npos) return std::nullopt;
    return std::pair{text.substr(0, place), text.substr(place + at.size())};
}

/// "host", "host:25", "[::1]:25"; the port stays 0 when there is none.
bool split_authority(std::string_view authority, std::string& host, std::uint16_t& port)
{
    std::string_view name = authority;
    std::string_view digits;
    bool with_port = false;
    if (authority.starts_with('[')) {
        const auto parts = split(authority.substr(1), "]");
        if (!parts || parts->first.find(':') == std::string_view::npos) return false;
        name = parts->first;
        with_port = !parts->second.empty();
        if (with_port && !parts->second.starts_with(':')) return false;
        if (with_port) digits = parts->second.substr(1);
    } else if (const auto parts = split(authority, ":")) {
        name = parts->first;
        digits = parts->second;
        with_port = true;
        if (digits.find(':') != std::string_view::npos) return false;
    }
    if (!good_host(name)) return false;
    if (with_port) {
        const auto number = whole_number(digits);
        if (!number || *number < 1 || *number > 65535) return false;
        port = static_cast<std::uint16_t>(*number);
    }
    host = text::lowered(name);
    return true;
}

std::string folder_problem(std::string_view folder)
{
    if (folder.empty()) return "a folder name is missing";
    if (folder.size() > 255) return "this folder name is longer than 255 bytes";
    if (folder.front() == '/' || folder.back() == '/' || folder.find("//") != std::string_view::npos) {
        return in_quotes(folder) + " has an empty level: write folders as \"Majlis/Done\"";
    }
    return {};
}

struct Scale {
    std::string_view scheme;
    Scheme family;
    ServerConfig::Security security;
    std::uint16_t port;
};
constexpr Scale scales[] = {
    {"imap", Scheme::imap, ServerConfig::Security::starttls, 143},
    {"imaps", Scheme::imap, ServerConfig::Security::implicit, 993},
    {"smtp", Scheme::smtp, ServerConfig::Security::starttls, 587},
    {"smtps", Scheme::smtp, ServerConfig::Security::implicit, 465},
};

std::optional<LimitConfig> parse_limit(std::string_view text)
{
    const auto halves = split(text, "/");
    if (!halves) return std::nullopt;
    const auto amount = split(text::trim(halves->first), " ");
    if (!amount) return std::nullopt;
    LimitConfig limit;
    const auto count = whole_number(amount->first);
    if (!count || *count < 1 || *count > 1'000'000'000) return std::nullopt;
    limit.count = *count;
    const auto unit = text::trim(amount->second);
    if (unit == "messages" || unit == "message") {
        limit.unit = LimitConfig::Unit::messages;
    } else if (unit != "recipients" && unit != "recipient") {
        return std::nullopt;
    }
    constexpr std::pair<std::string_view, int> windows[] = {{"minute", 60}, {"hour", 3600}, {"day", 86400}};
    const auto window = text::trim(halves->second);
    const auto found = std::find_if(std::begin(windows), std::end(windows), [&](const auto& w) { return w.first == window; });
    if (found == std::end(windows)) return std::nullopt;
    limit.window = std::chrono::seconds{found->second};
    return limit;
}

std::vector<std::string> known_timezones()
{
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration* zones = ucal_openTimeZones(&status);
    std::vector<std::string> out;
    if (U_FAILURE(status)) return out;
    std::int32_t size = 0;
    while (const char* name = uenum_next(zones, &size, &status)) {
        if (U_FAILURE(status)) break;
        out.emplace_back(name, static_cast<std::size_t>(size));
    }
    uenum_close(zones);
    return out;
}

}  // namespace

bool is_loopback(std::string_view host)
{
    return host == "localhost" || host.ends_with(".localhost") || host == "::1" ||
           (host.starts_with("127.") &&
            std::all_of(host.begin(), host.end(), [](char c) { return text::is_digit(c) || c == '.'; }));
}

void read_url(Reading& reading, Scheme scheme, ServerConfig& server)
{
    const auto url = reading.text();
    if (!url) return;
    const std::string names = scheme == Scheme::imap ? "imaps:// or imap://" : "smtp:// or smtps://";
    const auto parts = split(*url, "://");
    const auto fits = [&](const Scale& scale) { return parts && scale.family == scheme && scale.scheme == parts->first; };
    const auto found = std::find_if(std::begin(scales), std::end(scales), fits);
    if (found == std::end(scales)) return reading.error("this URL must begin with " + names);
    std::string_view authority = parts->second;
    if (authority.ends_with('/')) authority.remove_suffix(1);
    if (authority.find('@') != std::string_view::npos) {
        return reading.error("leave the user out of the URL: that is `username`, and the password comes from `password_file`");
    }
    std::string host;
    std::uint16_t port = 0;
    if (!split_authority(authority, host, port)) {
        const std::string example = scheme == Scheme::imap ? "imaps://imap.example.org" : "smtp://smtp.example.org:587";
        return reading.error(in_quotes(*url) + " names no server: write " + example +
                             " (a name, perhaps a port from 1 to 65535, no path)");
    }
    const bool local_smtp = found->scheme == "smtp" && is_loopback(host);
    server.url = *url;
    server.host = std::move(host);
    server.port = port != 0 ? port : local_smtp ? std::uint16_t{25} : found->port;
    server.security = found->security;
}

void read_host(Reading& reading, std::string& host)
{
    const auto given = reading.text();
    if (!given) return;
    if (!good_host(*given)) return reading.error(in_quotes(*given) + " is no host name and no address");
    host = text::lowered(*given);
}

void read_resolver(Reading& reading, std::string& server)
{
    const auto given = reading.text();
    if (!given) return;
    std::string host = *given;
    std::uint16_t port = 53;
    std::array<std::uint8_t, 16> bytes{};
    const bool bare = inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
    const bool parted = bare || split_authority(*given, host, port);
    const bool six = parted && inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
    if (!parted || (!six && inet_pton(AF_INET, host.c_str(), bytes.data()) != 1)) {
        return reading.error(in_quotes(*given) +
                             " is no name server: write its address, perhaps with a port, such as \"192.0.2.53\" or "
                             "\"[::1]:5353\"");
    }
    server = (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

void read_action(Reading& reading, Action allowed, FolderAction& action)
{
    const auto given = reading.text();
    if (!given) return;
    if (given->starts_with("move:")) {
        std::string folder = given->substr(5);
        const std::string problem = folder_problem(folder);
        if (!problem.empty()) return reading.error(problem);
        action = {FolderAction::Kind::move, std::move(folder)};
    } else if (allowed == Action::keep_or_move && *given == "leave") {
        action = {FolderAction::Kind::leave, {}};
    } else if (allowed == Action::move_or_delete && *given == "delete") {
        action = {FolderAction::Kind::remove, {}};
    } else {
        reading.error(
            in_quotes(*given) + " is not known here: write " +
            (allowed == Action::keep_or_move ? "\"leave\" or \"move:Majlis/Unknown\"" : "\"move:Majlis/Done\" or \"delete\""));
    }
}

void read_folders(Reading& reading, std::vector<std::string>& folders)
{
    auto names = reading.texts();
    if (!names) return;
    if (names->empty()) return reading.error("this list is empty: write [\"INBOX\"], or leave the line out");
    for (const auto& name : *names) {
        const std::string problem = folder_problem(name);
        if (!problem.empty()) return reading.error(problem);
    }
    folders = std::move(*names);
}

void read_held_folder(Reading& reading, std::string& folder)
{
    if (reading.empty_text()) return folder.clear();
    const auto name = reading.text();
    if (!name) return;
    const std::string problem = folder_problem(*name);
    if (!problem.empty()) return reading.error(problem);
    if (name->starts_with('\\'))
        return reading.error("this must be an ordinary folder: a special one, such as \\Junk, is not ours");
    folder = *name;
}

void read_limits(Reading& reading, std::vector<LimitConfig>& limits)
{
    const auto texts = reading.texts();
    if (!texts) return;
    std::vector<LimitConfig> out;
    for (const auto& text : *texts) {
        const auto limit = parse_limit(text);
        if (!limit) {
            return reading.error(in_quotes(text) +
                                 " is no limit: write a number, recipients or messages, and minute, hour or day, such as "
                                 "\"60 recipients/minute\"");
        }
        const auto same = [&](const LimitConfig& other) { return other.unit == limit->unit && other.window == limit->window; };
        if (std::any_of(out.begin(), out.end(), same)) {
            return reading.error(in_quotes(text) + " is a second limit for the same unit and time: keep the smaller one");
        }
        out.push_back(*limit);
    }
    limits = std::move(out);
}

void read_domain_limits(Reading& reading, std::vector<LimitConfig>& limits)
{
    std::vector<LimitConfig> out;
    read_limits(reading, out);
    const auto messages = [](const LimitConfig& limit) { return limit.unit == LimitConfig::Unit::messages; };
    if (std::any_of(out.begin(), out.end(), messages))
        return reading.error("a destination counts recipients: write for example \"20 recipients/minute\"");
    limits = std::move(out);
}

void read_destinations(Reading& reading, std::vector<std::string>& domains)
{
    auto texts = reading.texts();
    if (!texts) return;
    if (texts->empty()) return reading.error("this list is empty: write the domains whose members share the limits");
    for (auto& text : *texts) {
        const bool below = text.starts_with("*.");
        const auto address = parse_address("majlis@" + text.substr(below ? 2 : 0));
        if (!address || address->local != "majlis")
            return reading.error(in_quotes(text) + " is no domain: write \"example.org\", or \"*.example.org\" for all below");
        text = (below ? "*." : "") + domain_key(address->domain);
    }
    domains = std::move(*texts);
}

void read_percent(Reading& reading, unsigned& percent)
{
    const auto given = reading.text();
    if (!given) return;
    const std::string_view digits{*given};
    const auto number = digits.ends_with('%') ? whole_number(digits.substr(0, digits.size() - 1)) : std::nullopt;
    if (!number || *number > 90)
        return reading.error(in_quotes(*given) + " is no share: write a number from 0 to 90 with %, such as \"10%\"");
    percent = static_cast<unsigned>(*number);
}

void read_senders(Reading& reading, std::vector<std::string>& patterns)
{
    auto texts = reading.texts();
    if (!texts) return;
    if (texts->empty())
        return reading.error("this list is empty: the relay could send for nobody; leave the line out for any list");
    for (auto& text : *texts) {
        const auto at = text.find('@');
        const bool good = at != std::string::npos && at > 0 && at + 1 < text.size() &&
                          text.find('@', at + 1) == std::string::npos && text.find_first_of(" \t<>,;\"") == std::string::npos;
        if (!good) {
            return reading.error(
                in_quotes(text) +
                " is no pattern of list addresses: write \"*@example.org\", or one address such as \"rabat@example.org\"");
        }
        const std::string domain = text.substr(at + 1);
        const bool wild = domain.find('*') != std::string::npos;
        text = text::lowered(text.substr(0, at + 1)) + (wild ? text::lowered(domain) : domain_key(domain));
    }
    patterns = std::move(*texts);
}

void read_domain(Reading& reading, std::string& domain)
{
    const auto given = reading.text();
    if (!given) return;
    const auto address = parse_address("majlis@" + *given);
    if (!address || address->local != "majlis") {
        return reading.error(in_quotes(*given) + " is no domain: write one such as \"example.org\"");
    }
    domain = domain_key(address->domain);
}

void read_servers(Reading& reading, std::vector<std::string>& names)
{
    auto texts = reading.texts();
    if (!texts) return;
    for (auto& text : *texts) {
        const std::string_view below{text};
        if (!good_host(below.substr(text.starts_with("*.") ? 2 : 0))) {
            return reading.error(in_quotes(text) +
                                 " is no server's name: write the first word of its Authentication-Results, such as "
                                 "\"mx.example.org\"");
        }
        text = text::lowered(text);
    }
    names = std::move(*texts);
}

void read_time(Reading& reading, std::chrono::minutes& at)
{
    const auto given = reading.text();
    if (!given) return;
    const auto parts = split(*given, ":");
    const auto hour = parts && parts->first.size() == 2 ? whole_number(parts->first) : std::nullopt;
    const auto minute = parts && parts->second.size() == 2 ? whole_number(parts->second) : std::nullopt;
    if (!hour || !minute || *hour > 23 || *minute > 59) {
        return reading.error(in_quotes(*given) + " is no time of day: write one from \"00:00\" to \"23:59\"");
    }
    at = std::chrono::minutes{*hour * 60 + *minute};
}

void read_timezone(Reading& reading, std::string& timezone)
{
    const auto given = reading.text();
    if (!given) return;
    const std::vector<std::string> zones = known_timezones();
    if (std::find(zones.begin(), zones.end(), *given) != zones.end()) {
        timezone = *given;
        return;
    }
    const std::vector<std::string_view> names{zones.begin(), zones.end()};
    const std::string_view near = text::nearest(*given, names);
    reading.error(in_quotes(*given) + " is no time zone that this machine knows: write a name such as " +
                  in_quotes(near.empty() ? "Africa/Casablanca" : near));
}

void read_token_url(Reading& reading, std::string& url)
{
    const auto given = reading.text();
    if (!given) return;
    const auto parts = split(*given, "://");
    std::string host;
    std::uint16_t port = 0;
    if (parts) {
        const std::string_view rest = parts->second;
        const bool named = split_authority(rest.substr(0, std::min(rest.find_first_of("/?"), rest.size())), host, port);
        if (named && given->find_first_of(" #\"<>") == std::string::npos && text::is_ascii(*given)) {
            if (parts->first == "https" || (parts->first == "http" && is_loopback(host))) {
                url = *given;
                return;
            }
        }
    }
    reading.error(in_quotes(*given) + " is no address of a token service: write one that begins with https://");
}

}  // namespace majlis::config
