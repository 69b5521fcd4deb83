#include <doctest/doctest.h>

#include "core/config/config.hpp"
#include "tests/unit/config/complete.hpp"

using namespace majlis;

namespace {

struct Mistake {
    const char* instead_of;  // text of the right configuration
    const char* written;
    const char* message;  // whole, without the file's name
};

void check(const Mistake& mistake)
{
    const LoadedConfig loaded = parsed(replaced(complete, mistake.instead_of, mistake.written));
    CHECK(!loaded.config);
    CHECK(joined(loaded.errors) == "/etc/majlis/majlis.toml:" + std::string{mistake.message});
}

constexpr const char* relay_end = "password_file = \"/etc/majlis/smtp.password\"";
constexpr const char* inbox_end = "password_file = \"/etc/majlis/imap.password\"";

std::string with(const char* end, const char* line) { return std::string{end} + "\n" + line; }

void check_relay(const char* line, const char* message) { check({relay_end, with(relay_end, line).c_str(), message}); }
void check_inbox(const char* line, const char* message) { check({inbox_end, with(inbox_end, line).c_str(), message}); }

void check_section(const char* section, const char* line, const char* message)
{
    const LoadedConfig loaded = parsed(complete + section + "\n" + line + "\n");
    CHECK(!loaded.config);
    CHECK(joined(loaded.errors) == "/etc/majlis/majlis.toml:" + std::string{message});
}

}  // namespace

TEST_CASE("an unknown key names the nearest known one")
{
    check_inbox("polll = \"60s\"", "9: [[inbox]] polll: there is no such key; did you mean \"poll\"?");
    check_inbox("user_name = \"x\"", "9: [[inbox]] user_name: there is no such key; did you mean \"username\"?");
    check_inbox("password = \"hunter2\"", "9: [[inbox]] password: there is no such key; did you mean \"password_file\"?");
    check_relay("limit = [\"1 messages/day\"]", "13: [[relay]] limit: there is no such key; did you mean \"limits\"?");
    check_relay("host = \"x\"", "13: [[relay]] host: there is no such key; did you mean \"url\"?");
    check_section("[delivery]", "max_inflight = 3",
                  "14: [delivery] max_inflight: there is no such key; did you mean \"max_in_flight\"?");
    check({"[site]", "databse = \"x\"\n[site]", "2: databse: there is no such key; did you mean \"database\"?"});
    check({"[[relay]]", "[[relais]]\n[[relay]]", "9: relais: there is no such key; did you mean \"relay\"?"});
}

TEST_CASE("an unknown key that belongs elsewhere says where, and any other lists what there is")
{
    check({"owner", "max_size = \"1MB\"\nowner", "4: [site] max_size: there is no such key here; it belongs to [delivery]"});
    check({"owner", "senders = []\nowner", "4: [site] senders: there is no such key here; it belongs to [[relay]]"});
    check_section("[digest]", "every = \"day\"",
                  "14: [digest] every: there is no such key; known here: at, weekly, timezone, max_posts, max_size");
}

TEST_CASE("a password in the URL of the reports' remote is refused, and not repeated")
{
    for (const char* url : {"https://user:sesame@git.example.org/r.git", "ssh://git:sesame@x.org:22/r"})
        check_section("[reports]", ("remote = \"" + std::string{url} + "\"").c_str(),
                      "14: [reports] remote: there is a password in this URL: leave it out, and give it to git (a credential "
                      "helper, or an ssh key)");
    for (const char* url : {"https://git@x.org:8443/a:b@c.git", "git@x.org:r.git", "/srv/git/r.git", "ssh://git@x.org:22/r"})
        CHECK(parsed(complete + "[reports]\nremote = \"" + std::string{url} + "\"\n").config.has_value());
}

