#include "dns_peer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace majlis::test {

DnsPeer::DnsPeer(std::vector<std::string> lines)
{
    std::vector<std::string> options{"python3", "-B", MAJLIS_SOURCE_DIR "/tests/peer/dns.py"};
    for (std::string& line : lines) options.insert(options.end(), {"--record", std::move(line)});
    std::vector<char*> words;
    for (auto& option : options) words.push_back(option.data());
    words.push_back(nullptr);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    const int error = ::posix_spawnp(&pid_, "python3", &actions, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    output_ = ends[0];
    if (error != 0) throw std::runtime_error("python3 can not be run");
    constexpr int start_ms = 20'000;
    if (!read_line(start_ms)) throw std::runtime_error("the DNS peer did not start");
    server_ = line_.substr(line_.find(' ') + 1);
}

DnsPeer::~DnsPeer()
{
    ::close(output_);
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
}

bool DnsPeer::read_line(int limit_ms)
{
    for (;;) {
        if (const auto end = rest_.find('\n'); end != std::string::npos) {
            line_ = rest_.substr(0, end);
            rest_.erase(0, end + 1);
            return true;
        }
        pollfd ready{output_, POLLIN, 0};
        if (::poll(&ready, 1, limit_ms) <= 0) return false;
        std::array<char, 4096> bytes{};
        const auto count = ::read(output_, bytes.data(), bytes.size());
        if (count <= 0) return false;
        rest_.append(bytes.data(), static_cast<std::size_t>(count));
    }
}

std::vector<std::string> DnsPeer::asked(std::size_t count)
{
    constexpr int patience_ms = 5'000;
    while (read_line(asked_.size() < count ? patience_ms : 0)) asked_.push_back(line_.substr(line_.find(' ') + 1));
    return asked_;
}

}  // namespace majlis::test
