#include "core/message/content_digest.hpp"

#include <doctest/doctest.h>

using namespace majlis;

namespace {
token::Digest digest(std::string_view raw) { return content_digest(scan_message(raw)); }
const std::string post =
    "From: A <a@b.org>\nSubject: minutes of Monday\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n\nDear all,\n\nyes.\n";
}  // namespace

TEST_CASE("what servers change on the way does not make another post")
{
    const struct {
        const char* why;
        std::string raw;
    } same[] = {
        {"CRLF",
         "From: A <a@b.org>\r\nSubject: minutes of Monday\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\nDear "
         "all,\r\n\r\nyes.\r\n"},
        {"fields on top", "Received: x\nDelivered-To: rabat@maimc.org\n" + post},
        {"refolding",
         "From: A\n <a@b.org>\nSubject: minutes\n of Monday\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n\nDear all,\n\nyes.\n"},
        {"white space at the end", post + " \n\n"},
        {"another transfer encoding",
         "From: A <a@b.org>\nSubject: minutes of Monday\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n"
         "Content-Transfer-Encoding: quoted-printable\n\nDear =61ll,\n\nyes.\n"},
    };
    for (const auto& row : same) {
        CAPTURE(row.why);
        CHECK(digest(row.raw) == digest(post));
    }
}

TEST_CASE("other words make another post")
{
    for (const auto* what : {"a@b.org", "Monday", "2024", "yes", "Dear all,\n\n"}) {
        CAPTURE(what);
        auto raw = post;
        raw.replace(raw.find(what), std::string_view{what}.size(), "other");
        CHECK(digest(raw) != digest(post));
    }
    CHECK(digest("") != digest(post));
}

TEST_CASE("attachments count")
{
    const auto with = [](const std::string& content) {
        return digest("Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: image/png\n\n" + content +
                      "\n--b--\n");
    };
    CHECK(with("one") == with("one"));
    CHECK(with("one") != with("two"));
    CHECK(with("one ") != with("one"));
}

TEST_CASE("a mail without a Message-ID gets one that stays the same")
{
    const auto id = message_id_or_digest(scan_message(post), "maimc.org");
    CHECK(id.ends_with("@maimc.org"));
    CHECK(id == message_id_or_digest(scan_message(post), "maimc.org"));
    const auto named = "Message-ID: <x@y.org>\n" + post;
    CHECK(message_id_or_digest(scan_message(named), "maimc.org") == "x@y.org");
}
