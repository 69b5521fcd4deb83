#include "core/lists/settings.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

using namespace majlis;

TEST_CASE("every default is a value that its own check accepts as it stands")
{
    std::set<std::string_view> names;
    for (const SettingKey& key : setting_keys()) {
        CAPTURE(std::string{key.name});
        CHECK(check_setting(key.name, key.fallback).value() == key.fallback);
        CHECK_FALSE(key.help.empty());
        CHECK(names.insert(key.name).second);
        CHECK(find_setting(key.name)->name == key.name);
    }
    CHECK(names.size() == 29);
}

TEST_CASE("a value is stored in one spelling")
{
    struct Sample {
        std::string key, value, stored;
    };
    const Sample samples[] = {
        {"posting", " Moderated ", "moderated"},
        {"from", "rewrite_if_needed", "rewrite-if-needed"},
        {"subscribe", "confirm+moderate", "confirm+moderate"},
        {"max_size", "1048576", "1MB"},
        {"max_size", "500 kb", "500KB"},
        {"max_size", "0", "0"},
        {"emergency", "yes", "on"},
        {"welcome", "false", "off"},
        {"flood", "30 / 600s", "30/10m"},
        {"flood", "0", "off"},
        {"held_expire", "2w", "14d"},
        {"bounce_warnings",
         "3\xc3\x97"
         "7d",
         "3x7d"},
        {"bounce_warnings", "2X1w", "2x7d"},
        {"bounce_warnings", "0", "0x7d"},
        {"attachments", "DENY: .exe .js,application/*", "deny .exe, .js, application/*"},
        {"attachments", "allow image/*", "allow image/*"},
        {"subject_tag", "", ""},
        {"title", " Rabat ", "Rabat"},
        {"footer", "one\r\ntwo\n", "one\ntwo"},
        {"archive_url", "https://maimc.org/a", "https://maimc.org/a"},
        {"bounce_threshold", "5", "5"},
        {"language", "AR", "ar"},
    };
    for (const Sample& s : samples) {
        CAPTURE(s.key + "=" + s.value);
        const auto stored = check_setting(s.key, s.value);
        REQUIRE(stored.has_value());
        CHECK(*stored == s.stored);
        CHECK(check_setting(s.key, s.stored).value() == s.stored);
    }
}

TEST_CASE("a wrong value is refused with what may stand there")
{
    struct Sample {
        std::string key, value, part;
    };
    const Sample samples[] = {
        {"posting", "everybody", "members, anyone, moderators, moderated"},
        {"posting", "", "members, anyone"},
        {"posting", "members, anyone", "members, anyone"},
        {"language", "de", "fr, ar, en"},
        {"max_size", "big", "500KB"},
        {"max_size", "2GB", "500KB"},
        {"flood", "30", "30/10m"},
        {"flood", "0/10m", "30/10m"},
        {"held_expire", "14", "14d"},
        {"bounce_warnings", "3", "3x7d"},
        {"bounce_threshold", "0", "from 1"},
        {"first_posts_held", "-1", "number"},
        {"first_posts_held", "9999999999", "number"},
        {"archive_url", "javascript:x", "https://"},
        {"archive_url", "https://a b", "https://"},
        {"subject_tag", "[a]\nBcc: x", "60 bytes"},
        {"subject_tag", std::string(61, 'x'), "60 bytes"},
        {"title", "\xff", "text"},
        {"attachments", "allow", "image/*"},
        {"attachments", "deny exe", "image/*"},
        {"subjct_tag", "x", "did you mean 'subject_tag'"},
        {"nonsense\x1b[31m", "x", "there is no setting 'nonsense?[31m'; there are title"},
    };
    for (const Sample& s : samples) {
        CAPTURE(s.key + "=" + s.value);
        const auto stored = check_setting(s.key, s.value);
        REQUIRE_FALSE(stored.has_value());
        CAPTURE(stored.error().message);
        CHECK(stored.error().message.find(s.part) != std::string::npos);
    }
}

namespace {
const ResolvedSetting& of(const std::vector<ResolvedSetting>& all, std::string_view key)
{
    for (const ResolvedSetting& setting : all) {
        if (setting.key == key) return setting;
    }
    throw std::logic_error{"no such key"};
}
}  // namespace

