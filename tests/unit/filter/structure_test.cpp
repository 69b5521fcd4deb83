#include "tests/unit/filter/mails.hpp"

using namespace majlis;

namespace {

const std::string exe = "Content-Type: image/png; name=a.exe\nContent-Transfer-Encoding: base64\n\nTVqQ";
const std::string plain =
    "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\nX-Odd:  kept \n\ncaf\xe9  \n";
const std::string pdf = "Content-Type: application/pdf; name=a.pdf\n\n%PDF";
const auto no_exe = deny({".exe"});

std::string multipart(const std::string& subtype, const std::string& boundary, const std::vector<std::string>& parts)
{
    std::string out = "Content-Type: multipart/" + subtype + "; boundary=" + boundary + "\n\n";
    for (const auto& part : parts) out += "--" + boundary + "\n" + part + "\n";
    return out + "--" + boundary + "--\n";
}

}  // namespace

TEST_CASE("only the denied part goes, every other byte stays")
{
    const std::string before =
        "From: a@example.org\nSubject:  odd   spaces\nMIME-Version: 1.0\nContent-Type: multipart/mixed;\n\tboundary=\"b\"\n";
    const std::string after = "--b--\nepilogue\n";
    const std::string one = "--b\n" + plain + "\n", two = "--b\n" + pdf + "\n";
    for (const std::string& parts :
         {one + "--b\n" + exe + "\n" + two, "--b\n" + exe + "\n" + one + two, one + two + "--b\n" + exe + "\n"}) {
        const auto out = filtered(before + "\npreamble\n" + parts + after, no_exe);
        CHECK(out.bytes == before + header_mark() + "\npreamble\n" + one + two + after);
        CHECK(names(out) == "a.exe");
    }
}

TEST_CASE("one part left takes the place of its multipart")
{
    const auto out = filtered(
        "From: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\nSubject: x\n\n"
        "preamble\n--b\n" +
            plain + "\n--b\n" + exe + "\n--b--\nepilogue\n",
        no_exe);
    CHECK(
        out.bytes ==
        "From: a@example.org\nMIME-Version: 1.0\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n"
        "Subject: x\n" +
            header_mark() + "\ncaf\xe9  \n");
    const std::string inner = multipart("mixed", "c", {plain, exe});
    const auto nested = filtered(mixed({inner, pdf}), no_exe);
    CHECK(nested.bytes.find("--b\n" + plain + "\n--b\n" + pdf + "\n--b--\n") != std::string::npos);
    CHECK(shape(nested.bytes) == "multipart/mixed@0 text/plain@1 application/pdf@1");
    const auto twice = filtered(mixed({inner, exe}), no_exe);
    CHECK(shape(twice.bytes) == "text/plain@0");
    CHECK(twice.bytes.ends_with("\n\ncaf\xe9  \n"));
    CHECK(names(twice) == "a.exe a.exe");
}

TEST_CASE("a multipart that never lost a part stays, and one left empty goes")
{
    const auto single = filtered(mixed({multipart("mixed", "c", {plain}), exe, pdf}), no_exe);
    CHECK(shape(single.bytes) == "multipart/mixed@0 multipart/mixed@1 text/plain@2 application/pdf@1");
    const auto empty = filtered(mixed({plain, multipart("mixed", "c", {exe, exe}), pdf}), no_exe);
    CHECK(shape(empty.bytes) == "multipart/mixed@0 text/plain@1 application/pdf@1");
    const auto attached = filtered(mixed({plain, "Content-Type: message/rfc822\n\nSubject: x\n" + exe, pdf}), no_exe);
    CHECK(shape(attached.bytes) == "multipart/mixed@0 text/plain@1 application/pdf@1");
}

TEST_CASE("a part of a digest does not lose its default type")
{
    const auto out = filtered(mixed({multipart("digest", "c", {"\nSubject: one\n\none", exe}), pdf}), no_exe);
    CHECK(shape(out.bytes) == "multipart/mixed@0 multipart/digest@1 message/rfc822@2 text/plain@3 application/pdf@1");
}

