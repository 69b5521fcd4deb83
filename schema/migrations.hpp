#pragma once
#include <span>
#include <string_view>

namespace majlis::schema {

/// One step forward of the database. The n-th migration (from 1) brings `PRAGMA user_version` to n.
struct Migration {
    std::string_view name;  // file name, for messages
    std::string_view sql;
};

/// All migrations, oldest first. A shipped one is never edited.
std::span<const Migration> migrations() noexcept;

}  // namespace majlis::schema
