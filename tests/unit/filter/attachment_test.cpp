#include "tests/unit/filter/mails.hpp"

using namespace majlis;

namespace {

const std::string words = "\nHello\n";

/// Whether the part with this header is taken out of a mixed mail.
bool goes(const std::string& header, const FilterSettings& settings)
{
    const auto out = filtered(mixed({words, header + "\n\nAAAA"}), settings);
    CHECK(out.changed == !out.removed.empty());
    CHECK(!out.nothing_left);
    return out.changed;
}

std::string tnef(const std::string& name)
{
    const auto number = [](std::uint32_t value) {
        std::string out;
        for (int i = 0; i < 4; ++i) out += static_cast<char>(value >> 8 * i & 0xff);
        return out;
    };
    return number(0x223e9f78) + std::string(2, '\1') + '\2' + number(0x00018010) +
           number(static_cast<std::uint32_t>(name.size() + 1)) + name + std::string(3, '\0');
}

}  // namespace

TEST_CASE("a list that filters nothing changes nothing")
{
    const auto out = filtered(mixed({words, "Content-Type: application/x-msdownload; name=a.exe\n\nMZ"}), {});
    CHECK(!out.changed);
    CHECK(!out.nothing_left);
    CHECK(out.removed.empty());
}

TEST_CASE("a denied part is known by its type and by every file name that it declares")
{
    const struct {
        const char *header, *entry;
        RemovedPart::Why why;
    } table[] = {
        {"Content-Type: image/png", "image/png", RemovedPart::Why::type},
        {"Content-Type: IMAGE/PNG", "image/*", RemovedPart::Why::type},
        {"Content-Type: image/png; name=evil.exe", ".exe", RemovedPart::Why::name},
        {"Content-Type: image/png; name=evil.exe", "application/x-msdownload", RemovedPart::Why::type},
        {"Content-Type: image/png; name=\"EVIL.EXE\"", ".exe", RemovedPart::Why::name},
        {"Content-Type: image/png\nContent-Disposition: inline; filename=\"evil.Exe\"", ".exe", RemovedPart::Why::name},
        {"Content-Type: image/png; name=evil.exe\nContent-Disposition: attachment; filename=\"nice.png\"", ".exe",
         RemovedPart::Why::name},
        {"Content-Type: image/png; name=nice.png\nContent-Disposition: attachment; filename*=utf-8''%65vil%2Eexe", ".exe",
         RemovedPart::Why::name},
        {"Content-Disposition: attachment; filename*0=ev; filename*1=il.e; filename*2=xe", ".exe", RemovedPart::Why::name},
        {"Content-Disposition: attachment; filename=evil.exe; filename*=utf-8''nice.png", ".exe", RemovedPart::Why::name},
        {"Content-Disposition: attachment; filename=nice.png; filename=evil.exe", ".exe", RemovedPart::Why::name},
        {"Content-Disposition: attachment; filename=\"=?utf-8?B?ZXZpbC5leGU=?=\"", ".exe", RemovedPart::Why::name},
        {"Content-Disposition: attachment; filename=\"evil.exe. \"", ".exe", RemovedPart::Why::name},
        {"Content-Disposition: attachment; filename*=utf-8''evil.exe%E2%80%8B", ".exe", RemovedPart::Why::name},
        {"Content-Disposition: attachment; filename*=utf-8''gpj%E2%80%AE.exe", ".exe", RemovedPart::Why::name},
        {"Content-Disposition: attachment; filename=\"C:\\\\tmp\\\\photo.jpg.exe\"", ".exe", RemovedPart::Why::name},
        {"Content-Type: image/png\nContent-Type: application/x-msdownload", "application/x-msdownload", RemovedPart::Why::type},
        {"Content-Disposition: attachment; filename=a.tar.gz", ".tar.gz", RemovedPart::Why::name},
        {"Content-Type: application/octet-stream; name=film.mp4", "video/*", RemovedPart::Why::type},
    };
    for (const auto& row : table) {
        CAPTURE(row.header);
        const auto out = filtered(mixed({words, std::string{row.header} + "\n\nAAAA"}), deny({"text/x-nothing", row.entry}));
        REQUIRE(out.removed.size() == 1);
        CHECK(out.removed[0].entry == row.entry);
        CHECK(out.removed[0].why == row.why);
        CHECK(out.removed[0].size == 4);
        CHECK(out.removed[0].missed);
    }
}

TEST_CASE("what a deny list does not name passes")
{
    for (const char* header : {"Content-Type: image/png; name=exe", "Content-Type: image/png; name=a.exe.txt",
                               "Content-Type: image/x-exe; name=.exercise", "Content-Type: imagex/png"}) {
        CAPTURE(header);
        CHECK(!goes(header, deny({".exe", "image/gif", "image/x"})));
    }
    CHECK(!goes("Content-Type: imagex/png", deny({"image/*"})));
}

