#pragma once

#include <string>
#include <vector>

namespace majlis::test {

/// tests/peer/dns.py on a port of its own, with these records and faults; ends with this object.
class DnsPeer {
public:
    explicit DnsPeer(std::vector<std::string> lines);
    ~DnsPeer();
    DnsPeer(const DnsPeer&) = delete;
    DnsPeer& operator=(const DnsPeer&) = delete;

    /// "127.0.0.1:PORT"
    const std::string& server() const { return server_; }
    /// Every question so far, in order: "NAME udp". Waits for `count` of them, at most 5 s.
    std::vector<std::string> asked(std::size_t count);

private:
    bool read_line(int limit_ms);
    int pid_ = 0, output_ = -1;
    std::string server_, rest_, line_;
    std::vector<std::string> asked_;
};

}  // namespace majlis::test
