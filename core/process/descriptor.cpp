#include "core/process/descriptor.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace majlis {

void Descriptor::close()
{
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

bool read_until(const Descriptor& from, std::string& out, std::size_t most, std::chrono::steady_clock::time_point until,
                const std::function<bool()>& cancelled)
{
    char buffer[4096];
    while (out.size() < most) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
        if (left <= 0 || (cancelled && cancelled())) return false;
        pollfd wait{from.fd(), POLLIN, 0};
        const int ready = ::poll(&wait, 1, static_cast<int>(std::min<long>(left, 200)));
        if (ready < 0 && errno != EINTR) return false;
        if (ready <= 0) continue;
        const ssize_t got = ::read(from.fd(), buffer, sizeof buffer);
        if (got == 0) return true;
        if (got < 0 && errno != EINTR) return false;
        if (got > 0) out.append(buffer, static_cast<std::size_t>(got));
    }
    return true;
}

}  // namespace majlis
