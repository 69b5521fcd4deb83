#include <fmt/format.h>

#include <array>

#include "cli/context.hpp"
#include "cli/verbs.hpp"
#include "core/message/edit.hpp"
#include "core/message/message.hpp"
#include "core/store/arrivals.hpp"
#include "core/store/daemon_lock.hpp"

namespace majlis::cli {
namespace {

/// The line end that the mail itself uses.
std::string_view line_end(std::string_view bytes)
{
    const std::size_t lf = bytes.find('\n');
    return lf != std::string_view::npos && lf > 0 && bytes[lf - 1] == '\r' ? "\r\n" : "\n";
}

/// Delivered-To as a provider would add it: the mail is for this list, whoever else it names.
std::string addressed(std::string_view bytes, const std::string& list, const std::string& from)
{
    const Message message = scan_message(bytes);
    const std::string end{line_end(bytes)};
    Edit edit{bytes};
    std::string first = "Delivered-To: " + list + end;
    if (!from.empty()) {
        const std::string line = "From: " + from + end;
        const majlis::Field* old = find_field(message.root().fields, "From");
        if (old != nullptr)
            edit.replace(old->bytes, line);
        else
            first += line;
    }
    const std::string edited = edit.apply();
    if (message.mbox_line.empty()) return first + edited;
    return first + edited.substr(message.mbox_line.size());
}

Exit run_post(Context& context)
{
    store::Database& db = context.database(store::Open::read_write);
    const store::List list = context.list();
    const Args& args = context.args();
    const std::string from = args.has("--from") ? context.address(args.get("--from")).text() : "";
    const std::string bytes = read_input(context, static_cast<std::size_t>(context.config().delivery.max_size_bytes));
    const Message message = scan_message(bytes);
    if (message.root().fields.empty() || message.root().fields.front().name.empty())
        throw context.failure(
            "the message has no header: begin with lines such as \"From: you@example.org\" and \"Subject: ...\", then an empty "
            "line");
    store::Transaction transaction{db};
    const std::int64_t id = store::inject_arrival(db, addressed(bytes, list.address, from), context.by());
    const bool running = store::DaemonLock::holder(context.config().database).has_value();
    context.finish(transaction, fmt::format("took mail {} for {}: {}", id, list.name,
                                            running ? "majlisd judges it now" : "majlisd will judge it when it runs"));
    return Exit::done;
}

constexpr std::array params{
    list_word,
    Param{"--from", Take::value, "put this address into From", "ADDRESS"},
    dry_run_flag,
};

}  // namespace

const Verb post{"",     "post",   "take a mail from standard input as if it had arrived for a list",
                params, run_post, "Example: majlis post rabat < message.eml"};

}  // namespace majlis::cli