TEST_CASE("a value of the wrong type says which is wanted")
{
    check({"\"/var/lib/majlis/majlis.db\"", "5", "1: database: this must be a text in quotes, not a whole number"});
    check({"\"example.org\"", "true", "3: [site] domain: this must be a text in quotes, not true or false"});
    check({"\"admin@example.org\"", "[\"a@example.org\"]", "4: [site] owner: this must be a text in quotes, not a list"});
    check_inbox("poll = 60", "9: [[inbox]] poll: this must be a duration in quotes, such as \"60s\", not a whole number");
    check_inbox("folders = \"INBOX\"",
                "9: [[inbox]] folders: this must be a list of texts, such as [\"a\", \"b\"], not a text in quotes");
    check_inbox("folders = [1]", "9: [[inbox]] folders: this must be a text in quotes, not a whole number");
    check_relay("connections = \"4\"",
                "13: [[relay]] connections: this must be a whole number without quotes, not a text in quotes");
    check_relay("connections = 1.5",
                "13: [[relay]] connections: this must be a whole number without quotes, not a number with a point");
    check_relay("backup = \"yes\"", "13: [[relay]] backup: this must be true or false, without quotes, not a text in quotes");
    check_relay("reserve = 10", "13: [[relay]] reserve: this must be a text in quotes, not a whole number");
    check_relay("limits = \"60 recipients/minute\"",
                "13: [[relay]] limits: this must be a list of texts, such as [\"a\", \"b\"], not a text in quotes");
    check_section("[delivery]", "max_size = 30",
                  "14: [delivery] max_size: this must be a size in quotes, such as \"30MB\", not a whole number");
    check_section("[digest]", "at = 18:00:00", "14: [digest] at: this must be a text in quotes, not a date");
}

TEST_CASE("sections of the wrong shape say how to write them")
{
    check({"[site]\ndomain = \"example.org\"\nowner = \"admin@example.org\"", "site = 1",
           "2: site: this is a section of which there is one: write [site] on a line of its own, and its keys below"});
    check({"[[relay]]", "[relay]",
           "9: relay: there may be several of these: write [[relay]] with two brackets on a line of its own, and its "
           "keys below"});
    check({inbox_end, "oauth2 = \"x\"", "8: [[inbox]] oauth2: this is a section: write [inbox.oauth2] on a line of its own"});
}

TEST_CASE("what is missing is named")
{
    check({"database = \"/var/lib/majlis/majlis.db\"\n", "", "1: database is missing: add database = \"...\" (path)"});
    check({"domain = \"example.org\"\n", "", "2: [site]: domain is missing: add domain = \"...\" (domain)"});
    check({"owner = \"admin@example.org\"\n", "", "2: [site]: owner is missing: add owner = \"...\" (address)"});
    check({"[site]\ndomain = \"example.org\"\nowner = \"admin@example.org\"\n", "",
           "1: [site] is missing: add it, with domain and owner"});
    check({"url = \"imaps://imap.example.org\"\n", "",
           "5: [[inbox]]: url is missing: add url = \"...\" (imaps://HOST[:PORT] or imap://HOST[:PORT])"});
    check({"password_file = \"/etc/majlis/imap.password\"\n", "",
           "7: [[inbox]] username: how to log in is missing: add password_file, password_command or [inbox.oauth2]"});
    check({"username = \"lists@example.org\"\npassword_file = \"/etc/majlis/smtp.password\"", "password_file = \"/x\"",
           "11: [[relay]] password_file: whose password this is, is missing: add username"});
    check_section("[[domain]]", "limits = [\"5 recipients/day\"]",
                  "13: [[domain]]: domains is missing: add domains = [\"...\"] (list of domains)");
    check_section("[relay.oauth2]", "client_id = \"x\"",
                  "13: [relay.oauth2]: refresh_token_file is missing: add refresh_token_file = \"...\" (path)\n"
                  "/etc/majlis/majlis.toml:13: [relay.oauth2]: token_url is missing: add token_url = \"...\" (https://...)\n"
                  "/etc/majlis/majlis.toml:13: [[relay]] oauth2: only one of password_file or oauth2 can say how to log in: "
                  "remove the others");
}

