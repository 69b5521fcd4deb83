#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace majlis::test {

/// tests/peer/smtp.py on a port of its own, with its log; ends with this object.
class SmtpPeer {
public:
    explicit SmtpPeer(std::vector<std::string> options);
    ~SmtpPeer();
    SmtpPeer(const SmtpPeer&) = delete;
    SmtpPeer& operator=(const SmtpPeer&) = delete;

    unsigned port() const { return port_; }
    /// How often each recipient's copy was taken.
    std::map<std::string, int> taken() const;
    /// Lines of the log, JSON.
    std::vector<std::string> log() const;

private:
    std::filesystem::path log_;
    int pid_ = 0;
    unsigned port_ = 0;
};

}  // namespace majlis::test
