#include "core/reports/repository.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace majlis;
using namespace majlis::reports;
namespace fs = std::filesystem;

namespace {

struct Folder {
    Folder()
    {
        char name[] = "/tmp/majlis-reports-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~Folder()
    {
        std::error_code ignored;  // a test's leftovers harm nobody
        fs::remove_all(path, ignored);
    }
    fs::path path;
};

std::string output(const std::vector<std::string>& words)
{
    Program program;
    program.words = words;
    program.errors = Program::Errors::captured;
    const auto ran = run(program);
    REQUIRE_MESSAGE(ran.well(), ran.output);
    return ran.output;
}

std::string content(const fs::path& file)
{
    std::ostringstream out;
    out << std::ifstream{file}.rdbuf();
    return out.str();
}

Repository::Where where(const Folder& folder, const char* clone, const char* remote)
{
    return {.folder = folder.path / clone,
            .remote = remote ? (folder.path / remote).string() : "",
            .branch = "main",
            .name = "MAIMC",
            .address = "admin@x.org",
            .cancelled = {}};
}

Repository::Change change(const std::string& folder, const std::string& text)
{
    return {.folder = folder,
            .files = {{"README.md", text}, {"plan.pdf", std::string("%PDF\0\xff", 6)}},
            .indexes = {{"rabat/README.md", "index of " + text}},
            .message = "rabat: " + text,
            .author = "Amina <x> B.",
            .written_at = 1'772'445'600};
}

}  // namespace

TEST_CASE("a report is one commit with the author and date of the post, and reaches the remote")
{
    const Folder folder;
    output({"git", "init", "--quiet", "--bare", (folder.path / "bare").string()});
    Repository repository{where(folder, "clone", "bare")};
    repository.open();
    CHECK(repository.commit(change("rabat/2026/2026-03-02-a", "one")));
    CHECK_FALSE(repository.commit(change("rabat/2026/2026-03-02-a", "one")));  // again after a crash: nothing new
    repository.push();
    const auto bare = (folder.path / "bare").string();
    CHECK(output({"git", "-C", bare, "log", "--format=%an|%ae|%at|%cn|%s", "main"}) ==
          "Amina x B|admin@x.org|1772445600|MAIMC|rabat: one\n");
    CHECK(output({"git", "-C", bare, "show", "main:rabat/2026/2026-03-02-a/README.md"}) == "one");
    CHECK(output({"git", "-C", bare, "show", "main:rabat/2026/2026-03-02-a/plan.pdf"}).size() == 6);
}

TEST_CASE("a correction takes the place of the report, files that it no longer has go away")
{
    const Folder folder;
    Repository repository{where(folder, "clone", nullptr)};
    repository.open();
    repository.commit(change("rabat/2026/2026-03-02-a", "one"));
    auto better = change("rabat/2026/2026-03-02-a", "two");
    better.files.pop_back();
    CHECK(repository.commit(better));
    CHECK(content(folder.path / "clone/rabat/2026/2026-03-02-a/README.md") == "two");
    CHECK_FALSE(fs::exists(folder.path / "clone/rabat/2026/2026-03-02-a/plan.pdf"));
    CHECK(output({"git", "-C", (folder.path / "clone").string(), "status", "--porcelain"}).empty());
    CHECK_NOTHROW(repository.push());  // no remote: nothing to do
}

TEST_CASE("what others pushed is kept, and ours goes on top")
{
    const Folder folder;
    output({"git", "init", "--quiet", "--bare", "--initial-branch=main", (folder.path / "bare").string()});
    Repository ours{where(folder, "ours", "bare")}, theirs{where(folder, "theirs", "bare")};
    ours.open();
    ours.commit(change("rabat/2026/2026-03-02-a", "one"));
    ours.push();
    theirs.open();
    theirs.commit(change("paris/2026/2026-03-02-p", "one"));
    theirs.push();
    ours.commit(change("rabat/2026/2026-03-03-b", "two"));
    ours.push();
    CHECK(output({"git", "-C", (folder.path / "bare").string(), "rev-list", "--count", "main"}) == "3\n");
    theirs.commit(change("paris/2026/2026-03-04-q", "three"));
    CHECK_NOTHROW(theirs.push());  // both changed the same index: ours goes on top, theirs stays below it
    const auto bare = (folder.path / "bare").string();
    CHECK(output({"git", "-C", bare, "log", "-2", "--format=%s", "main"}) == "rabat: three\nrabat: two\n");
    CHECK(output({"git", "-C", bare, "show", "main:rabat/README.md"}) == "index of three");
    CHECK(output({"git", "-C", bare, "show", "main:rabat/2026/2026-03-03-b/README.md"}) == "two");
}

TEST_CASE("a report that others removed comes back with its correction, and one that we removed stays away")
{
    const Folder folder;
    const auto bare = (folder.path / "bare").string(), other = (folder.path / "other").string();
    output({"git", "init", "--quiet", "--bare", "--initial-branch=main", bare});
    Repository ours{where(folder, "ours", "bare")};
    ours.open();
    ours.commit(change("rabat/2026/2026-03-02-a", "one"));
    ours.push();
    output({"git", "clone", "--quiet", bare, other});
    const auto others = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"git", "-C", other, "-c", "user.name=O", "-c", "user.email=o@x.org"});
        return output(words);
    };
    others({"rm", "--quiet", "rabat/2026/2026-03-02-a/README.md", "rabat/README.md"});
    std::ofstream{folder.path / "other/rabat/2026/2026-03-02-a/plan.pdf"} << "another plan";
    others({"commit", "--quiet", "--all", "--message", "tidy"});
    others({"push", "--quiet"});

    auto better = change("rabat/2026/2026-03-02-a", "two");
    better.files.pop_back();
    ours.commit(better);
    ours.commit(change("rabat/2026/2026-03-03-b", "three"));
    CHECK_NOTHROW(ours.push());
    CHECK(output({"git", "-C", bare, "log", "--format=%s", "main"}) == "rabat: three\nrabat: two\ntidy\nrabat: one\n");
    CHECK(output({"git", "-C", bare, "show", "main:rabat/2026/2026-03-02-a/README.md"}) == "two");
    CHECK(output({"git", "-C", bare, "show", "main:rabat/README.md"}) == "index of three");
    CHECK(output({"git", "-C", bare, "ls-tree", "main:rabat/2026/2026-03-02-a"}).find("plan.pdf") == std::string::npos);
}

