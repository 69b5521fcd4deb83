#pragma once
#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <filesystem>
#include <span>

#include "schema/migrations.hpp"

namespace majlis::store {

constexpr std::int32_t majlis_application_id = 0x6d616a6c;  // "majl"

int user_version(SQLite::Database& connection);
std::int32_t application_id(SQLite::Database& connection);
bool has_tables(SQLite::Database& connection);

/// Whether the file is kept as it was; one that is itself a copy need not be.
enum class Before { copied, forgotten };

/// Brings the file to the last of `migrations`, each in one EXCLUSIVE transaction; several processes may try at once. A file that
/// was in use before is first copied to "<path>.before-<its next version>".
void migrate(SQLite::Database& connection, const std::filesystem::path& path, std::span<const schema::Migration> migrations,
             Before before = Before::copied);

}  // namespace majlis::store
