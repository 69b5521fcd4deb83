#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace majlis {

/// An open file, pipe or FIFO; closed at the end of its life.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_{fd} {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int fd() const { return fd_; }
    void close();

private:
    int fd_;
};

/// Appends what comes until its end, or until `out` holds `most` bytes or a little more. False when reading failed, `until` has
/// passed, or `cancelled` (asked five times a second) says so.
bool read_until(const Descriptor& from, std::string& out, std::size_t most, std::chrono::steady_clock::time_point until,
                const std::function<bool()>& cancelled = {});

}  // namespace majlis
