#include "core/store/reports.hpp"

#include "core/store/journal.hpp"
#include "core/text/printable.hpp"

namespace majlis::store {
namespace {

constexpr std::size_t most_message_ids = 100;

/// In the order of the view's columns.
KeptReport row_of(Prepared& row)
{
    KeptReport report;
    report.id = row.integer(0);
    report.post_id = row.integer(1);
    report.list_id = row.integer(2);
    report.list = row.text(3);
    report.state = row.text(4);
    report.section = row.text(5);
    report.folder = row.text(6);
    report.title = row.text(7);
    report.author = row.text(8);
    report.date = row.text(9);
    report.note = row.text(10);
    report.sender = row.text(11);
    report.message_id = row.text(12);
    report.text_bytes = row.integer(13);
    report.kept_at = row.integer(14);
    return report;
}

std::vector<KeptReport> rows_of(Prepared& rows)
{
    std::vector<KeptReport> all;
    while (rows.step()) all.push_back(row_of(rows));
    return all;
}

}  // namespace

void note_report(Database& db, std::int64_t post_id, std::int64_t list_id, ReportMark mark, std::int64_t now)
{
    auto insert = db.prepared(
        "INSERT INTO report (post_id, list_id, state, reply, created_at) VALUES (:post, :list, 'new', :reply, :now) "
        "ON CONFLICT DO NOTHING");
    insert.bind(":post", post_id).bind(":list", list_id).bind(":now", now);
    insert.bind(":reply", std::int64_t{mark == ReportMark::reply ? 1 : 0}).run();
}

std::optional<PendingReport> next_report(Database& db, std::int64_t after_id)
{
    db.prepared(
          "UPDATE report SET state = 'not a report', note = 'the post was refused' WHERE state = 'new' AND EXISTS ("
          "SELECT 1 FROM post_list WHERE post_list.post_id = report.post_id AND post_list.list_id = report.list_id "
          "AND post_list.verdict IN ('rejected', 'discarded'))")
        .run();
    auto row = db.prepared(
        "SELECT report.id, report.post_id, report.list_id, post.content_id, report.reply, post.sender, post.sender_name, "
        "post.received_at FROM report JOIN post ON post.id = report.post_id "
        "JOIN post_list ON post_list.post_id = report.post_id AND post_list.list_id = report.list_id "
        "WHERE report.state = 'new' AND report.id > :after AND post_list.verdict = 'accepted' ORDER BY report.id LIMIT 1");
    row.bind(":after", after_id);
    if (!row.step()) return std::nullopt;
    PendingReport pending;
    pending.id = row.integer(0);
    pending.post_id = row.integer(1);
    pending.list_id = row.integer(2);
    pending.content_id = row.integer(3);
    pending.mark = row.integer(4) != 0 ? ReportMark::reply : ReportMark::report;
    pending.sender = row.text(5);
    pending.sender_name = row.text(6);
    pending.received_at = row.integer(7);
    return pending;
}

std::optional<KeptReport> find_report(Database& db, std::int64_t list_id, std::span<const std::string> message_ids)
{
    const auto ids = message_ids.size() > most_message_ids ? message_ids.last(most_message_ids) : message_ids;
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
        auto row =
            db.prepared("SELECT * FROM report_row WHERE message_id = :id AND list_id = :list AND state IN ('kept', 'replaced')");
        row.bind(":id", *id).bind(":list", list_id);
        if (!row.step()) continue;
        auto found = row_of(row);
        if (found.state == "kept") return found;
        // A correction took its place: what stands in that folder now.
        auto now = db.prepared("SELECT * FROM report_row WHERE section = :section AND folder = :folder AND state = 'kept'");
        now.bind(":section", found.section).bind(":folder", found.folder);
        if (now.step()) return row_of(now);
    }
    return std::nullopt;
}

std::vector<KeptReport> reports_of_section(Database& db, std::string_view section)
{
    auto rows = db.prepared("SELECT * FROM report_row WHERE section = :section AND state = 'kept' ORDER BY folder");
    rows.bind(":section", section);
    return rows_of(rows);
}

std::vector<KeptReport> list_reports(Database& db, std::optional<std::int64_t> list_id, std::size_t limit)
{
    if (list_id) {
        auto rows = db.prepared("SELECT * FROM report_row WHERE list_id = :list ORDER BY id DESC LIMIT :limit");
        rows.bind(":list", *list_id).bind(":limit", static_cast<std::int64_t>(limit));
        return rows_of(rows);
    }
    auto rows = db.prepared("SELECT * FROM report_row ORDER BY id DESC LIMIT :limit");
    rows.bind(":limit", static_cast<std::int64_t>(limit));
    return rows_of(rows);
}

void report_kept(Database& db, const KeptReport& report, std::int64_t replaced, const By& by)
{
    Transaction transaction{db};
    if (replaced != 0) {
        // The old one bears the new folder: a later correction of either finds what stands there now.
        auto old = db.prepared("UPDATE report SET state = 'replaced', folder = :folder, section = :section WHERE id = :id");
        old.bind(":folder", report.folder).bind(":section", report.section).bind(":id", replaced).run();
    }
    auto kept = db.prepared(
        "UPDATE report SET state = 'kept', note = '', section = :section, folder = :folder, title = :title, author = :author, "
        "date = :date, text_bytes = :bytes, kept_at = :now WHERE id = :id");
    kept.bind(":section", report.section).bind(":folder", report.folder).bind(":title", report.title);
    kept.bind(":author", report.author).bind(":date", report.date).bind(":bytes", report.text_bytes);
    kept.bind(":now", by.at).bind(":id", report.id).run();
    db.prepared("UPDATE report_push SET waiting = 1 WHERE id = 1").run();
    journal(db, by, {.event = "report-kept", .list_id = report.list_id, .address = report.sender, .detail = report.folder});
    transaction.commit();
}

void not_a_report(Database& db, std::int64_t id, std::string_view why)
{
    db.prepared("UPDATE report SET state = 'not a report', note = :why WHERE id = :id").bind(":why", why).bind(":id", id).run();
}

void report_failed(Database& db, std::int64_t id, std::string_view why)
{
    db.prepared("UPDATE report SET note = :why WHERE id = :id").bind(":why", text::printable(why, 1000)).bind(":id", id).run();
}

PushState push_state(Database& db)
{
    PushState state;
    auto row = db.prepared("SELECT waiting, failures, try_at, coalesce(pushed_at, 0), last_error FROM report_push WHERE id = 1");
    if (!row.step()) return state;
    state.waiting = row.integer(0) != 0;
    state.failures = row.integer(1);
    state.try_at = row.integer(2);
    state.pushed_at = row.integer(3);
    state.last_error = row.text(4);
    return state;
}

void push_done(Database& db, std::int64_t now)
{
    db.prepared("UPDATE report_push SET waiting = 0, failures = 0, try_at = 0, last_error = '', pushed_at = :now WHERE id = 1")
        .bind(":now", now)
        .run();
}

void push_failed(Database& db, std::string_view error, std::int64_t try_at)
{
    auto update = db.prepared(
        "UPDATE report_push SET waiting = 1, failures = failures + 1, try_at = :at, last_error = :error WHERE id = 1");
    update.bind(":at", try_at).bind(":error", text::printable(error, 1000)).run();
}

void push_now(Database& db) { db.prepared("UPDATE report_push SET waiting = 1, try_at = 0 WHERE id = 1").run(); }

}  // namespace majlis::store
