#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

#include "core/compose/lines.hpp"
#include "core/compose/notice.hpp"
#include "core/compose/templates.hpp"
#include "core/message/message.hpp"
#include "core/text/ascii.hpp"
#include "tests/unit/compose/copy.hpp"

using namespace majlis;

namespace {

NoticeFace face()
{
    NoticeFace out;
    out.from_name = "MAIMC Rabat";
    out.from_address = "rabat+owner@maimc.org";
    out.to = "admin@maimc.org";
    out.site = "MAIMC";
    out.domain = "maimc.org";
    out.list_id = "rabat.maimc.org";
    out.list_title = "MAIMC Rabat";
    out.now = 1'772'445'600;
    return out;
}

NoticeValues values(const std::string& value)
{
    NoticeValues out;
    for (const char* key : {"list", "subject", "sender", "delivery", "failed", "accepted", "relay", "reason", "until", "address",
                            "inbox", "folder", "from", "size", "limit", "uid"}) {
        out.text[key] = value;
    }
    out.rows["failures"] = {{{"address", value}, {"code", "550"}, {"text", value}}};
    return out;
}

/// The same, and every other name that a template of this notice uses; its sections are filled as well.
NoticeValues values_of(const std::string& name, const std::string& value)
{
    auto out = values(value);
    for (const compose::Template& one : compose::built_in_templates()) {
        if (one.name != name) continue;
        for (auto at = one.text.find("{{"); at != std::string_view::npos; at = one.text.find("{{", at + 2)) {
            const auto begin = one.text.find_first_not_of("{#^/", at);
            out.text.try_emplace(std::string{one.text.substr(begin, one.text.find("}}", begin) - begin)}, value);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("every notice in every language is a sound mail that no robot answers")
{
    CHECK(notice_names().size() >= 7);
    for (const std::string& name : notice_names()) {
        for (const char* language : {"fr", "ar", "en"}) {
            const Notice notice = render_notice(name, language, values_of(name, "Wert-1"), face());
            CAPTURE(name);
            CAPTURE(language);
            CHECK(compose::clean_lines(notice.bytes));
            CHECK(compose::longest_line(notice.bytes) <= compose::max_line);
            CHECK(text::is_ascii(notice.bytes));
            const Message mail = scan_message(notice.bytes);
            CHECK(mail.defects.empty());
            CHECK(mail.oddities.empty());
            const auto& fields = mail.root().fields;
            CHECK(field_text(fields, "From") == "MAIMC Rabat <rabat+owner@maimc.org>");
            CHECK(field_text(fields, "To") == "admin@maimc.org");
            CHECK(field_text(fields, "Subject") == notice.subject);
            CHECK(notice.subject.starts_with('['));  // the site or the list, so that people know whose letter it is
            CHECK(field_text(fields, "Date") == "Mon, 02 Mar 2026 10:00:00 +0000");
            CHECK(message_id(field_of(notice.bytes, "Message-ID")) == notice.message_id);
            CHECK(notice.message_id.ends_with("@maimc.org"));
            CHECK(field_text(fields, "Auto-Submitted") == "auto-generated");
            CHECK(!find_field(fields, "Precedence"));
            CHECK(field_text(fields, "Content-Language") == language);
            CHECK(field_text(fields, "List-Id") == "MAIMC Rabat <rabat.maimc.org>");
            for (const char* of_a_post : {"List-Post", "List-Archive", "Archived-At"}) CHECK(!find_field(fields, of_a_post));
            for (const char* once : {"From:", "MIME-Version:", "Content-Type:", "Content-Transfer-Encoding:"}) {
                CHECK(count_of("\r\n" + std::string{mail.root().header}, "\r\n" + std::string{once}) == 1);
            }
            const std::string text = part_text(mail.root());
            CHECK(text.find("Wert-1") != std::string::npos);
            CHECK(text.find("{{") == std::string::npos);
            CHECK(!text.starts_with("\r\n"));
            CHECK(text.ends_with("\r\n"));
            CHECK(text.find("\r\n\r\n\r\n") == std::string::npos);
        }
    }
}

TEST_CASE("every notice speaks three languages, and names the same values in each")
{
    std::map<std::string, std::map<std::string, std::set<std::string>>> names;  // notice, language
    for (const compose::Template& one : compose::built_in_templates()) {
        auto& used = names[std::string{one.name}][std::string{one.language}];
        for (auto at = one.text.find("{{"); at != std::string_view::npos; at = one.text.find("{{", at + 2)) {
            const auto begin = one.text.find_first_not_of("{#^/", at);
            used.emplace(one.text.substr(begin, one.text.find("}}", begin) - begin));
        }
    }
    for (const auto& [name, languages] : names) {
        CAPTURE(name);
        CHECK(languages.size() == 3);
        for (const auto& [language, used] : languages) CHECK_MESSAGE(used == languages.begin()->second, language);
    }
}

namespace {

/// Whether an Arabic letter stands right before `at`.
bool behind_arabic(std::string_view text, std::size_t at)
{
    return at >= 2 && static_cast<unsigned char>(text[at - 2]) >= 0xd8 && static_cast<unsigned char>(text[at - 2]) <= 0xdb;
}

}  // namespace

TEST_CASE("French and Arabic notices keep to the typography of their language")
{
    for (const compose::Template& one : compose::built_in_templates()) {
        CAPTURE(one.name);
        if (one.language == "fr") {
            // A line must not begin with a colon: the space before it does not break.
            for (const char* wrong : {" :", " ;", " !", " ?", " \u00bb", "\u00ab "})
                CHECK_MESSAGE(one.text.find(wrong) == std::string_view::npos, wrong);
            for (std::size_t at = 1; at + 1 < one.text.size(); ++at)
                if (one.text[at] == '\'') CHECK_MESSAGE(!text::is_letter(one.text[at - 1]), one.text.substr(at - 1, 20));
        }
        if (one.language != "ar") continue;
        for (std::size_t at = 0; at < one.text.size(); ++at)
            if (std::string_view{",;?"}.find(one.text[at]) != std::string_view::npos)
                CHECK_MESSAGE(!behind_arabic(one.text, at), one.text.substr(at, 20));
        for (std::string_view rest = one.text; !rest.empty();) {
            const auto line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(line.size() + 1, rest.size()));
            const auto command = line.find("majlis ");
            const bool arabic = line.find_first_of("\xd8\xd9\xda\xdb") != std::string_view::npos;
            if (arabic && command != std::string_view::npos && text::is_letter(line[command + 7]))
                CHECK_MESSAGE(line.substr(0, command).ends_with("\u2068"), line);
        }
    }
}

TEST_CASE("what is to be copied from an Arabic notice has no marks in it")
{
    NoticeValues given = values("rabat");
    given.text["sender"] = "eve@example.org";
    given.text["posts"] = "30";
    given.text["minutes"] = "10";
    const auto flood = part_text(scan_message(render_notice("owner-flood", "ar", given, face()).bytes).root());
    CHECK(flood.find("\u2068majlis rule add rabat ban eve@example.org\u2069") != std::string::npos);
    CHECK(flood.find("\u2068majlis list set rabat flood=30/10m\u2069") != std::string::npos);
    given.text["confirm_address"] = "rabat+confirm-abc@maimc.org";
    const auto question = part_text(scan_message(render_notice("confirm-join", "ar", given, face()).bytes).root());
    CHECK(question.find("\r\n  rabat+confirm-abc@maimc.org\r\n") != std::string::npos);
}

TEST_CASE("every phrase is one line in three languages")
{
    const std::string evil = "x\r\nBcc: evil {{site}} \x1b[31m \xff \u202e";
    for (const auto& key : phrase_keys()) {
        std::set<std::string> texts;
        for (const char* language : {"fr", "ar", "en"}) {
            CAPTURE(key);
            CAPTURE(language);
            std::map<std::string, std::string> all;
            for (const char* name :
                 {"address", "list",  "list_address", "other", "until",  "name",    "title",           "mode",
                  "at",      "relay", "reply",        "rule",  "reason", "subject", "sender",          "pattern",
                  "field",   "marks", "snippet",      "lists", "id",     "problem", "request_address", "mark",
                  "why",     "limit", "count",        "size",  "word",   "posts",   "minutes",         "defects"})
                all[name] = evil;
            const auto text = render_phrase(key, language, all);
            CHECK(!text.empty());
            CHECK(text.find_first_of("\r\n\x1b") == std::string::npos);
            CHECK(text.find("\u202e") == std::string::npos);
            texts.insert(render_phrase(key, language, {}));
        }
        const bool only_values = key.starts_with("lists-") || key.starts_with("removed-part") || key.starts_with("archive-hit");
        CHECK_MESSAGE((texts.size() == 3 || only_values), key);
    }
}

TEST_CASE("hostile values stay values")
{
    const std::string evil =
        "x\r\nBcc: evil@example.org\r\n\r\n{{reason}} {{{list}}} {{#list}} <b>&amp; \x1b[31m \xff \u202e\u2066" +
        std::string(50'000, 'y');
    NoticeFace bad = face();
    bad.from_name = bad.site = bad.list_title = bad.list_id = bad.in_reply_to = evil;
    for (const std::string& name : notice_names()) {
        for (const char* language : {"fr", "ar", "en"}) {
            const Notice notice = render_notice(name, language, values_of(name, evil), bad);
            const Message mail = scan_message(notice.bytes);
            CHECK(!find_field(mail.root().fields, "Bcc"));
            CHECK(compose::clean_lines(notice.bytes));
            CHECK(compose::longest_line(notice.bytes) <= compose::max_line);
            const std::string text = part_text(mail.root());
            CHECK(text.find('\x1b') == std::string::npos);
            CHECK(text.find("\u202e") == std::string::npos);
            CHECK(text.find("\nBcc") == std::string::npos);
            CHECK(text.find("{{reason}}") != std::string::npos);  // shown, not filled again
            CHECK(text.find("<b>&amp;") != std::string::npos);    // plain text: nothing is escaped
            CHECK(notice.bytes.size() < 100'000);
        }
    }
}

TEST_CASE("an English notice reads as it is written")
{
    NoticeValues given = values("rabat");
    given.text["subject"] = "Meeting";
    given.text["failed"] = "2";
    given.text["accepted"] = "10";
    given.text["delivery"] = "7";
    given.text["sender"] = "a@example.org";
    given.rows["failures"] = {{{"address", "b@example.org"}, {"code", "550"}, {"text", "5.1.1 unknown"}},
                              {{"address", "c@example.org"}, {"code", "552"}, {"text", "5.2.2 full"}}};
    const Notice notice = render_notice("owner-delivery-failed", "en", given, face());
    CHECK(notice.subject == "[MAIMC] Some members of rabat did not receive a post");
    const std::string text = part_text(scan_message(notice.bytes).root());
    CHECK(text.find("Delivery:   7\r\nReceived:   10\r\nGiven up:   2\r\n\r\nWhat the servers answered:\r\n  b@example.org: 550 "
                    "5.1.1 unknown\r\n"
                    "  c@example.org: 552 5.2.2 full\r\n\r\nSingle failures") != std::string::npos);
}

TEST_CASE("fifty failures are listed and the others counted")
{
    NoticeValues given = values("rabat");
    given.rows["failures"].assign(120'000, {{"address", "b@example.org"}, {"code", "550"}, {"text", "no"}});
    const std::string text = part_text(scan_message(render_notice("owner-delivery-failed", "en", given, face()).bytes).root());
    CHECK(count_of(text, "b@example.org: 550 no") == 50);
    CHECK(text.find("... and 119950 more: majlis queue show rabat") != std::string::npos);
}

TEST_CASE("values in Arabic text are isolated")
{
    const Notice notice = render_notice("owner-no-relay", "ar", values("rabat@maimc.org"), face());
    CHECK(part_text(scan_message(notice.bytes).root()).find("\u2068rabat@maimc.org\u2069") != std::string::npos);
    CHECK(notice.subject.find("\u2068rabat@maimc.org\u2069") != std::string::npos);
}

TEST_CASE("each line of an Arabic notice keeps its direction in every reader")
{
    const Notice notice = render_notice("confirm-leave", "ar", values_of("confirm-leave", "rabat"), face());
    std::istringstream lines{part_text(scan_message(notice.bytes).root())};
    std::size_t arabic = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with('\r')) line.pop_back();
        const bool has_arabic = line.find_first_of("\xd8\xd9") != std::string::npos;
        CHECK(line.starts_with("\u200f\u2067") == has_arabic);
        CHECK(line.ends_with("\u2069") == (has_arabic || line.find("\u2068") != std::string::npos));
        arabic += has_arabic ? 1 : 0;
    }
    CHECK(arabic >= 4);
    CHECK(part_text(scan_message(render_notice("confirm-leave", "fr", values_of("confirm-leave", "x"), face()).bytes).root())
              .find("\u2067") == std::string::npos);
}

TEST_CASE("a language without texts gets English, and an unknown notice is an error")
{
    CHECK(render_notice("owner-no-relay", "de", values("x"), face()).subject == "[MAIMC] No relay may send for the list x");
    CHECK_THROWS_AS(render_notice("nothing", "en", values("x"), face()), std::invalid_argument);
    CHECK_THROWS_AS(render_notice("../../../etc/passwd", "en", values("x"), face()), std::invalid_argument);
}

TEST_CASE("a folder of templates replaces ours")
{
    const auto folder = std::filesystem::temp_directory_path() / ("majlis-templates-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder / "fr");
    NoticeFace own = face();
    own.templates = folder;
    std::ofstream{folder / "fr/owner-no-relay.txt"} << "Sujet {{list}}\n\nCorps {{address}}\n";
    const Notice notice = render_notice("owner-no-relay", "fr", values("x"), own);
    CHECK(notice.subject == "Sujet x");
    CHECK(part_text(scan_message(notice.bytes).root()) == "Corps x\r\n");
    CHECK(render_notice("owner-no-relay", "en", values("x"), own).subject == "[MAIMC] No relay may send for the list x");
    std::ofstream{folder / "fr/owner-no-relay.txt"} << "Sujet {{#list}}\n\nCorps\n";
    CHECK_THROWS_AS(render_notice("owner-no-relay", "fr", values("x"), own), std::runtime_error);
    std::ofstream{folder / "fr/owner-no-relay.txt"} << "";
    CHECK_THROWS_AS(render_notice("owner-no-relay", "fr", values("x"), own), std::runtime_error);
    std::filesystem::remove_all(folder);
}

TEST_CASE("an Arabic answer keeps the isolates of its phrases, and no mark that would disturb its line")
{
    const auto shown = [](const std::string& text) {
        NoticeValues all;
        all.rows["results"] = {{{"text", text}}};
        const auto notice = render_notice("command-answer", "ar", all, face());
        return part_text(scan_message(notice.bytes).root());
    };
    const auto phrase = render_phrase("whoami-owner", "ar", {{"name", "rabat"}});
    CHECK(phrase.find("\u2068rabat\u2069") != std::string::npos);
    CHECK(shown(phrase).find(phrase) != std::string::npos);
    CHECK(shown("\u0623\u0645\u064a\u0646\u0629 B <a@example.org>").find("B \u2068<a@example.org>\u2069\u2069") !=
          std::string::npos);
    // Without an Arabic letter there is nothing to keep apart.
    const auto latin = render_phrase("lists-name", "ar", {{"name", "rabat"}, {"other", "rabat@maimc.org"}});
    CHECK(shown(latin).find("  rabat: rabat@maimc.org\r\n") != std::string::npos);
    for (const char* evil : {"\u2069x\u2068", "\u2068x", "\u202ex\u2068y\u2069"})
        CHECK(shown(evil).find('?') != std::string::npos);
}
