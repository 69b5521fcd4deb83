#include "core/address/address.hpp"

#include "core/text/charset.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace majlis;

TEST_CASE("an address that a person types is read")
{
    struct Sample {
        std::string typed, text, key;
    };
    const Sample samples[] = {
        {"anne@example.org", "anne@example.org", "anne@example.org"},
        {" <Bilal.Haddad@Example.COM> ", "Bilal.Haddad@Example.COM", "bilal.haddad@example.com"},
        {"farid+list@example.net.", "farid+list@example.net", "farid+list@example.net"},
        {"\"e space\"@Example.org", "\"e space\"@Example.org", "\"e space\"@example.org"},
        {"\"plain\"@example.org", "plain@example.org", "plain@example.org"},
        {"\"a\\\"b\\\\\"@example.org", "\"a\\\"b\\\\\"@example.org", "\"a\\\"b\\\\\"@example.org"},
        {"guy@café.example", "guy@café.example", "guy@xn--caf-dma.example"},
        {"guy@CAFÉ.example", "guy@CAFÉ.example", "guy@xn--caf-dma.example"},
        {"guy@XN--CAF-DMA.example", "guy@XN--CAF-DMA.example", "guy@xn--caf-dma.example"},
        {"HÉLÈNE@example.org", "HÉLÈNE@example.org", "hélène@example.org"},
        {"he\xcc\x81lene@example.org", "he\xcc\x81lene@example.org", "hélene@example.org"},
        {"سعيد@مثال.إختبار", "سعيد@مثال.إختبار", "سعيد@xn--mgbh0fb.xn--kgbechtv"},
        {"o'brien!#$%&*/=?^_`{|}~-@example.ie", "o'brien!#$%&*/=?^_`{|}~-@example.ie", "o'brien!#$%&*/=?^_`{|}~-@example.ie"},
    };
    for (const Sample& s : samples) {
        CAPTURE(s.typed);
        const auto address = parse_address(s.typed);
        REQUIRE(address.has_value());
        CHECK(address->text() == s.text);
        CHECK(address->key() == s.key);
        CHECK(parse_address(address->text()).value() == *address);
    }
}

TEST_CASE("letters that only look like others, or fold into them, are another mailbox")
{
    const auto key = [](const std::string& typed) { return parse_address(typed).value().key(); };
    CHECK(key("straße@example.org") != key("strasse@example.org"));
    CHECK(key("\u212aarim@example.org") != key("karim@example.org"));  // KELVIN SIGN
    CHECK(key("\u017fami@example.org") != key("sami@example.org"));    // LONG S
    CHECK(key("\ufb01l@example.org") != key("fil@example.org"));       // LIGATURE FI
    CHECK(key("\u0430nna@example.org") != key("anna@example.org"));    // Cyrillic
    CHECK(key("\u0130brahim@example.org") != key("ibrahim@example.org"));
    CHECK(key("STRAßE@example.org") == key("straße@example.org"));
    CHECK(key("ЮЛИЯ@example.org") == key("юлия@example.org"));
}

TEST_CASE("what is no address is refused with the reason")
{
    struct Sample {
        std::string typed;
        AddressError error;
    };
    const Sample samples[] = {
        {"", AddressError::empty},
        {"<>", AddressError::empty},
        {"anne", AddressError::no_at},
        {"@example.org", AddressError::no_local},
        {"anne@", AddressError::no_domain},
        {"Anne <anne@example.org>", AddressError::several},
        {"a@example.org, b@example.org", AddressError::several},
        {"a@b@example.org", AddressError::bad_domain},
        {"a..b@example.org", AddressError::bad_local},
        {".a@example.org", AddressError::bad_local},
        {"mailto:a@example.org", AddressError::bad_local},
        {"\"a@example.org", AddressError::bad_local},
        {"a@localhost", AddressError::single_label},
        {"a@[192.0.2.1]", AddressError::literal},
        {"a@192.0.2.1", AddressError::literal},
        {"a@exa_mple.org", AddressError::bad_domain},
        {"a@-x.org", AddressError::bad_domain},
        {"a@x..org", AddressError::bad_domain},
        {"a@x\\.org", AddressError::bad_domain},
        {std::string(65, 'a') + "@example.org", AddressError::local_too_long},
        {"a@" + std::string(64, 'x') + ".org", AddressError::domain_too_long},
        {"a@" + std::string(300, 'x'), AddressError::domain_too_long},
        {"a\n@example.org", AddressError::control},
        {std::string{"a\0@example.org", 14}, AddressError::control},
        {"caf\xe9@example.org", AddressError::not_utf8},
        {std::string(1'000'000, '@'), AddressError::local_too_long},
    };
    for (const Sample& s : samples) {
        CAPTURE(s.typed.substr(0, 100));
        const auto address = parse_address(s.typed);
        REQUIRE_FALSE(address.has_value());
        CHECK(address.error() == make_error_code(s.error));
        CHECK(address.error().message() != "unknown error");
    }
    CHECK(parse_address(std::string(64, 'a') + "@example.org").has_value());
}

TEST_CASE("a mailbox is written so that it can be read again, in ASCII where it can be")
{
    struct Sample {
        Mailbox mailbox;
        std::string text;
    };
    const Sample samples[] = {
        {{"", {"anne", "example.org"}}, "anne@example.org"},
        {{"Anne Dubois", {"anne", "example.org"}}, "Anne Dubois <anne@example.org>"},
        {{"Farid, Jr.", {"farid", "example.net"}}, "\"Farid, Jr.\" <farid@example.net>"},
        {{"Chloé", {"chloe", "example.net"}}, "=?UTF-8?Q?Chlo=C3=A9?= <chloe@example.net>"},
        {{"Guy", {"guy", "café.example"}}, "Guy <guy@xn--caf-dma.example>"},
        {{"", {"e space", "example.org"}}, "\"e space\"@example.org"},
        {{"a\r\nBcc: x", {"a", "example.org"}}, "\"a  Bcc: x\" <a@example.org>"},
    };
    for (const Sample& s : samples) CHECK(format_mailbox(s.mailbox) == s.text);
    const Mailbox long_name{std::string(300, 'x') + " é " + std::string(300, 'y'), {"a", "example.org"}};
    const auto read = parse_mailboxes(format_mailbox(long_name));
    REQUIRE(read.size() == 1);
    CHECK(read[0].name == long_name.name);
    CHECK(read[0].address == long_name.address);
}

TEST_CASE("what IDNA refuses is still a key")
{
    CHECK(domain_key("Example.ORG.") == "example.org");
    CHECK(domain_key("A_B.Example") == "a_b.example");
    CHECK(domain_key("\xe2\x80\xae.example") == "\xe2\x80\xae.example");
    CHECK(domain_key("") == "");
}
