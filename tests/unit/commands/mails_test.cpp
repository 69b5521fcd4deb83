#include <doctest/doctest.h>

#include <string>

#include "core/commands/commands.hpp"

using namespace majlis;
using namespace majlis::commands;

namespace {

std::string all(const Commands& commands)
{
    std::string out;
    for (const auto& line : commands.lines)
        out += (out.empty() ? "" : "; ") + (line.runs() ? line.canonical() : "(" + line.text + ")");
    for (const auto& line : commands.unprocessed) out += " | " + line;
    return out;
}

std::string read(const std::string& mail) { return all(read_commands(scan_message(mail))); }

std::string plain(const std::string& body, const std::string& subject = "")
{
    return "From: a@example.org\r\nSubject: " + subject + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("commands stand in the Subject, else in the first lines of the body")
{
    CHECK(read(plain("", "subscribe")) == "join");
    CHECK(read(plain("", "Re: join")) == "join");
    CHECK(read(plain("", "=?utf-8?B?2KfYtNiq2LHYp9mD?=")) == "join");
    CHECK(read(plain("join\r\nset language fr\r\n")) == "join; set language fr");
    CHECK(read(plain("set digest daily\r\n", "Hello")) == "set digest daily");
    CHECK(read(plain("subscribe\r\n", "subscribe")) == "join");
    CHECK(read(plain("Dear list,\r\nI would like to join.\r\n", "join")) == "join | Dear list, | I would like to join.");
    CHECK(read(plain("whoami\r\n", "lists")) == "lists; whoami");
    CHECK(read(plain("", "Help with my account")) == "(Help with my account)");
    CHECK(read(plain("", "")) == "");
}

TEST_CASE("quotes, signatures and footers of phones are not run")
{
    CHECK(read(plain("help\r\n-- \r\nleave\r\n")) == "help");
    CHECK(read(plain("help\r\n\r\nSent from my iPhone\r\nleave\r\n")) == "help");
    CHECK(read(plain("help\r\n\r\nEnvoyé de mon iPhone\r\nleave\r\n")) == "help");
    CHECK(read(plain("help\r\n\r\nأُرسلت من الـ iPhone\r\nleave\r\n")) == "help");
    CHECK(read(plain("> leave\r\nhelp\r\n> join\r\n")) == "help");
    CHECK(read(plain("help\r\n\r\nOn Monday, Ann <ann@example.org> wrote:\r\nleave\r\n")) == "help");
    CHECK(read(plain("help\r\n\r\nLe lundi 3 mars, Ann <ann@example.org>\r\na écrit :\r\nleave\r\n")) == "help");
    CHECK(read(plain("help\r\n________________________________\r\nFrom: x\r\nleave\r\n")) == "help");
    CHECK(read(plain("help\r\n-----Original Message-----\r\nleave\r\n")) == "help");
    CHECK(read(plain("help\r\n\r\nفي 3 مارس كتبت آن <ann@example.org>:\r\nleave\r\n")) == "help");
}

TEST_CASE("end or stop ends, and what follows is listed")
{
    CHECK(read(plain("lists\r\nend\r\njoin\r\n")) == "lists | join");
    CHECK(read(plain("lists\r\nSTOP\r\njoin\r\nleave")) == "lists | join | leave");
}

TEST_CASE("unknown lines are listed, and after a few of them reading ends")
{
    CHECK(read(plain("frobnicate\r\njoin\r\n")) == "(frobnicate); join");
    CHECK(read(plain("a\r\nb\r\nc\r\nd\r\ne\r\nf\r\njoin\r\n")) == "(a); (b); (c); (d); (e) | f | join");
    std::string many;
    for (int i = 0; i < 200; ++i) many += "why <" + std::to_string(i) + "@example.org>\r\n";
    const auto read = read_commands(scan_message(plain(many)));
    CHECK(read.lines.size() == most_lines);
    CHECK(read.unprocessed.size() == most_unprocessed);
}

TEST_CASE("any transfer encoding, charset and HTML alone are understood")
{
    CHECK(read("From: a@example.org\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
               "c2V0IGxhbmd1YWdlIGFyCg==\r\n") == "set language ar");
    CHECK(read("From: a@example.org\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: "
               "quoted-printable\r\n\r\nd=E9sinscription\r\n") == "leave");
    CHECK(read("From: a@example.org\r\nContent-Type: text/plain; charset=windows-1256\r\n\r\n\xc7\xd4\xca\xd1\xc7\xdf\r\n") ==
          "join");
    CHECK(
        read("From: a@example.org\r\nContent-Type: text/html\r\n\r\n<html><head><style>leave</style></head><body><div>help</div>"
             "<div>set mail off</div></body></html>\r\n") == "help; set mail off");
    CHECK(read("From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n"
               "Content-Type: text/plain\r\n\r\nwhoami\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>leave</p>\r\n--b--\r\n") ==
          "whoami");
}

TEST_CASE("a reply may say no")
{
    for (const char* text : {"No, I never asked for this.", "NON", "non merci", "لا", "Cancel please", "لا، شكرا"})
        CHECK_MESSAGE(consent_in(text) == Consent::no, text);
    for (const char* text : {"", "yes", "Now I join", "OK", "Notre association", "\nOui, merci !\nPasteur", "Je confirme.\nNoé",
                             "نعم، أؤكد", "https://example.org/?x Amina", "Thanks\nAmina\nRabat\nNot far from the sea"})
        CHECK_MESSAGE(consent_in(text) == Consent::yes, text);
    for (const char* text :
         {"I did not ask for this.", "Hello,\nI didn’t write that!", "Who are you?", "Please remove me", "Ce n'est pas moi",
          "Bonjour,\nje n’ai rien demandé.", "Qui êtes-vous ?", "C'est quoi ?", "Merci de me désinscrire", "لم أطلب هذا",
          "مرحبا، من أنتم؟", "ليس أنا من كتبها", "help", "aide", "This is spam"})
        CHECK_MESSAGE(consent_in(text) == Consent::unclear, text);
}

TEST_CASE("hostile bodies are read quickly")
{
    CHECK(read(plain(std::string(2'000'000, '\n'))) == "");
    CHECK(read(plain(std::string(2'000'000, 'a'))) != "join");
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "On a wrote\r\n";
    CHECK(read(plain(deep)).size() < 5'000);
    CHECK(read(plain(std::string("join\0leave", 10))) != "leave");
}
