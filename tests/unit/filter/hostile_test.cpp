#include "tests/unit/filter/mails.hpp"

#include <chrono>

using namespace majlis;

namespace {

const FilterSettings strict{{Attachments::Mode::deny, {".exe", "image/*"}}, Html::to_text};

/// Filtered twice it is as filtered once, and soon.
void check_bomb(const std::string& mail)
{
    const auto begin = std::chrono::steady_clock::now();
    const auto out = filter(scan_message(mail), strict);
    if (out.changed) {
        const auto again = filter(scan_message(out.bytes), strict);
        CHECK((!again.changed || again.nothing_left));
    }
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{10});
}

std::string repeated(std::string_view piece, std::size_t times)
{
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += piece;
    return out;
}

}  // namespace

TEST_CASE("bombs of parts are defused in linear time")
{
    const std::string head = "From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
    check_bomb(head + repeated("--b\r\nContent-Type: image/png; name=a.exe\r\n\r\nx\r\n", 9'000) + "--b--\r\n");
    check_bomb(head + repeated("--b\r\n\r\nx\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x\r\n", 4'500) + "--b--\r\n");
    check_bomb(head + repeated("--b\r\n", 9'000));
    std::string deep;
    for (int i = 0; i < 99; ++i) {
        const std::string n = std::to_string(i);
        deep += "Content-Type: multipart/mixed; boundary=n" + n + "\r\n\r\n--n" + n +
                "\r\nContent-Type: image/png\r\n\r\nx\r\n--n" + n + "\r\n";
    }
    check_bomb(deep + "\r\nend\r\n");
    CHECK(filter(scan_message(deep + "\r\nend\r\n"), strict).removed.size() == 99);
    check_bomb(repeated("Content-Type: message/rfc822\r\n\r\n", 99) + "Content-Type: image/png\r\n\r\n");
    check_bomb("Content-Type: text/html\r\n\r\n" + repeated("<blockquote><ul><li><table><tr><td>", 50'000));
    const std::string name = repeated("\xe2\x80\x8b", 20'000) + ".exe";
    check_bomb(head + repeated("--b\r\nContent-Disposition: x; filename=\"" + name + "\"\r\n\r\nx\r\n", 50) + "--b--\r\n");
}

TEST_CASE("a mail beyond the limits of the scanner has nothing left")
{
    std::string deep;
    for (int i = 0; i < 101; ++i) {
        const std::string n = std::to_string(i);
        deep += "Content-Type: multipart/mixed; boundary=n" + n + "\r\n\r\n--n" + n + "\r\n";
    }
    const std::string mails[] = {
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + repeated("--b\r\n\r\nx\r\n", 10'001),
        deep + "\r\nend\r\n",
        repeated("X: y\r\n", 2'001) + "Content-Type: image/png\r\n\r\nx\r\n",
        "X: " + std::string(300'000, 'x') + "\r\nContent-Type: image/png\r\n\r\nx\r\n",
        "Content-Type: text/plain; x=" + std::string(70'000, 'x') + "; name=a.exe\r\n\r\nx\r\n",
    };
    for (const auto& mail : mails) {
        CAPTURE(mail.substr(0, 40));
        const auto out = filter(scan_message(mail), strict);
        CHECK(out.nothing_left);
        REQUIRE(out.removed.size() == 1);
        CHECK(out.removed[0].why == RemovedPart::Why::unreadable);
        CHECK(!filter(scan_message(mail), {}).changed);
    }
}

TEST_CASE("line ends and NULs that composing mends hide no part")
{
    const std::string exe = "Content-Type: image/png; name=a.exe\r\n\r\nMZ\r\n";
    const std::string head = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n";
    for (const std::string& mail :
         {head + std::string{"--b\0\r\n", 6} + exe + "--b--\r\n",
          head + "--b\r\nContent-Type: text/plain\r\r\r\nContent-Disposition: attachment; filename=a.exe\r\n\r\nMZ\r\n--b--\r\n",
          head + "--b\nContent-Type: text/plain; name=a.exe\n\nMZ\n--b--", head + "--b\r" + exe}) {
        const auto out = filter(scan_message(mail), strict);
        CHECK(names(out) == "a.exe");
        CHECK(out.bytes.find("MZ") == std::string::npos);
    }
}

TEST_CASE("headers without an end, without a body, and empty mails are filtered as the others")
{
    for (const std::string& mail :
         {std::string{}, std::string{"Content-Type: text/html"}, std::string{"Content-Type: text/html\r\n"},
          std::string{"Content-Type: text/html\r\n\r\n"}, std::string{"\r\n"}, std::string{"From x\r\n"},
          std::string{"Content-Type: image/png\r\nbody at once\r\n"}}) {
        CAPTURE(mail);
        const auto out = filter(scan_message(mail), strict);
        if (!out.changed) continue;
        CHECK(out.bytes == crlf(header_mark()) + "\r\n");
        CHECK(out.nothing_left);
    }
}
