#include "core/store/held.hpp"

#include <fmt/format.h>

#include <array>

#include "cli/context.hpp"
#include "cli/verbs.hpp"
#include "core/message/message.hpp"
#include "core/moderation/decide.hpp"
#include "core/store/content.hpp"
#include "core/text/printable.hpp"

namespace majlis::cli {
namespace {

constexpr std::size_t page = 500;
constexpr std::size_t text_shown = 4'000;  // bytes of a held post

Exit run_list(Context& context)
{
    std::optional<std::int64_t> list_id;
    if (context.args().has("LIST")) list_id = context.list().id;
    Table table{context.out(), context.format(), "nothing is held"};
    std::int64_t after = 0;
    for (;;) {
        const auto posts = store::held_posts(context.database(), list_id, page, after);
        for (const store::HeldPost& held : posts)
            table.add({{"id", held.id},
                       {"list", held.list},
                       {"sender", held.sender},
                       {"subject", held.subject},
                       {"rule", held.rule},
                       {"reason", held.reason},
                       {"held_at", time_value(held.held_at)}});
        if (posts.size() < page) break;
        after = posts.back().id;
    }
    table.finish();
    return Exit::done;
}

constexpr std::array list_params{Param{"LIST", Take::optional, "only this list and those below it", "", "", Offer::lists},
                                 json_flag};

Record describe(const store::HeldPost& held)
{
    Record record{{"id", held.id},
                  {"list", held.list},
                  {"sender", held.sender},
                  {"sender_name", held.sender_name},
                  {"subject", held.subject},
                  {"message_id", held.message_id},
                  {"size", held.size},
                  {"held_at", time_value(held.held_at)},
                  {"rule", held.rule},
                  {"reason", held.reason},
                  {"verdict", store::verdict_name(held.verdict)}};
    if (held.verdict != store::Verdict::held) {
        record.push_back({"decided_by", held.decided_by});
        record.push_back({"decided_at", time_value(held.decided_at)});
    }
    return record;
}

std::string cut(std::string text, std::size_t bytes)
{
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
    text.resize(bytes);
    return text + " [...]";
}

/// Line by line, so that a hostile mail cannot command the terminal.
void print_text(std::ostream& out, std::string_view text)
{
    out << '\n';
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        out << text::printable(line, text_shown) << '\n';
        at = end + 1;
    }
}

Exit run_show(Context& context)
{
    const std::int64_t id = context.id(context.args().get("ID"));
    const auto held = store::held_post(context.database(), id);
    if (!held) throw context.failure(fmt::format("no held post {}: \"majlis held list\" shows them", id));
    const std::string bytes = store::load_content(context.database(), held->content_id);
    if (context.args().has("--raw")) {
        context.out() << bytes;
        return Exit::done;
    }
    const Message message = scan_message(bytes);
    Record record = describe(*held);
    Array attachments;
    for (const Part& part : message.parts)
        if (!part.name.empty()) attachments.emplace_back(part.name);
    record.push_back({"attachments", attachments});
    const std::string text = cut(readable_text(message), text_shown);
    if (context.format() == Format::json) record.push_back({"text", text});
    show(context.out(), context.format(), record);
    if (context.format() == Format::text) print_text(context.out(), text);
    return Exit::done;
}

constexpr std::array show_params{
    Param{"ID", Take::word, "as \"held list\" shows it"},
    Param{"--raw", Take::flag, "the mail as it came"},
    json_flag,
};

/// Each post is a transaction of its own; one that cannot be settled is told, and the others still are. Letters to senders are
/// the daemon's: it is told by the rows.
Exit settle(Context& context, std::string_view done, const moderation::Decision& decision)
{
    store::Database& db = context.database(store::Open::read_write);
    const store::By by = context.by();
    std::string problems;
    for (const std::string& word : context.args().all("ID")) {
        const std::int64_t id = context.id(word);
        store::Transaction transaction{db};
        const auto settled = moderation::decide(db, id, decision, by);
        if (!settled) {
            problems += (problems.empty() ? "" : "\n") + context.title() + ": " + settled.error().message;
            continue;
        }
        const store::HeldPost& post = settled->post;
        std::string_view also;
        if (decision.sender == moderation::Sender::banned) also = ", who is banned from now on";
        if (decision.sender == moderation::Sender::allowed) also = ", who may always post from now on";
        context.finish(transaction, fmt::format("{} {} on {}: \"{}\" from {}{}", done, id, post.list,
                                                text::printable(post.subject), text::printable(post.sender), also));
    }
    if (!problems.empty()) throw Failure{problems};
    return Exit::done;
}

Exit run_approve(Context& context)
{
    return settle(context, "approved",
                  {.verdict = store::Verdict::accepted,
                   .sender = context.args().has("--allow-sender") ? moderation::Sender::allowed : moderation::Sender::as_before,
                   .reason = {}});
}

moderation::Sender perhaps_banned(const Context& context)
{
    return context.args().has("--ban") ? moderation::Sender::banned : moderation::Sender::as_before;
}

Exit run_reject(Context& context)
{
    return settle(
        context, "rejected",
        {.verdict = store::Verdict::rejected, .sender = perhaps_banned(context), .reason = context.args().get("--reason")});
}

Exit run_discard(Context& context)
{
    const auto count = static_cast<std::int64_t>(context.args().all("ID").size());
    context.confirm("discard " + counted(count, "held post"));
    return settle(
        context, "discarded",
        {.verdict = store::Verdict::discarded, .sender = perhaps_banned(context), .reason = context.args().get("--reason")});
}

constexpr Param ids{"ID", Take::words, "as \"held list\" shows them"};
constexpr Param told_reason{"--reason", Take::value, "why: the sender is told", "TEXT"};
constexpr Param kept_reason{"--reason", Take::value, "why, for the record", "TEXT"};
constexpr Param ban{"--ban", Take::flag, "let in no more posts of these senders"};
constexpr Param allow_sender{"--allow-sender", Take::flag, "let all posts of these senders through from now on"};
constexpr std::array approve_params{ids, allow_sender, dry_run_flag};
constexpr std::array reject_params{ids, told_reason, ban, dry_run_flag};
constexpr std::array discard_params{ids, kept_reason, ban, yes_flag, dry_run_flag};

}  // namespace

const Verb held_list{"held", "list", "show the posts that wait for a moderator", list_params, run_list};
const Verb held_show{"held", "show", "show one of them", show_params, run_show};
const Verb held_approve{"held", "approve", "let posts go to their list", approve_params, run_approve};
const Verb held_reject{"held", "reject", "refuse posts", reject_params, run_reject};
const Verb held_discard{"held", "discard", "put posts away in silence", discard_params, run_discard};

}  // namespace majlis::cli
