#include "core/config/secret.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "core/process/descriptor.hpp"
#include "core/process/process.hpp"
#include "core/text/printable.hpp"

namespace majlis {
namespace {

constexpr std::size_t max_secret_bytes = 64 * 1024;
constexpr std::chrono::seconds gives_within{5};  // a FIFO or a terminal that gives nothing counts as unreadable

std::string shown(const std::filesystem::path& file) { return text::printable(file.string(), 1000); }

std::string how_to_mend(int error)
{
    if (error == ENOENT) return "; write the password or token into it, on one line, and chmod 600 it";
    if (error == EACCES) return "; it must belong to the user that majlis runs as, or to his group";
    return {};
}

Secret failure(std::string error)
{
    Secret secret;
    secret.error = std::move(error);
    return secret;
}

Secret first_line(std::string_view bytes, const std::string& source)
{
    std::string_view line = bytes.substr(0, std::min(bytes.find('\n'), bytes.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return failure(source + ": its first line is empty; it must hold the password");
    if (line.find('\0') != std::string_view::npos)
        return failure(source + ": its first line holds a NUL byte; it must hold the password");
    Secret secret;
    secret.value = line;
    return secret;
}

void check(bool done, const std::string& file)
{
    if (!done) throw std::system_error{errno, std::generic_category(), shown(file)};
}

/// Owner and mode. Only root gives it away: a service may be killed for the mere attempt. Who may not keeps it for himself.
void take_after(const Descriptor& out, const struct stat& old, const std::string& file)
{
    struct stat ours = {};
    check(::fstat(out.fd(), &ours) == 0, file);
    bool same = ours.st_uid == old.st_uid && ours.st_gid == old.st_gid;
    if (!same && ::geteuid() == 0) {
        check(::fchown(out.fd(), old.st_uid, old.st_gid) == 0, file);
        same = true;
    }
    if (same) check(::fchmod(out.fd(), old.st_mode & 0777U) == 0, file);
}

void write_all(const Descriptor& out, std::string_view bytes, const std::string& file)
{
    while (!bytes.empty()) {
        const auto count = ::write(out.fd(), bytes.data(), bytes.size());
        check(count >= 0 || errno == EINTR, file);
        if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

}  // namespace

Secret read_secret_file(const std::filesystem::path& file)
{
    const Descriptor in{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    const auto broken = [&, error = errno] {
        return failure(shown(file) + ": cannot be read: " + std::strerror(error) + how_to_mend(error));
    };
    struct stat status = {};
    if (in.fd() < 0 || ::fstat(in.fd(), &status) != 0) return broken();
    if (S_ISDIR(status.st_mode)) return failure(shown(file) + ": this is a folder: name the file in it");
    std::string bytes;
    errno = 0;
    if (!read_until(in, bytes, max_secret_bytes + 1, std::chrono::steady_clock::now() + gives_within))
        return failure(shown(file) + ": cannot be read: " + (errno == 0 ? "nothing came within 5 s" : std::strerror(errno)));
    if (bytes.size() > max_secret_bytes) return failure(shown(file) + ": is larger than 64 KB: this is no password");
    Secret secret = first_line(bytes, shown(file));
    if (S_ISREG(status.st_mode) && (status.st_mode & S_IROTH) != 0) {
        secret.warnings.push_back(shown(file) +
                                  ": everybody on this machine can read it: chmod 600 it, or 640 with the group of majlis");
    }
    return secret;
}

void replace_secret_file(const std::filesystem::path& file, const std::string& value)
{
    const auto place = std::filesystem::absolute(file).string();
    struct stat old = {};
    // No link is followed: root must not write where whoever owns the folder lets one point to.
    check(::lstat(place.c_str(), &old) == 0, place);
    if (!S_ISREG(old.st_mode))
        throw std::system_error{std::make_error_code(std::errc::operation_not_permitted),
                                shown(place) + " is no file, but a link or a pipe"};
    std::string fresh = place + ".XXXXXX";
    const Descriptor out{::mkostemp(fresh.data(), O_CLOEXEC)};
    check(out.fd() >= 0, fresh);
    try {
        take_after(out, old, fresh);
        write_all(out, value + '\n', fresh);
        check(::fsync(out.fd()) == 0, fresh);
        check(::rename(fresh.c_str(), place.c_str()) == 0, place);
        const Descriptor folder{::open(std::filesystem::path{place}.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        check(folder.fd() >= 0 && ::fsync(folder.fd()) == 0, place);
    } catch (...) {
        ::unlink(fresh.c_str());
        throw;
    }
}

Secret run_secret_command(const std::vector<std::string>& command, std::chrono::milliseconds limit)
{
    if (command.empty() || command.front().empty()) return failure("password_command: the program's name is missing");
    const Program program{.words = command, .environment = {}, .limit = limit, .most_bytes = max_secret_bytes};
    const std::string name = "password_command " + text::printable(command.front(), 200);
    const Ran ran = run(program);
    if (ran.end == Ran::End::printed_too_much) return failure(name + ": " + describe(ran, program) + ": this is no password");
    if (!ran.well()) return failure(name + ": " + describe(ran, program));
    return first_line(ran.output, name);
}

Secret read_secret(const CredentialConfig& credentials, std::chrono::milliseconds command_limit)
{
    if (!credentials.password_file.empty()) return read_secret_file(credentials.password_file);
    if (!credentials.password_command.empty()) return run_secret_command(credentials.password_command, command_limit);
    return failure("no password is configured: add password_file or password_command");
}

}  // namespace majlis
