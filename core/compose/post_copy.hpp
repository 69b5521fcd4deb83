#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/dmarc/dmarc.hpp"
#include "core/message/message.hpp"

namespace majlis {

/// What a list shows of itself in the mail that it sends: filled from its row and its settings.
struct ListFace {
    enum class Posting { allowed, moderators };  ///< moderators: `List-Post: NO`
    enum class ReplyTo { author, list, both };
    enum class From { keep, rewrite_if_needed, rewrite, wrap };

    std::string name;     ///< "rabat"
    std::string title;    ///< "MAIMC Rabat"; empty: the name
    std::string address;  ///< "rabat@maimc.org"
    std::string list_id;  ///< RFC 2919, without the angle brackets: "rabat.maimc.org"
    std::string language = "en";
    std::string subject_tag;  ///< as it is to stand in the Subject: "[rabat]"; blank: none
    std::string footer;       ///< UTF-8 with {list}, {title}, {address}, {archive_url}; blank: none
    std::string archive_url;  ///< http(s); empty: no List-Archive
    Posting posting = Posting::allowed;
    ReplyTo reply_to = ReplyTo::author;
    From from = From::keep;
};

/// "rabat+unsubscribe@maimc.org"; with `-` where the list's own address holds a `+`. `command` may hold a token.
std::string command_address(std::string_view list_address, std::string_view command);

struct CopyOptions {
    /// personal: the caller adds personal_fields(); shared: one copy for many, with the list's own List-Unsubscribe.
    enum class Audience { shared, personal };
    /// What the next hop takes: eight_bit where it offers 8BITMIME, else seven_bit and the copy is re-encoded for it.
    enum class Transport { eight_bit, seven_bit };

    Audience audience = Audience::personal;
    Transport transport = Transport::eight_bit;
    std::string account_from;  ///< a relay with from = "account": the only address that may stand in From; empty: any
    std::string sender;        ///< who posted, as intake knows it: stands in where From is missing or names several
    std::string sender_name;   ///< the member's recorded name, where From has none
    std::string message_id;    ///< without brackets: for a post that came without one; all copies must bear the same
    std::string archived_at;   ///< permanent URL of this post; empty: no Archived-At

    /// What the author's domain asks (DMARC). nullopt: nobody has asked it; then `policy_wanted` says whether it matters.
    std::optional<dmarc::Policy> author_policy{};
    /// Whose Authentication-Results are taken out (RFC 8601, 5): they are ours, and were written for us.
    std::vector<std::string> own_servers{};
    /// filtered: the message is no longer what its author signed, for parts were taken out.
    enum class Content { whole, filtered };
    Content content = Content::whole;
    std::string note{};  ///< UTF-8 lines of this post alone, before the footer: what was taken out; blank: none
};

/// The copy that leaves: `head`, then personal_fields() if it is a personal one, then `tail`. CRLF line ends only, no bare CR or
/// LF, no NUL, no line above 998 bytes. Not yet dot-stuffed. `tail` begins with the empty line before the body.
struct PostCopy {
    std::string head;
    std::string tail;
    bool eight_bit = false;       ///< a byte above 127 somewhere: needs 8BITMIME
    bool needs_smtputf8 = false;  ///< an address in it is not ASCII, and there is no other way to write it

    enum class From { kept, rewritten, wrapped };
    From from = From::kept;
    std::string from_why;  ///< English, for people
    /// With rewrite-if-needed: the domain whose policy decides, when it was not given. This copy keeps From, as for a policy
    /// "none".
    std::string policy_wanted;
};

/// Changes what the list must change, by splicing; every other byte stays, line ends apart. Where nothing is asked of the body
/// (no footer, lines short enough, 8 bits allowed) its bytes are the author's. Deterministic. Never throws for content.
/// From::rewrite_if_needed rewrites where the change breaks each signature of the author's organisation, or there is none, and
/// the domain's policy forbids mail without one; a relay with `account_from` always does.
PostCopy compose_copy(const Message& message, const ListFace& face, const CopyOptions& options);

/// Fields of one member's own copy: List-Unsubscribe with his sealed token. Complete lines.
std::string personal_fields(const ListFace& face, std::string_view unsubscribe_token);

/// As long as a token and of its letters: a text with it, split around it, is made once for all copies of a post.
constexpr std::string_view token_stand_in = "majlis222222222222222222222222222222";
struct AroundToken {
    std::string before, after;
};
/// `text` holds the stand-in once, else std::out_of_range.
AroundToken around_token(const std::string& text);

/// The same mail for a relay without 8BITMIME: 8-bit and binary parts as quoted-printable or base64, raw bytes in unstructured
/// fields and display names as encoded-words. An address that is not ASCII stays, and `needs_smtputf8` says so.
PostCopy to_seven_bit(const PostCopy& copy);

/// RFC 5321, 4.5.2: a dot in front of each line that begins with one. Does not add the final ".".
std::string dot_stuff(std::string_view crlf_text);

/// RFC 6068: "mailto:ADDRESS?subject=...", percent-encoded UTF-8. An empty subject leaves it out.
std::string mailto_url(std::string_view address, std::string_view subject = {});

/// The subject with the tag in front, once, also in replies: "Re: [rabat] x" and "[rabat] RE: x" become "[rabat] Re: x".
/// `raw` is the field's body as it stands; the result is a field body, encoded and folded. See subject.cpp for the rules.
std::string tag_subject(std::string_view raw, std::string_view tag, std::string_view language);

}  // namespace majlis
