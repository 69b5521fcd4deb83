#include "cli/archive_text.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "core/archive/query.hpp"
#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"

namespace majlis::cli {
namespace {

bool wants_colours()
{
    const char* none = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    if ((none != nullptr && *none != '\0') || terminal == nullptr || std::string_view{terminal} == "dumb") return false;
    return isatty(STDOUT_FILENO) == 1;
}

}  // namespace

Paint::Paint() : on_{wants_colours()} {}

std::string Paint::wrap(std::string_view code, std::string_view text) const
{
    if (!on_ || text.empty()) return std::string{text};
    return "\033[" + std::string{code} + "m" + std::string{text} + "\033[0m";
}

std::string day_text(std::int64_t unix_time) { return cell_text(time_value(unix_time)).substr(0, 10); }

std::string author_text(const store::ArchivedPost& post)
{
    if (post.redacted_at != 0) return "(redacted)";
    return text::printable(post.sender_name.empty() ? post.sender : post.sender_name, 60);
}

std::string subject_text(const store::ArchivedPost& post)
{
    if (post.redacted_at != 0) return "(redacted)";
    return post.subject.empty() ? "(no subject)" : text::printable(post.subject);
}

Record archived_record(const store::ArchivedPost& post)
{
    return {{"id", post.id},
            {"date", time_value(post.sent_at)},
            {"sender", post.sender},
            {"sender_name", post.sender_name},
            {"subject", post.subject},
            {"message_id", post.message_id},
            {"lists", strings(post.lists)},
            {"size", post.size},
            {"attachments", post.attachments},
            {"thread", post.thread_id},
            {"redacted_at", time_value(post.redacted_at)}};
}

store::ArchivedPost find_archived(Context& context, std::string_view name)
{
    const bool number = !name.empty() && std::ranges::all_of(name, text::is_digit);
    auto post = number ? store::archived_post(context.database(), context.id(name), store::all_readable())
                       : store::archived_post(context.database(), name, store::all_readable());
    if (!post)
        throw context.failure("no post " + text::printable(name) +
                              " in the archive: \"majlis archive search\" finds posts and their ids");
    return std::move(*post);
}

std::optional<std::int64_t> date_option(Context& context, std::string_view option)
{
    if (!context.args().has(option)) return std::nullopt;
    const auto text = context.args().get(option);
    const auto query = archive::parse_query("after:" + text);
    if (!query.after || !query.terms.empty())
        throw context.wrong_usage(std::string{option} + " " + text::printable(text) +
                                  ": give a date such as 2026-01-31, 2026-01 or 2026");
    return query.after;
}

std::vector<std::int64_t> lists_asked(Context& context, const store::List& list)
{
    if (!context.args().has("--below")) return {list.id};
    std::vector<std::int64_t> ids;
    for (const auto& below : store::subtree(context.database(), list.id)) ids.push_back(below.id);
    return ids;
}

}  // namespace majlis::cli
