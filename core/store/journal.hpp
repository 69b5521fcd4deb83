#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"

/// What happened: who did what, when, from where.
namespace majlis::store {

struct JournalLine {
    std::string event;  ///< verb of the domain: member-added, post-held, delivery-done
    std::optional<std::int64_t> list_id;
    std::string address;  ///< key of the address concerned
    std::string detail;   ///< printable, at most 1,000 bytes are kept
};
/// Inside the transaction of what it tells.
void journal(Database& db, const By& by, const JournalLine& line);

struct JournalEntry {
    std::int64_t id = 0, at = 0;
    std::string event, actor, list, address, detail;  ///< list: its name now, "" without or when it is gone
};
struct JournalQuery {
    std::optional<std::int64_t> list_id;
    std::optional<std::string> address;     ///< key
    std::optional<std::int64_t> before_id;  ///< older than this line
    std::size_t limit = 100;
};
/// Newest first.
std::vector<JournalEntry> read_journal(Database& db, const JournalQuery& query);

}  // namespace majlis::store
