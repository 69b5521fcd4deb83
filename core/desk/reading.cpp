#include <algorithm>

#include "core/desk/acts.hpp"
#include "core/store/search.hpp"
#include "core/store/spent.hpp"

/// What the archive is asked by mail. The answer goes to the address that asks and nowhere else; what somebody may not read does
/// not exist for him.
namespace majlis::desk {
namespace {

using commands::Verb;

constexpr std::size_t hits_told = 10, thread_told = 45;  // an answer shows 50 lines
constexpr std::size_t deepest_told = 8;
constexpr std::int64_t largest_sent = 5 * 1024 * 1024;  // bytes of one post

/// What one person may ask for in a day.
struct Share {
    store::Allowance questions, posts, kilobytes;
};
constexpr Share of_members{{100, day}, {50, day}, {20 * 1024, day}};
/// Where nothing proves a From, the letters may go to somebody who has asked for nothing.
constexpr Share of_unproven_members{{20, day}, {10, day}, {4 * 1024, day}};
constexpr Share of_strangers{{5, day}, {2, day}, {2 * 1024, day}};

const Share& share_of(const Visit& visit)
{
    if (visit.known() != Known::yes) return of_strangers;
    // Where it could be proven, it was, or he has confirmed: must_confirm_reading().
    return visit.caller.can_prove == CanProve::yes ? of_members : of_unproven_members;
}

const store::Readable& readable(Visit& visit)
{
    if (!visit.readable) {
        const auto who = visit.person ? std::optional{visit.person->id} : std::nullopt;
        visit.readable = store::readable_by(visit.db, who);
    }
    return *visit.readable;
}

bool may_question(Visit& visit)
{
    return store::spend(visit.db, "archive-question", visit.key, share_of(visit).questions, visit.now);
}

std::string joined(const std::vector<std::string>& names)
{
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

Values values_of(const store::ArchivedPost& post)
{
    return {{"at", day_of(post.sent_at)},
            {"sender", post.sender_name.empty() ? post.sender : post.sender_name},
            {"subject", post.subject},
            {"lists", joined(post.lists)},
            {"id", post.message_id}};
}

Result search(Visit& visit, const commands::Line& line)
{
    const auto query = archive::parse_query(line.argument);
    const auto found = store::search_archive(visit.db, query, readable(visit), {.limit = hits_told});
    Result result{line.text, {}, Result::Told::here};
    for (const auto& problem : found.problems)
        result.says.push_back(visit.say(archive::problem_phrase(problem), {{"about", problem.about}}));
    for (const auto& hit : found.hits) {
        auto values = values_of(hit.post);
        values["snippet"] = hit.snippet;
        result.says.push_back(visit.say("archive-hit", values));
        result.says.push_back(visit.say("archive-hit-id", values));
        if (!hit.snippet.empty()) result.says.push_back(visit.say("archive-hit-words", values));
    }
    if (found.hits.empty())
        result.says.push_back(visit.say("archive-nothing"));
    else
        result.says.push_back(visit.say(found.more ? "archive-more" : "archive-how"));
    visit.noted("archive: " + std::to_string(found.hits.size()) + " found");
    return result;
}

Result get(Visit& visit, const commands::Line& line)
{
    const auto post = store::archived_post(visit.db, line.argument, readable(visit));
    if (!post) return visit.here(line.text, "get-unknown");
    if (post->size > largest_sent) return visit.here(line.text, "get-too-large");
    const auto raw = store::archived_mail(visit.db, *post);
    if (!raw) return visit.here(line.text, "get-gone");
    const auto& share = share_of(visit);
    const auto kilobytes = post->size / 1024 + 1;
    if (!store::may_spend(visit.db, "archive-kilobytes", visit.key, share.kilobytes, visit.now, kilobytes) ||
        !store::spend(visit.db, "archive-post", visit.key, share.posts, visit.now))
        return visit.here(line.text, "archive-enough");
    store::spend(visit.db, "archive-kilobytes", visit.key, share.kilobytes, visit.now, kilobytes);
    NoticeValues values;
    values.text = {{"subject", post->subject},
                   {"sender", post->sender_name.empty() ? post->sender : post->sender_name + " <" + post->sender + ">"},
                   {"date", day_of(post->sent_at)},
                   {"lists", joined(post->lists)},
                   {"message_id", post->message_id}};
    visit.write({.name = "archive-post",
                 .to = visit.sender.text(),
                 .list = {},
                 .language = visit.language,
                 .reply_command = "request",
                 .in_reply_to = message_id_of(visit.caller.message),
                 .original = raw.value(),
                 .original_bytes = static_cast<std::size_t>(largest_sent),
                 .values = std::move(values)});
    visit.noted("get: post " + std::to_string(post->id));
    return {line.text, {visit.say("get-sent")}, Result::Told::by_letter};
}

Result thread(Visit& visit, const commands::Line& line)
{
    const auto post = store::archived_post(visit.db, line.argument, readable(visit));
    if (!post) return visit.here(line.text, "get-unknown");
    const auto lines = store::thread_of(visit.db, post->id, readable(visit), thread_told + 1);
    Result result{line.text, {}, Result::Told::here};
    for (std::size_t i = 0; i < std::min(lines.size(), thread_told); ++i) {
        const auto& one = lines[i];
        auto values = one.post ? values_of(*one.post) : Values{};
        const auto depth = std::min(static_cast<std::size_t>(std::max(one.depth, 0)), deepest_told);
        for (std::size_t step = 0; step < depth; ++step) values["depth"] += "- ";
        result.says.push_back(visit.say(one.post ? "thread-post" : "thread-gap", values));
    }
    result.says.push_back(visit.say(lines.size() > thread_told ? "thread-more" : "archive-how"));
    visit.noted("thread: " + std::to_string(lines.size()) + " posts");
    return result;
}

}  // namespace

bool is_reading(const commands::Line& line)
{
    return line.runs() && (line.verb == Verb::archive || line.verb == Verb::get || line.verb == Verb::thread);
}

bool must_confirm_reading(const Visit& visit)
{
    return visit.person && !visit.proven() && visit.caller.can_prove == CanProve::yes;
}

Result read_archive(Visit& visit, const commands::Line& line)
{
    if (!may_question(visit)) return visit.here(line.text, "archive-enough");
    if (line.verb == Verb::archive) return search(visit, line);
    return line.verb == Verb::get ? get(visit, line) : thread(visit, line);
}

}  // namespace majlis::desk
