#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/message/content_digest.hpp"
#include "core/store/archive.hpp"
#include "core/store/archive_import.hpp"
#include "core/store/content.hpp"
#include "core/store/search.hpp"
#include "tests/unit/store/site.hpp"

namespace majlis::store {

inline std::string mail(std::string_view id, std::string_view subject, std::string_view body = "Bonjour.\r\n",
                        std::string_view more = "", std::string_view from = "anna@example.org")
{
    return "From: " + std::string{from} + "\r\nSubject: " + std::string{subject} + "\r\nMessage-ID: <" + std::string{id} +
           ">\r\n" + "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n" + std::string{more} +
           "Content-Type: text/plain; charset=utf-8\r\n\r\n" + std::string{body};
}

/// A site whose posts are accepted and archived as a test says.
struct Archive : Site {
    std::int64_t clock = admin.at;

    std::int64_t accept(const std::string& raw, std::vector<std::int64_t> lists, Verdict verdict = Verdict::accepted)
    {
        const auto message = scan_message(raw);
        JudgedPost judged;
        judged.identity = {message_id_or_digest(message, "maimc.org"), "anna@example.org", content_digest(message)};
        judged.content_id = insert_content(db, raw, clock);
        judged.subject = field_text(message.root().fields, "Subject");
        judged.size = static_cast<std::int64_t>(raw.size());
        std::vector<ListVerdict> verdicts;
        for (const auto list : lists) verdicts.push_back({list, verdict, "default", ""});
        return record_verdicts(db, judged, verdicts, ++clock).post_id;
    }
    void archive()
    {
        while (archive_some(db, clock) > 0) {
        }
    }
    std::int64_t archived(const std::string& raw, std::vector<std::int64_t> lists = {})
    {
        if (lists.empty()) lists = {rabat};
        const auto post = accept(raw, lists);
        archive();
        db.execute("UPDATE delivery SET state = 'done'");
        return post;
    }
    std::vector<std::int64_t> find(std::string_view query, const Readable& readable = all_readable())
    {
        std::vector<std::int64_t> posts;
        for (const auto& hit : search_archive(db, archive::parse_query(query), readable).hits) posts.push_back(hit.post.id);
        return posts;
    }
    /// "a(b(c)d)": the Message-IDs of a thread as it is shown; "?" for one that is not there.
    std::string shape(std::int64_t post, const Readable& readable = all_readable())
    {
        std::string out;
        int depth = 0;
        for (const auto& line : thread_of(db, post, readable)) {
            for (; depth < line.depth; ++depth) out += '(';
            for (; depth > line.depth; --depth) out += ')';
            out += line.post ? line.post->message_id.substr(0, line.post->message_id.find('@')) : "?";
        }
        return out + std::string(static_cast<std::size_t>(depth), ')');
    }
    /// FTS5's own opinion of its index.
    void check_index() { CHECK_NOTHROW(db.execute("INSERT INTO archive_word (archive_word) VALUES ('integrity-check')")); }

    Packer packer;
    ArchiveImport::Took import(const std::string& raw, std::int64_t list, std::int64_t received = admin.at)
    {
        const auto message = scan_message(raw);
        const OldMail old{message,  {message_id_or_digest(message, "maimc.org"), "anna@example.org", content_digest(message)},
                          "Anna",   field_text(message.root().fields, "Subject"),
                          received, packer};
        ArchiveImport run{db, list, "test", "head"};
        return run.take(old, clock);
    }
};

}  // namespace majlis::store
