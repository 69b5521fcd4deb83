#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace majlis::archive {

/// The mails of a folder, in the order in which they came: of a Maildir (cur and new), else every file below it, at most four
/// folders deep, whose name is a number or ends in .eml (the archives of mlmmj and Sympa). Nothing hidden, no links.
std::vector<std::filesystem::path> mail_files(const std::filesystem::path& folder);

bool is_maildir(const std::filesystem::path& folder);

/// When a mail of a folder came: the number that a Maildir's name begins with, else the file's own time.
std::int64_t file_received_at(const std::filesystem::path& file);

/// A name for a mail in a Maildir; the same mail gets the same name.
std::string maildir_name(std::int64_t received_at, std::string_view raw);

}  // namespace majlis::archive
