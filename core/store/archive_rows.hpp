#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/archive/post_words.hpp"
#include "core/store/database.hpp"

/// Shared by the files of the archive; nobody else includes it. All within the caller's transaction.
namespace majlis::store {

struct NewEntry {
    std::int64_t post_id = 0;
    std::string_view message_id, subject;
    std::int64_t received_at = 0;
    std::span<const std::int64_t> lists;
    std::optional<std::int64_t> to_pack;  ///< see archive_post.to_pack
};
/// What a mail says of its place and its words: computed before the transaction where that can be.
struct EntryText {
    archive::PostWords words;
    std::vector<std::string> references;
    std::int64_t date = 0;  ///< of its Date field; 0: none
};
EntryText entry_text(const Message& message);

void enter_archive(Database& db, const NewEntry& entry, const EntryText& text);
/// The post stands on a further list; false where it did already.
bool add_to_list(Database& db, std::int64_t post_id, std::int64_t list_id, std::string_view subject);

bool in_archive(Database& db, std::int64_t post_id);
/// Lists that it stands on, by id.
std::vector<std::int64_t> lists_of_archived(Database& db, std::int64_t post_id);

/// Reads the words of a post that is in the archive again and puts them into the index.
void index_again(Database& db, std::int64_t post_id);
/// Takes them out as they were put in; nothing happens where they are not in it.
void unindex(Database& db, std::int64_t post_id);

/// A post that has lost a list: indexed anew, or, where it was the last one, gone with its bytes.
void settle_loose(Database& db, std::int64_t post_id);
/// Bytes are gone for good; whoever still needs them has been asked before.
void drop_bytes(Database& db, std::int64_t content_id);

}  // namespace majlis::store
