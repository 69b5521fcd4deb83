#pragma once
#include <filesystem>

namespace majlis::store {

/// An empty file that nobody but us may read (0600), unless there is one already. SQLite gives its side files the same mode.
/// Throws DatabaseError.
void make_private_file(const std::filesystem::path& path);

}  // namespace majlis::store
