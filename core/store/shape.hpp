#pragma once
#include <SQLiteCpp/Database.h>

#include <string>
#include <vector>

/// Whether a database has the tables, indexes, triggers and views that its version says.
namespace majlis::store {

/// What is missing, altered, or acts on our tables though it is not ours: one line each. Tables and indexes that somebody added
/// harm nobody. `version`: user_version of the file, at most the newest. Reads the schema alone, in a few milliseconds; within a
/// transaction of the caller, so that the version is still true.
std::vector<std::string> shape_faults(SQLite::Database& connection, int version);

}  // namespace majlis::store
