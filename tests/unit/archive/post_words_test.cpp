#include "core/archive/post_words.hpp"

#include <doctest/doctest.h>

using namespace majlis;
using namespace majlis::archive;

TEST_CASE("the words of a post stand in columns of their own, quoted text apart")
{
    const std::string raw =
        "From: =?utf-8?q?Am=C3=A9lie?= <amelie@example.org>\r\nSubject: =?utf-8?b?2KfZhNmF2YrYstin2YbZitip?=\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; "
        "charset=utf-8\r\n\r\n"
        "<p>Bonjour &eacute;t&eacute;</p><script>secret</script>\r\n--b\r\nContent-Type: application/pdf; "
        "name=\"Proc\xc3\xa8s-verbal.pdf\"\r\n"
        "Content-Disposition: attachment\r\n\r\nPDF\r\n--b--\r\n";
    const auto words = post_words(scan_message(raw));
    CHECK(words.author == "amelie amelie example org");
    CHECK(words.body == "bonjour ete");
    CHECK(words.files == "proces verbal pdf");
    CHECK(words.attachments == 1);
    CHECK(words.subject == "ميزانيه");
}

TEST_CASE("what is quoted is told from what somebody wrote")
{
    const auto split = split_quotes("Oui.\n> la question\n >> plus tôt\nmerci\n-----Message d'origine-----\nDe: x\nvieux\n");
    CHECK(split.own == "Oui.\nmerci\n");
    CHECK(split.quoted == "> la question\n >> plus tôt\n-----Message d'origine-----\nDe: x\nvieux\n");
}

TEST_CASE("References are read, else In-Reply-To, and no more than are useful")
{
    const auto of = [](const std::string& header) { return references_of(scan_message(header + "\r\n\r\nx")); };
    CHECK(of("References: <a@x> <b@x>\r\nIn-Reply-To: <c@x>") == std::vector<std::string>{"a@x", "b@x"});
    CHECK(of("In-Reply-To: Your mail of Monday <c@x>").back() == "c@x");
    CHECK(of("Message-ID: <me@x>\r\nReferences: <a@x> <me@x> <a@x>") == std::vector<std::string>{"a@x"});
    std::string many = "References:";
    for (int i = 0; i < 10'000; ++i) many += " <" + std::to_string(i) + "@x>";
    const auto ids = of(many);
    CHECK(ids.size() == 11);
    CHECK(ids.front() == "0@x");
}
