#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "core/config/secret.hpp"

using namespace majlis;
using namespace std::chrono_literals;

namespace {

/// A file of its own for one test.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& content, mode_t mode = 0600)
        : path_{std::filesystem::temp_directory_path() / ("majlis-secret-" + std::to_string(::getpid()))}
    {
        std::ofstream{path_, std::ios::binary} << content;
        ::chmod(path_.c_str(), mode);
    }
    ~TemporaryFile() { std::filesystem::remove(path_); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

Secret of_file(const std::string& content) { return read_secret_file(TemporaryFile{content}.path()); }

}  // namespace

TEST_CASE("a password is the first line of its file, spaces and all")
{
    CHECK(of_file("s3cret\n").value == "s3cret");
    CHECK(of_file("s3cret").value == "s3cret");
    CHECK(of_file("s3cret\r\nmore\n").value == "s3cret");
    CHECK(of_file(" a b \n").value == " a b ");
    CHECK(of_file("s3cret\n").warnings.empty());
}

TEST_CASE("a password file that holds none is an error that does not show what it holds")
{
    CHECK(!of_file("").ok());
    CHECK(!of_file("\nsecond\n").ok());
    const Secret binary = of_file(std::string("abc\0def\n", 8));
    CHECK(!binary.ok());
    CHECK(binary.error.find("abc") == std::string::npos);
    const Secret huge = of_file(std::string(100'000, 'x'));
    CHECK(huge.error.ends_with(": is larger than 64 KB: this is no password"));
    CHECK(read_secret_file("/nowhere/password").error ==
          "/nowhere/password: cannot be read: No such file or directory; write the password or token into it, on one line, and "
          "chmod 600 it");
    CHECK(read_secret_file("/tmp").error == "/tmp: this is a folder: name the file in it");
}

TEST_CASE("a password file that everybody can read is told")
{
    const TemporaryFile file{"s3cret\n", 0644};
    const Secret secret = read_secret_file(file.path());
    CHECK(secret.value == "s3cret");
    REQUIRE(secret.warnings.size() == 1);
    CHECK(secret.warnings[0] ==
          file.path().string() + ": everybody on this machine can read it: chmod 600 it, or 640 with the group of majlis");
}

TEST_CASE("another secret takes the file's place, owner and mode")
{
    const TemporaryFile file{"old\n", 0640};
    const bool given = ::chown(file.path().c_str(), 12'345, 23'456) == 0;  // by a root who has these
    replace_secret_file(file.path(), "new");
    CHECK(read_secret_file(file.path()).value == "new");
    struct stat status = {};
    REQUIRE(::stat(file.path().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0640);
    if (given) CHECK(status.st_uid == 12'345);
    if (given) CHECK(status.st_gid == 23'456);
}

TEST_CASE("a secret is put through no link, and leaves nothing where it can not be put")
{
    const auto folder = std::filesystem::temp_directory_path() / ("majlis-secrets-" + std::to_string(::getpid()));
    std::filesystem::create_directory(folder);
    std::ofstream{folder / "secret"} << "old\n";
    std::filesystem::create_symlink(folder / "secret", folder / "link");
    CHECK_THROWS_AS(replace_secret_file(folder / "link", "new"), std::system_error);
    CHECK(read_secret_file(folder / "secret").value == "old");
    CHECK_THROWS_AS(replace_secret_file(folder / "absent", "new"), std::system_error);
    CHECK(std::distance(std::filesystem::directory_iterator{folder}, {}) == 2);
    std::filesystem::remove_all(folder);
}

TEST_CASE("a password command is run without a shell, and its first line counts")
{
    CHECK(run_secret_command({"printf", "a;b\\nsecond\\n"}).value == "a;b");
    CHECK(run_secret_command({"echo", "$HOME `id`"}).value == "$HOME `id`");
    CHECK(run_secret_command({"cat"}).error ==
          "password_command cat: its first line is empty; it must hold the password");  // stdin: null
}

TEST_CASE("a password command that fails says how")
{
    CHECK(run_secret_command({"false"}).error == "password_command false: failed with status 1");
    CHECK(run_secret_command({"/nowhere/program"}).error ==
          "password_command /nowhere/program: cannot be run: No such file or directory");
    CHECK(run_secret_command({}).error == "password_command: the program's name is missing");
    CHECK(run_secret_command({"sh", "-c", "kill -9 $$"}).error == "password_command sh: was ended by signal 9");
    CHECK(run_secret_command({"yes"}).error == "password_command yes: printed more than 64 KB: this is no password");
}

TEST_CASE("a password command that hangs is ended with its children")
{
    const auto begin = std::chrono::steady_clock::now();
    const Secret secret = run_secret_command({"sh", "-c", "sleep 60 & sleep 60"}, 200ms);
    CHECK(!secret.ok());
    CHECK(secret.error.ends_with(" s and was ended"));
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    const Secret closed = run_secret_command({"sh", "-c", "echo x; exec >&-; sleep 60"}, 200ms);
    CHECK(!closed.ok());
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
}

TEST_CASE("credentials name one source of a password")
{
    const TemporaryFile file{"s3cret\n"};
    CredentialConfig credentials;
    CHECK(read_secret(credentials).error == "no password is configured: add password_file or password_command");
    credentials.password_command = {"echo", "x"};
    CHECK(read_secret(credentials).value == "x");
    credentials.password_command.clear();
    credentials.password_file = file.path();
    CHECK(read_secret(credentials).value == "s3cret");
}
