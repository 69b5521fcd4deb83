#include "core/reports/names.hpp"

#include <doctest/doctest.h>

using namespace majlis::reports;
using namespace std::string_literals;

TEST_CASE("a title becomes a short readable folder name")
{
    CHECK(slug("Réunion du bureau : n° 3 !") == "reunion-du-bureau-n-3");
    CHECK(slug("  ASSEMBLÉE   générale ") == "assemblee-generale");
    CHECK(slug("محضر الاجتماع") == "محضر-الاجتماع");
    CHECK(slug("../../etc/passwd") == "etc-passwd");
    CHECK(slug("\xe2\x80\xae?!") == "report");
    CHECK(slug(std::string(5000, 'a')) == std::string(60, 'a'));
    CHECK(slug("") == "report");
}

TEST_CASE("a file keeps its name but cannot leave its folder or pass for git's own")
{
    CHECK(file_name("budget 2026.xlsx", "x") == "budget_2026.xlsx");
    CHECK(file_name("../../.git/config", "x") == "config");
    CHECK(file_name("C:\\Users\\a\\plan.pdf", "x") == "plan.pdf");
    CHECK(file_name(".gitattributes", "x") == "gitattributes");
    CHECK(file_name("--upload-pack=x", "x") == "upload-pack_x");
    CHECK(file_name("ميزانية.pdf", "x") == "ميزانية.pdf");
    CHECK(file_name("photo\xe2\x80\xaegpj.exe", "x") == "photo_gpj.exe");
    CHECK(file_name("...", "x") == "x");
    CHECK(file_name("a\nb\0c.pdf"s, "x") == "a_b_c.pdf");
    CHECK(file_name(".gi\u200dt", "x") == "gi_t");
    CHECK(file_name("GIT~1", "x") == "GIT_1");
    CHECK(file_name("", "file-1") == "file-1");
    CHECK(file_name(std::string(300, 'b') + ".pdf", "x") == std::string(96, 'b') + ".pdf");
}

TEST_CASE("no file is called like a device of Windows, whatever its ending")
{
    CHECK(file_name("con", "x") == "con_");
    CHECK(file_name("Nul.tar.gz", "x") == "Nul_.tar.gz");
    CHECK(file_name("COM1.txt", "x") == "COM1_.txt");
    CHECK(file_name("LPT9", "x") == "LPT9_");
    CHECK(file_name("console.txt", "x") == "console.txt");
    CHECK(file_name("com10.txt", "x") == "com10.txt");
}

TEST_CASE("a name is the same name however its accents were typed, and whatever its capitals")
{
    CHECK(file_name("re\u0301union.pdf", "x") == "r\u00e9union.pdf");
    std::vector<std::string> taken;
    CHECK(unique_name("\u00c9tat.pdf", taken) == "\u00c9tat.pdf");
    CHECK(unique_name("\u00e9tat.pdf", taken) == "\u00e9tat-2.pdf");
    CHECK(unique_name("e\u0301tat.pdf", taken) == "e\u0301tat-3.pdf");
}

TEST_CASE("two files of one name stand side by side")
{
    std::vector<std::string> taken;
    CHECK(unique_name("a.pdf", taken) == "a.pdf");
    CHECK(unique_name("A.pdf", taken) == "A-2.pdf");
    CHECK(unique_name("a.pdf", taken) == "a-3.pdf");
    CHECK(unique_name("b", taken) == "b");
}