TEST_CASE("wrong URLs are refused with what is wrong in them")
{
    const auto inbox_url = [](const char* url, const char* message) { check({"imaps://imap.example.org", url, message}); };
    inbox_url("smtp://x.example", "6: [[inbox]] url: this URL must begin with imaps:// or imap://");
    inbox_url("imap.example.org", "6: [[inbox]] url: this URL must begin with imaps:// or imap://");
    inbox_url("http://x.example", "6: [[inbox]] url: this URL must begin with imaps:// or imap://");
    inbox_url("imaps://me:secret@host",
              "6: [[inbox]] url: leave the user out of the URL: that is `username`, and the password comes from `password_file`");
    for (const char* wrong : {"imaps://", "imaps://host:0", "imaps://host:65536", "imaps://host:x", "imaps://host/INBOX",
                              "imaps://[::1", "imaps://a b", "imaps://host:1:2", "imaps://[host]"}) {
        inbox_url(wrong, ("6: [[inbox]] url: \"" + std::string{wrong} +
                          "\" names no server: write imaps://imap.example.org (a name, perhaps a port from 1 to 65535, no path)")
                             .c_str());
    }
    check({"smtp://smtp.example.org:587", "imap://x", "10: [[relay]] url: this URL must begin with smtp:// or smtps://"});
}

TEST_CASE("values out of their range or not of their kind are refused")
{
    check({"\"example.org\"", "\"exa mple\"", "3: [site] domain: \"exa mple\" is no domain: write one such as \"example.org\""});
    check({"owner", "language = \"de\"\nowner", "4: [site] language: \"de\" is not known here: write fr, ar or en"});
    check({"\"/var/lib/majlis/majlis.db\"", "\"\"", "1: database: this may not be empty: write a value, or leave the line out"});
    check({"\"/var/lib/majlis/majlis.db\"", "\"a\\nb\"",
           "1: database: this must be one line of at most 4096 bytes, without control characters"});
    check_inbox("after = \"archive\"",
                "9: [[inbox]] after: \"archive\" is not known here: write \"move:Majlis/Done\" or \"delete\"");
    check_inbox("after = \"leave\"", "9: [[inbox]] after: \"leave\" is not known here: write \"move:Majlis/Done\" or \"delete\"");
    check_inbox("after = \"move:\"", "9: [[inbox]] after: a folder name is missing");
    check_inbox("after = \"move:/Done\"", "9: [[inbox]] after: \"/Done\" has an empty level: write folders as \"Majlis/Done\"");
    check_inbox("unknown = \"delete\"",
                "9: [[inbox]] unknown: \"delete\" is not known here: write \"leave\" or \"move:Majlis/Unknown\"");
    check_inbox("folders = []", "9: [[inbox]] folders: this list is empty: write [\"INBOX\"], or leave the line out");
    check_inbox("folders = [\"INBOX\", \"INBOX\"]", "9: [[inbox]] folders: \"INBOX\" stands here twice: remove one");
    check_inbox("poll = \"60\"",
                "9: [[inbox]] poll: \"60\" is no duration: write a number with s, m, h, d or w, such as \"90s\" or \"5d\"");
    check_inbox("poll = \"0s\"", "9: [[inbox]] poll: \"0s\" is out of range: 1s to 1d");
    check_relay("starttls = \"maybe\"", "13: [[relay]] starttls: \"maybe\" is not known here: write required or never");
    check_inbox("auth = \"gssapi\"",
                "9: [[inbox]] auth: \"gssapi\" is not known here: write automatic, plain, login, xoauth2 or oauthbearer");
    check_relay("connections = 0", "13: [[relay]] connections: 0 is out of range: 1 to 256");
    check_relay("recipients_per_message = 9999999", "13: [[relay]] recipients_per_message: 9999999 is out of range: 1 to 5000");
    check_relay("window = -1", "13: [[relay]] window: -1 is out of range: 1 to 256");
    check_relay("personal = \"yes\"", "13: [[relay]] personal: \"yes\" is not known here: write always, auto or never");
    check_relay("envelope = \"VERP\"", "13: [[relay]] envelope: \"VERP\" is not known here: write verp or fixed");
    check_relay("from = \"me\"", "13: [[relay]] from: \"me\" is not known here: write any or account");
    for (const char* share : {"10", "%", "91%", "-1%", "ten%", "1.5%"}) {
        check_relay(("reserve = \"" + std::string{share} + "\"").c_str(),
                    ("13: [[relay]] reserve: \"" + std::string{share} +
                     "\" is no share: write a number from 0 to 90 with %, such as \"10%\"")
                        .c_str());
    }
    for (const char* limit : {"60", "60/minute", "60 mails/minute", "60 recipients/second", "0 recipients/day", "-1 messages/day",
                              "x recipients/day", "60 recipients", "1e3 recipients/day"}) {
        check_relay(
            ("limits = [\"" + std::string{limit} + "\"]").c_str(),
            ("13: [[relay]] limits: \"" + std::string{limit} +
             "\" is no limit: write a number, recipients or messages, and minute, hour or day, such as \"60 recipients/minute\"")
                .c_str());
    }
    check_relay("limits = [\"1 messages/day\", \"2 messages/day\"]",
                "13: [[relay]] limits: \"2 messages/day\" is a second limit for the same unit and time: keep the smaller one");
    check_relay("senders = []",
                "13: [[relay]] senders: this list is empty: the relay could send for nobody; leave the line out for any list");
    for (const char* pattern : {"maimc.org", "@maimc.org", "a@", "a@b@c", "a b@c"}) {
        check_relay(("senders = [\"" + std::string{pattern} + "\"]").c_str(),
                    ("13: [[relay]] senders: \"" + std::string{pattern} +
                     "\" is no pattern of list addresses: write \"*@example.org\", or one address such as \"rabat@example.org\"")
                        .c_str());
    }
    check_section("[delivery]", "retry_for = \"1s\"", "14: [delivery] retry_for: \"1s\" is out of range: 1m to 30d");
    check_section("[delivery]", "max_in_flight = 0", "14: [delivery] max_in_flight: 0 is out of range: 1 to 100000");
    check_section("[delivery]", "max_size = \"big\"",
                  "14: [delivery] max_size: \"big\" is no size: write a number with KB, MB or GB, such as \"30MB\"");
    check_section("[delivery]", "max_size = \"1\"", "14: [delivery] max_size: \"1\" is out of range: 1KB to 1GB");
    for (const char* time : {"24:00", "6:00", "18:60", "18", "18:0x", "noon", "18:00:00"}) {
        check_section(
            "[digest]", ("at = \"" + std::string{time} + "\"").c_str(),
            ("14: [digest] at: \"" + std::string{time} + "\" is no time of day: write one from \"00:00\" to \"23:59\"").c_str());
    }
    check_section("[digest]", "weekly = \"lundi\"",
                  "14: [digest] weekly: \"lundi\" is not known here: write monday, tuesday, wednesday, thursday, friday, "
                  "saturday or sunday");
    check_section("[digest]", "timezone = \"Africa/Casablnca\"",
                  "14: [digest] timezone: \"Africa/Casablnca\" is no time zone that this machine knows: write a name such as "
                  "\"Africa/Casablanca\"");
    check_section("[authentication]", "unproven = \"reject\"",
                  "14: [authentication] unproven: \"reject\" is not known here: write accept, hold or challenge");
    check_section("[authentication]", "trusted_servers = [\"mx example\"]",
                  "14: [authentication] trusted_servers: \"mx example\" is no server's name: write the first word of its "
                  "Authentication-Results, such as \"mx.example.org\"");
    check({"owner", "resolver = \"dns.example.org\"\nowner",
           "4: [site] resolver: \"dns.example.org\" is no name server: write its address, perhaps with a port, such as "
           "\"192.0.2.53\" or \"[::1]:5353\""});
}

