#include "core/archive/mail_folder.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>

using namespace majlis::archive;
namespace fs = std::filesystem;

namespace {

struct Folder {
    fs::path path = fs::temp_directory_path() / ("majlis-folder-" + std::to_string(::getpid()));
    Folder() { fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }
    void write(const std::string& name) const
    {
        fs::create_directories((path / name).parent_path());
        std::ofstream{path / name} << "a: b\n\nc\n";
    }
    std::vector<std::string> names() const
    {
        std::vector<std::string> found;
        for (const auto& file : mail_files(path)) found.push_back(fs::relative(file, path).string());
        return found;
    }
};

}  // namespace

TEST_CASE("numbered files are mails, in the order of their numbers")
{
    const Folder folder;
    for (const auto* name : {"10", "9", "2025-12/arctxt/2", "2025-12/arctxt/11", "x.eml", "index", ".hidden/1", "notes.txt"})
        folder.write(name);
    fs::create_symlink("/etc/passwd", folder.path / "7");
    CHECK(folder.names() == std::vector<std::string>{"9", "10", "2025-12/arctxt/2", "2025-12/arctxt/11", "x.eml"});
}

TEST_CASE("a Maildir's mails are those in cur and new, by the time in their names")
{
    const Folder folder;
    for (const auto* name : {"cur/1700000002.a.host:2,S", "new/1700000001.b.host", "tmp/1", "cur/.x", "dovecot.index"})
        folder.write(name);
    CHECK(folder.names() == std::vector<std::string>{"new/1700000001.b.host", "cur/1700000002.a.host:2,S"});
    CHECK(file_received_at(folder.path / "new/1700000001.b.host") == 1'700'000'001);
    CHECK(maildir_name(5, "x") == maildir_name(5, "x"));
    CHECK(maildir_name(5, "x") != maildir_name(5, "y"));
}
