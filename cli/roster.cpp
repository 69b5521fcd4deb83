#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <iostream>

#include "cli/context.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "core/lists/roster.hpp"
#include "core/store/importing.hpp"
#include "core/text/printable.hpp"

namespace majlis::cli {
namespace {

constexpr std::size_t problems_shown = 20;

std::unique_ptr<RosterReader> open(Context& context, const std::string& file)
{
    RosterOptions options;
    options.format = roster_format(context.args().get("--format", "auto")).value_or(RosterFormat::automatic);
    options.charset = context.args().get("--charset");
    if (file == "-") return context.need(read_roster(std::cin, options));
    return context.need(open_roster(file, options));
}

std::uint64_t size_of(const std::string& file)
{
    std::error_code none;  // a pipe or folder has no size: then the bar only counts
    const auto size = std::filesystem::file_size(file, none);
    return none ? 0 : size;
}

/// Says what is wrong with a line; after the first twenty they are only counted.
void complain(Progress& bar, const std::string& file, std::size_t line, const std::string& message, std::size_t nth)
{
    if (nth > problems_shown) return;
    bar.clear();
    const std::string place = line == 0 ? file : fmt::format("{}:{}", file, line);
    std::cerr << "majlis: " << text::printable(place, 1000) << ": " << text::printable(message, 1000) << '\n';
}

std::string summary(const store::ImportReport& report, const store::List& list)
{
    std::string text = fmt::format("{} added to {}", report.added, list.name);
    if (report.updated > 0) text += fmt::format(", {} updated", report.updated);
    if (report.already > 0) text += fmt::format(", {} there already", report.already);
    if (report.repeated > 0) text += fmt::format(", {} twice in the file", report.repeated);
    if (report.bad > 0) text += ", " + counted(report.bad, "bad line") + " left out";
    return text;
}

Record as_record(const store::ImportReport& report)
{
    Array problems;
    for (const auto& problem : report.problems)
        problems.emplace_back(Record{{"line", problem.line}, {"message", problem.message}});
    return {{"rows", report.rows},       {"added", report.added},       {"already", report.already},
            {"updated", report.updated}, {"repeated", report.repeated}, {"new_members", report.new_members},
            {"bad", report.bad},         {"stopped", report.stopped},   {"problems", problems}};
}

store::ImportOptions options_of(Context& context)
{
    store::ImportOptions options;
    const Args& args = context.args();
    if (args.get("--on-error") == "skip") options.on_error = store::ImportOptions::OnError::skip;
    if (args.has("--update")) options.known = store::ImportOptions::Known::update;
    if (context.dry_run()) options.run = store::ImportOptions::Run::dry;
    if (args.has("--mode")) options.mode = store::mode_named(args.get("--mode")).value_or(store::Mode::each);
    return options;
}

void read_rows(RosterReader& reader, store::Import& import, Progress& bar)
{
    RosterRow row;
    std::size_t n = 0;
    while (reader.next(row)) {
        if (!import.add(row)) return;
        if (++n % 1'000 == 0) bar.at(reader.bytes_read());
    }
}

store::ImportReport import_file(Context& context, const store::List& list, const std::string& file)
{
    const auto reader = open(context, file);
    store::Import import{context.database(), list.id, options_of(context)};
    {
        Progress bar{"reading", file == "-" ? 0 : size_of(file)};
        read_rows(*reader, import, bar);
    }
    Progress bar{"writing", 1};
    const auto progress = [&](std::int64_t done, std::int64_t total) {
        if (total > 0) bar.at_of(static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(total));
    };
    store::ImportReport report = import.finish(context.by(), progress);
    std::size_t nth = 0;
    for (const auto& problem : report.problems)
        complain(bar, file == "-" ? "standard input" : file, problem.line, problem.message, ++nth);
    return report;
}

Exit run_import(Context& context)
{
    context.database(store::Open::read_write);
    const store::List list = context.list();
    const std::string file = context.args().get("FILE");
    const store::ImportReport report = import_file(context, list, file);
    if (static_cast<std::size_t>(report.bad) > problems_shown)
        std::cerr << "majlis: "
                  << "... and " << counted(report.bad - static_cast<std::int64_t>(problems_shown), "more bad line") << '\n';
    if (context.format() == Format::json) show(context.out(), Format::json, as_record(report));
    if (report.stopped)
        throw context.failure("stopped at a bad line, nothing was changed: mend it, or leave bad lines out with --on-error skip");
    if (context.format() == Format::text) context.say(summary(report, list));
    return Exit::done;
}

constexpr std::array import_params{
    list_word,
    Param{"FILE", Take::word, "a roster; - is standard input; for mlmmj the folder of the list", "", "", Offer::files},
    Param{"--format", Take::value, "else it is looked at", "", "auto|csv|text|mailman2|mailman3|mlmmj|sympa|google"},
    Param{"--on-error", Take::value, "at a bad line: stop and change nothing (default), or leave it out", "", "stop|skip"},
    Param{"--mode", Take::value, "where the file does not say", "", "each|daily|weekly|none"},
    Param{"--charset", Take::value, "of a text file that is not UTF-8", "CHARSET"},
    Param{"--update", Take::flag, "give those on the list already the file's name, mode and language"},
    dry_run_flag,
    json_flag,
};

std::string csv_cell(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

Exit run_export(Context& context)
{
    const store::List list = context.list();
    std::ostream& out = context.out();
    out << "address,name,mode,language\n";
    store::each_member(context.database(), list.id, store::Below::no, [&](const store::ListedMember& listed) {
        out << csv_cell(listed.member.address) << ',' << csv_cell(listed.member.name) << ','
            << store::mode_name(listed.subscriptions.front().mode) << ',' << listed.member.language << '\n';
        return static_cast<bool>(out);
    });
    return Exit::done;
}

constexpr std::array export_params{list_word};

}  // namespace

const Verb member_import{"member", "import", "put everybody of a file on a list", import_params, run_import};
const Verb member_export{
    "member",      "export",   "write the members of a list as CSV",
    export_params, run_export, "What \"member import\" reads: the heading address,name,mode,language, then a line a member."};

}  // namespace majlis::cli
