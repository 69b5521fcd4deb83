#include "core/store/part_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "core/store/database.hpp"

namespace majlis::store {
namespace {

[[noreturn]] void give_up(const std::filesystem::path& file, const char* what, int error)
{
    throw DatabaseError{"'" + file.string() + "' " + what + ": " + std::generic_category().message(error)};
}

int open_or_wait(const std::filesystem::path& part, const std::filesystem::path& target)
{
    const int descriptor = ::open(part.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) give_up(target, "cannot be made", errno);
    while (::flock(descriptor, LOCK_EX) != 0) {
        if (errno == EINTR) continue;
        const int error = errno;
        ::close(descriptor);
        give_up(part, "cannot be locked", error);
    }
    return descriptor;
}

/// Whoever held the lock before us may have given the file its name.
bool still_there(int descriptor, const std::filesystem::path& part)
{
    struct stat ours {
    }, there{};
    return ::fstat(descriptor, &ours) == 0 && ::stat(part.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

/// False: the name is taken.
bool rename_to_new(const std::filesystem::path& from, const std::filesystem::path& to)
{
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
    if (errno == EEXIST) return false;
    if (errno != EINVAL && errno != ENOSYS) give_up(to, "cannot be named", errno);
    if (std::filesystem::exists(to)) return false;  // a file system that cannot do both at once
    std::filesystem::rename(from, to);
    return true;
}

}  // namespace

PartFile::PartFile(const std::filesystem::path& target) : target_{target}, part_{target.string() + ".part"} { lock(); }

void PartFile::lock()
{
    for (;;) {
        const int descriptor = open_or_wait(part_, target_);
        if (still_there(descriptor, part_)) {
            descriptor_ = descriptor;
            break;
        }
        ::close(descriptor);
    }
    if (::fchmod(descriptor_, 0600) != 0 || ::ftruncate(descriptor_, 0) != 0) give_up(target_, "cannot be written", errno);
}

PartFile::~PartFile()
{
    if (!placed_) ::unlink(part_.c_str());  // a full disk is why we are here, perhaps: what stays is begun anew next time
    if (descriptor_ >= 0) ::close(descriptor_);
}

void PartFile::flush()
{
    if (::fdatasync(descriptor_) != 0) give_up(target_, "cannot be written", errno);
}

bool PartFile::put_in_place(Existing existing)
{
    if (::fsync(descriptor_) != 0) give_up(target_, "cannot be written", errno);
    if (existing == Existing::keep)
        placed_ = rename_to_new(part_, target_);
    else if (::rename(part_.c_str(), target_.c_str()) == 0)
        placed_ = true;
    else
        give_up(target_, "cannot be replaced", errno);
    if (placed_) sync_folder(target_);
    return placed_;
}

void sync_folder(const std::filesystem::path& file)
{
    const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) give_up(folder, "cannot be opened", errno);
    const int error = ::fsync(descriptor) != 0 ? errno : 0;
    ::close(descriptor);
    if (error != 0 && error != EINVAL)
        give_up(folder, "cannot be written to the disk", error);  // EINVAL: it cannot be asked here
}

}  // namespace majlis::store