TEST_CASE("an allowed part has something that speaks for it, and no name that speaks against it")
{
    const auto pictures = allow({"image/*", ".pdf", "application/msword"});
    for (const char* header :
         {"Content-Type: image/png", "Content-Type: image/png; name=a.png", "Content-Type: image/png; name=noname",
          "Content-Type: image/png; name=a.unknown", "Content-Type: application/pdf; name=a.PDF",
          "Content-Type: application/octet-stream; name=a.pdf", "Content-Type: application/octet-stream; name=a.jpg",
          "Content-Type: application/msword; name=a.doc", "Content-Type: application/octet-stream; name=a.doc"}) {
        CAPTURE(header);
        CHECK(!goes(header, pictures));
    }
    for (const char* header :
         {"Content-Type: image/png; name=evil.exe", "Content-Type: image/png; name=a.pdf\nContent-Disposition: x; filename=a.exe",
          "Content-Type: application/octet-stream", "Content-Type: application/octet-stream; name=a.unknown",
          "Content-Type: application/x-msdownload; name=a.png", "Content-Type: application/pdf", "Content-Type: text/calendar",
          "Content-Type: text/plain; name=notes.txt", "Content-Disposition: attachment", "Content-Type: text/html; name=a.html",
          "Content-Type: image/png\nContent-Type: application/x-msdownload", "Content-Type: application/ms-tnef"}) {
        CAPTURE(header);
        CHECK(goes(header, pictures));
    }
}

TEST_CASE("the text of a post is no attachment")
{
    const auto settings = allow({"image/png"});
    CHECK(!goes("Content-Type: text/plain", settings));
    CHECK(!goes("Content-Type: text/html\nContent-Disposition: inline", settings));
    CHECK(!filtered("From: a@example.org\n\nHello\n", settings).changed);
    CHECK(!filtered("Content-Type: multipart/mixed; boundary=never\n\nHello\n", settings).changed);
    CHECK(goes("Content-Type: text/html", deny({"text/html"})));
}

TEST_CASE("attached mails are looked into")
{
    const std::string attached =
        "Content-Type: message/rfc822\n\nSubject: inner\nContent-Type: multipart/mixed; boundary=c\n\n"
        "--c\n\ninner text\n--c\nContent-Type: image/png; name=a.exe\n\nMZ\n--c\n\nmore\n--c--\n";
    const auto out = filtered(mixed({words, attached}), deny({".exe"}));
    CHECK(names(out) == "a.exe");
    CHECK(shape(out.bytes) == "multipart/mixed@0 text/plain@1 message/rfc822@1 multipart/mixed@2 text/plain@3 text/plain@3");
    CHECK(filtered(mixed({words, attached}), allow({"message/rfc822", "image/*"})).removed.size() == 1);
    CHECK(names(filtered(mixed({words, attached}), allow({"image/*"}))) == "message/rfc822");
}

TEST_CASE("what cannot be looked into does not pass a filter")
{
    for (const char* header : {"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64",
                               "Content-Type: multipart/mixed; boundary=x\nContent-Transfer-Encoding: quoted-printable",
                               "Content-Type: message/rfc822\nContent-Transfer-Encoding: x-own"}) {
        CAPTURE(header);
        CHECK(goes(header, deny({".exe"})));
        CHECK(goes(header, allow({"message/rfc822"})));
    }
    std::string many;
    for (int i = 0; i < 21; ++i) many += "Content-Disposition: inline; filename=a.png\n";
    CHECK(goes(many + "X: y", deny({".exe"})));
}

TEST_CASE("an encrypted part is one thing, which an allow list must name")
{
    const std::string encrypted =
        "Content-Type: multipart/encrypted; boundary=c; protocol=\"application/pgp-encrypted\"\n\n"
        "--c\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--c\nContent-Type: application/octet-stream; "
        "name=encrypted.asc\n\n-----BEGIN\n--c--\n";
    CHECK(!filtered(mixed({words, encrypted}), deny({".asc", "application/octet-stream"})).changed);
    CHECK(names(filtered(mixed({words, encrypted}), deny({"multipart/encrypted"}))) == "multipart/encrypted");
    CHECK(names(filtered(mixed({words, encrypted}), allow({"image/*"}))) == "multipart/encrypted");
    CHECK(!filtered(mixed({words, encrypted}), allow({"multipart/encrypted"})).changed);
}

TEST_CASE("a TNEF container is judged by the names inside it")
{
    const std::string head = "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: ";
    const std::string base64 = head + "base64\n\neJ8+IgEBAhCAAQAJAAAARVZJTC5FWEUAAAA=";
    const auto out = filtered(mixed({words, base64}), deny({".exe"}));
    CHECK(names(out) == "winmail.dat");
    CHECK(!filtered(mixed({words, base64}), deny({".com"})).changed);
    const std::string raw =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: "
        "application/octet-stream; name=WINMAIL.DAT\r\nContent-Transfer-Encoding: binary\r\n\r\n" +
        tnef("setup.msi") + "\r\n--b--\r\n";
    // Binary data holds NULs, which no relay takes: it is read as it would leave, and is no container any more.
    CHECK(!filter(scan_message(raw), deny({".msi"})).changed);
    CHECK(filter(scan_message(raw), allow({"image/*"})).changed);
    for (std::size_t length = 0; length < 30; ++length) {
        const std::string cut = mixed({words, head + "binary\n\n" + tnef("a.b").substr(0, length)});
        CHECK_NOTHROW(filter(scan_message(cut), deny({".exe"})));
    }
}
