#include "core/reports/report.hpp"

#include <doctest/doctest.h>

#include "core/reports/index.hpp"
#include "core/reports/markdown.hpp"

using namespace majlis;
using namespace majlis::reports;

namespace {

constexpr std::int64_t received = 1'772'445'600;  // Mon, 02 Mar 2026 10:00:00 UTC

const char* const minutes =
    "From: \"Amina B.\" <amina@x.org>\r\n"
    "Date: Sun, 01 Mar 2026 23:30:00 +0000\r\n"
    "Subject: =?utf-8?q?=5BCR=5D_R=C3=A9union_du_bureau?=\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    "Bonjour,\r\nnous avons parl\xc3\xa9 de <script>alert(1)</script>.\r\n\r\n- un\r\n- deux\r\n-- \r\nAmina\r\n"
    "--b\r\nContent-Type: application/pdf; name=\"budget 1.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n"
    "--b--\r\n";

Place place()
{
    return {.section = "rabat", .language = "fr", .zone = "Europe/Paris", .author_fallback = "", .received_at = received};
}

}  // namespace

TEST_CASE("the tag marks a report, behind a Re: it marks a correction or talk about it")
{
    CHECK(report_mark("[CR] Bureau", "[CR]") == Mark::report);
    CHECK(report_mark("[rabat] [cr] Bureau", "[CR]") == Mark::report);
    CHECK(report_mark("Re: [rabat] RE : [CR] Bureau", "[CR]") == Mark::reply);
    CHECK(report_mark("رد: [CR] Bureau", "[CR]") == Mark::reply);
    CHECK(report_mark("Bureau [CR]", "[CR]") == Mark::none);
    CHECK(report_mark("[CRM] Bureau", "[CR]") == Mark::none);
    CHECK(report_mark("[CR] Bureau", "") == Mark::none);
}

TEST_CASE("a report becomes a page and its files, without an address and without live HTML")
{
    const auto report = make_report(scan_message(minutes), place(), Version::first);
    CHECK(report.folder == "rabat/2026/2026-03-02-reunion-du-bureau");  // the date of the place: there it was past midnight
    CHECK(report.title == "Réunion du bureau");
    CHECK(report.author == "Amina B.");
    REQUIRE(report.files.size() == 2);
    CHECK(report.files[0].path == "README.md");
    const auto& page = report.files[0].bytes;
    CHECK(page.find("# Réunion du bureau\n") == 0);
    CHECK(page.find("- **Section**: rabat\n- **Date**: 2026-03-02\n- **Auteur**: Amina B.\n") != std::string::npos);
    CHECK(page.find("Bonjour,  \nnous avons parl\xc3\xa9 de &lt;script>alert(1)&lt;/script>.\n\n- un\n- deux\n") !=
          std::string::npos);
    CHECK(page.find("[budget\\_1.pdf](budget_1.pdf)") != std::string::npos);
    CHECK(page.find('@') == std::string::npos);
    CHECK(page.find("-- ") == std::string::npos);
    CHECK(report.files[1].path == "budget_1.pdf");
    CHECK(report.files[1].bytes == "%PDF");
}

TEST_CASE("a date that cannot be gives way to the day on which the mail came")
{
    for (const char* date : {"Thu, 01 Jan 1970 00:00:00 +0000", "Fri, 01 Jan 2038 00:00:00 +0000", "yesterday"}) {
        const std::string mail = "From: a@x.org\r\nSubject: [CR]\r\nDate: " + std::string{date} + "\r\n\r\nText\r\n";
        const auto report = make_report(scan_message(mail), place(), Version::first);
        CHECK(report.folder == "rabat/2026/2026-03-02-compte-rendu");
        CHECK(report.author.empty());
    }
}