TEST_CASE("what others took out of the history does not come back with the next report")
{
    const Folder folder;
    const auto bare = (folder.path / "bare").string(), other = (folder.path / "other").string();
    output({"git", "init", "--quiet", "--bare", "--initial-branch=main", bare});
    Repository ours{where(folder, "ours", "bare")};
    ours.open();
    ours.commit(change("rabat/2026/2026-03-02-a", "one"));
    ours.push();
    ours.commit(change("rabat/2026/2026-03-03-b", "a secret"));
    ours.push();
    output({"git", "clone", "--quiet", bare, other});
    output({"git", "-C", other, "reset", "--quiet", "--hard", "HEAD~1"});
    output({"git", "-C", other, "-c", "user.name=O", "-c", "user.email=o@x.org", "commit", "--quiet", "--allow-empty",
            "--message", "new"});
    output({"git", "-C", other, "push", "--quiet", "--force", "origin", "HEAD:main"});
    std::ofstream{folder.path / "ours/rabat/2026/2026-03-02-a/plan.pdf"} << "left here by somebody";
    ours.commit(change("rabat/2026/2026-03-04-c", "three"));
    CHECK_NOTHROW(ours.push());
    CHECK(output({"git", "-C", bare, "log", "--format=%s", "main"}) == "rabat: three\nnew\nrabat: one\n");
}

TEST_CASE("nothing of the remote's other branches is pushed")
{
    const Folder folder;
    const auto bare = (folder.path / "bare").string(), other = (folder.path / "other").string();
    output({"git", "init", "--quiet", "--bare", "--initial-branch=drafts", bare});
    output({"git", "clone", "--quiet", bare, other});
    output({"git", "-C", other, "-c", "user.name=O", "-c", "user.email=o@x.org", "commit", "--quiet", "--allow-empty",
            "--message", "d"});
    output({"git", "-C", other, "push", "--quiet", "origin", "HEAD:drafts"});
    Repository ours{where(folder, "ours", "bare")};
    ours.open();
    ours.commit(change("rabat/2026/2026-03-02-a", "one"));
    ours.push();
    CHECK(output({"git", "-C", bare, "log", "--format=%s", "main"}) == "rabat: one\n");
}

