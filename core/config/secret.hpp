#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "core/config/config.hpp"

namespace majlis {

/// A password or token, or why there is none. Never log or print `value`; `error` and `warnings` do not hold it.
struct Secret {
    std::string value;
    std::string error;                  ///< empty: `value` is good. One line that says how to mend it
    std::vector<std::string> warnings;  ///< "/etc/majlis/smtp.password can be read by everybody: chmod 600 it"
    bool ok() const { return error.empty(); }
};

/// First line of the file without its line end. An empty or unreadable file, or more than 64 KB, is an error.
Secret read_secret_file(const std::filesystem::path& file);

/// Puts another secret in place of the file's, which keeps its owner and mode: a command that root runs must not take the file
/// away from the daemon. The old one stands until the new one is on the disk. Follows no link. Throws std::system_error.
void replace_secret_file(const std::filesystem::path& file, const std::string& value);

/// First line that the program prints. It is run without a shell, its standard input is /dev/null, its standard error ours; it
/// is killed with its process group when it takes longer than `limit`. Blocks.
Secret run_secret_command(const std::vector<std::string>& command, std::chrono::milliseconds limit = std::chrono::seconds{30});

/// The password from its file or command. With oauth2, or without a username, an error: there is none to read.
Secret read_secret(const CredentialConfig& credentials, std::chrono::milliseconds command_limit = std::chrono::seconds{30});

}  // namespace majlis
