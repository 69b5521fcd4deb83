#pragma once
#include "core/store/database.hpp"

namespace majlis::store {

/// While it lives, commits do not wait for the disk: each gets there with the next commit that does, and in its order. A power
/// cut may take it away, but never something on which a synchronised commit rests (SQLite, WAL: synchronous = NORMAL). A crash
/// of the program takes nothing. Declare it before the transaction; inside another one it changes nothing.
class SyncLater {
public:
    explicit SyncLater(Database& db) : db_{db}
    {
        if (db.in_transaction()) return;
        db.execute("PRAGMA synchronous = NORMAL");
        changed_ = true;
    }
    ~SyncLater()
    {
        if (changed_) db_.connection().tryExec("PRAGMA synchronous = FULL");
    }
    SyncLater(const SyncLater&) = delete;
    SyncLater& operator=(const SyncLater&) = delete;

private:
    Database& db_;
    bool changed_ = false;
};

}  // namespace majlis::store