TEST_CASE("nothing is left of a mail that is forbidden whole, or whose text is blank")
{
    for (const std::string& mail :
         {"From: a@example.org\nMIME-Version: 1.0\nContent-Length: 4\n" + exe + "\n", mixed({exe}), mixed({exe, exe}),
          mixed({multipart("mixed", "c", {exe}), exe}), mixed({"\n \n", exe}), mixed({"Content-Type: text/html\n\n\n", exe})}) {
        CAPTURE(mail);
        const auto out = filtered(mail, no_exe);
        CHECK(out.changed);
        CHECK(out.nothing_left);
        CHECK(!out.removed.empty());
        CHECK(out.bytes == "From: a@example.org\nMIME-Version: 1.0\n" + header_mark() + "\n");
    }
    CHECK(!filtered(mixed({"\nHello\n", exe}), no_exe).nothing_left);
    CHECK(!filtered(mixed({"\n\n", exe, pdf}), no_exe).nothing_left);
    CHECK(!filtered(mixed({"\n\n", pdf}), no_exe).nothing_left);
}

TEST_CASE("a signed part keeps its bytes, or loses its signature with its content")
{
    const std::string signature = "Content-Type: application/pgp-signature; name=signature.asc\n\n-----BEGIN PGP";
    const std::string head = "signed; micalg=pgp-sha512; protocol=\"application/pgp-signature\"";
    const std::string sound = multipart(head, "s", {plain, signature});
    const auto kept = filtered(mixed({sound, exe, pdf}), no_exe);
    CHECK(kept.bytes.find(sound) != std::string::npos);
    CHECK(filtered(mixed({sound, pdf}), allow({"application/pdf"})).changed == false);
    const auto root = filtered("From: a@example.org\nMIME-Version: 1.0\n" + sound, no_exe);
    CHECK(!root.changed);

    const auto broken =
        filtered(mixed({multipart(head, "s", {multipart("mixed", "c", {plain, pdf, exe}), signature}), pdf}), no_exe);
    CHECK(names(broken) == "a.exe signature.asc");
    CHECK(broken.removed[1].why == RemovedPart::Why::signature);
    CHECK(!broken.removed[1].missed);
    CHECK(shape(broken.bytes) == "multipart/mixed@0 multipart/mixed@1 text/plain@2 application/pdf@2 application/pdf@1");
    const auto alone = filtered(mixed({multipart(head, "s", {plain, signature}), pdf}), deny({"application/pgp-signature"}));
    CHECK(shape(alone.bytes) == "multipart/mixed@0 text/plain@1 application/pdf@1");
}

TEST_CASE("parts in a multipart without its end are found and taken out")
{
    const std::string head = "From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n";
    const auto last = filtered(head + "--b\n\none\n--b\n\ntwo\n--b\n" + exe + "\n", no_exe);
    CHECK(shape(last.bytes) == "multipart/mixed@0 text/plain@1 text/plain@1");
    CHECK(last.bytes.find("TVqQ") == std::string::npos);
    const std::string inner = "Content-Type: multipart/mixed; boundary=c\n\n--c\n\ntwo\n--c\n" + exe;
    const auto nested = filtered(mixed({"\none", inner, pdf}), no_exe);
    CHECK(shape(nested.bytes) == "multipart/mixed@0 text/plain@1 text/plain@1 application/pdf@1");
    CHECK(nested.bytes.find("\n--b\n\ntwo\n--b\n") != std::string::npos);
}

TEST_CASE("the fields that describe the bytes that were go, the mark comes")
{
    const auto out = filtered(
        "From: a@example.org\nContent-Length: 99\nLines: 4\nContent-MD5: x\nMIME-Version: 1.0\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n" +
            plain + "\n--b\n" + pdf + "\n--b\n" + exe + "\n--b--\n",
        no_exe);
    CHECK(out.bytes.starts_with("From: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n" +
                                header_mark() + "\n--b\n"));
}
