#pragma once

#include <sys/types.h>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace majlis::test {

/// Runs a program to its end; throws when it fails.
void run_program(const std::vector<std::string>& command);
unsigned free_port();

/// A certificate authority for one test, and certificates from it.
class Authority {
public:
    explicit Authority(std::filesystem::path folder);
    std::string ca_file() const { return folder_ / "ca.crt"; }
    struct Pair {
        std::string certificate, key;
    };
    /// For this host; with days < 0 it has expired.
    Pair issue(const std::string& name, const std::string& host, int days = 30);

private:
    std::filesystem::path folder_;
};

/// A folder that goes away with its owner.
class Scratch {
public:
    Scratch();
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// A private Dovecot on loopback with one user, "listes" with password "secret". Needs root and Debian's dovecot-imapd.
class Dovecot {
public:
    struct Options {
        std::string prefix;
        std::string separator = "/";
        std::string capability;  ///< replaces what the server says it can
        std::string host = "localhost";
        int certificate_days = 30;
        std::string mechanisms = "plain login";
    };
    static bool available();
    explicit Dovecot(const Options& options);
    Dovecot() : Dovecot(Options{}) {}
    ~Dovecot();
    Dovecot(const Dovecot&) = delete;
    Dovecot& operator=(const Dovecot&) = delete;

    void start();
    void stop();
    unsigned imap_port() const { return imap_port_; }
    unsigned imaps_port() const { return imaps_port_; }
    std::string ca_file() const { return authority_.ca_file(); }
    /// Puts a mail in a folder of the Maildir ("" is INBOX, ".Junk"); lines with CRLF.
    void deliver(std::string_view mail, const std::string& folder = "") const;
    /// Number of files in cur and new of a folder.
    std::size_t count(const std::string& folder) const;
    std::vector<std::string> file_names(const std::string& folder) const;
    /// Marks all that is there as read by giving the folder a new UIDVALIDITY.
    void change_uidvalidity() const;

private:
    void write_configuration(const Options& options, const Authority::Pair& pair) const;
    Scratch scratch_;
    Authority authority_;
    unsigned imap_port_;
    unsigned imaps_port_;
    pid_t pid_ = 0;
};

}  // namespace majlis::test
