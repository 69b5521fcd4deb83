#include <string>

#include "core/store/database.hpp"

namespace majlis::store {
namespace {

const char* begin_sql(Begin begin)
{
    switch (begin) {
        case Begin::deferred:
            return "BEGIN";
        case Begin::exclusive:
            return "BEGIN EXCLUSIVE";
        case Begin::immediate:
            break;
    }
    return "BEGIN IMMEDIATE";
}

std::string savepoint(const char* verb, int level) { return std::string{verb} + " level_" + std::to_string(level); }

}  // namespace

Transaction::Transaction(Database& db, Begin begin) : db_{db}, level_{db.depth_}
{
    if (level_ == 0)
        db_.execute(begin_sql(begin));
    else
        db_.execute(savepoint("SAVEPOINT", level_).c_str());
    ++db_.depth_;
}

Transaction::~Transaction()
{
    if (done_) return;
    --db_.depth_;
    if (!db_.in_transaction()) return;  // a full disk or an I/O error has rolled back already
    // tryExec: an error here means that SQLite has rolled back or will when the connection closes; nothing is committed either
    // way.
    if (level_ == 0)
        db_.connection().tryExec("ROLLBACK");
    else
        db_.connection().tryExec((savepoint("ROLLBACK TO", level_) + ";" + savepoint("RELEASE", level_)).c_str());
}

void Transaction::commit()
{
    if (level_ == 0)
        db_.execute("COMMIT");
    else
        db_.execute(savepoint("RELEASE", level_).c_str());
    done_ = true;
    --db_.depth_;
}

}  // namespace majlis::store
