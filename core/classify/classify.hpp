#pragma once

#include "core/message/message.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What a mail is, told from the mail alone: no lists, no database.
namespace majlis {

enum class Kind { post, bounce, autoreply, command, feedback, other };
std::string_view kind_name(Kind kind);

/// Why a mail did not arrive, sorted by what should follow from it.
enum class Cause {
    other,           ///< nothing known but that it failed
    no_such_user,    ///< unknown, disabled, moved, expired mailbox
    mailbox_full,    ///< the member's quota
    host_unknown,    ///< the domain does not exist, or takes no mail
    network,         ///< server unreachable, timed out, out of order
    loop,            ///< too many hops, or it came back
    too_large,       ///< larger than the other side takes
    policy,          ///< a rule of the other side: blocked sender or address, relaying denied, subscribers only, greylisting
    content,         ///< virus, attachment, encoding
    spam,            ///< content or reputation judged to be spam
    authentication,  ///< SPF, DKIM, DMARC, reverse DNS, STARTTLS or login demanded of us
    quota_of_ours,   ///< we sent too much or too quickly
};
std::string_view cause_name(Cause cause);  ///< "no_such_user", ...

/// Whether the cause lies with the member's own address, so that it may count against the subscription. Never for what somebody's
/// mail, our reputation or our rate brought about.
bool blames_member(Cause cause);

/// What a report says about one recipient.
struct Failure {
    std::string recipient;   ///< as reported, without "rfc822;" and brackets
    std::string status;      ///< "5.1.1"; "5.0.0" or "4.0.0" where only words say so; "" where a report gives none
    bool permanent = false;  ///< the server gave up on a 5.x.x cause
    bool delayed = false;    ///< still trying: a warning, no failure yet
    Cause cause = Cause::other;
    std::string diagnostic{};  ///< the words that say why: one line, UTF-8 without control characters, at most 500 bytes
};

/// The mail that a bounce, a report or an automatic reply is about, as far as it came back. Others' words: prove before use.
struct OriginalMail {
    std::string message_id{};               ///< without brackets; from the returned header, else from the report or In-Reply-To
    std::string return_path{};              ///< address: holds our VERP token where it is ours
    std::string from{};                     ///< address
    std::string subject{};                  ///< decoded
    std::string list_id{};                  ///< between the brackets
    std::string envelope_id{};              ///< Original-Envelope-Id (RFC 3464): our ENVID
    std::string sent_to{};                  ///< address: "for <a@b>" of the topmost trace field that has one
    std::vector<std::string> recipients{};  ///< To and Cc, then X-Failed-Recipients and Original-Recipient; at most 100
};

/// Of a feedback report (RFC 5965).
struct FeedbackDetails {
    std::string type{};  ///< "abuse", "fraud", "not-spam", ...; "abuse" where a provider's own form has none
    std::vector<std::string>
        recipients{};  ///< who complained, as reported; often hidden by the provider, then empty; at most 100
    std::string source_ip{};
};

struct Classification {
    Kind kind = Kind::post;
    bool certain = true;            ///< false where only the words of the mail say so: a moderator should see it
    std::string reason;             ///< the mark that decided, for people
    std::vector<Failure> failures;  ///< of a bounce; may be empty where a report names nobody
    bool challenge = false;         ///< an automatic reply that asks us to prove ourselves: shown to the owner, never answered
    OriginalMail original{};
    FeedbackDetails feedback{};  ///< of kind feedback
};

/// In doubt a post: nothing is thrown away in silence.
Classification classify(const Message& message);

/// How the mail reads, all UTF-8.
struct Decoded {
    std::string subject;
    std::string from;  ///< address of the first mailbox in From
    std::string from_name;
    std::vector<std::string> attachments;  ///< file names
    std::string text;                      ///< first line of what a person would read; a mere "Hi Ann," is passed over
    std::size_t parts = 0;                 ///< leaves: neither multiparts nor attached mails that were divided
};
Decoded decode(const Message& message);

}  // namespace majlis
