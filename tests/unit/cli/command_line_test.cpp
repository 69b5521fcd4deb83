#include "cli/command_line.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace majlis::cli;

namespace {

std::variant<Call, Say> read(std::vector<const char*> words)
{
    words.insert(words.begin(), "majlis");
    return read_command_line(static_cast<int>(words.size()), words.data());
}

Call call(std::vector<const char*> words) { return std::get<Call>(read(std::move(words))); }

std::string complaint(std::vector<const char*> words)
{
    try {
        read(std::move(words));
    } catch (const WrongUsage& wrong) {
        CHECK(wrong.exit() == Exit::usage);
        return wrong.what();
    }
    return "";
}

}  // namespace

TEST_CASE("a verb is found below its noun, with what it was given")
{
    const Call found = call({"list", "create", "rabat", "--address", "rabat@maimc.org", "--title=MAIMC Rabat"});
    CHECK(found.verb->title() == "list create");
    CHECK(found.args.get("NAME") == "rabat");
    CHECK(found.args.get("--address") == "rabat@maimc.org");
    CHECK(found.args.get("--title") == "MAIMC Rabat");
    CHECK_FALSE(found.args.has("--parent"));
    CHECK_FALSE(found.args.has("--dry-run"));
}

TEST_CASE("a list may be called like a command")
{
    CHECK(call({"member", "list", "role"}).args.get("LIST") == "role");
    CHECK(call({"list", "show", "list"}).args.get("LIST") == "list");
    CHECK(call({"member", "add", "member", "member@example.org"}).args.all("ADDRESS").size() == 1);
}

TEST_CASE("values keep their brackets and may begin with a dash behind two dashes")
{
    const Call tag = call({"list", "set", "rabat", "subject_tag=[rabat]", "[a,b]=c"});
    CHECK(tag.args.all("KEY=VALUE") == std::vector<std::string>{"subject_tag=[rabat]", "[a,b]=c"});
    CHECK(call({"list", "create", "x", "--address", "x@y.org", "--title", "[x,y]"}).args.get("--title") == "[x,y]");
    CHECK(call({"member", "find", "--", "-x"}).args.get("TEXT") == "-x");
}

TEST_CASE("--config stands before or behind the command")
{
    CHECK(call({"--config", "a.toml", "status"}).args.get("--config") == "a.toml");
    CHECK(call({"status", "--config", "a.toml", "--json"}).args.get("--config") == "a.toml");
}

TEST_CASE("wrong usage names what is wrong and where to read on")
{
    CHECK(complaint({"lst"}) == "no command \"lst\": did you mean \"list\"? see \"majlis --help\"");
    CHECK(complaint({"list", "sow", "rabat"}) == "list: no command \"sow\": did you mean \"show\"? see \"majlis list --help\"");
    CHECK(complaint({"list", "tree", "--jsn"}) ==
          "list tree: no option --jsn: did you mean \"--json\"? see \"majlis list tree --help\"");
    CHECK(complaint({"list", "tree", "rabat"}) == "list tree: one word too many, \"rabat\": see \"majlis list tree --help\"");
    CHECK(complaint({"list", "create", "x"}) == "list create: --address is required: see \"majlis list create --help\"");
    CHECK(complaint({"member", "add", "x"}) == "member add: ADDRESS is required: see \"majlis member add --help\"");
    CHECK(complaint({"member", "add", "x", "a@b.org", "--mode", "often"}) ==
          "member add: --mode cannot be \"often\": give each, daily, weekly or none");
    CHECK(complaint({}) == "which command?: see \"majlis --help\"");
    CHECK(complaint({"list"}) == "list: which command?: see \"majlis list --help\"");
}

TEST_CASE("every verb has help of its own, and help never names what is hidden")
{
    for (const Verb* verb : all_verbs()) {
        REQUIRE(verb != nullptr);
        CAPTURE(verb->title());
        std::vector<const char*> words;
        const std::string noun{verb->noun}, name{verb->name};
        if (!noun.empty()) words.push_back(noun.c_str());
        words.push_back(name.c_str());
        words.push_back("--help");
        const std::string text = std::get<Say>(read(words)).text;
        CHECK(text.find(verb->help) != std::string::npos);
        for (const Param& param : verb->params) CHECK(text.find(param.name) != std::string::npos);
    }
    CHECK(std::get<Say>(read({"--help"})).text.find("__complete") == std::string::npos);
}

TEST_CASE("no two verbs have one name")
{
    for (const Verb* verb : all_verbs()) CHECK(find_verb(verb->noun, verb->name) == verb);
}

TEST_CASE("options that every verb shares may stand before it")
{
    for (const auto& words : std::vector<std::vector<const char*>>{{"--json", "--config", "file", "list", "show", "rabat"},
                                                                   {"list", "--json", "--config=file", "show", "rabat"},
                                                                   {"--config", "file", "list", "--json", "show", "--", "rabat"},
                                                                   {"list", "show", "rabat", "--config", "file", "--json"}}) {
        const Call found = call(words);
        CHECK(found.verb->title() == "list show");
        CHECK(found.args.get("LIST") == "rabat");
        CHECK(found.args.get("--config") == "file");
        CHECK(found.args.has("--json"));
    }
    CHECK(call({"--json", "status"}).args.has("--json"));
    CHECK(call({"--dry-run", "list", "--yes", "remove", "rabat"}).args.has("--dry-run"));
    CHECK(call({"list", "rename", "list", "show"}).args.get("NAME") == "show");
    CHECK(complaint({"--yes", "list", "tree"}) == "list tree: no option --yes: see \"majlis list tree --help\"");
    CHECK(complaint({"--json"}) == "no option --json: see \"majlis --help\"");
}
