#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "core/store/database.hpp"
#include "core/store/part_file.hpp"

/// Whole copies of a database, made while others work with it.
namespace majlis::store {

using CopyProgress = std::function<void(int done, int total)>;  ///< in pages

/// What goes wrong is SQLite::Exception or DatabaseError; the copy is then as if it had never been begun.
///
/// Pages are copied in small steps under one read transaction: a copy of one moment, though others write meanwhile, and with
/// rests in which the disk is theirs. (VACUUM INTO would make a smaller file, but it reads and writes without a rest, and numbers
/// the rows of tables without an INTEGER PRIMARY KEY anew.) Needs no memory of the file's size. The copy is one file, in rollback
/// mode, so that it can be read where nothing can be written. `version`: what user_version the copy must have; false (and no
/// copy) where another process has changed it meanwhile.
bool copy_database(SQLite::Database& source, PartFile& to, std::optional<int> version = {}, const CopyProgress& progress = {});

/// That a copy could not be written ("" for any other error): the file that is being copied is not to blame. `copy` as a person
/// calls it.
std::string write_failure(const SQLite::Exception& error, std::string_view copy);

/// copy_database(), looked through before it gets its name (PRAGMA quick_check, shape_faults()). Refuses a damaged database, a
/// file that exists (unless it may be replaced), the database's own names, and a disk without room.
Answer<void> back_up(Database& db, const std::filesystem::path& to, Existing existing = Existing::keep,
                     const CopyProgress& progress = {});

}  // namespace majlis::store
