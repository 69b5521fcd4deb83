#include <doctest/doctest.h>

#include <string>

#include "core/moderation/answer.hpp"
#include "core/moderation/html_quotes.hpp"
#include "core/moderation/own_words.hpp"

using namespace majlis;
using namespace majlis::moderation;
using Wish = Answer::Wish;

namespace {

Wish wish(const std::string& raw) { return read_answer(scan_message(raw)).wish; }

std::string html(const std::string& body)
{
    return "From: karim@example.org\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body;
}

std::string automatic(const std::string& raw)
{
    const auto message = scan_message(raw);
    return why_automatic(message, classify(message));
}

}  // namespace

TEST_CASE("an HTML reply is read without what it quotes")
{
    CHECK(wish(html("<div dir=\"ltr\"><br></div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" "
                    "class=\"gmail_attr\">On Mon wrote:<br></div><blockquote>reject<div>x</div></blockquote></div>")) ==
          Wish::approve);
    CHECK(wish(html("<html><body><div>reject <b>spam</b></div><blockquote type=\"cite\">discard</blockquote></body></html>")) ==
          Wish::reject);
    CHECK(wish(html("<div class=\"moz-cite-prefix\">Le 03/02/2026 \u00e0 10:12, Rabat a \u00e9crit\u00a0:<br></div>"
                    "<blockquote type=\"cite\" cite=\"mid:x\"><p>bla</p></blockquote><p>discard</p>")) == Wish::discard);
    CHECK(wish(html("<p><br></p><div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\">"
                    "<div id=\"divRplyFwdMsg\" dir=\"ltr\"><b>De :</b> Rabat</div><div>reject</div>")) == Wish::approve);
    CHECK(wish(html(
              "<p class=MsoNormal>&nbsp;</p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm'><p><b>From:"
              "</b> Rabat</p></div><p>text of the post</p>")) == Wish::approve);
    CHECK(wish(html("<div>hello</div>")) == Wish::unclear);
    CHECK(wish(html(
              "<div><br></div><div id=\"ms-outlook-mobile-signature\">Get <a href=\"https://aka.ms/o0ukef\">Outlook for iOS</a>"
              "</div>")) == Wish::approve);
    CHECK(wish(html("<blockquote>" + std::string("<blockquote>") + "x</blockquote>y</blockquote>reject")) == Wish::reject);
}

TEST_CASE("HTML is cut in linear time, whatever stands in it")
{
    std::string open;
    for (int i = 0; i < 100'000; ++i) open += "<blockquote ";
    CHECK(without_html_quotes(open).size() >= open.size());
    CHECK(without_html_quotes(std::string(2'000'000, '<')).size() == 2'000'000);
    CHECK(without_html_quotes("<!-- x").empty());
    CHECK(without_html_quotes("a < b") == "a < b");
}

TEST_CASE("quoted-printable and base64 replies are decoded first")
{
    CHECK(wish("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
               "Envoy=C3=A9 de mon iPhone\r\n\r\n> Le 3 f=C3=A9vr. 2026\r\n") == Wish::approve);
    CHECK(wish("Content-Type: text/plain; charset=iso-8859-1\r\n\r\nEnvoy\xe9 de mon iPhone\r\n") == Wish::approve);
    CHECK(wish("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\ncmVqZWN0IHNwYW0=\r\n") ==
          Wish::reject);
}

TEST_CASE("a mail that cannot be read approves nothing")
{
    CHECK(wish("Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\nContent-Type: "
               "application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
               "--b\r\nContent-Type: application/octet-stream\r\n\r\nxxxx\r\n--b--\r\n") == Wish::unclear);
    CHECK(wish("Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n") == Wish::unclear);
    CHECK(wish("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\r\n--b\r\nContent-Type: "
               "application/pdf; name=a.pdf\r\nContent-Disposition: attachment\r\n\r\nxxxx\r\n--b--\r\n") == Wish::unclear);
    CHECK(wish("Content-Type: text/plain\r\nContent-Transfer-Encoding: rot13\r\n\r\n\r\n") == Wish::unclear);
}

TEST_CASE("an empty reply with a picture in its signature, or with the original attached, still approves")
{
    CHECK(wish("Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p></p><img "
               "src=\"cid:logo\">\r\n"
               "--b\r\nContent-Type: image/png\r\nContent-Disposition: inline\r\n\r\nxxxx\r\n--b--\r\n") == Wish::approve);
    CHECK(wish("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSent from my "
               "iPhone\r\n--b\r\n"
               "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nreject\r\n--b--\r\n") == Wish::approve);
    CHECK(wish("From: karim@example.org\r\nSubject: Re: x\r\n\r\n") == Wish::approve);
}

TEST_CASE("what no person wrote is told from what one wrote")
{
    CHECK(automatic("From: k@x.org\r\nSubject: Re: [rabat] A post waits\r\nIn-Reply-To: <a@b>\r\n\r\n\r\n").empty());
    for (const std::string head :
         {"Auto-Submitted: auto-replied\r\n", "Auto-Submitted: auto-generated\r\n", "Precedence: bulk\r\n",
          "X-Autoreply: yes\r\n", "Return-Path: <>\r\n", "Subject: Automatic reply: A post waits\r\n",
          "Subject: R\u00e9ponse automatique : x\r\n", "Subject: \u0631\u062f \u062a\u0644\u0642\u0627\u0626\u064a: x\r\n",
          "X-Auto-Response-Suppress: All\r\n", "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\r\n",
          "List-Id: <x.org>\r\n", "Precedence: auto_reply\r\n",
          "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n",
          "Content-Type: text/calendar; method=REPLY\r\n"}) {
        CAPTURE(head);
        CHECK_FALSE(automatic("From: k@x.org\r\n" + head + "\r\n\r\n").empty());
    }
}
