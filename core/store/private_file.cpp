#include "core/store/private_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/store/database.hpp"

namespace majlis::store {

void make_private_file(const std::filesystem::path& path)
{
    const int descriptor = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor >= 0) {
        ::close(descriptor);
        return;
    }
    if (errno == EEXIST) return;
    if (errno == ENOENT)
        throw DatabaseError{"'" + path.string() + "' cannot be made: the folder '" + path.parent_path().string() +
                            "' does not exist; make it, owned by the user that runs majlis"};
    throw DatabaseError{"'" + path.string() + "' cannot be made: " + std::generic_category().message(errno)};
}

}  // namespace majlis::store
