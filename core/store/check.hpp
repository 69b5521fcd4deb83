#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "core/store/database.hpp"

/// Whether a database is sound: SQLite's own pages, references, and what majlis itself promises about its rows.
namespace majlis::store {

struct Unsound {
    std::string kind;     ///< pages, references, mails, deliveries...
    std::string message;  ///< what is wrong, and with which row
    std::string mend;     ///< what to do about it
};

/// Of a sort, so many are named; another line says then that there are more.
constexpr std::size_t most_of_a_sort = 20;
constexpr auto others_too = "there are more of this sort";

/// Empty: sound. Reads all of one moment, while others write; needs no memory of the file's size. Of a file whose pages are
/// damaged, or that lacks part of its schema, only that is said.
std::vector<Unsound> check_database(Database& db);

/// SQLite's part of it: pages and indexes.
std::vector<Unsound> check_pages(SQLite::Database& connection);

/// What majlis promises about its rows. In a transaction of the caller, so that all is of one moment.
std::vector<Unsound> check_invariants(Database& db);

}  // namespace majlis::store