TEST_CASE("a list inherits from the nearest list above that says something")
{
    const std::vector<ListSettings> chain{
        {"maimc", {{"posting", "anyone", Fixed::no}, {"reply_to", "list", Fixed::no}, {"title", "MAIMC", Fixed::no}}},
        {"maroc", {{"posting", "moderated", Fixed::no}, {"subject_tag", "[maroc]", Fixed::no}, {"footer", "Maroc", Fixed::no}}},
        {"rabat", {{"title", "Rabat", Fixed::no}}},
    };
    const auto all = resolve_each(chain);
    CHECK(all.size() == setting_keys().size());
    CHECK(of(all, "posting").value == "moderated");
    CHECK(of(all, "posting").from == "maroc");
    CHECK(of(all, "reply_to").from == "maimc");
    CHECK(of(all, "max_size").value == "1MB");
    CHECK(of(all, "max_size").from.empty());
    const Settings settings = resolve(chain);
    CHECK(settings.title == "Rabat");
    CHECK(settings.subject_tag.empty());
    CHECK(settings.footer == "Maroc");
    CHECK(settings.posting == Posting::moderated);
    CHECK(settings.reply_to == ReplyTo::list);
}

TEST_CASE("what a list fixes binds all below, the topmost first")
{
    const std::vector<ListSettings> chain{
        {"maimc", {{"posting", "moderated", Fixed::yes}}},
        {"maroc", {{"posting", "anyone", Fixed::yes}, {"html", "remove", Fixed::yes}}},
        {"rabat", {{"posting", "members", Fixed::no}, {"html", "keep", Fixed::no}, {"archive", "off", Fixed::yes}}},
    };
    const auto all = resolve_each(chain);
    CHECK(of(all, "posting").value == "moderated");
    CHECK(of(all, "posting").above == Fixed::yes);
    CHECK(of(all, "posting").bound_by == "maimc");
    CHECK(of(all, "html").value == "remove");
    CHECK(of(all, "html").bound_by == "maroc");
    CHECK(of(all, "archive").value == "off");
    CHECK(of(all, "archive").above == Fixed::no);
    CHECK(check_fixed("posting").has_value());
    CHECK_FALSE(check_fixed("title").has_value());
    CHECK_FALSE(check_fixed("nonsense").has_value());
}

TEST_CASE("all values come out typed")
{
    const Settings fresh = resolve({});
    CHECK(fresh.max_size == 1024 * 1024);
    CHECK(fresh.flood.posts == 30);
    CHECK(fresh.flood.seconds == 600);
    CHECK(fresh.held_expire == 14 * 86400);
    CHECK(fresh.bounce_warnings.count == 3);
    CHECK(fresh.bounce_warnings.interval == 7 * 86400);
    CHECK(fresh.welcome == Switch::on);
    CHECK(fresh.emergency == Switch::off);
    CHECK(fresh.attachments.mode == Attachments::Mode::all);
    CHECK(fresh.language == "fr");
    const std::vector<ListSettings> chain{{"", {{"language", "ar", Fixed::no}}},
                                          {"rabat",
                                           {{"subscribe", "closed", Fixed::no},
                                            {"from", "wrap", Fixed::no},
                                            {"html", "to-text", Fixed::no},
                                            {"held_notice", "none", Fixed::no},
                                            {"visibility", "public", Fixed::no},
                                            {"attachments", "deny .exe, video/*", Fixed::no},
                                            {"flood", "off", Fixed::no},
                                            {"goodbye", "off", Fixed::no}}}};
    const Settings s = resolve(chain);
    CHECK(s.language == "ar");
    CHECK(s.subscribe == Subscribe::closed);
    CHECK(s.from == FromPolicy::wrap);
    CHECK(s.html == Html::to_text);
    CHECK(s.held_notice == HeldNotice::none);
    CHECK(s.visibility == Visibility::everyone);
    CHECK(s.attachments.mode == Attachments::Mode::deny);
    CHECK(s.attachments.types == std::vector<std::string>{".exe", "video/*"});
    CHECK(s.flood.posts == 0);
    CHECK(s.goodbye == Switch::off);
}

TEST_CASE("a stored value that no check accepts is a broken database, not a default")
{
    const std::vector<ListSettings> chain{{"rabat", {{"posting", "whoever", Fixed::no}}}};
    CHECK_THROWS_AS(resolve(chain), std::runtime_error);
    const std::vector<ListSettings> unknown{{"rabat", {{"colour", "blue", Fixed::no}}}};
    CHECK_THROWS_AS(resolve(unknown), std::runtime_error);
}
