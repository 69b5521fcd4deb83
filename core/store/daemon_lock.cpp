#include "core/store/daemon_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>

namespace majlis::store {
namespace {

std::string lock_path(const std::filesystem::path& database) { return database.string() + ".lock"; }

/// A lock of the open file, like flock()'s, but one that holder() can ask about without taking it.
struct flock whole_file()
{
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    return whole;
}

int read_pid(int descriptor)
{
    std::array<char, 32> text{};
    const auto size = ::pread(descriptor, text.data(), text.size(), 0);
    int pid = 0;
    if (size > 0) std::from_chars(text.data(), text.data() + size, pid);
    return pid;
}

/// Root, who restores a database before its daemon runs, leaves no lock that the daemon could not open.
void give_to_owner(int descriptor, const std::filesystem::path& database)
{
    struct stat ours {
    }, owner{};
    if (::geteuid() != 0 || ::fstat(descriptor, &ours) != 0 || ours.st_uid != 0) return;
    const auto folder = std::filesystem::absolute(database).parent_path();
    if (::stat(database.c_str(), &owner) != 0 && ::stat(folder.c_str(), &owner) != 0) return;
    if (::fchown(descriptor, owner.st_uid, owner.st_gid) != 0)
        throw std::system_error{errno, std::generic_category(), "cannot give away " + lock_path(database)};
}

[[noreturn]] void refuse(const std::filesystem::path& database, int error)
{
    const auto folder = std::filesystem::absolute(database).parent_path().string();
    if (error == ENOENT || error == ENOTDIR)
        throw DatabaseError{"the database '" + database.string() + "' cannot be opened: there is no folder '" + folder +
                            "'; make it, owned by the user that runs majlis, or correct 'database' in majlis.toml"};
    throw DatabaseError{"'" + lock_path(database) + "' cannot be opened: " + std::generic_category().message(error) +
                        "; the user that runs majlis needs to write it and its folder"};
}

void write_pid(int descriptor, const std::string& path)
{
    const std::string text = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        throw std::system_error{errno, std::generic_category(), "cannot write " + path};
}

}  // namespace

Answer<DaemonLock> DaemonLock::take(const std::filesystem::path& database)
{
    const auto path = lock_path(database);
    const int descriptor = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) refuse(database, errno);
    DaemonLock lock{descriptor};
    auto whole = whole_file();
    if (::fcntl(descriptor, F_OFD_SETLK, &whole) != 0) {
        if (errno != EAGAIN && errno != EACCES) throw std::system_error{errno, std::generic_category(), "cannot lock " + path};
        return text::Problem{"another majlisd (process " + std::to_string(read_pid(descriptor)) + ") works on '" +
                             database.string() + "'; stop it first"};
    }
    give_to_owner(descriptor, database);
    write_pid(descriptor, path);
    return lock;
}

std::optional<int> DaemonLock::holder(const std::filesystem::path& database)
{
    const int descriptor = ::open(lock_path(database).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) return std::nullopt;
    const DaemonLock closes_it{descriptor};
    auto whole = whole_file();
    if (::fcntl(descriptor, F_OFD_GETLK, &whole) != 0)
        throw std::system_error{errno, std::generic_category(), "cannot examine " + lock_path(database)};
    if (whole.l_type == F_UNLCK) return std::nullopt;
    return read_pid(descriptor);
}

DaemonLock::DaemonLock(DaemonLock&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}

DaemonLock::~DaemonLock()
{
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace majlis::store
