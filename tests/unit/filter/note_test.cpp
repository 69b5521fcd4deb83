#include "core/filter/removed_note.hpp"
#include "tests/unit/filter/mails.hpp"

using namespace majlis;

namespace {

RemovedPart part(const std::string& name, std::int64_t size = 2'000)
{
    RemovedPart out;
    out.type = "application/x-msdownload";
    out.name = name;
    out.size = size;
    return out;
}

}  // namespace

TEST_CASE("readers are told what they miss, in the list's language")
{
    CHECK(removed_note({part("a.exe"), part("", 1)}, "rabat", "en", {}) ==
          "Taken out of this post, as list rabat wants:\n"
          "- a.exe (application/x-msdownload, 2 KB)\n- application/x-msdownload (1 KB)\n");
    CHECK(removed_note({part("a.exe")}, "rabat", "fr", {}).find("a.exe (application/x-msdownload, 2 Ko)") != std::string::npos);
    const std::string arabic = removed_note({part("a.exe")}, "rabat", "ar", {});
    CHECK(arabic.find("\u2068a.exe\u2069") != std::string::npos);
    CHECK(arabic.find("\u2068rabat\u2069") != std::string::npos);
}

TEST_CASE("a note names no more than twenty parts, and none that nobody misses")
{
    std::vector<RemovedPart> parts(25, part("a.exe"));
    const std::string note = removed_note(parts, "rabat", "en", {});
    CHECK(note.ends_with("\n- and 5 more\n"));
    for (auto& one : parts) one.missed = false;
    CHECK(removed_note(parts, "rabat", "en", {}).empty());
    CHECK(removed_note({part("a\r\nb\u202e.exe")}, "rabat", "en", {}).find("a??b?.exe") != std::string::npos);
}