TEST_CASE("a correction is told from talk about the report by what it brings")
{
    const std::string head = "From: a@x.org\r\nSubject: Re: [CR] B\r\n\r\n";
    const std::string thanks = head + "Merci !\r\n\r\nLe 2 mars, Amina a ecrit :\r\n> " + std::string(500, 'x') + "\r\n";
    const std::string again = head + std::string(300, 'y') + "\r\n";
    CHECK_FALSE(replaces(scan_message(thanks), 500));
    CHECK(replaces(scan_message(again), 500));
    CHECK(replaces(scan_message(minutes), 100'000));
    // What comes with every letter of somebody corrects nothing.
    const auto with = [&](const std::string& part) {
        return "From: a@x.org\r\nSubject: Re: [CR] B\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nMerci "
               "!\r\n--b\r\n" +
               part + "\r\n\r\nx\r\n--b--\r\n";
    };
    CHECK_FALSE(replaces(scan_message(with("Content-Type: image/png; name=logo.png\r\nContent-ID: <logo>")), 500));
    CHECK_FALSE(replaces(scan_message(with("Content-Type: application/pgp-signature; name=signature.asc")), 500));
    CHECK(replaces(scan_message(with("Content-Type: image/png; name=page1.png\r\nContent-Disposition: attachment")), 500));
    CHECK(replaces(scan_message(with("Content-Type: application/pdf")), 500));
    CHECK(is_reply("Re: [CR] B"));
    CHECK_FALSE(is_reply("[CR] Re"));
    const auto report = make_report(scan_message(thanks), place(), Version::correction);
    CHECK(report.files[0].bytes.find("xxx") == std::string::npos);
    CHECK(report.files[0].bytes.find("ecrit") == std::string::npos);
    CHECK(report.files[0].bytes.find("Merci !") != std::string::npos);
}

TEST_CASE("a correction shows nothing of what programs put around the report that they quote")
{
    const std::string head = "From: a@x.org\r\nSubject: Re: [CR] B\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
    const std::string better = "Le budget est de 200 dirhams.\r\n\r\n";
    const std::string old = "Le budget est de 100 dirhams, et voici pourquoi.\r\n";
    const std::vector<std::string> quotes{
        "Le lun. 2 mars 2026 \u00e0 10:05, Amina Bennani <amina@x.org>\r\na \u00e9crit :\r\n\r\n> " + old,
        "On Mon, 2 Mar 2026 at 10:05, Amina Bennani via Rabat\r\n<rabat@x.org> wrote:\r\n> " + old,
        "-----Message d'origine-----\r\nDe : Amina <amina@x.org>\r\nObjet : [CR] B\r\n\r\n" + old,
        "________________________________\r\nDe : Amina <amina@x.org>\r\nEnvoy\u00e9 : lundi 2 mars\r\n\u00c0 : "
        "rabat@x.org\r\nObjet : [CR] B\r\n\r\n" +
            old,
    };
    for (const auto& quote : quotes) {
        CAPTURE(quote);
        const auto report = make_report(scan_message(head + better + quote), place(), Version::correction);
        const auto& page = report.files[0].bytes;
        CHECK(page.find("200 dirhams") != std::string::npos);
        CHECK(page.find("100 dirhams") == std::string::npos);
        CHECK(page.find('@') == std::string::npos);
        CHECK(page.find("crit") == std::string::npos);
        CHECK(report.text_bytes == std::string{"Le budget est de 200 dirhams."}.size());
    }
    // Minutes have headings too.
    const std::string formal =
        "Association\r\nDe : le bureau\r\nDate : 2 mars\r\nObjet : budget\r\n\r\nD\u00e9cisions :\r\n\r\n- un\r\n";
    const auto kept = make_report(scan_message(head + formal), place(), Version::correction);
    CHECK(kept.files[0].bytes.find("- un") != std::string::npos);
    // Forwarded as it is, there is no text above it that could stand alone.
    const auto whole = make_report(scan_message(head + quotes[2]), place(), Version::correction);
    CHECK(whole.files[0].bytes.find("100 dirhams") != std::string::npos);
}

TEST_CASE("names that people gave cannot break the page")
{
    CHECK(escaped("a <b> [c](d) `e`") == "a &lt;b> \\[c\\](d) \\`e\\`");
    CHECK(reports::link("x](javascript:y)", "a b.pdf") == "[x\\](javascript:y)](a%20b.pdf)");
    CHECK(markdown_body("see <https://x.org/a>\n") == "see <https://x.org/a>\n");
}

TEST_CASE("a section has a page of its years, and a year one of its reports, the newest first")
{
    const std::vector<Entry> entries{{"rabat/2025/2025-12-01-a", "A", "Ann", "2025-12-01"},
                                     {"rabat/2026/2026-01-02-b", "B <i>", "", "2026-01-02"},
                                     {"rabat/2026/2026-03-02-c", "C", "Cid", "2026-03-02"}};
    const auto pages = index_pages("rabat", "MAIMC Rabat", entries);
    REQUIRE(pages.size() == 3);
    CHECK(pages[0].path == "rabat/2026/README.md");
    CHECK(pages[0].bytes ==
          "# MAIMC Rabat, 2026\n\n- 2026-03-02 [C](2026-03-02-c/README.md) (Cid)\n- 2026-01-02 [B "
          "&lt;i>](2026-01-02-b/README.md)\n");
    CHECK(pages[2].path == "rabat/README.md");
    CHECK(pages[2].bytes == "# MAIMC Rabat\n\n- [2026](2026/README.md) (2)\n- [2025](2025/README.md) (1)\n");
}
