#include "core/desk/desk.hpp"

#include <algorithm>

#include "core/desk/acts.hpp"
#include "core/store/journal.hpp"
#include "core/store/spent.hpp"

namespace majlis::desk {
namespace {

using commands::Line;
using commands::Verb;

constexpr store::Allowance mails_of_one{100, day};  ///< that ask for something; beyond, nothing is done

/// One line that only asks, or that joins or leaves.
Result run(Visit& visit, const Line& line)
{
    if (!line.verb) return visit.here(line.text, "not-understood");
    if (!line.runs()) return visit.here(line.text, "wrong-argument");
    switch (*line.verb) {
        case Verb::join:
            return join(visit, line);
        case Verb::leave:
            return leave(visit, line);
        case Verb::confirm:
            confirm(visit, line.argument);
            return {line.text, {}, Result::Told::by_letter};
        case Verb::lists:
            return lists(visit, line);
        case Verb::whoami:
            return whoami(visit, line);
        case Verb::why:
            return why(visit, line);
        case Verb::help:
            if (!line.argument.empty()) return help_with(visit, line);
            send_help(visit);
            return {line.text, {}, Result::Told::by_letter};
        case Verb::archive:
        case Verb::get:
        case Verb::thread:
            return read_archive(visit, line);
        default:
            return visit.here(line.text, "not-understood");
    }
}

/// Commands of Subject and body; changes are asked about in one letter.
void run_mail(Visit& visit)
{
    const auto read = commands::read_commands(visit.caller.message);
    if (!read.language.empty() && (!visit.person || visit.person->language.empty())) visit.language = read.language;
    const bool nothing = std::ranges::none_of(read.lines, [](const Line& line) { return line.verb.has_value(); });
    if (nothing) return send_help(visit);
    std::vector<const Line*> changing;
    std::vector<Result> results;
    for (const auto& line : read.lines) {
        if (is_change(line) || (is_reading(line) && must_confirm_reading(visit)))
            changing.push_back(&line);
        else
            results.push_back(run(visit, line));
    }
    for (auto& result : changes(visit, changing)) results.push_back(std::move(result));
    answer(visit, results, read.unprocessed);
}

void run_line(Visit& visit, std::string_view canonical) { answer(visit, {run(visit, commands::parse_line(canonical))}, {}); }

void serve_visit(Visit& visit, const Target& target)
{
    switch (target.command) {
        case Command::subscribe:
            return run_line(visit, "join");
        case Command::subscribe_digest:
            return run_line(visit, "join daily");
        case Command::unsubscribe:
            return run_line(visit, "leave");
        case Command::confirm:
            return target.token.empty() ? run_mail(visit) : confirm(visit, target.token);
        case Command::moderate:
            return moderate(visit, target.token);
        case Command::help:
        case Command::request:
            return run_mail(visit);
        case Command::post:
        case Command::owner:
        case Command::bounce:
        case Command::report:
            break;
    }
}

Done ignored(const Caller& caller, const Target& target, std::string_view sender, const std::string& why)
{
    store::journal(
        caller.db, {"majlisd", caller.now},
        {"command-ignored", target.list_id, std::string{sender}, std::string{command_name(target.command)} + ": " + why});
    return {std::string{command_name(target.command)} + ": not answered, " + why, false};
}

}  // namespace

Done serve(const Caller& caller, const Target& target)
{
    if (target.command == Command::unsubscribe && !target.token.empty()) return leave_by_token(caller, target);
    auto visit = open_visit(caller, target.list_id);
    if (!visit) return ignored(caller, target, {}, "it has no single usable sender");
    if (const auto why = why_not_answered(caller.db, caller.message, caller.classification, caller.ourselves); !why.empty())
        return ignored(caller, target, visit->key, why);
    // Whoever holds a token has shown that he reads that address's mail; all else rests on From.
    const bool token = (target.command == Command::confirm || target.command == Command::moderate) && !target.token.empty();
    if (caller.proof == Proof::failed && !token) return ignored(caller, target, visit->key, "its From failed authentication");
    if (!token && !store::spend(caller.db, "command", visit->key, mails_of_one, caller.now))
        return ignored(caller, target, visit->key, "too many today");
    serve_visit(*visit, target);
    if (visit->note.empty()) visit->note = "done";
    return {std::string{command_name(target.command)} + " for " + visit->list.name + ": " + visit->note, visit->wrote};
}

}  // namespace majlis::desk