TEST_CASE("values that contradict each other are refused")
{
    check_inbox("starttls = \"required\"",
                "9: [[inbox]] starttls: this contradicts \"imaps://imap.example.org\", which is secured from its first byte: "
                "remove one of them");
    check_inbox("after = \"move:INBOX\"",
                "9: [[inbox]] after: \"INBOX\" is one of the folders where mail arrives: name another folder");
    check_inbox("unknown = \"move:INBOX\"",
                "9: [[inbox]] unknown: \"INBOX\" is one of the folders where mail arrives: name another folder");
    check_inbox("unknown = \"move:Majlis/Done\"",
                "9: [[inbox]] unknown: this is the folder of `after`, which is emptied after done_keep: name another folder");
    check_inbox(
        "password_command = [\"pass\"]",
        "9: [[inbox]] password_command: only one of password_file or password_command can say how to log in: remove the others");
    check_inbox("auth = \"xoauth2\"", "9: [[inbox]] auth: this asks for a token: add [inbox.oauth2], or leave auth out");
    check({"username = \"lists@example.org\"\npassword_file = \"/etc/majlis/smtp.password\"", "from = \"account\"",
           "11: [[relay]] from: the relay's own address is missing: add account = \"NAME@EXAMPLE.ORG\""});
    check({"username = \"lists@example.org\"\npassword_file = \"/etc/majlis/smtp.password\"", "envelope = \"fixed\"",
           "11: [[relay]] envelope: the relay's own address is missing: add account = \"NAME@EXAMPLE.ORG\""});
    check_section("[[relay]]", "url = \"smtp://smtp.example.org\"\nusername = \"lists@example.org\"\npassword_file = \"/x\"",
                  "13: [[relay]]: there are two relays named \"lists@example.org@smtp.example.org\": remove one, or give it a "
                  "name of its own");
    check_section(
        "[[inbox]]", "url = \"imaps://imap.example.org\"\nusername = \"lists@example.org\"\npassword_file = \"/x\"",
        "13: [[inbox]]: there are two inboxes named \"lists@example.org@imap.example.org\": remove one, or give it a name of its "
        "own");
}

