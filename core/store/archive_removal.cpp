#include <algorithm>

#include "core/store/archive.hpp"
#include "core/store/archive_rows.hpp"
#include "core/store/digests.hpp"
#include "core/store/journal.hpp"
#include "core/store/lists.hpp"

namespace majlis::store {
namespace {

Answer<ArchivedPost> find(Database& db, std::int64_t post_id)
{
    auto post = archived_post(db, post_id, all_readable());
    if (!post) return text::Problem{"there is no post " + std::to_string(post_id) + " in the archive"};
    return std::move(*post);
}

/// Who still needs the bytes, in words; "" for nobody.
std::string needed_by(Database& db, const ArchivedPost& post)
{
    auto row = db.prepared(
        "SELECT EXISTS (SELECT 1 FROM delivery WHERE content_id = :content AND state IN ('active', 'held')), "
        "EXISTS (SELECT 1 FROM post_list WHERE post_id = :post AND verdict = 'held')");
    row.bind(":content", post.content_id).bind(":post", post.id).step();
    if (row.integer(0) != 0)
        return "it is still being delivered; wait, or drop the delivery ('majlis queue list', 'majlis queue drop ID')";
    if (row.integer(1) != 0) return "it waits for a moderator of another list; decide there first ('majlis held list')";
    return {};
}

/// The same of the digests that have it.
std::string needed_by_digest(Database& db, std::int64_t post_id)
{
    const auto delivery = digest_on_its_way(db, post_id);
    if (!delivery) return {};
    const auto id = std::to_string(*delivery);
    return "it stands in a digest that is still being delivered; wait, or drop that ('majlis queue drop " + id + "')";
}

std::string told(const ArchivedPost& post, std::string_view reason)
{
    auto text = "<" + post.message_id + ">";
    if (!reason.empty()) text.append(": ").append(reason);
    return text;
}

/// What is deleted is overwritten as well: free pages of the file would hold it for long.
void overwrite_what_goes(Database& db) { db.execute("PRAGMA secure_delete = ON"); }

/// The lists that it is to leave; a problem where it does not stand on the one that was named.
Answer<std::vector<std::int64_t>> leaving(Database& db, const ArchivedPost& post, std::optional<std::int64_t> list_id)
{
    auto lists = lists_of_archived(db, post.id);
    if (!list_id) return lists;
    if (std::ranges::find(lists, *list_id) == lists.end())
        return text::Problem{"post " + std::to_string(post.id) + " is not in the archive of that list"};
    return std::vector{*list_id};
}

}  // namespace

Answer<ArchivedPost> remove_archived(Database& db, std::int64_t post_id, std::optional<std::int64_t> list_id,
                                     std::string_view reason, const By& by)
{
    overwrite_what_goes(db);
    Transaction transaction{db};
    auto post = find(db, post_id);
    if (!post) return post.error();
    const auto lists = leaving(db, *post, list_id);
    if (!lists) return lists.error();
    const bool whole = lists->size() == lists_of_archived(db, post_id).size();
    auto who = whole ? needed_by(db, *post) : "";
    if (whole && who.empty()) who = needed_by_digest(db, post_id);
    if (!who.empty()) return text::Problem{"post " + std::to_string(post_id) + ": " + who};
    if (whole) forget_digests_with(db, post_id);
    auto out = db.prepared("UPDATE post_list SET archive = 'out' WHERE post_id = :post AND list_id = :list");
    auto remove = db.prepared("DELETE FROM archive_list WHERE post_id = :post AND list_id = :list");
    for (const auto list : *lists) {
        out.bind(":post", post_id).bind(":list", list).run();
        remove.bind(":post", post_id).bind(":list", list).run();
        journal(db, by, {"archive-removed", list, post->sender, told(*post, reason)});
    }
    settle_loose(db, post_id);
    transaction.commit();
    return post;
}

Answer<ArchivedPost> redact_archived(Database& db, std::int64_t post_id, std::string_view reason, const By& by, OnItsWay digests)
{
    overwrite_what_goes(db);
    Transaction transaction{db};
    auto post = find(db, post_id);
    if (!post) return post.error();
    if (post->redacted_at != 0) return text::Problem{"post " + std::to_string(post_id) + " was redacted already"};
    auto who = needed_by(db, *post);
    if (who.empty() && digests == OnItsWay::refuse) who = needed_by_digest(db, post_id);
    if (!who.empty()) return text::Problem{"post " + std::to_string(post_id) + ": " + who};
    forget_digests_with(db, post_id);
    unindex(db, post_id);
    drop_bytes(db, post->content_id);
    db.prepared("UPDATE post SET subject = '', sender = '', sender_name = '' WHERE id = :post").bind(":post", post_id).run();
    auto update = db.prepared(
        "UPDATE archive_post SET redacted_at = :now, to_pack = NULL, attachments = 0, tags = '' WHERE post_id = :post");
    update.bind(":now", by.at).bind(":post", post_id).run();
    // Nothing of the author in the journal's own words: the Message-ID is what names the post from now on.
    for (const auto list : lists_of_archived(db, post_id)) journal(db, by, {"archive-redacted", list, "", told(*post, reason)});
    transaction.commit();
    return post;
}

}  // namespace majlis::store
