#include "core/policy/administrivia.hpp"

#include <doctest/doctest.h>

using namespace majlis;

namespace {

enum class Is { post, command, perhaps };

Is judged(std::string_view mail)
{
    const auto found = command_by_mistake(scan_message(mail));
    if (found.word.empty()) return Is::post;
    return found.doubtful ? Is::perhaps : Is::command;
}

std::string mail(std::string_view subject, std::string_view text)
{
    return "From: a@b.org\nSubject: " + std::string{subject} + "\n\n" + std::string{text};
}

const std::string essay(300, 'x');

}  // namespace

TEST_CASE("a Subject that is a command and nothing else is one")  // B-036, B-038
{
    const struct {
        std::string_view subject;
        Is is;
    } table[] = {
        {"unsubscribe", Is::command},
        {"UNSUBSCRIBE", Is::command},
        {"Subscribe", Is::command},
        {"join", Is::command},
        {"help", Is::command},
        {"d\u00e9sabonnement", Is::command},
        {"desinscription", Is::command},
        {"=?utf-8?q?D=C3=A9sabonnement?=", Is::command},
        {"\u0625\u0644\u063a\u0627\u0621 \u0627\u0644\u0627\u0634\u062a\u0631\u0627\u0643", Is::command},
        {"\u0645\u0633\u0627\u0639\u062f\u0629", Is::command},
        {"[Rabat] unsubscribe", Is::command},
        {"set digest daily", Is::command},
        {"set language ar", Is::command},
        {"confirm abcdefghijklmnopqrstuvwxyz", Is::command},
        {"Re: unsubscribe", Is::perhaps},
        {"confirm", Is::post},
        {"help me with this", Is::post},
        {"set", Is::post},
        {"set digest", Is::post},
        {"why do people unsubscribe?", Is::post},
        {"Join us on Sunday at noon", Is::post},
        {"language", Is::post},
        {"archive", Is::post},
        {"end", Is::post},
        {"", Is::post},
    };
    for (const auto& row : table) {
        CAPTURE(row.subject);
        CHECK(static_cast<int>(judged(mail(row.subject, "Hello all\n"))) == static_cast<int>(row.is));
    }
}

TEST_CASE("a long text under the Subject \"help\" asks the readers, not the list manager")
{
    CHECK(static_cast<int>(judged(mail("Help", essay))) == static_cast<int>(Is::perhaps));
    CHECK(static_cast<int>(judged(mail("unsubscribe", essay))) == static_cast<int>(Is::command));
}

TEST_CASE("a command is found within the first ten lines that are not blank")  // B-037
{
    CHECK(static_cast<int>(judged(mail("Hello", "\n\n  unsubscribe\n"))) == static_cast<int>(Is::command));
    CHECK(static_cast<int>(judged(mail("Hello", "Dear all\n\nunsubscribe\n"))) == static_cast<int>(Is::perhaps));
    std::string text;
    for (int i = 0; i < 9; ++i) text += "a line\n\n";
    CHECK(static_cast<int>(judged(mail("Hello", text + "unsubscribe\n"))) == static_cast<int>(Is::perhaps));
    CHECK(static_cast<int>(judged(mail("Hello", text + "a line\nunsubscribe\n"))) == static_cast<int>(Is::post));
    CHECK(static_cast<int>(judged(mail("Hello", "> unsubscribe\nNo, do not.\n"))) == static_cast<int>(Is::post));
    CHECK(static_cast<int>(judged(mail("Hello", "Ciao\n-- \nunsubscribe\n"))) == static_cast<int>(Is::post));
}

TEST_CASE("a command is found in base64, and in HTML where there is no plain text, but in no attachment")  // B-039
{
    CHECK(static_cast<int>(judged("Subject: x\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
                                  "dW5zdWJzY3JpYmUK\n")) == static_cast<int>(Is::command));
    CHECK(static_cast<int>(judged("Subject: x\nContent-Type: text/html\n\n<div>Unsubscribe</div><br>\n")) ==
          static_cast<int>(Is::command));
    CHECK(static_cast<int>(judged("Subject: x\nContent-Type: text/html\n\n<p>Dear all<blockquote>unsubscribe</blockquote>\n")) ==
          static_cast<int>(Is::post));
    CHECK(static_cast<int>(judged("Subject: x\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nHello\n--b\n"
                                  "Content-Type: text/html\n\nunsubscribe\n--b--\n")) == static_cast<int>(Is::post));
    CHECK(static_cast<int>(judged("Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\n"
                                  "Content-Type: text/plain; name=\"a.txt\"\nContent-Disposition: attachment\n\nunsubscribe\n"
                                  "--b--\n")) == static_cast<int>(Is::post));
}

TEST_CASE("a password meant for another list manager reaches nobody, nor is it repeated")  // B-028, B-032
{
    const auto found = command_by_mistake(scan_message(mail("Hello", "\nApproved: s3cret\nDear all\n")));
    CHECK(found.word == "Approved");
    CHECK_FALSE(found.doubtful);
    CHECK(static_cast<int>(judged(mail("Hello", "Dear all\nApproved: by the board\n"))) == static_cast<int>(Is::post));
    CHECK(static_cast<int>(judged(mail("Hello", "approved:\n"))) == static_cast<int>(Is::post));
}

TEST_CASE("mail that nobody can read holds no command")  // B-033, B-034
{
    CHECK(static_cast<int>(judged("Subject: x\nContent-Type: text/plain; charset=nonsense\n\n\xff\xfe\x80\n")) ==
          static_cast<int>(Is::post));
    CHECK(static_cast<int>(judged("")) == static_cast<int>(Is::post));
    CHECK(static_cast<int>(judged("\n\n" + std::string(200'000, '\n'))) == static_cast<int>(Is::post));
}

TEST_CASE("an answer to a whole digest is told")  // B-048
{
    const std::string rule(70, '-');
    CHECK_FALSE(quoted_digest(scan_message(mail("Re: Rabat Digest, Vol 3, Issue 12", "I agree"))).empty());
    CHECK_FALSE(quoted_digest(scan_message(mail("Re: x", "I agree\n\n> Today's Topics:\n> " + rule + "\n> Hello\n"))).empty());
    CHECK(quoted_digest(scan_message(mail("Re: x", rule + "\nmine\n"))).empty());
    CHECK(quoted_digest(scan_message(mail("Re: x", "> " + rule + "-\n"))).empty());
    CHECK(quoted_digest(scan_message(mail("A digest of the meeting", "Hello"))).empty());
}
