#include "core/store/posts.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "core/store/arrivals.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/journal.hpp"
#include "core/store/lists.hpp"
#include "core/text/printable.hpp"

namespace majlis::store {
namespace {

constexpr std::array<std::string_view, 4> verdict_names{"accepted", "held", "rejected", "discarded"};

std::string_view view(const token::Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

std::int64_t ensure_post(Database& db, const JudgedPost& post, std::int64_t now)
{
    if (const auto known = find_post(db, post.identity)) return *known;
    auto insert = db.prepared(
        "INSERT INTO post (content_id, message_id, sender, sender_name, digest, subject, size, received_at) "
        "VALUES (:content, :message_id, :sender, :sender_name, :digest, :subject, :size, :at)");
    insert.bind(":content", post.content_id).bind(":message_id", post.identity.message_id).bind(":sender", post.identity.sender);
    insert.bind(":sender_name", post.sender_name).bind_blob(":digest", view(post.identity.digest)).bind(":subject", post.subject);
    insert.bind(":size", post.size).bind(":at", post.received_at != 0 ? post.received_at : now).run();
    return db.last_id();
}

/// nullopt: this list had decided about the post before.
std::optional<std::int64_t> insert_verdict(Database& db, std::int64_t post_id, const ListVerdict& verdict, std::int64_t now)
{
    auto insert = db.prepared(
        "INSERT INTO post_list (post_id, list_id, verdict, rule, reason, trust, held_at, decided_at) "
        "VALUES (:post, :list, :verdict, :rule, :reason, :trust, iif(:verdict = 'held', :now, NULL), :now) ON CONFLICT DO "
        "NOTHING");
    insert.bind(":post", post_id).bind(":list", verdict.list_id).bind(":verdict", verdict_name(verdict.verdict));
    insert.bind(":rule", verdict.rule).bind(":reason", verdict.reason).bind(":trust", verdict.trust).bind(":now", now);
    if (insert.run() == 0) return std::nullopt;
    return db.last_id();
}

std::string to_json(const std::map<std::string, std::string>& values)
{
    if (values.empty()) return {};
    return nlohmann::json(values).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// What is no object of texts was written by another program: the English reason beside it still tells all.
std::map<std::string, std::string> from_json(const std::string& text)
{
    std::map<std::string, std::string> values;
    const auto object = nlohmann::json::parse(text, nullptr, false);
    if (!object.is_object()) return values;
    for (const auto& [name, value] : object.items())
        if (value.is_string()) values.emplace(name, value.get<std::string>());
    return values;
}

void keep_hits(Database& db, std::int64_t post_list_id, const std::vector<RuleHit>& hits)
{
    auto insert = db.prepared(
        "INSERT INTO post_hit (post_list_id, n, rule, verdict, reason, detail) VALUES (:id, :n, :rule, :verdict, :reason, "
        ":detail)");
    std::int64_t n = 0;
    for (const auto& hit : hits) {
        insert.bind(":id", post_list_id).bind(":n", n++).bind(":rule", hit.rule).bind(":verdict", hit.verdict);
        insert.bind(":reason", hit.reason).bind(":detail", to_json(hit.values)).run();
    }
}

std::string told(const JudgedPost& post, const ListVerdict& verdict)
{
    auto text = "<" + post.identity.message_id + "> " + verdict.rule;
    if (!verdict.reason.empty()) text += ": " + verdict.reason;
    return text;
}

void note_delivery(Database& db, std::int64_t post_id, std::span<const std::int64_t> list_ids, std::int64_t delivery_id)
{
    auto update = db.prepared("UPDATE post_list SET delivery_id = :delivery WHERE post_id = :post AND list_id = :list");
    for (const auto list : list_ids) update.bind(":delivery", delivery_id).bind(":post", post_id).bind(":list", list).run();
}

}  // namespace

std::string_view verdict_name(Verdict verdict) { return verdict_names.at(static_cast<std::size_t>(verdict)); }

std::optional<std::int64_t> find_post(Database& db, const PostIdentity& identity)
{
    auto row = db.prepared("SELECT id FROM post WHERE message_id = :message_id AND sender = :sender AND digest = :digest");
    row.bind(":message_id", identity.message_id).bind(":sender", identity.sender).bind_blob(":digest", view(identity.digest));
    if (!row.step()) return std::nullopt;
    return row.integer(0);
}

bool other_content(Database& db, const PostIdentity& identity)
{
    auto row =
        db.prepared("SELECT 1 FROM post WHERE message_id = :message_id AND sender = :sender AND digest <> :digest LIMIT 1");
    row.bind(":message_id", identity.message_id).bind(":sender", identity.sender).bind_blob(":digest", view(identity.digest));
    return row.step();
}

std::vector<std::int64_t> lists_decided(Database& db, std::int64_t post_id)
{
    auto rows = db.prepared("SELECT list_id FROM post_list WHERE post_id = :post ORDER BY list_id");
    rows.bind(":post", post_id);
    std::vector<std::int64_t> lists;
    while (rows.step()) lists.push_back(rows.integer(0));
    return lists;
}

std::int64_t accepted_before(Database& db, std::int64_t list_id, std::string_view sender, std::int64_t limit)
{
    auto row = db.prepared(
        "SELECT count(*) FROM (SELECT 1 FROM post p CROSS JOIN post_list pl ON pl.post_id = p.id AND pl.list_id = :list "
        "WHERE p.sender = :sender AND pl.verdict = 'accepted' LIMIT :limit)");
    return row.bind(":list", list_id).bind(":sender", sender).bind(":limit", limit).step() ? row.integer(0) : 0;
}

std::int64_t accepted_since(Database& db, std::int64_t list_id, std::int64_t since, std::int64_t limit)
{
    auto row = db.prepared(
        "SELECT count(*) FROM (SELECT post_id FROM post_list WHERE list_id = :list AND verdict = 'accepted' AND held_at IS NULL "
        "ORDER BY id DESC LIMIT :limit) l CROSS JOIN post ON post.id = l.post_id WHERE post.received_at >= :since");
    return row.bind(":list", list_id).bind(":since", since).bind(":limit", limit).step() ? row.integer(0) : 0;
}

RecordedPost record_verdicts(Database& db, const JudgedPost& post, std::span<const ListVerdict> verdicts, std::int64_t now)
{
    const By by{"majlisd", now};
    Transaction transaction{db};
    RecordedPost recorded;
    recorded.post_id = ensure_post(db, post, now);
    std::vector<std::int64_t> accepted;
    std::string note;
    for (const auto& verdict : verdicts) {
        const auto id = insert_verdict(db, recorded.post_id, verdict, now);
        recorded.post_list_ids.push_back(id.value_or(0));
        if (!id) {
            recorded.repeated.push_back(verdict.list_id);
            continue;
        }
        keep_hits(db, *id, verdict.hits);
        if (verdict.verdict == Verdict::accepted) accepted.push_back(verdict.list_id);
        if (verdict.verdict == Verdict::held) recorded.held_ids.push_back(*id);
        const auto name = std::string{verdict_name(verdict.verdict)};
        journal(db, by, {"post-" + name, verdict.list_id, post.identity.sender, told(post, verdict)});
        const auto list = find_list(db, verdict.list_id);
        note += (note.empty() ? "" : "; ") + (list ? list->name : "?") + ": " + name + " (" + verdict.rule + ")";
    }
    if (!accepted.empty()) {
        recorded.delivery_id = start_delivery(db, recorded.post_id, post.content_id, accepted, now);
        note_delivery(db, recorded.post_id, accepted, *recorded.delivery_id);
    }
    if (note.empty()) note = "the same post again";
    if (post.arrival_id != 0) mark_judged(db, post.arrival_id, "post", note);
    transaction.commit();
    return recorded;
}

std::vector<RuleHit> hits_of(Database& db, std::int64_t post_list_id)
{
    auto rows = db.prepared("SELECT rule, verdict, reason, detail FROM post_hit WHERE post_list_id = :id ORDER BY n");
    rows.bind(":id", post_list_id);
    std::vector<RuleHit> hits;
    while (rows.step()) hits.push_back({rows.text(0), rows.text(1), rows.text(2), from_json(rows.text(3))});
    return hits;
}

}  // namespace majlis::store
