#pragma once
#include <SQLiteCpp/Exception.h>

#include <filesystem>
#include <optional>
#include <string>

/// What is wrong with a database's file, and what to do about it.
namespace majlis::store {

/// SQLite says that the file is damaged, or is no database.
bool is_damage(const SQLite::Exception& error) noexcept;
/// The same, but for the index of the archive's words: that can be made anew.
bool is_lasting_damage(const SQLite::Exception& error) noexcept;

/// What went wrong with this file, and what to do about it.
std::string advice(const std::filesystem::path& path, const SQLite::Exception& error);

/// Says it as DatabaseError, or UnusableDatabase where the damage lasts.
[[noreturn]] void throw_in_words(const std::filesystem::path& path, const SQLite::Exception& error);

/// Why a database on this kind of file system (network_file_system()) is not opened; "" where that is left to the operator: FUSE
/// may be a local disk, and `majlis check` tells of it.
std::string network_refusal(const std::filesystem::path& path, const std::optional<std::string>& kind);

}  // namespace majlis::store
