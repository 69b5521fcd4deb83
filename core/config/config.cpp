#include "core/config/config.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>

#include "core/config/checks.hpp"
#include "core/config/keys.hpp"
#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"

namespace majlis {
namespace {

using config::Report;
using config::Section;
using config::Value;

constexpr std::size_t max_file_bytes = 1024 * 1024;
constexpr std::size_t max_servers = 1000;  // of [[inbox]], and of [[relay]]

template <class Target>
void read_keys(const Section& section, std::span<const config::Key<Target>> keys, Target& target,
               std::initializer_list<std::string_view> subsections = {})
{
    for (const auto& entry : section.table().entries) {
        const auto named = [&](const auto& key) { return key.name == entry.key; };
        const bool known = std::any_of(keys.begin(), keys.end(), named) ||
                           std::find(subsections.begin(), subsections.end(), entry.key) != subsections.end();
        if (!known) config::report_unknown(section, entry.key);
    }
    for (const auto& key : keys) {
        if (const Value* value = section.table().find(key.name)) {
            config::Reading reading{section, key.name, *value};
            key.read(reading, target);
        } else if (key.need == config::Need::required) {
            section.error({}, std::string{key.name} + " is missing: add " + std::string{key.name} + " = " +
                                  (key.form.starts_with("list of") ? "[\"...\"]" : "\"...\"") + " (" + std::string{key.form} +
                                  ")");
        }
    }
}

/// The whole file, as its sections are read one after the other.
class Reader {
public:
    Reader(const Value& root, const std::filesystem::path& file, Report& report)
        : root_{root}, folder_{std::filesystem::absolute(file).parent_path()}, report_{report}
    {
    }

    Config read()
    {
        Config config;
        const Section top{"", "", root_, folder_, report_};
        read_keys(top, config::top_keys(), config,
                  {"site", "inbox", "relay", "domain", "delivery", "digest", "reports", "authentication"});
        single("site", config::site_keys(), config.site);
        if (!root_.find("site")) top.error({}, "[site] is missing: add it, with domain and owner");
        if (config.site.name.empty()) config.site.name = config.site.domain;
        read_inboxes(config);
        read_relays(config);
        read_domains(config);
        single("delivery", config::delivery_keys(), config.delivery);
        single("digest", config::digest_keys(), config.digest);
        single("reports", config::reports_keys(), config.reports);
        single("authentication", config::authentication_keys(), config.authentication);
        return config;
    }

private:
    template <class Target>
    void single(std::string_view name, std::span<const config::Key<Target>> keys, Target& target)
    {
        const Value* table = root_.find(name);
        if (!table) return;
        const std::string title = "[" + std::string{name} + "]";
        if (table->kind != Value::Kind::table) {
            report_.errors.push_back({table->line, std::string{name} + ": this is a section of which there is one: write " +
                                                       title + " on a line of its own, and its keys below"});
            return;
        }
        read_keys(Section{std::string{name}, title, *table, folder_, report_}, keys, target);
    }

    /// The tables of [[name]].
    std::vector<Section> several(std::string_view name)
    {
        std::vector<Section> out;
        const std::string title = "[[" + std::string{name} + "]]";
        const Value* array = root_.find(name);
        if (!array) {
            report_.warnings.push_back({1, "there is no " + title + ": no mail can " + (name == "inbox" ? "arrive" : "leave")});
            return out;
        }
        const bool good =
            array->kind == Value::Kind::array && array->items.size() <= max_servers &&
            std::all_of(array->items.begin(), array->items.end(), [](const Value& v) { return v.kind == Value::Kind::table; });
        if (!good) {
            report_.errors.push_back({array->line, std::string{name} + ": there may be several of these: write " + title +
                                                       " with two brackets on a line of its own, and its keys below"});
            return out;
        }
        for (const Value& table : array->items) out.emplace_back(std::string{name}, title, table, folder_, report_);
        return out;
    }

    void read_oauth2(const Section& section, CredentialConfig& credentials)
    {
        const Value* table = section.table().find("oauth2");
        if (!table) return;
        if (table->kind != Value::Kind::table) {
            return section.error("oauth2",
                                 "this is a section: write [" + std::string{section.name()} + ".oauth2] on a line of its own");
        }
        credentials.oauth2.emplace();
        read_keys(section.below("oauth2", *table), config::oauth2_keys(), *credentials.oauth2);
    }

    void read_inboxes(Config& config)
    {
        std::set<std::string> names;
        for (const Section& section : several("inbox")) {
            InboxConfig inbox;
            read_keys(section, config::inbox_keys(), inbox, {"oauth2"});
            read_oauth2(section, inbox.credentials);
            config::check_inbox(section, inbox);
            if (!names.insert(inbox.name).second) {
                section.error({}, "there are two inboxes named " + config::in_quotes(inbox.name) +
                                      ": remove one, or give it a name of its own");
            }
            config.inboxes.push_back(std::move(inbox));
        }
    }

    void read_relays(Config& config)
    {
        std::set<std::string> names;
        for (const Section& section : several("relay")) {
            RelayConfig relay;
            read_keys(section, config::relay_keys(), relay, {"oauth2"});
            read_oauth2(section, relay.credentials);
            config::check_relay(section, relay);
            if (!names.insert(relay.name).second) {
                section.error({}, "there are two relays named " + config::in_quotes(relay.name) +
                                      ": remove one, or give it a name of its own");
            }
            config.relays.push_back(std::move(relay));
        }
    }

