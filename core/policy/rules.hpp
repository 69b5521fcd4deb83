#pragma once

#include "core/lists/settings.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What becomes of a post on one list. Pure: the facts are gathered elsewhere, the rules only decide.
namespace majlis {

enum class Verdict { accept, hold, reject, discard };
std::string_view verdict_name(Verdict verdict);

/// What the sender is on the receiving list: member of it or of a section below it; moderator (or owner) of it or of a list
/// above.
enum class Standing { stranger, member, moderator };

/// What becomes of this member's posts on the list; by_list: what the list says.
enum class Moderation { by_list, accept, hold, reject, discard };

/// Whether the mail was written by a machine; `doubtful` where only its words say so.
enum class Automatic { no, doubtful, certain };

/// What this list has had before under the same Message-ID.
enum class Earlier { nothing, same_post, other_content };

/// Whether the provider vouches for the From address.
enum class Authenticity { passed, failed, unknown };
/// What is done where it says nothing.
enum class Unproven { accept, hold, challenge };

/// A command that stands in a post; `doubtful` where it is not the first thing that the mail says.
struct Mistake {
    std::string word;  ///< as written; empty: none
    bool doubtful = false;
};

/// The first header pattern of the list that found something.
struct HeaderMatch {
    std::string field, pattern;
    Verdict action = Verdict::hold;
};

/// Everything that the rules may know about one post for one list.
struct Facts {
    std::string sender;  ///< address in From, for people; empty where there is no usable one
    Standing standing = Standing::stranger;
    Moderation moderation = Moderation::by_list;
    std::string banned_by;   ///< the ban that a sender falls under: an address or "@domain"; empty: none
    std::string allowed_by;  ///< the same for those who are always allowed
    Authenticity authenticity = Authenticity::unknown;
    std::string authenticity_why;  ///< what the provider said
    Unproven unproven = Unproven::accept;
    std::int64_t accepted_before = 0;  ///< posts of this person that the list accepted; counted up to first_posts_held
    Automatic automatic = Automatic::no;
    std::string automatic_mark;           ///< what told it: Classification::reason
    std::vector<std::string> loop_marks;  ///< of loop_marks()
    Earlier earlier = Earlier::nothing;
    std::vector<std::string> defects;  ///< Message::defects
    bool from_junk = false;            ///< fetched from a junk folder
    std::string spam_mark;             ///< what the provider's filter wrote; empty: nothing
    bool names_list = true;            ///< the list's address stands in To, Cc, Resent-To or Resent-Cc
    std::int64_t size = 0;             ///< bytes of the mail, less what the list's content filter takes out
    bool nothing_left = false;         ///< the content filter takes out everything
    std::int64_t recipients = 0;       ///< of count_recipients()
    std::optional<HeaderMatch> header;
    Mistake mistake;                  ///< of command_by_mistake()
    std::string digest_mark;          ///< of quoted_digest()
    std::int64_t recent = 0;          ///< posts that the list accepted unread within flood.seconds; counted up to flood.posts
    std::int64_t max_size = 0;        ///< bytes; 0: no limit
    std::int64_t max_recipients = 0;  ///< 0: no limit
    std::int64_t first_posts_held = 0;
    Flood flood{0, 0};
    Posting posting = Posting::members;
    Nonmembers nonmembers = Nonmembers::hold;
    Switch emergency = Switch::off;
};

/// Copies what the rules need of a list's settings.
void take_settings(Facts& facts, const Settings& settings);

/// What a rule is about. A rule that accepts the sender answers for all later rules about him; what the mail is like is judged
/// all the same.
enum class About { mail, sender };

/// Values of a reason, by name.
using Values = std::map<std::string, std::string>;

struct Rule {
    std::string_view name;  ///< stored with the verdict, searched in logs; "reason-NAME" is its phrase: never renamed
    About about;
    std::optional<Verdict> (*ask)(const Facts&);  ///< nothing: it does not speak
    Values (*values)(const Facts&);               ///< for its phrase
};

/// In the order in which they are asked; the last one always accepts.
std::span<const Rule> posting_rules();

struct Hit {
    std::string_view rule;
    bool hit = false;
    Verdict verdict = Verdict::accept;  ///< what it said, where it hit
    std::string reason;                 ///< English: one sentence without its full stop; empty where it did not hit
    Values values;                      ///< to say the same in another language: the phrase "reason-RULE"
};

/// What follows a verdict, beside telling moderators or the author.
enum class Then {
    nothing,
    challenge,  ///< held only because nothing proves who wrote it: he is asked by mail to confirm that he did
    help,       ///< rejected as a command that was sent to the list by mistake: he is told how commands are given
    emergency,  ///< held because too much came at once: the list is moderated from now on, and its owner told
};

struct Decision {
    Verdict verdict = Verdict::accept;
    std::string rule;    ///< the first that spoke
    std::string reason;  ///< its reason; of a held post those of all rules that spoke against it, joined by "; "
    Then then = Then::nothing;
    std::vector<Hit> asked;  ///< in order, hit or miss; after a hold the others are asked too, for a moderator to see
};
Decision judge(const Facts& facts);

}  // namespace majlis
