#include <sqlite3.h>

#include <map>
#include <memory>

#include "core/store/archive.hpp"
#include "core/store/archive_rows.hpp"
#include "core/store/content.hpp"
#include "core/store/journal.hpp"
#include "core/store/lists.hpp"

namespace majlis::store {
namespace {

/// What one post can do to a statement; all else is the database's own trouble.
bool of_the_post(const SQLite::Exception& error)
{
    const int code = error.getErrorCode() & 0xff;
    return code == SQLITE_CONSTRAINT || code == SQLITE_TOOBIG || code == SQLITE_MISMATCH;
}

/// Steps of all kinds until nothing is left or the time is over.
class Slice {
public:
    Slice(Database& db, std::int64_t now, std::chrono::milliseconds length)
        : db_{db}, now_{now}, end_{std::chrono::steady_clock::now() + length}
    {
    }

    std::size_t run()
    {
        Transaction transaction{db_};
        each("SELECT post_id FROM post_list WHERE verdict = 'accepted' AND archive = 'waiting' ORDER BY id LIMIT 50",
             [this](std::int64_t post) { take_in(post); });
        each("SELECT post_id FROM archive_loose LIMIT 50", [this](std::int64_t post) { settle_loose(db_, post); });
        each("SELECT post_id FROM archive_post WHERE words IS NULL AND redacted_at IS NULL ORDER BY post_id LIMIT 50",
             [this](std::int64_t post) { index_again(db_, post); });
        each("SELECT post_id FROM archive_post WHERE to_pack IS NOT NULL ORDER BY post_id LIMIT 50",
             [this](std::int64_t post) { pack_next(post); });
        transaction.commit();
        return done_;
    }

private:
    template <class Step>
    void each(std::string_view sql, const Step& step)
    {
        std::vector<std::int64_t> posts;
        {
            auto rows = db_.prepared(sql);
            while (rows.step()) posts.push_back(rows.integer(0));
        }
        for (const auto post : posts) {
            if (done_ > 0 && std::chrono::steady_clock::now() >= end_) return;
            step(post);
            ++done_;
        }
    }

    bool archives(std::int64_t list_id)
    {
        const auto known = archives_.find(list_id);
        if (known != archives_.end()) return known->second;
        return archives_[list_id] = settings_of(db_, list_id).archive == Switch::on;
    }

    /// One that cannot be read must not stop those behind it.
    void take_in(std::int64_t post_id)
    {
        try {
            Transaction transaction{db_};
            take_in_whole(post_id);
            transaction.commit();
        } catch (const SQLite::Exception& error) {
            if (!of_the_post(error)) throw;
            put_aside(post_id, error.what());
        } catch (const std::exception& error) {
            put_aside(post_id, error.what());
        }
    }

    void put_aside(std::int64_t post_id, const std::string& reason)
    {
        settle_verdicts(post_id, {});
        journal(db_, {"majlisd", now_}, {"archive-failed", {}, "", "post " + std::to_string(post_id) + ": " + reason});
    }

    void take_in_whole(std::int64_t post_id)
    {
        std::vector<std::int64_t> lists;
        {
            auto rows = db_.prepared(
                "SELECT list_id FROM post_list WHERE post_id = :post AND verdict = 'accepted' AND archive = 'waiting'");
            rows.bind(":post", post_id);
            while (rows.step()) lists.push_back(rows.integer(0));
        }
        std::erase_if(lists, [this](std::int64_t list) { return !archives(list); });
        if (!lists.empty()) add(post_id, lists);
        settle_verdicts(post_id, lists);
    }

    void add(std::int64_t post_id, const std::vector<std::int64_t>& lists)
    {
        auto row = db_.prepared("SELECT content_id, message_id, subject, received_at FROM post WHERE id = :post");
        if (!row.bind(":post", post_id).step()) return;
        const auto content = row.integer(0);
        const auto message_id = row.text(1), subject = row.text(2);
        if (in_archive(db_, post_id)) {
            // Approved late on another list, or imported before it came: its words are the same, its lists are not.
            for (const auto list : lists) add_to_list(db_, post_id, list, subject);
            return index_again(db_, post_id);
        }
        const auto raw = load_head(db_, content, archive::read_bytes);
        enter_archive(db_, {post_id, message_id, subject, row.integer(3), lists, 0}, entry_text(scan_message(raw)));
        db_.prepared("UPDATE content SET keep = 'for ever' WHERE id = :id").bind(":id", content).run();
        if (content_size(db_, content) <= static_cast<std::int64_t>(chunk_bytes)) pack_next(post_id);
    }

    void settle_verdicts(std::int64_t post_id, const std::vector<std::int64_t>& in)
    {
        auto update = db_.prepared("UPDATE post_list SET archive = 'in' WHERE post_id = :post AND list_id = :list");
        for (const auto list : in) update.bind(":post", post_id).bind(":list", list).run();
        auto out = db_.prepared(
            "UPDATE post_list SET archive = 'out' WHERE post_id = :post AND verdict = 'accepted' AND archive = 'waiting'");
        out.bind(":post", post_id).run();
    }

    void pack_next(std::int64_t post_id)
    {
        std::int64_t content = 0, n = 0;
        {
            auto row = db_.prepared(
                "SELECT p.content_id, a.to_pack FROM archive_post a CROSS JOIN post p ON p.id = a.post_id WHERE a.post_id = "
                ":post");
            if (!row.bind(":post", post_id).step()) return;
            content = row.integer(0);
            n = row.integer(1);
        }
        if (!packer_) packer_ = std::make_unique<Packer>();
        const bool packed = pack_chunk(db_, content, n, *packer_);
        const bool last = !packed || (n + 1) * static_cast<std::int64_t>(chunk_bytes) >= content_bytes(content);
        auto update = db_.prepared("UPDATE archive_post SET to_pack = :next WHERE post_id = :post");
        update.bind(":next", last ? std::nullopt : std::optional{n + 1}).bind(":post", post_id).run();
    }

    std::int64_t content_bytes(std::int64_t content_id)
    {
        auto row = db_.prepared("SELECT size FROM content WHERE id = :id");
        return row.bind(":id", content_id).step() ? row.integer(0) : 0;
    }

    Database& db_;
    std::int64_t now_;
    std::chrono::steady_clock::time_point end_;
    std::map<std::int64_t, bool> archives_;
    std::unique_ptr<Packer> packer_;
    std::size_t done_ = 0;
};

bool anything_to_do(Database& db)
{
    auto row = db.prepared(
        "SELECT EXISTS (SELECT 1 FROM post_list WHERE verdict = 'accepted' AND archive = 'waiting') "
        "OR EXISTS (SELECT 1 FROM archive_loose) "
        "OR EXISTS (SELECT 1 FROM archive_post WHERE words IS NULL AND redacted_at IS NULL) "
        "OR EXISTS (SELECT 1 FROM archive_post WHERE to_pack IS NOT NULL)");
    return row.step() && row.integer(0) != 0;
}

}  // namespace

std::size_t archive_some(Database& db, std::int64_t now, std::chrono::milliseconds slice)
{
    if (!anything_to_do(db)) return 0;
    return Slice{db, now, slice}.run();
}

}  // namespace majlis::store
