#include "tests/unit/filter/mails.hpp"

using namespace majlis;

namespace {

const std::string head = "From: a@example.org\nMIME-Version: 1.0\n";
const std::string words = "Content-Type: text/plain; charset=utf-8\n\nthe text";
const std::string page = "Content-Type: text/html; charset=utf-8\n\n<p>the <b>page</b></p>";
const std::string png = "Content-Type: image/png; name=a.png\nContent-ID: <1@x>\n\nPNG";
const std::string pdf = "Content-Type: application/pdf; name=a.pdf\n\n%PDF";

std::string multipart(const std::string& subtype, const std::string& boundary, const std::vector<std::string>& parts)
{
    std::string out = "Content-Type: multipart/" + subtype + "; boundary=" + boundary + "\n\n";
    for (const auto& part : parts) out += "--" + boundary + "\n" + part + "\n";
    return out + "--" + boundary + "--\n";
}

}  // namespace

TEST_CASE("of text and HTML that say the same the text stays")
{
    for (const Html what : {Html::to_text, Html::remove}) {
        const auto out = filtered(head + multipart("alternative", "b", {words, page}), html(what));
        CHECK(out.bytes == head + "Content-Type: text/plain; charset=utf-8\n" + header_mark() + "\nthe text\n");
        REQUIRE(out.removed.size() == 1);
        CHECK(out.removed[0].why == RemovedPart::Why::html);
        CHECK(!out.removed[0].missed);
    }
}

TEST_CASE("a mail of HTML alone becomes text, in the charset and the encoding that it needs")
{
    const struct {
        std::string mail, fields, body;
    } table[] = {
        {page + "\n", "Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n", "the page\n"},
        {"Content-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\nContent-Language: fr\n\n"
         "<p>caf=E9</p>\n",
         "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\nContent-Language: fr\n",
         "caf=C3=A9\n"},
        {"Content-Type: text/html\nContent-Transfer-Encoding: base64\nContent-Disposition: inline; "
         "filename=x.html\n\nPGI+eDwvYj4=\n",
         "Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n", "x\n"},
        {"Content-Type: text/html; charset=utf-8\n\n\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7\n",
         "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n", "2YXYsdit2KjYpw0K\n"},
    };
    for (const auto& row : table) {
        const auto out = filtered(head + row.mail, html(Html::to_text));
        CHECK(out.bytes == head + row.fields + header_mark() + "\n" + row.body);
        CHECK(out.removed.empty());
        CHECK(!out.nothing_left);
    }
}

TEST_CASE("HTML without a text beside it goes where the list says so")
{
    const auto whole = filtered(head + page + "\n", html(Html::remove));
    CHECK(whole.nothing_left);
    CHECK(whole.removed.at(0).missed);
    const auto part = filtered(head + multipart("mixed", "b", {page, pdf}), html(Html::remove));
    CHECK(shape(part.bytes) == "application/pdf@0");
    CHECK(!part.nothing_left);
}

TEST_CASE("HTML inside other parts becomes text where it stands")
{
    const auto out = filtered(head + multipart("mixed", "b", {page, pdf, page}), html(Html::to_text));
    const std::string converted =
        "--b\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\nthe page\n";
    CHECK(out.bytes.find(converted + "--b\n" + pdf + "\n" + converted + "--b--\n") != std::string::npos);
    const auto signed_ =
        filtered(head + multipart("signed", "s", {page, "Content-Type: application/pgp-signature\n\nx"}), html(Html::to_text));
    CHECK(shape(signed_.bytes) == "text/plain@0");
    CHECK(signed_.bytes.ends_with("\n\nthe page\n"));
}

TEST_CASE("what belonged to HTML stays, and can be seen")
{
    const std::string related = multipart("related", "r", {page, png});
    const auto beside = filtered(head + multipart("alternative", "b", {words, related}), html(Html::to_text));
    CHECK(shape(beside.bytes) == "multipart/mixed@0 text/plain@1 image/png@1");
    const auto alone = filtered(head + related, html(Html::to_text));
    CHECK(shape(alone.bytes) == "multipart/mixed@0 text/plain@1 image/png@1");
    const auto inner = filtered(head + multipart("mixed", "m", {related, pdf}), html(Html::to_text));
    CHECK(shape(inner.bytes) == "multipart/mixed@0 multipart/mixed@1 text/plain@2 image/png@2 application/pdf@1");
    const auto pages =
        filtered(head + multipart("alternative", "b", {words, multipart("mixed", "m", {page, pdf, page})}), html(Html::to_text));
    CHECK(shape(pages.bytes) == "multipart/mixed@0 text/plain@1 application/pdf@1");
    const auto deep = filtered(
        head + multipart("mixed", "a",
                         {multipart("alternative", "b", {words, related}), "Content-Type: application/x-msdownload\n\nMZ"}),
        {{Attachments::Mode::deny, {"application/x-msdownload"}}, Html::to_text});
    CHECK(shape(deep.bytes) == "multipart/mixed@0 text/plain@1 image/png@1");
}

TEST_CASE("an invitation stays an alternative of its text")
{
    const std::string calendar = "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR";
    const auto out = filtered(head + multipart("alternative", "b", {words, page, calendar}), html(Html::to_text));
    CHECK(shape(out.bytes) == "multipart/alternative@0 text/plain@1 text/calendar@1");
}

TEST_CASE("a text alternative without a word does not stand for the HTML")
{
    const auto out = filtered(head + multipart("alternative", "b", {"\n \n", page}), html(Html::to_text));
    CHECK(out.bytes.find("the page") != std::string::npos);
    const auto denied =
        filtered(head + multipart("alternative", "b", {words, page}), {{Attachments::Mode::deny, {"text/plain"}}, Html::to_text});
    CHECK(denied.bytes.ends_with("\n\nthe page\n"));
}

TEST_CASE("attached HTML is an attachment")
{
    const std::string attached = "Content-Type: text/html; name=a.html\nContent-Disposition: attachment\n\n<p>x</p>";
    CHECK(!filtered(head + multipart("mixed", "b", {words, attached}), html(Html::remove)).changed);
    CHECK(filtered(head + multipart("mixed", "b", {words, attached}), deny({".html"})).changed);
}

TEST_CASE("HTML of an attached mail becomes text too")
{
    const auto out = filtered(head + multipart("mixed", "b", {words, "Content-Type: message/rfc822\n\nSubject: inner\n" + page}),
                              html(Html::to_text));
    CHECK(shape(out.bytes) == "multipart/mixed@0 text/plain@1 message/rfc822@1 text/plain@2");
    CHECK(out.bytes.find("\nSubject: inner\n") != std::string::npos);
}

TEST_CASE("text made of HTML divides no mail")
{
    const std::string trap = "Content-Type: text/html\n\nx<br>--b<br>Content-Type: application/x-msdownload<br><br>MZ";
    const auto out = filtered(head + multipart("mixed", "b", {trap, pdf}), html(Html::to_text));
    CHECK(shape(out.bytes) == "multipart/mixed@0 text/plain@1 application/pdf@1");
}
