#include "core/archive/mbox.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace majlis::archive;

namespace {

std::vector<MboxMail> read(const std::string& mbox, std::size_t max_bytes = 1'000'000)
{
    std::istringstream in{mbox};
    MboxReader reader{in, max_bytes};
    std::vector<MboxMail> mails;
    while (auto mail = reader.next()) mails.push_back(std::move(*mail));
    return mails;
}

constexpr std::int64_t noon = 1'700'000'000;

}  // namespace

TEST_CASE("what is written as mbox is read as it was, and written again byte for byte")
{
    const std::string mails[] = {
        "Subject: a\n\nFrom here on\n>From there\n\n>>From far\nFrom x Thu Jan  1 10:00:00 2015\nend\n",
        "Subject: b\r\n\r\nlines of the net\r\n\r\n\r\n",
        "Subject: c\n\nno end of line",
        "Subject: d\n\n\xff\xfe\0 bytes\n",
        "Subject: e\n\nreturns\r\r\n\rin\rbetween\n\n\n",
    };
    std::string mbox;
    for (const auto& mail : mails) mbox += mbox_entry(mail, "anna@example.org", noon);
    const auto back = read(mbox);
    REQUIRE(back.size() == std::size(mails));
    std::string again;
    for (std::size_t i = 0; i < back.size(); ++i) {
        CHECK(back[i].problem.empty());
        CHECK(back[i].raw == unix_lines(mails[i]));
        CHECK(back[i].received_at == noon);
        again += mbox_entry(back[i].raw, "anna@example.org", back[i].received_at);
    }
    CHECK(again == mbox);
    CHECK(back[1].position == back[0].end);
    CHECK(back.back().end == mbox.size());
}

TEST_CASE("an entry's first line is what RFC 4155 asks for")
{
    CHECK(mbox_entry("a: b\n\nc\n", "anna@example.org", noon) == "From anna@example.org Tue Nov 14 22:13:20 2023\na: b\n\nc\n\n");
    CHECK(mbox_entry("a: b\n", "", 0).starts_with("From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n"));
    CHECK(mbox_entry("a: b\n", "x\n@y", 0).starts_with("From x@y "));
}

TEST_CASE("only a line with a date, after an empty line, begins a mail")
{
    const auto mails = read(
        "From anna at example.org  Thu Jan  1 10:00:00 2015\nSubject: a\n\nFrom now on we meet on Mon\n\nFrom the "
        "bureau\nlast\n\n"
        "From bert@example.org Fri Jan  2 10:00:00 2015\r\nSubject: b\r\n\r\nx\r\n");
    REQUIRE(mails.size() == 2);
    CHECK(mails[0].raw == "Subject: a\n\nFrom now on we meet on Mon\n\nFrom the bureau\nlast\n");
    CHECK(mails[0].received_at == 1'420'106'400);
    CHECK(mails[1].raw == "Subject: b\r\n\r\nx\r\n");
}

TEST_CASE("where the empty line between two mails is missing, an address and a field tell that one begins")
{
    const std::string begin = "From anna@example.org Thu Jan  1 10:00:00 2015\n";
    const auto mails = read(begin + "Subject: a\n\nlast\n" + begin + "Subject: b\n\nx\n" + begin + "and so on\n" +
                            "From 0123456789abcdef Mon Sep 17 00:00:00 2001\nSubject: a patch\n" + begin);
    REQUIRE(mails.size() == 2);
    CHECK(mails[0].raw == "Subject: a\n\nlast\n");
    CHECK(mails[1].raw == "Subject: b\n\nx\n" + begin + "and so on\nFrom 0123456789abcdef Mon Sep 17 00:00:00 2001\n" +
                              "Subject: a patch\n" + begin);
    CHECK(mails[1].position == mails[0].end);
    // Wherever the reader's blocks end.
    std::string mbox;
    for (std::size_t n = 0; n < 3'000; ++n)
        mbox += begin + "Subject: " + std::to_string(n) + "\n\n" + std::string(n % 97, 'x') + "\n";
    const auto many = read(mbox);
    REQUIRE(many.size() == 3'000);
    for (std::size_t n = 0; n < many.size(); ++n)
        REQUIRE(many[n].raw == "Subject: " + std::to_string(n) + "\n\n" + std::string(n % 97, 'x') + (n % 97 == 0 ? "" : "\n"));
}

TEST_CASE("what is no mail is told by its place, and the next one is read")
{
    const auto mails = read(
        "rubbish\nmore\n\n" + mbox_entry("a: b\n\n" + std::string(500, 'x') + "\n", "", 0) + mbox_entry("c: d\n\ny\n", "", 0),
        100);
    REQUIRE(mails.size() == 3);
    CHECK(mails[0].problem.find("no mbox") != std::string::npos);
    CHECK(mails[1].problem.find("larger") != std::string::npos);
    CHECK(mails[1].position == 14);
    CHECK(mails[2].raw == "c: d\n\ny\n");
    CHECK(read("").empty());
    CHECK(read("\n\n\n").empty());
}

TEST_CASE("reading goes on where it ended")
{
    const auto first = mbox_entry("a: b\n\nx\n", "", 0);
    std::istringstream in{first + mbox_entry("c: d\n\ny\n", "", 0)};
    in.seekg(static_cast<std::streamoff>(first.size()));
    MboxReader reader{in, 1'000, first.size()};
    const auto mail = reader.next();
    REQUIRE(mail);
    CHECK(mail->raw == "c: d\n\ny\n");
    CHECK(mail->position == first.size());
}

TEST_CASE("a line without end is no trouble")
{
    const std::string body(1'000'000, 'F');
    const auto mails = read(mbox_entry("a: b\n\n" + body, "", 0), 2'000'000);
    REQUIRE(mails.size() == 1);
    CHECK(mails[0].raw.size() == body.size() + 7);
}
