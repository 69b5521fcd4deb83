#include "core/reports/names.hpp"

#include <doctest/doctest.h>

using namespace majlis::reports;

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
    CHECK(file_name("", "file-1") == "file-1");
    CHECK(file_name(std::string(300, 'b') + ".pdf", "x") == std::string(96, 'b') + ".pdf");
}

TEST_CASE("two files of one name stand side by side")
{
    std::vector<std::string> taken;
    CHECK(unique_name("a.pdf", taken) == "a.pdf");
    CHECK(unique_name("A.pdf", taken) == "A-2.pdf");
    CHECK(unique_name("a.pdf", taken) == "a-3.pdf");
    CHECK(unique_name("b", taken) == "b");
}
