#include "core/address/address.hpp"
#include "core/lists/roster.hpp"
#include "core/text/ascii.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

using namespace majlis;
using nlohmann::json;

namespace {

std::filesystem::path exports_folder()
{
    if (const char* corpus = std::getenv("MAJLIS_CORPUS")) return std::filesystem::path{corpus} / "exports";
    return std::filesystem::path{MAJLIS_SOURCE_DIR}.parent_path() / "shared" / "corpus" / "exports";
}

/// What the exports call mode and delivery, in our words.
std::string expected_mode(const json& person)
{
    if (person.value("delivery", "").starts_with("off")) return "none";
    const std::string mode = person.value("mode", "");
    if (mode == "regular") return "each";
    return mode.starts_with("digest") ? "daily" : "";
}

std::map<std::string, RosterRow> read_all(const std::filesystem::path& path, RosterFormat format)
{
    RosterOptions options;
    options.format = format;
    const auto reader = open_roster(path, options);
    REQUIRE(reader.has_value());
    std::map<std::string, RosterRow> rows;
    RosterRow row;
    while ((*reader)->next(row)) {
        if (row.problem.empty()) rows.try_emplace(row.key, row);
    }
    return rows;
}

void compare(const json& expected, const std::map<std::string, RosterRow>& rows, std::string_view file)
{
    CHECK(rows.size() == expected.size());
    for (const json& person : expected) {
        CAPTURE(person.dump());
        const auto found = rows.find(parse_address(person["address"].get<std::string>()).value().key());
        REQUIRE(found != rows.end());
        const RosterRow& row = found->second;
        CHECK(text::equal_nocase(row.address, person["address"].get<std::string>()));
        if (person.contains("name")) CHECK(row.name == person["name"].get<std::string>());
        // Which option of list_members made a file stands in its name alone.
        if (person.contains("mode") && file != "mailman2/list_members-d-mime.txt") CHECK(row.mode == expected_mode(person));
        if (person.contains("lang")) CHECK(row.language == person["lang"].get<std::string>());
    }
}

}  // namespace

TEST_CASE("the exports of other list managers give the people that stand in them")
{
    const std::filesystem::path folder = exports_folder();
    std::ifstream in{folder / "expected.json"};
    if (!in) {
        MESSAGE("no exports at " << folder.string() << ": skipped");
        return;
    }
    const std::map<std::string, RosterFormat> named{
        {"mailman2", RosterFormat::mailman2}, {"mailman3", RosterFormat::mailman3},    {"mlmmj", RosterFormat::mlmmj},
        {"sympa", RosterFormat::sympa},       {"google-groups", RosterFormat::google}, {"listmonk", RosterFormat::csv},
        {"majordomo", RosterFormat::text},    {"traps", RosterFormat::text},
    };
    const json expected = json::parse(in);
    std::size_t files = 0;
    for (const auto& item : expected.items()) {
        const std::string& file = item.key();
        const json& people = item.value();
        const auto format = named.find(file.substr(0, file.find('/')));
        if (format == named.end()) continue;  // ezmlm has no format of ours
        CAPTURE(file);
        compare(people, read_all(folder / file, RosterFormat::automatic), file);
        compare(people, read_all(folder / file, format->second), file);
        ++files;
    }
    CHECK(files >= 15);
}
