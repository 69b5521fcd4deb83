#include "core/config/secret.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

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
    if (error == ENOENT) return "; write the password into it, on one line, and chmod 600 it";
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
