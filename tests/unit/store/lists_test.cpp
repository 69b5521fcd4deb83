#include "core/store/lists.hpp"

#include "core/store/check.hpp"
#include "core/store/list_names.hpp"
#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

namespace {

std::string refused(Database& db, std::string_view name, std::string_view at)
{
    const auto list = create_list(db, {std::string{name}, address(at), {}, "maimc.org"}, admin);
    return list ? "" : list.error().message;
}

bool says(const std::string& text, std::string_view words) { return text.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("a list is found by its name and by its address, in any case")
{
    Site site;
    for (const auto* word : {"rabat", "Rabat", "rabat@maimc.org", "RABAT@Maimc.ORG"}) {
        CAPTURE(word);
        const auto list = find_list(site.db, std::string_view{word});
        REQUIRE(list);
        CHECK(list->id == site.rabat);
        CHECK(list->list_id == "rabat.maimc.org");
    }
    CHECK_FALSE(find_list(site.db, std::string_view{"agadir"}));
    CHECK(says(require_list(site.db, "rabbat").error().message, "did you mean 'rabat'"));
}

TEST_CASE("a list name is a word")
{
    for (const auto* good : {"rabat", "Rabat-Centre", "a", "x1_2.3"}) CHECK(check_list_name(good).has_value());
    for (const auto* bad : {"", "-a", "a-", "a--b", "a b", "a@b", "caf\xc3\xa9", "a/b", "."}) {
        CAPTURE(bad);
        CHECK_FALSE(check_list_name(bad).has_value());
    }
    CHECK_FALSE(check_list_name(std::string(65, 'a')).has_value());
}

TEST_CASE("a list that cannot be told from another is refused")
{
    Site site;
    site.join(site.rabat, "anna@maimc.org");
    CHECK(says(refused(site.db, "rabat", "other@maimc.org"), "already"));
    CHECK(says(refused(site.db, "rabat2", "Rabat@maimc.org"), "belongs to the list 'rabat'"));
    CHECK(says(refused(site.db, "o", "rabat-owner@maimc.org"), "command to the list 'rabat'"));
    CHECK(says(refused(site.db, "o", "rabat+subscribe@maimc.org"), "command to the list 'rabat'"));
    CHECK(says(refused(site.db, "o", "rabat-bounce-abc@maimc.org"), "command to the list 'rabat'"));
    CHECK(says(refused(site.db, "anna", "anna@maimc.org"), "member"));
    CHECK(says(refused(site.db, "long", "a-name-that-is-21-oct@maimc.org"), "too long"));
    CHECK(refused(site.db, "owners", "rabat-owners@maimc.org").empty());
    CHECK(refused(site.db, "elsewhere", "rabat-owner@example.org").empty());
}

TEST_CASE("a list that would take another's address for its command is refused")
{
    Site site;
    REQUIRE(refused(site.db, "help", "team-help@maimc.org").empty());
    CHECK(says(refused(site.db, "team", "team@maimc.org"), "'help'"));
}

TEST_CASE("commands of a plus-addressed list are told by a minus alone")
{
    CHECK(is_command_form("me+rabat-owner@gmail.com", "me+rabat@gmail.com"));
    CHECK_FALSE(is_command_form("me+rabat+owner@gmail.com", "me+rabat@gmail.com"));
    CHECK(is_command_form("me+owner@gmail.com", "me@gmail.com"));
    CHECK_FALSE(is_command_form("rabat-owner@gmail.com", "rabat@example.org"));
}

TEST_CASE("the tree is told parents first, siblings by name")
{
    Site site;
    std::string drawn;
    for (const auto& node : list_tree(site.db))
        drawn += std::string(static_cast<std::size_t>(node.depth), ' ') + node.list.name + "\n";
    CHECK(drawn == "maimc\n france\n maroc\n  casablanca\n  rabat\n");
    CHECK(subtree(site.db, site.maroc).size() == 3);
    CHECK(subtree(site.db, site.maroc).front().id == site.maroc);
    const auto above = ancestors(site.db, site.rabat);
    REQUIRE(above.size() == 3);
    CHECK(above[2].id == site.maimc);
}

TEST_CASE("a list moves below another, but never below itself")
{
    Site site;
    CHECK(set_parent(site.db, site.rabat, site.france, admin)->parent_id == site.france);
    CHECK(says(set_parent(site.db, site.maimc, site.rabat, admin).error().message, "circle"));
    CHECK(says(set_parent(site.db, site.maimc, site.maimc, admin).error().message, "circle"));
    CHECK_FALSE(set_parent(site.db, site.rabat, std::nullopt, admin)->parent_id);
}

TEST_CASE("a renamed list keeps its List-Id, and who takes the name gets another")
{
    Site site;
    CHECK(rename_list(site.db, site.rabat, "Capitale", admin)->name == "capitale");
    CHECK(find_list(site.db, site.rabat)->list_id == "rabat.maimc.org");
    CHECK_FALSE(rename_list(site.db, site.rabat, "maroc", admin));
    const auto second = create_list(site.db, {"rabat", address("rabat2@maimc.org"), {}, "maimc.org"}, admin);
    REQUIRE(second);
    CHECK(second->list_id == "rabat-2.maimc.org");
}

TEST_CASE("a list is removed when nothing is below it, and its members only when asked")
{
    Site site;
    site.join(site.rabat, "anna@example.org");
    CHECK(says(remove_list(site.db, site.maroc, Removal::with_members, admin).error().message, "below"));
    CHECK(says(remove_list(site.db, site.rabat, Removal::empty_only, admin).error().message, "1 members"));
    const auto removed = remove_list(site.db, site.rabat, Removal::with_members, admin);
    REQUIRE(removed);
    CHECK(removed->subscriptions == 1);
    CHECK_FALSE(find_list(site.db, site.rabat));
    CHECK(site.number("SELECT count(*) FROM subscription_past") == 1);
    CHECK(find_member(site.db, "anna@example.org").has_value());
}

TEST_CASE("a list that had posts can be removed once they are delivered")
{
    Site site;
    site.join(site.rabat, "anna@example.org");
    const ListVerdict verdicts[] = {{site.rabat, Verdict::accepted, "default", ""}, {site.maroc, Verdict::held, "moderated", ""}};
    record_verdicts(site.db, site.post("1@x"), verdicts, admin.at);
    CHECK(says(remove_list(site.db, site.rabat, Removal::with_members, admin).error().message, "not done"));
    site.db.execute("UPDATE delivery SET state = 'done', next_member_id = last_member_id");
    CHECK(remove_list(site.db, site.rabat, Removal::with_members, admin).has_value());
    CHECK(remove_list(site.db, site.casablanca, Removal::empty_only, admin).has_value());
    const auto maroc = remove_list(site.db, site.maroc, Removal::empty_only, admin);
    REQUIRE(maroc);
    CHECK(maroc->held == 1);
    CHECK(check_database(site.db).empty());
}

TEST_CASE("settings come from above until a list has its own")
{
    Site site;
    REQUIRE(set_setting(site.db, site.maimc, "posting", "moderated", Fixed::no, admin));
    CHECK(settings_of(site.db, site.rabat).posting == Posting::moderated);
    REQUIRE(set_setting(site.db, site.rabat, "posting", "anyone", Fixed::no, admin));
    CHECK(settings_of(site.db, site.rabat).posting == Posting::anyone);
    CHECK(unset_setting(site.db, site.rabat, "posting", admin).value());
    CHECK_FALSE(unset_setting(site.db, site.rabat, "posting", admin).value());
    CHECK(settings_of(site.db, site.rabat).posting == Posting::moderated);
    CHECK_FALSE(set_setting(site.db, site.rabat, "postin", "anyone", Fixed::no, admin));
    CHECK_FALSE(set_setting(site.db, site.rabat, "posting", "nobody", Fixed::no, admin));
    CHECK_FALSE(unset_setting(site.db, site.rabat, "postin", admin));
}

TEST_CASE("what a list above has fixed cannot be set below it")
{
    Site site;
    REQUIRE(set_setting(site.db, site.maroc, "max_size", "2MB", Fixed::yes, admin));
    const auto refused_value = set_setting(site.db, site.rabat, "max_size", "5MB", Fixed::no, admin);
    REQUIRE_FALSE(refused_value);
    CHECK(says(refused_value.error().message, "fixed by 'maroc'"));
    CHECK(set_setting(site.db, site.maroc, "max_size", "3MB", Fixed::no, admin).value() == "3MB");
    CHECK(set_setting(site.db, site.rabat, "max_size", "5MB", Fixed::no, admin).has_value());
}

TEST_CASE("a list that sets no language, nor any above it, has the site's")
{
    const TestFolder folder;
    DatabaseOptions options;
    options.site_language = "ar";
    Database db{folder / "site.db", Open::create, options};
    const By by{"cli:test", 1};
    const auto root = create_list(db, {"root", parse_address("root@x.org").value(), std::nullopt, "x.org"}, by).value();
    const auto leaf = create_list(db, {"leaf", parse_address("leaf@x.org").value(), root.id, "x.org"}, by).value();
    CHECK(settings_of(db, leaf.id).language == "ar");
    REQUIRE(set_setting(db, root.id, "language", "en", Fixed::no, by));
    CHECK(settings_of(db, leaf.id).language == "en");
}
