#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/address/public_suffixes.hpp"
#include "core/classify/classify.hpp"
#include "core/config/config.hpp"
#include "core/letters/site_face.hpp"
#include "core/message/message.hpp"
#include "core/policy/rules.hpp"
#include "core/reports/report.hpp"
#include "core/route/route.hpp"
#include "core/store/arrivals.hpp"
#include "core/store/database.hpp"
#include "core/store/lists.hpp"
#include "core/store/posts.hpp"

/// Classify, route and rules for one mail, the same for the daemon, `majlis post` and `majlis explain`.
namespace majlis {

/// A mail and what can be told of it without the database. Owns its bytes.
struct ReadMail {
    std::string raw;
    Message message;  // views into raw
    Classification classification;
    store::PostIdentity identity;
    std::string sender_name, subject;  // decoded
    ReadMail() = default;
    ReadMail(const ReadMail&) = delete;
    ReadMail& operator=(const ReadMail&) = delete;
};
/// CPU only: may run on any thread. `site_domain` is for the Message-ID of a mail that has none.
std::unique_ptr<ReadMail> read_mail(std::string raw, std::string_view site_domain);

/// What of the configuration a judgement depends on.
struct JudgeContext {
    std::string site_domain;
    std::vector<std::string> own_addresses;  // keys of our mailboxes and relay accounts
    SiteFace site;
    AuthenticationConfig authentication;
    PublicSuffixes suffixes;
    std::string report_tag;  // empty: reports are not kept
};

struct JudgedList {
    store::List list;
    Settings settings;
    Facts facts;
    Decision decision;
    reports::Mark report = reports::Mark::none;  // whether it is also a meeting report of this list
};
struct Judgement {
    Kind kind = Kind::post;
    std::string reason;             // what made it that kind; for people
    std::vector<JudgedList> lists;  // kind post: every list that it is for
    std::vector<Target> commands;   // all else that it asks of our lists
};
/// Reads only. `arrived_at`, Unix seconds: how much came just before is a fact too, and a backlog is not a flood.
Judgement judge_mail(store::Database& db, const ReadMail& mail, store::Junk junk, const JudgeContext& context,
                     std::int64_t arrived_at);

/// The same for one list, as if the mail had been delivered to it alone.
JudgedList judge_for(store::Database& db, const ReadMail& mail, std::int64_t list_id, store::Junk junk,
                     const JudgeContext& context, std::int64_t arrived_at);

/// Lists, commands and bounces that a header is for: what intake asks before it takes the body. Reads only.
std::vector<Target> route_mail(store::Database& db, const Message& header, const JudgeContext& context);

struct Recorded {
    std::string note;         // what became of it, for people and the log
    bool delivering = false;  // the outbox has something new
};
/// One transaction: verdicts, deliveries, the arrival's end, the journal.
Recorded record_judgement(store::Database& db, const store::NewMail& arrival, const ReadMail& mail, const Judgement& judgement,
                          const JudgeContext& context, std::int64_t now);

}  // namespace majlis
