#pragma once
#include "core/desk/desk.hpp"
#include "core/judge/judge.hpp"

/// How each kind of judgement is recorded; shared inside core/judge. Each belongs inside the transaction of record_judgement().
namespace majlis::record {

/// Everything that a record is made from.
struct Case {
    store::Database& db;
    const store::NewMail& arrival;
    const ReadMail& mail;
    const Judgement& judgement;
    const JudgeContext& context;
    std::int64_t now;
};

/// The mail as the desk sees it.
desk::Caller caller_of(const Case& c);

/// Verdicts, and the delivery of what was accepted.
Recorded post(const Case& c);
/// More posts than the list's `flood` came: from now on a moderator reads them first, and its owners are told, once. True when the
/// outbox has something new.
bool stop_flood(const Case& c, const JudgedList& judged);
/// A command came to the list by mistake: its author is told how commands are given, within the limits of all answers. True when
/// the outbox has something new.
bool help_author(const Case& c, const JudgedList& judged, std::int64_t post_list_id);
/// What a mail asks of lists by their command addresses.
Recorded commands(const Case& c);
/// A report about a copy of ours. Which member it blames is told by the sealed token alone, never by its text.
Recorded report(const Case& c);

}  // namespace majlis::record
