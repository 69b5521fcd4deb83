#include "cli/first_config.hpp"

#include <doctest/doctest.h>

#include "core/config/config.hpp"

using namespace majlis;
using namespace majlis::cli;

namespace {

FirstConfig given_for(const Provider& provider)
{
    FirstConfig given;
    given.provider = &provider;
    given.database = "/tmp/majlis-test/majlis.db";
    given.site_name = "\"MAIMC\" \\ \xd9\x85\xd8\xac\xd9\x84\xd8\xb3";
    given.domain = "maimc.org";
    given.owner = "admin@maimc.org";
    given.language = "fr";
    given.imap_url = "imaps://imap.maimc.org";
    given.imap_user = given.smtp_user = "listes@maimc.org";
    given.imap_password_file = given.smtp_password_file = "/tmp/majlis-test/password";
    given.smtp_url = "smtp://smtp.maimc.org:587";
    return given;
}

}  // namespace

TEST_CASE("the first configuration of every provider is one that majlis reads")
{
    for (const Provider& provider : providers()) {
        CAPTURE(std::string{provider.name});
        const FirstConfig given = given_for(provider);
        const LoadedConfig loaded = parse_config(first_config_text(given), "/tmp/majlis-test/majlis.toml");
        for (const std::string& error : loaded.errors) CHECK_MESSAGE(error.empty(), error);
        REQUIRE(loaded.config);
        CHECK(loaded.config->inboxes.size() == 1);
        REQUIRE(loaded.config->relays.size() == 1);
        const RelayConfig& relay = loaded.config->relays.front();
        CHECK_FALSE(relay.limits.empty());
        CHECK((relay.from == RelayConfig::From::account) == (provider.from == "account"));
        CHECK(relay.recipients_per_message == provider.recipients_per_message);
    }
}

TEST_CASE("Gmail's 500 recipients a day stand in its configuration")
{
    const std::string text = first_config_text(given_for(*find_provider("gmail")));
    CHECK(text.find("500 recipients/day") != std::string::npos);
    CHECK(text.find("trusted_servers = [\"mx.google.com\"]") != std::string::npos);
}

TEST_CASE("a provider without passwords gets an oauth2 section below its inbox and its relay")
{
    FirstConfig given = given_for(*find_provider("office365"));
    given.imap_password_file = given.smtp_password_file = "";
    const std::string text = first_config_text(given);
    CHECK(text.find("[inbox.oauth2]") != std::string::npos);
    CHECK(text.find("[relay.oauth2]") != std::string::npos);
    CHECK(text.find("\npassword_file") == std::string::npos);
}

TEST_CASE("what a person typed cannot break out of a TOML string")
{
    CHECK(toml_string("a\"b\\c\n") == "\"a\\\"b\\\\c\\u000A\"");
}
