#include "core/desk/desk.hpp"
#include "core/judge/record.hpp"
#include "core/message/edit.hpp"
#include "core/store/held.hpp"

namespace majlis::record {
namespace {

/// The same mail as if it asked for help and for nothing else: what it does ask was said in the wrong place, where people also
/// quote and joke, and is not done.
std::string asking_for_help(const Message& message)
{
    Edit edit{message.raw};
    for (const Field* field : find_fields(message.root().fields, "Subject")) edit.remove(field->bytes);
    const auto header = edit.apply(message.root().header);
    return header + (header.empty() || header.ends_with('\n') ? "" : "\r\n") + "Subject: help\r\n\r\n";
}

}  // namespace

bool help_author(const Case& c, const JudgedList& judged, std::int64_t post_list_id)
{
    const auto bytes = asking_for_help(c.mail.message);
    const auto question = scan_message(bytes);
    const auto asker = caller_of(c);
    const desk::Caller caller{.db = c.db,
                              .site = asker.site,
                              .ourselves = asker.ourselves,
                              .message = question,
                              .classification = asker.classification,
                              .proof = asker.proof,
                              .can_prove = asker.can_prove,
                              .now = c.now};
    Target target;
    target.list_id = judged.list.id;
    target.command = Command::help;
    const bool helped = desk::serve(caller, target).wrote;
    if (helped) store::note_sender_told(c.db, post_list_id, c.now);  // no rejection besides
    return helped;
}

}  // namespace majlis::record
