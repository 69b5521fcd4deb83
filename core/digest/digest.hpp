#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/address/address.hpp"
#include "core/compose/post_copy.hpp"

/// One mail out of many posts: MIME (RFC 2046, 5.1.5) or plain text (RFC 1153). Pure: the caller brings the posts.
namespace majlis::digest {

constexpr std::size_t max_posts = 5'000;                  ///< shown in one issue; of the others their number is told
constexpr std::size_t max_issue_bytes = 6 * 1024 * 1024;  ///< of text in one issue; posts behind are named, without their text
constexpr std::size_t max_text_bytes = 64 * 1024;         ///< of one post's text; the rest is for the archive to give
constexpr std::size_t max_threads_named = 2'000;          ///< lines of the table of contents
constexpr std::size_t max_mailboxes_shown = 20;           ///< in each of To and Cc
constexpr std::size_t max_files_shown = 20;               ///< attachments of one post that are named

/// mime: multipart/digest of message/rfc822; plain: one text after RFC 1153.
enum class Format { mime, plain };

/// Bytes of text that an issue may still hold. One for an issue, handed to read_post() for each of its posts in order.
struct Budget {
    std::size_t bytes = max_issue_bytes;
};

struct Attachment {
    std::string name;  ///< printable UTF-8; empty where the part has none
    std::string type;  ///< "application/pdf"
    std::size_t size_bytes = 0;
};

/// A post as a digest shows it: some kilobytes, whatever came. Made by read_post().
struct Post {
    std::int64_t id = 0;
    std::string message_id;  ///< without brackets
    std::int64_t received_at = 0;
    std::int64_t thread = 0;  ///< posts with the same one stand together; 0: it stands alone

    std::vector<Mailbox> from, to, cc, reply_to;
    std::string subject;   ///< UTF-8, one line, no bidi controls; may be empty
    std::string date;      ///< RFC 5322: the author's own where it can be read
    std::string keywords;  ///< one line; mostly empty
    std::vector<std::string> in_reply_to, references;
    std::string text;  ///< UTF-8, CRLF line ends; empty where there is none
    std::vector<Attachment> attachments;
    std::size_t more_attachments = 0;  ///< beyond max_files_shown
    enum class Text { whole, cut, left_out } shown = Text::whole;
};

/// What is kept of a post beside its bytes.
struct PostKey {
    std::int64_t id = 0;
    std::string message_id;
    std::int64_t received_at = 0;
    std::int64_t thread = 0;
    std::string sender{};  ///< who posted, as intake knows it: stands in where From is missing
};
/// Takes what a digest shows out of a mail as it came; `raw` may be let go of afterwards. Never throws for content; linear in the
/// mail (some milliseconds for a post of 4 KB, half a second for one of 30 MB: not on a thread that others wait for).
Post read_post(const PostKey& key, std::string_view raw, Budget& budget);

/// A list with its posts, in the order in which they came.
struct Section {
    std::int64_t list_id = 0;
    int depth = 0;  ///< in its tree; a root has 0
    std::string title;
    std::string address;
    ListFace::ReplyTo reply_to = ListFace::ReplyTo::author;
    ListFace::Posting posting = ListFace::Posting::allowed;
    std::vector<Post> posts;
};

struct Root {
    std::string title;
    std::string address;
    std::int64_t volume = 1, issue = 1;
};

/// All that one digest says, the same for everybody who gets it.
struct Issue {
    Format format = Format::mime;
    std::string language = "en";
    std::vector<Root> roots;        ///< at least one: those with posts in it
    std::vector<Section> sections;  ///< in the order of the trees; a post stands once, under the first list that it was sent to
    std::int64_t since = 0, until = 0;  ///< Unix seconds; `until` is also its Date
    std::string timezone = "UTC";       ///< IANA
    std::string message_id;             ///< without brackets: from the caller, so that composing again gives the same mail

    std::string site;  ///< its name: in the Subject where there are several roots
    std::string from_name, from_address;
    std::string reply_to;             ///< empty: none
    std::string to;                   ///< an address of ours, for a mail to many; empty: from_address
    std::optional<ListFace> list;     ///< the root, where there is one alone: List-Id and the other fields of lists
    std::filesystem::path templates;  ///< replaces our texts, as for notices; empty: none
};

/// The whole mail (RFC 5322): CRLF, 7-bit, no line above 998 bytes. Deterministic. Throws std::runtime_error for a template of
/// the site that cannot be read.
std::string compose(const Issue& issue);

/// Its Subject, UTF-8: for journals and tests.
std::string subject_of(const Issue& issue);

}  // namespace majlis::digest
