#include "core/address/address.hpp"
#include "core/text/charset.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace majlis;

namespace {
/// "name|address" of each, by " ; ".
std::string shown(std::string_view body)
{
    std::string out;
    for (const Mailbox& mailbox : parse_mailboxes(body)) {
        if (!out.empty()) out += " ; ";
        out += mailbox.name + "|" + mailbox.address.text();
    }
    return out;
}
}  // namespace

TEST_CASE("mailboxes are found however they are written")
{
    struct Sample {
        std::string body, shown;
    };
    const Sample samples[] = {
        {"", ""},
        {"a@b.c", "|a@b.c"},
        {"Anne Dubois <anne@example.org>", "Anne Dubois|anne@example.org"},
        {"\"Dubois, Anne\" <anne@example.org>, b@example.org", "Dubois, Anne|anne@example.org ; |b@example.org"},
        {"\"Dubois,\r\n Anne\" <anne@example.org>,\r\n\t\"Haddad, Bilal\" <b@example.org>",
         "Dubois, Anne|anne@example.org ; Haddad, Bilal|b@example.org"},
        {"anne@example.org (Anne Dubois)", "Anne Dubois|anne@example.org"},
        {"(before) anne@example.org", "before|anne@example.org"},
        {"Anne (a (nested \\) one) comment) <anne@example.org>", "Anne|anne@example.org"},
        {"=?utf-8?Q?Chlo=C3=A9?= <chloe@example.net>", "Chloé|chloe@example.net"},
        {"=?utf-8?Q?Dubois,_Anne?= <anne@example.org>", "Dubois, Anne|anne@example.org"},
        {"\"=?utf-8?B?Q2hsb8Op?=\" <chloe@example.net>", "Chloé|chloe@example.net"},
        {"=?utf-8?Q?a?= =?utf-8?Q?b?= <a@b.c>", "ab|a@b.c"},
        {"Name <a@b.c", "Name|a@b.c"},
        {"Name <a@b.c, Other <d@e.f>", "Name|a@b.c ; Other|d@e.f"},
        {"<<a@b.c>>", "|a@b.c"},
        {"<a@b.c> <d@e.f>", "|a@b.c ; |d@e.f"},
        {"<a@b.c> Name", "Name|a@b.c"},
        {"a@b.c; d@e.f", "|a@b.c ; |d@e.f"},
        {"a@b.c,, ,d@e.f,", "|a@b.c ; |d@e.f"},
        {"undisclosed-recipients:;", ""},
        {"Undisclosed recipients: ;", ""},
        {"Friends: a@b.c, Name <d@e.f>; g@h.i", "|a@b.c ; Name|d@e.f ; |g@h.i"},
        {"<@route.example,@other.example:user@host.example>", "|user@host.example"},
        {"mailto:a@b.c", "|a@b.c"},
        {"<mailto:a@b.c>", "|a@b.c"},
        {"'a@b.c'", "|a@b.c"},
        {"\"'Anne'\" <a@b.c>", "Anne|a@b.c"},
        {"\"e space\"@example.org", "|\"e space\"@example.org"},
        {"E <\"e space\"@example.org>", "E|\"e space\"@example.org"},
        {"\"a@b.c\" <d@e.f>", "a@b.c|d@e.f"},
        {"Name a@b.c", "Name|a@b.c"},
        {"a @ b.c", "|a@b.c"},
        {"< a @ b.c >", "|a@b.c"},
        {"a.(x)b@c.d", "x|a.b@c.d"},
        {"user@[192.0.2.1]", "|user@[192.0.2.1]"},
        {"user@[IPv6:2001:db8::1]", "|user@[IPv6:2001:db8::1]"},
        {"guy@café.example", "|guy@café.example"},
        {"سعيد <سعيد@مثال.إختبار>", "سعيد|سعيد@مثال.إختبار"},
        {"caf\xe9 <a@b.c>", "café|a@b.c"},
        {"MAILER-DAEMON", "|MAILER-DAEMON"},
        {"Mail Delivery System", "Mail Delivery System|"},
        {"root, a@b.c", "|root ; |a@b.c"},
        {"<>", ""},
        {"Name <>", "Name|"},
        {"\"never closed <a@b.c>", "never closed|a@b.c"},
        {"Name (never closed <a@b.c>", "Name (never closed|a@b.c"},
        {"\"H \\\"Hal\\\" Hart\" <h@example.org>", "H \"Hal\" Hart|h@example.org"},
        {"a@b.c.", "|a@b.c"},
        {"Folded\r\n Name <a@b.c>,\r\n\td@e.f", "Folded Name|a@b.c ; |d@e.f"},
        {"<a\r\n@b.c>", "|a@b.c"},
        {"user%host@relay.example", "|user%host@relay.example"},
        {"Name <not an address>", "Name|"},
        {"<not-an-address>", "not-an-address|"},
        {"a@b@c.d", "|\"a@b\"@c.d"},
    };
    for (const Sample& s : samples) {
        CAPTURE(s.body);
        CHECK(shown(s.body) == s.shown);
    }
}

TEST_CASE("no control character ever survives, and every name is UTF-8")
{
    for (int c = 0; c < 256; ++c) {
        const std::string odd(1, static_cast<char>(static_cast<unsigned char>(c)));
        for (const std::string& body :
             {"a=?utf-8" + odd + "?Q?x" + odd + "?=@b.c", "N" + odd + "ame <l" + odd + "ocal@do" + odd + "main.org>",
              "\"N" + odd + "\" <\"l" + odd + "\"@d.org>", "l" + odd + "@d.org (x" + odd + ")",
              "=?utf-8?Q?=" + std::string{"0123456789ABCDEF"[c / 16]} + std::string{"0123456789ABCDEF"[c % 16]} +
                  "x?= <a@b.c>"}) {
            for (const Mailbox& mailbox : parse_mailboxes(body)) {
                const std::string all = mailbox.name + mailbox.address.local + mailbox.address.domain;
                CAPTURE(c);
                CHECK(text::valid_utf8(all));
                CHECK(all.find_first_of(std::string{"\0\r\n\t\x1b\x7f", 6}) == std::string::npos);
                const std::string formatted = format_mailbox(mailbox);
                CHECK(formatted.find('\0') == std::string::npos);
            }
        }
    }
}

TEST_CASE("a megabyte of garbage is read in linear time")
{
    for (const std::string piece :
         {"<", ">", "(",      "()",  "\"",     "\\",   "=?",  "=?a?q?", "a@b.c,", "a,", "@",    "<@a:",          "a:",
          ";", " ", "\"\\\"", "<\"", "<\"<\"", "((\\", "a <", "a@",     "\" <",   "(a", "\xff", "=?utf-8?q?a?= "}) {
        std::string body;
        while (body.size() < 1'000'000) body += piece;
        CAPTURE(piece);
        CHECK(parse_mailboxes(body).size() <= max_mailboxes);
    }
}
