#include <algorithm>
#include <charconv>
#include <string>

#include "core/store/digest_rows.hpp"
#include "core/store/journal.hpp"
#include "core/store/lists.hpp"
#include "core/text/zone.hpp"
#include "core/token/sha256.hpp"

namespace majlis::store {
namespace {

std::int64_t last_delivery(Database& db)
{
    auto row = db.prepared("SELECT coalesce(max(id), 0) FROM delivery");
    row.step();
    return row.integer(0);
}

std::optional<DigestReason> reason_named(std::string_view name)
{
    for (const auto reason : {DigestReason::due, DigestReason::full, DigestReason::asked})
        if (digest_reason_name(reason) == name) return reason;
    return std::nullopt;
}

/// The moment on that day, at the hour of the rules.
std::int64_t moment(const DigestRules& rules, text::LocalTime day, int days_back)
{
    day.day -= days_back;
    day.hour = static_cast<int>(rules.at.count() / 60);
    day.minute = static_cast<int>(rules.at.count() % 60);
    day.second = 0;
    return text::unix_time(day, rules.timezone);
}

#define MAJLIS_DIGEST_RUN_COLUMNS                                                                                        \
    "SELECT id, reason, daily_at, weekly_at, lists, max_posts, max_bytes, delivery_id, next_member_id, created_at FROM " \
    "digest_run "

DigestRun read_run(const Prepared& row)
{
    DigestRun run;
    run.id = row.integer(0);
    run.reason = reason_named(row.text(1)).value_or(DigestReason::due);
    run.daily_at = row.maybe_integer(2);
    run.weekly_at = row.maybe_integer(3);
    run.lists = read_ids(row.text(4));
    run.max_posts = row.integer(5);
    run.max_bytes = row.integer(6);
    run.delivery_id = row.integer(7);
    run.after_member = row.integer(8);
    run.created_at = row.integer(9);
    return run;
}

std::optional<DigestRun> find_run(Database& db, std::int64_t id)
{
    auto row = db.prepared(MAJLIS_DIGEST_RUN_COLUMNS "WHERE id = :id AND state = 'open'");
    if (!row.bind(":id", id).step()) return std::nullopt;
    return read_run(row);
}

/// Over the whole site: nobody has more than that.
struct Waiting {
    std::int64_t posts = 0, bytes = 0, last = 0;  // last: delivery
};
Waiting all_that_waits(Database& db, const DigestClock& clock)
{
    auto row = db.prepared(
        "SELECT count(*), coalesce(sum(min(p.size, :counted)), 0), coalesce(max(d.id), 0) FROM delivery d "
        "JOIN post p ON p.id = d.post_id WHERE d.id > :after AND d.kind = 'post'");
    row.bind(":counted", max_counted_bytes).bind(":after", std::min(clock.daily, clock.weekly)).step();
    return {row.integer(0), row.integer(1), row.integer(2)};
}

bool has_limits(const DigestRules& rules) { return rules.max_posts > 0 || rules.max_bytes > 0; }

bool too_much(const Waiting& waiting, const DigestRules& rules)
{
    return (rules.max_posts > 0 && waiting.posts > rules.max_posts) || (rules.max_bytes > 0 && waiting.bytes > rules.max_bytes);
}

/// One step for each root and run: the next number, or 1 of the next volume in a new year.
void number_root(Database& db, const DigestRun& run, std::int64_t root_id, int year)
{
    auto known = db.prepared("SELECT 1 FROM digest_issue WHERE run_id = :run AND list_id = :list");
    if (known.bind(":run", run.id).bind(":list", root_id).step()) return;
    auto next = db.prepared(
        "INSERT INTO digest_volume (list_id, year, volume, issue) VALUES (:list, :year, 1, 1) ON CONFLICT (list_id) DO UPDATE "
        "SET "
        "volume = volume + (year <> :year), issue = CASE WHEN year = :year THEN issue + 1 ELSE 1 END, year = :year");
    next.bind(":list", root_id).bind(":year", year).run();
    auto note = db.prepared(
        "INSERT INTO digest_issue (run_id, list_id, volume, issue) SELECT :run, list_id, volume, issue FROM digest_volume "
        "WHERE list_id = :list");
    note.bind(":run", run.id).bind(":list", root_id).run();
}

std::int64_t group_for(Database& db, const DigestRun& run, const PlannedDigest& digest, int year)
{
    const auto posts = digest_posts_text(digest.posts->sections);
    const auto hash = token::sha256(posts);
    const std::string_view key{reinterpret_cast<const char*>(hash.data()), hash.size()};
    {
        auto known = db.prepared(
            "SELECT id FROM digest_group WHERE run_id = :run AND language = :language AND format = :format AND key = :key");
        known.bind(":run", run.id).bind(":language", digest.language).bind(":format", digest_format_name(digest.format));
        if (known.bind_blob(":key", key).step()) return known.integer(0);
    }
    for (const auto& section : digest.posts->sections)
        if (const auto line = ancestors(db, section.list_id); !line.empty()) number_root(db, run, line.back().id, year);
    auto insert = db.prepared(
        "INSERT INTO digest_group (run_id, language, format, posts, key, state) VALUES (:run, :language, :format, :posts, :key, "
        "'waiting')");
    insert.bind(":run", run.id).bind(":language", digest.language).bind(":format", digest_format_name(digest.format));
    insert.bind(":posts", posts).bind_blob(":key", key).run();
    return db.last_id();
}

void record(Database& db, const DigestRun& run, const std::vector<PlannedDigest>& digests, int year)
{
    auto insert =
        db.prepared("INSERT OR IGNORE INTO digest_recipient (member_id, run_id, group_id) VALUES (:member, :run, :group)");
    auto mark = db.prepared(
        "INSERT INTO digest_mark (member_id, delivery_id) VALUES (:member, :delivery) ON CONFLICT (member_id) DO UPDATE SET "
        "delivery_id = max(delivery_id, :delivery)");
    for (const auto& digest : digests) {
        const auto group = group_for(db, run, digest, year);
        insert.bind(":member", digest.member_id).bind(":run", run.id).bind(":group", group).run();
        if (digest.holds == PlannedDigest::Holds::all_that_waits)
            mark.bind(":member", digest.member_id).bind(":delivery", run.delivery_id).run();
    }
}

void advance_clock(Database& db, std::string_view kind, const DigestRun& run, std::int64_t due_at)
{
    auto update = db.prepared(
        "UPDATE digest_clock SET delivery_id = max(delivery_id, :delivery), due_at = max(due_at, :due) WHERE kind = :kind");
    update.bind(":delivery", run.delivery_id).bind(":due", due_at).bind(":kind", kind).run();
}

/// The end of a run; how many mails it is. One that found nobody leaves nothing behind.
std::int64_t close(Database& db, const DigestRun& run, const By& by)
{
    if (run.daily_at) advance_clock(db, "daily", run, *run.daily_at);
    if (run.weekly_at) advance_clock(db, "weekly", run, *run.weekly_at);
    if (run.reason == DigestReason::full) advance_clock(db, "full", run, run.created_at);  // also when nobody had too much
    db.prepared("DELETE FROM digest_mark WHERE delivery_id <= (SELECT min(delivery_id) FROM digest_clock WHERE kind <> 'full')")
        .run();
    std::int64_t members = 0, groups = 0;
    {
        auto count = db.prepared(
            "SELECT (SELECT count(*) FROM digest_recipient WHERE run_id = :run), (SELECT count(*) FROM digest_group WHERE run_id "
            "= "
            ":run)");
        count.bind(":run", run.id).step();
        members = count.integer(0);
        groups = count.integer(1);
    }
    db.prepared(groups == 0 ? "DELETE FROM digest_run WHERE id = :run"
                            : "UPDATE digest_run SET state = 'planned' WHERE id = :run")
        .bind(":run", run.id)
        .run();
    if (groups == 0) return 0;
    journal(db, by,
            {"digests-planned", std::nullopt, "",
             std::to_string(members) + " members, " + std::to_string(groups) + " different digests (" +
                 std::string{digest_reason_name(run.reason)} + ")"});
    return groups;
}

}  // namespace

std::string digest_posts_text(const std::vector<DigestPosts::Section>& sections)
{
    std::string out;
    for (const auto& section : sections) {
        if (!out.empty()) out += ';';
        out += std::to_string(section.list_id) + ':';
        for (std::size_t i = 0; i < section.posts.size(); ++i) {
            if (i > 0) out += ',';
            out += std::to_string(section.posts[i]);
        }
    }
    return out;
}

std::vector<DigestPosts::Section> read_digest_posts(std::string_view text)
{
    std::vector<DigestPosts::Section> sections;
    char before = ';';
    for (const char* at = text.data(); at != text.data() + text.size();) {
        std::int64_t id = 0;
        const auto read = std::from_chars(at, text.data() + text.size(), id);
        if (read.ec != std::errc{}) throw DatabaseError{"the database holds a damaged digest; run 'majlis db check'"};
        if (before == ';')
            sections.push_back({id, {}});
        else
            sections.back().posts.push_back(id);
        at = read.ptr;
        if (at != text.data() + text.size()) before = *at++;
    }
    return sections;
}

std::string ids_text(const std::vector<std::int64_t>& ids)
{
    std::string out;
    for (const auto id : ids) out += (out.empty() ? "" : " ") + std::to_string(id);
    return out;
}

std::vector<std::int64_t> read_ids(std::string_view text)
{
    std::vector<std::int64_t> ids;
    for (const char *at = text.data(), *end = at + text.size(); at < end; ++at) {
        std::int64_t id = 0;
        const auto read = std::from_chars(at, end, id);
        if (read.ec != std::errc{}) break;
        ids.push_back(id);
        at = read.ptr;
    }
    return ids;
}

DigestClock digest_clock(Database& db)
{
    DigestClock clock;
    auto rows = db.prepared("SELECT kind, delivery_id, due_at FROM digest_clock");
    while (rows.step()) {
        const auto kind = rows.text(0);
        (kind == "daily" ? clock.daily : kind == "weekly" ? clock.weekly : clock.full) = rows.integer(1);
        if (kind == "daily") clock.daily_at = rows.integer(2);
        if (kind == "weekly") clock.weekly_at = rows.integer(2);
    }
    return clock;
}

std::string_view digest_reason_name(DigestReason reason)
{
    switch (reason) {
        case DigestReason::due:
            return "due";
        case DigestReason::full:
            return "full";
        case DigestReason::asked:
            break;
    }
    return "asked";
}

DigestMoments digest_moments(const DigestRules& rules, std::int64_t now)
{
    const auto today = text::local_time(now, rules.timezone);
    DigestMoments moments;
    for (int back = 0; back < 9 && (moments.daily == 0 || moments.weekly == 0); ++back) {
        const auto at = moment(rules, today, back);
        if (at > now) continue;
        if (moments.daily == 0) moments.daily = at;
        const int weekday = ((today.weekday - back) % 7 + 7) % 7;
        if (weekday == static_cast<int>(rules.weekly.c_encoding())) moments.weekly = at;
    }
    return moments;
}

std::optional<DigestRun> unfinished_digests(Database& db)
{
    auto row = db.prepared(MAJLIS_DIGEST_RUN_COLUMNS "WHERE state = 'open'");
    if (!row.step()) return std::nullopt;
    return read_run(row);
}

std::optional<DigestRun> due_digests(Database& db, const DigestRules& rules, std::int64_t now)
{
    const auto moments = digest_moments(rules, now);
    const auto clock = digest_clock(db);
    DigestRun run;
    if (moments.daily > clock.daily_at) run.daily_at = moments.daily;
    if (moments.weekly > clock.weekly_at) run.weekly_at = moments.weekly;
    if (!run.daily_at && !run.weekly_at) return std::nullopt;
    if (!run.weekly_at && has_limits(rules) && too_much(all_that_waits(db, clock), rules)) {
        run.max_posts = rules.max_posts;
        run.max_bytes = rules.max_bytes;
    }
    run.delivery_id = last_delivery(db);
    run.created_at = now;
    return run;
}

std::optional<DigestRun> full_digests(Database& db, const DigestRules& rules, std::int64_t now)
{
    if (!has_limits(rules)) return std::nullopt;
    const auto clock = digest_clock(db);
    const auto waiting = all_that_waits(db, clock);
    if (waiting.last <= clock.full) return std::nullopt;  // nothing came since everybody was looked at
    if (!too_much(waiting, rules)) return std::nullopt;
    DigestRun run;
    run.reason = DigestReason::full;
    run.max_posts = rules.max_posts;
    run.max_bytes = rules.max_bytes;
    run.delivery_id = last_delivery(db);
    run.created_at = now;
    return run;
}

DigestRun asked_digests(Database& db, std::vector<std::int64_t> lists, std::int64_t now)
{
    DigestRun run;
    run.reason = DigestReason::asked;
    run.lists = std::move(lists);
    run.delivery_id = last_delivery(db);
    run.created_at = now;
    return run;
}

DigestRun begin_digests(Database& db, const DigestRun& run)
{
    Transaction transaction{db};
    if (auto other = unfinished_digests(db)) return *other;
    auto insert = db.prepared(
        "INSERT INTO digest_run (reason, state, daily_at, weekly_at, lists, max_posts, max_bytes, delivery_id, created_at) "
        "VALUES (:reason, 'open', :daily, :weekly, :lists, :posts, :bytes, :delivery, :now)");
    insert.bind(":reason", digest_reason_name(run.reason)).bind(":daily", run.daily_at).bind(":weekly", run.weekly_at);
    insert.bind(":lists", ids_text(run.lists)).bind(":posts", run.max_posts).bind(":bytes", run.max_bytes);
    insert.bind(":delivery", run.delivery_id).bind(":now", run.created_at).run();
    auto begun = run;
    begun.id = db.last_id();
    transaction.commit();
    return begun;
}

DigestProgress plan_some_digests(Database& db, DigestPlanner& planner, const DigestRules& rules, const By& by, std::size_t limit)
{
    Transaction transaction{db};
    const auto run = find_run(db, planner.run().id);
    if (!run) return {.digests = 0, .mails = 0, .run = DigestProgress::Run::planned};  // somebody else has taken its end
    const auto step = planner.step(run->after_member, limit);
    record(db, *run, step.digests, text::local_time(run->created_at, rules.timezone).year);
    db.prepared("UPDATE digest_run SET next_member_id = :reached WHERE id = :run")
        .bind(":reached", step.reached)
        .bind(":run", run->id)
        .run();
    DigestProgress progress{
        .digests = static_cast<std::int64_t>(step.digests.size()), .mails = 0, .run = DigestProgress::Run::goes_on};
    if (step.more == DigestPlanner::Step::More::no) {
        progress.mails = close(db, *run, by);
        progress.run = DigestProgress::Run::planned;
    }
    transaction.commit();
    return progress;
}

}  // namespace majlis::store
