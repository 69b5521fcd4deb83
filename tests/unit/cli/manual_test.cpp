#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "cli/verb.hpp"
#include "core/config/config.hpp"

using namespace majlis;
using namespace majlis::cli;

namespace {

std::string read(const char* name)
{
    std::ifstream in{std::string{MAJLIS_SOURCE_DIR} + "/etc/man/" + name};
    std::ostringstream text;
    text << in.rdbuf();
    REQUIRE(text.str().size() > 1'000);
    return text.str();
}

/// What the manual says of one command: from its .It line to the next one of a command.
std::string entry(const std::string& manual, const std::string& title)
{
    const std::size_t at = manual.find(".It Ic " + title);
    if (at == std::string::npos) return "";
    std::size_t end = manual.find("\n.It Ic ", at + 1);
    // Two commands may share their text.
    if (end != std::string::npos && manual.find('\n', at) == end) end = manual.find("\n.It Ic ", end + 1);
    return manual.substr(at, end == std::string::npos ? end : end - at);
}

}  // namespace

TEST_CASE("every command and every one of its options is in the manual")
{
    const std::string manual = read("majlis.1");
    for (const Verb* verb : all_verbs()) {
        if (verb->name.starts_with("__")) continue;
        CAPTURE(verb->title());
        const std::string text = entry(manual, verb->title());
        CHECK_FALSE(text.empty());
        for (const Param& param : verb->params) {
            if (!param.name.starts_with("--")) continue;
            const std::string flag = "Fl -" + std::string{param.name.substr(2)};
            CAPTURE(flag);
            CHECK(text.find(flag) != std::string::npos);
        }
    }
}

TEST_CASE("the manual names no command that does not exist")
{
    std::istringstream lines{read("majlis.1")};
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(".It Ic ")) continue;
        std::istringstream words{line.substr(7)};
        std::string first, second;
        words >> first >> second;
        CAPTURE(line);
        CHECK((find_verb("", first) != nullptr || find_verb(first, second) != nullptr));
    }
}

TEST_CASE("every key of the configuration is in its manual")
{
    const std::string manual = read("majlis.toml.5");
    for (const ConfigKey& key : config_keys()) {
        CAPTURE(std::string{key.name});
        CHECK(manual.find(".It Ic " + std::string{key.name} + "\n") != std::string::npos);
    }
}