TEST_CASE("TOML that is none names its line")
{
    const auto loaded = parsed("database = \"x\n[site]\n");
    REQUIRE(loaded.errors.size() == 1);
    CHECK(loaded.errors[0].starts_with("/etc/majlis/majlis.toml:1: this is not TOML: "));
    const auto twice = parsed("database = \"x\"\ndatabase = \"y\"\n");
    REQUIRE(twice.errors.size() == 1);
    CHECK(twice.errors[0].starts_with("/etc/majlis/majlis.toml:2: this is not TOML: "));
}

TEST_CASE("all mistakes are told at once, in the order of the lines")
{
    const auto loaded = parsed("databse = 1\n[site]\ndomain = 2\nowner = \"nobody\"\n[[inbox]]\nurl = \"x\"\npoll = 1\n");
    CHECK(!loaded.config);
    REQUIRE(loaded.errors.size() == 7);
    std::size_t last = 0;
    for (const auto& error : loaded.errors) {
        const std::size_t line = std::stoul(error.substr(std::string{"/etc/majlis/majlis.toml:"}.size()));
        CHECK(line >= last);
        last = line;
    }
}

TEST_CASE("a hostile file is refused without harm")
{
    std::string deep = "x = ";
    for (int i = 0; i < 100'000; ++i) deep += '[';
    CHECK(!parsed(deep).errors.empty());
    CHECK(!parsed(std::string(500'000, '\0')).errors.empty());
    CHECK(!parsed("a\x1b[31m = 1\n").errors.empty());
    std::string keys;
    for (int i = 0; i < 2'000; ++i) keys += "k" + std::to_string(i) + " = 1\n";
    CHECK(parsed(keys).errors.size() > 2'000);
    const auto escape = parsed(complete + "\"\\u001b[31m\" = 1\n");
    REQUIRE(!escape.errors.empty());
    CHECK(joined(escape.errors).find('\x1b') == std::string::npos);
}

TEST_CASE("a wrong limit of a domain says what to write")
{
    check_section("[[domain]]", "domains = [\"gmail.com\"]\nlimits = [\"20 messages/minute\"]",
                  "15: [[domain]] limits: a destination counts recipients: write for example \"20 recipients/minute\"");
    check_section("[[domain]]", "domains = [\"a b\"]\nlimits = [\"20 recipients/minute\"]",
                  "14: [[domain]] domains: \"a b\" is no domain: write \"example.org\", or \"*.example.org\" for all below");
    check_section("[[domain]]", "domains = [\"a.org\", \"A.org\"]\nlimits = [\"20 recipients/minute\"]",
                  "14: [[domain]] domains: \"a.org\" stands in two places: keep one of them");
    check_section("[[domain]]", "domains = [\"a.org\"]",
                  "13: [[domain]]: limits is missing: add limits = [\"...\"] (list of \"NUMBER recipients/minute|hour|day\")");
    check_section(
        "[domain]", "domains = [\"a.org\"]",
        "13: domain: there may be several of these: write [[domain]] with two brackets on a line of its own, and its keys "
        "below");
    check_relay("weight = 0", "13: [[relay]] weight: 0 is out of range: 1 to 1000");
}
