#include "core/store/importing.hpp"

#include <algorithm>

#include "core/store/journal.hpp"
#include "core/store/list_names.hpp"
#include "core/store/lists.hpp"
#include "core/store/members.hpp"

namespace majlis::store {
namespace {

// Staged rows t of one slice whose person is on the list (subscription s, member m).
#define MAJLIS_ON_LIST                                                 \
    "FROM temp.sorted t CROSS JOIN member m ON m.address_key = t.key " \
    "CROSS JOIN subscription s ON s.list_id = :list AND s.member_id = m.id WHERE t.n > :from AND t.n <= :to "
// What such a row would change.
#define MAJLIS_DIFFERS                                                            \
    "(t.mode <> '' AND t.mode <> s.mode) OR (t.name <> '' AND t.name <> m.name) " \
    "OR (t.language <> '' AND t.language <> coalesce(m.language, ''))"

constexpr std::size_t kept_problems = 100;
constexpr std::int64_t slice_rows = 20'000;

std::int64_t number(Database& db, std::string_view sql)
{
    auto row = db.prepared(sql);
    return row.step() ? row.integer(0) : 0;
}

}  // namespace

Import::Import(Database& db, std::int64_t list_id, const ImportOptions& options) : db_{db}, list_id_{list_id}, options_{options}
{
    for (const auto& node : list_tree(db_)) {
        own_keys_.insert(node.list.address_key);
        own_domains_.emplace(split_key(node.list.address_key).domain);
    }
    // The temporary database is a file of its own: staging holds no lock that the daemon could wait for.
    db_.execute(
        "PRAGMA cache_size = -65536;"
        "DROP TABLE IF EXISTS temp.staged; DROP TABLE IF EXISTS temp.sorted; DROP TABLE IF EXISTS temp.changed;"
        "CREATE TEMP TABLE staged (line INTEGER NOT NULL, key TEXT NOT NULL, address TEXT NOT NULL, name TEXT NOT NULL,"
        " language TEXT NOT NULL, mode TEXT NOT NULL);"
        "CREATE TEMP TABLE sorted (n INTEGER PRIMARY KEY, key TEXT NOT NULL, address TEXT NOT NULL,"
        " name TEXT NOT NULL, language TEXT NOT NULL, mode TEXT NOT NULL);"
        "CREATE TEMP TABLE changed (id INTEGER PRIMARY KEY, mode TEXT NOT NULL, name TEXT NOT NULL, language TEXT NOT NULL);"
        "BEGIN");
}

Import::~Import()
{
    // What fails here goes with the connection: temporary tables hold nothing that lasts.
    if (db_.in_transaction()) db_.connection().tryExec("ROLLBACK");
    db_.connection().tryExec(
        "DROP TABLE IF EXISTS temp.staged; DROP TABLE IF EXISTS temp.sorted; DROP TABLE IF EXISTS temp.changed");
    db_.connection().tryExec(("PRAGMA cache_size = -" + std::to_string(db_.cache_bytes() / 1024)).c_str());
}

bool Import::is_own(const std::string& key) const
{
    if (!own_domains_.contains(std::string{split_key(key).domain})) return false;
    if (own_keys_.contains(key)) return true;
    return std::ranges::any_of(possible_lists(key), [&](const std::string& base) { return own_keys_.contains(base); });
}

void Import::refuse(std::size_t line, std::string message)
{
    ++report_.bad;
    if (report_.problems.size() < kept_problems) report_.problems.push_back({line, std::move(message)});
    if (options_.on_error == ImportOptions::OnError::stop) report_.stopped = true;
}

bool Import::add(const RosterRow& row)
{
    if (report_.stopped) return false;
    ++report_.rows;
    auto problem = row.problem;
    if (problem.empty() && is_own(row.key))
        problem = row.address + " is an address of one of our lists, mail to it would go round in a circle: remove the line";
    if (!problem.empty()) {
        refuse(row.line, std::move(problem));
        return !report_.stopped;
    }
    auto insert = db_.prepared("INSERT INTO temp.staged VALUES (:line, :key, :address, :name, :language, :mode)");
    insert.bind(":line", static_cast<std::int64_t>(row.line)).bind(":key", row.key).bind(":address", row.address);
    insert.bind(":name", row.name).bind(":language", row.language).bind(":mode", row.mode).run();
    return true;
}

/// In the order of addresses, each once: the indexes then grow at their end, several times as fast. One sort and a walk over
/// neighbours take half of what GROUP BY does.
void Import::sort_staged()
{
    if (sorted_) return;
    db_.execute(
        "INSERT INTO temp.sorted (key, address, name, language, mode) "
        "SELECT key, address, name, language, mode FROM temp.staged ORDER BY key, line");
    report_.repeated = db_.prepared(
                              "DELETE FROM temp.sorted WHERE n IN (SELECT t.n + 1 FROM temp.sorted t "
                              "CROSS JOIN temp.sorted next ON next.n = t.n + 1 WHERE next.key = t.key)")
                           .run();
    db_.execute("COMMIT; DELETE FROM temp.staged");
    total_ = number(db_, "SELECT count(*) FROM temp.sorted");
    last_ = number(db_, "SELECT coalesce(max(n), 0) FROM temp.sorted");
    sorted_ = true;
}

/// What the import would do to the members as they are now.
void Import::count_known()
{
    auto row = db_.prepared("SELECT count(m.id), count(s.member_id), count(s.member_id) FILTER (WHERE " MAJLIS_DIFFERS
                            ") FROM temp.sorted t LEFT JOIN member m ON m.address_key = t.key "
                            "LEFT JOIN subscription s ON s.list_id = :list AND s.member_id = m.id");
    row.bind(":list", list_id_).step();
    report_.new_members = total_ - row.integer(0);
    report_.added = total_ - row.integer(1);
    report_.updated = options_.known == ImportOptions::Known::update ? row.integer(2) : 0;
    report_.already = row.integer(1) - report_.updated;
}

ImportReport Import::finish(const By& by, const Progress& progress)
{
    if (report_.stopped) return report_;
    sort_staged();
    if (options_.run == ImportOptions::Run::dry)
        count_known();
    else
        write(by, progress);
    return report_;
}

void Import::write(const By& by, const Progress& progress)
{
    Transaction transaction{db_};
    if (!find_list(db_, list_id_)) throw DatabaseError{"the list was removed meanwhile; nothing was imported"};
    report_.new_members = report_.added = report_.updated = 0;
    const auto tick = next_tick(db_);
    for (std::int64_t from = 0; from < last_; from += slice_rows) {
        if (options_.known == ImportOptions::Known::update) update_slice(from, tick, by);
        insert_slice(from, tick, by);
        if (progress) progress(std::min(from + slice_rows, last_), last_);
    }
    report_.already = total_ - report_.added - report_.updated;
    note_muted(tick);
    journal(db_, by,
            {"members-imported", list_id_, "",
             std::to_string(report_.added) + " added, " + std::to_string(report_.updated) + " changed, " +
                 std::to_string(report_.already) + " were there"});
    transaction.commit();
}

void Import::insert_slice(std::int64_t from, std::int64_t tick, const By& by)
{
    auto members = db_.prepared(
        "INSERT INTO member (address, address_key, name, language, created_at) "
        "SELECT address, key, name, nullif(language, ''), :now FROM temp.sorted WHERE n > :from AND n <= :to ORDER BY n "
        "ON CONFLICT (address_key) DO NOTHING");
    report_.new_members += members.bind(":now", by.at).bind(":from", from).bind(":to", from + slice_rows).run();
    auto rows = db_.prepared(
        "INSERT INTO subscription (list_id, member_id, mode, joined, since, joined_at) "
        "SELECT :list, m.id, iif(t.mode = '', :mode, t.mode), :tick, :tick, :now "
        "FROM temp.sorted t CROSS JOIN member m ON m.address_key = t.key WHERE t.n > :from AND t.n <= :to ORDER BY t.n "
        "ON CONFLICT DO NOTHING");
    rows.bind(":list", list_id_).bind(":mode", mode_name(options_.mode)).bind(":tick", tick).bind(":now", by.at);
    report_.added += rows.bind(":from", from).bind(":to", from + slice_rows).run();
}

/// Runs before insert_slice(): only rows that were on the list already. What changes is first put aside by member id, so that
/// each table is then touched at those ids alone.
void Import::update_slice(std::int64_t from, std::int64_t tick, const By& by)
{
    db_.prepared("DELETE FROM temp.changed").run();
    auto collect = db_.prepared(
        "INSERT INTO temp.changed (id, mode, name, language) "
        "SELECT m.id, iif(t.mode = s.mode, '', t.mode), t.name, t.language " MAJLIS_ON_LIST "AND (" MAJLIS_DIFFERS ")");
    report_.updated += collect.bind(":list", list_id_).bind(":from", from).bind(":to", from + slice_rows).run();
    auto past = db_.prepared(
        "INSERT INTO subscription_past (list_id, member_id, mode, since, until, ended_at) "
        "SELECT s.list_id, s.member_id, s.mode, s.since, :tick, :now FROM temp.changed c "
        "CROSS JOIN subscription s ON s.list_id = :list AND s.member_id = c.id WHERE c.mode <> ''");
    past.bind(":tick", tick).bind(":now", by.at).bind(":list", list_id_).run();
    auto modes = db_.prepared(
        "UPDATE subscription SET mode = (SELECT mode FROM temp.changed WHERE id = member_id), since = :tick "
        "WHERE list_id = :list AND member_id IN (SELECT id FROM temp.changed WHERE mode <> '')");
    modes.bind(":tick", tick).bind(":list", list_id_).run();
    db_.prepared(
           "UPDATE member SET name = coalesce((SELECT nullif(c.name, '') FROM temp.changed c WHERE c.id = member.id), name), "
           "language = coalesce((SELECT nullif(c.language, '') FROM temp.changed c WHERE c.id = member.id), language) "
           "WHERE id IN (SELECT id FROM temp.changed WHERE name <> '' OR language <> '')")
        .run();
}

/// Who is now muted, or gets digests, will not be covered by what is on its way.
void Import::note_muted(std::int64_t tick)
{
    std::vector<std::int64_t> muted;
    {
        auto open = db_.prepared("SELECT 1 FROM delivery WHERE state IN ('active', 'held') LIMIT 1");
        if (!open.step()) return;
        auto rows = db_.prepared("SELECT member_id FROM subscription WHERE list_id = :list AND since = :tick AND mode <> 'each'");
        rows.bind(":list", list_id_).bind(":tick", tick);
        while (rows.step()) muted.push_back(rows.integer(0));
    }
    for (const auto member : muted) note_leaving(db_, member, list_id_);
}

}  // namespace majlis::store