    void read_domains(Config& config)
    {
        std::set<std::string> names, domains;
        if (!root_.find("domain")) return;
        for (const Section& section : several("domain")) {
            DomainConfig domain;
            read_keys(section, config::domain_keys(), domain);
            if (domain.name.empty() && !domain.domains.empty()) domain.name = domain.domains.front();
            if (!names.insert(domain.name).second)
                section.error({}, "there are two of these named " + config::in_quotes(domain.name) +
                                      ": remove one, or give it a name of its own");
            for (const auto& one : domain.domains)
                if (!domains.insert(one).second)
                    section.error("domains", config::in_quotes(one) + " stands in two places: keep one of them");
            config.domains.push_back(std::move(domain));
        }
    }

    const Value& root_;
    std::filesystem::path folder_;
    Report& report_;
};

std::vector<std::string> in_order(std::vector<config::Message> messages, const std::filesystem::path& file)
{
    const auto earlier = [](const config::Message& a, const config::Message& b) { return a.line < b.line; };
    std::stable_sort(messages.begin(), messages.end(), earlier);
    std::vector<std::string> out;
    for (const auto& message : messages) {
        out.push_back(text::printable(file.string(), 4096) + ":" + std::to_string(std::max<std::size_t>(message.line, 1)) + ": " +
                      text::printable(message.text, 2000));
    }
    return out;
}

}  // namespace

LoadedConfig parse_config(std::string_view toml, const std::filesystem::path& file)
{
    Report report;
    const Value root = config::parse_toml(toml, report);
    LoadedConfig loaded;
    if (report.errors.empty()) {
        loaded.config = Reader{root, file, report}.read();
        loaded.config->file = file;
    }
    if (!report.errors.empty()) loaded.config.reset();
    loaded.errors = in_order(std::move(report.errors), file);
    loaded.warnings = in_order(std::move(report.warnings), file);
    return loaded;
}

LoadedConfig load_config(const std::filesystem::path& file)
{
    LoadedConfig failed;
    const std::string name = text::printable(file.string(), 4096);
    std::error_code ignored;  // a status that cannot be had shows as an unreadable file
    if (std::filesystem::is_directory(file, ignored)) {
        failed.errors.push_back(name + ": this is a folder: name the file in it");
        return failed;
    }
    errno = 0;
    std::ifstream in{file, std::ios::binary};
    if (!in) {
        failed.errors.push_back(name + ": cannot be read: " + std::strerror(errno) +
                                (errno == EACCES ? "; run this as root or as the user of majlisd"
                                                 : "; write one with \"majlis init\", or name another with --config"));
        return failed;
    }
    std::string text(max_file_bytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad() || text.size() > max_file_bytes) {
        failed.errors.push_back(name + ": " +
                                (in.bad() ? "cannot be read to its end" : "is larger than 1 MB: this is no configuration"));
        return failed;
    }
    return parse_config(text, file);
}

std::optional<std::filesystem::path> find_config(const std::filesystem::path& given)
{
    const auto variable = [](const char* name) -> std::string {
        const char* value = std::getenv(name);
        return value ? value : "";
    };
    if (!given.empty()) return given;
    if (const std::string named = variable("MAJLIS_CONFIG"); !named.empty()) return named;
    std::vector<std::filesystem::path> places{"majlis.toml"};
    if (const std::string base = variable("XDG_CONFIG_HOME"); base.starts_with('/')) {
        places.push_back(std::filesystem::path{base} / "majlis/majlis.toml");
    } else if (const std::string home = variable("HOME"); !home.empty()) {
        places.push_back(std::filesystem::path{home} / ".config/majlis/majlis.toml");
    }
    places.emplace_back("/etc/majlis/majlis.toml");
    for (const auto& place : places) {
        std::error_code ignored;  // a place that cannot be looked at is passed by
        if (std::filesystem::exists(place, ignored)) return place;
    }
    return std::nullopt;
}

std::string LimitConfig::text() const
{
    const std::string_view name = window.count() == 60 ? "minute" : window.count() == 3600 ? "hour" : "day";
    return std::to_string(count) + (unit == Unit::recipients ? " recipients/" : " messages/") + std::string{name};
}

std::vector<queue::Limit> limits_of(const std::vector<LimitConfig>& limits)
{
    std::vector<queue::Limit> out;
    for (const auto& limit : limits)
        out.push_back({static_cast<std::uint64_t>(limit.count),
                       limit.unit == LimitConfig::Unit::messages ? queue::Unit::messages : queue::Unit::recipients,
                       limit.window});
    return out;
}

namespace {

/// Greedy, and linear for one star; at most pattern x text.
bool matches(std::string_view pattern, std::string_view text)
{
    std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

}  // namespace

bool may_send_for(const RelayConfig& relay, std::string_view list_address)
{
    if (relay.senders.empty()) return true;
    const std::string address = text::lowered(list_address);
    return std::any_of(relay.senders.begin(), relay.senders.end(),
                       [&](const auto& pattern) { return matches(pattern, address); });
}

}  // namespace majlis