TEST_CASE("a remote that refuses is quoted, also while it has no branch yet")
{
    const Folder folder;
    const auto bare = (folder.path / "bare").string();
    output({"git", "init", "--quiet", "--bare", bare});
    fs::create_directories(folder.path / "bare/hooks");
    std::ofstream{folder.path / "bare/hooks/pre-receive"} << "#!/bin/sh\necho 'nobody may push here' >&2\nexit 1\n";
    fs::permissions(folder.path / "bare/hooks/pre-receive", fs::perms::owner_all);
    Repository ours{where(folder, "ours", "bare")};
    ours.open();
    ours.commit(change("rabat/2026/2026-03-02-a", "one"));
    std::string said;
    try {
        ours.push();
    } catch (const std::exception& error) {
        said = error.what();
    }
    CHECK(said.find("nobody may push here") != std::string::npos);
}

TEST_CASE("an author whom git would not take for a name does not keep the report out")
{
    const Folder folder;
    Repository repository{where(folder, "clone", nullptr)};
    repository.open();
    int n = 0;
    for (const char* author : {"", "...", "<>", " ,;: ", "\"'", "Amina <a@x.org>"}) {
        CAPTURE(author);
        ++n;
        auto one = change("rabat/2026/2026-03-0" + std::to_string(n), "text " + std::to_string(n));
        one.author = author;
        CHECK(repository.commit(one));
    }
    CHECK(output({"git", "-C", (folder.path / "clone").string(), "log", "-2", "--format=%an"}) == "Amina a@x.org\nMAIMC\n");
    auto nameless = where(folder, "clone", nullptr);
    nameless.name = "...";
    CHECK(Repository{nameless}.commit(change("rabat/2026/2026-03-09", "nine")));
}

TEST_CASE("what a broken commit had added is not in the next one")
{
    const Folder folder;
    const auto clone = (folder.path / "clone").string();
    Repository repository{where(folder, "clone", nullptr)};
    repository.open();
    for (const char* name : {"first", "second"}) {
        std::ofstream{folder.path / "clone" / name} << "left";
        output({"git", "-C", clone, "add", name});
        repository.open();
        CHECK(repository.commit(change("rabat/2026/" + std::string{name}, name)));
        CHECK(output({"git", "-C", clone, "ls-tree", "-r", "--name-only", "HEAD"}).find(std::string{"\n"} + name) ==
              std::string::npos);
    }
}

TEST_CASE("nobody reads a password in what is said of a remote")
{
    CHECK(without_credentials("https://user:secret@git.x.org/r.git") == "https://git.x.org/r.git");
    CHECK(without_credentials("cannot reach 'https://token@x.org': no; or ssh://git@y.org:22/r") ==
          "cannot reach 'https://x.org': no; or ssh://y.org:22/r");
    CHECK(without_credentials("git@x.org:r.git") == "git@x.org:r.git");
    CHECK(without_credentials("https://x.org/a@b ://") == "https://x.org/a@b ://");
    const Folder folder;
    auto there = where(folder, "clone", nullptr);
    there.remote = "http://user:sesame@127.0.0.1:1/r.git";
    Repository repository{there};
    repository.open();
    CHECK(repository.commit(change("rabat/2026/x", "one")));
    try {
        repository.push();
        FAIL("nobody listens there");
    } catch (const std::runtime_error& error) {
        CHECK(std::string{error.what()}.find("sesame") == std::string::npos);
    }
}

TEST_CASE("a remote that is away is an error that says so, and the commit stays")
{
    const Folder folder;
    Repository repository{where(folder, "clone", "nowhere")};
    repository.open();
    CHECK(repository.commit(change("rabat/2026/2026-03-02-a", "one")));
    CHECK_THROWS_WITH_AS(repository.push(), doctest::Contains("git push failed"), std::runtime_error);
    output({"git", "init", "--quiet", "--bare", (folder.path / "nowhere").string()});
    CHECK_NOTHROW(repository.push());
}

TEST_CASE("nothing is written through a link or out of the repository, and a dead git's lock is cleared away")
{
    const Folder folder;
    Repository repository{where(folder, "clone", nullptr)};
    repository.open();
    fs::create_directory_symlink("/tmp", folder.path / "clone/rabat");
    CHECK_THROWS_WITH_AS(repository.commit(change("rabat/2026/x", "one")), doctest::Contains("symbolic link"),
                         std::runtime_error);
    fs::remove(folder.path / "clone/rabat");
    CHECK_THROWS_AS(repository.commit(change("../out", "one")), std::runtime_error);
    CHECK_THROWS_AS(repository.commit(change(".git/hooks", "one")), std::runtime_error);
    for (const char* lock : {"index.lock", "HEAD.lock", "refs/heads/main.lock"})
        std::ofstream{folder.path / "clone/.git" / lock} << "";
    repository.open();
    CHECK(repository.commit(change("rabat/2026/x", "one")));
}
