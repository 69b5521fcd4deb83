#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iostream>

#include "cli/archive_text.hpp"
#include "cli/verbs.hpp"
#include "core/archive/post_words.hpp"
#include "core/message/message.hpp"
#include "core/store/search.hpp"
#include "core/text/printable.hpp"

namespace majlis::cli {
namespace {

constexpr std::size_t most_hits = 1'000;
constexpr std::size_t line_shown = 4'000;  // bytes of a line of text
constexpr int deepest_shown = 20;          // steps of a thread to the right

std::string joined(const std::vector<std::string>& words)
{
    std::string out;
    for (const auto& word : words) out.append(out.empty() ? "" : " ").append(word);
    return out;
}

std::size_t limit_of(Context& context, std::size_t fallback)
{
    if (!context.args().has("--limit")) return fallback;
    const auto asked = context.args().get("--limit");
    std::size_t limit = 0;
    const auto [end, error] = std::from_chars(asked.data(), asked.data() + asked.size(), limit);
    if (error != std::errc{} || end != asked.data() + asked.size() || limit == 0)
        throw context.wrong_usage("--limit cannot be \"" + text::printable(asked) + "\": give a number from 1 to " +
                                  std::to_string(most_hits));
    return std::min(limit, most_hits);
}

std::string marked(const Paint& paint, const store::Hit& hit)
{
    std::string out;
    std::size_t at = 0;
    for (const auto& [begin, end] : hit.marks) {
        out += hit.snippet.substr(at, begin - at);
        out += paint.mark(hit.snippet.substr(begin, end - begin));
        at = end;
    }
    return out + hit.snippet.substr(at);
}

void print_hits(Context& context, const store::SearchResult& result)
{
    const Paint paint;
    auto& out = context.out();
    for (const auto& hit : result.hits) {
        const auto& post = hit.post;
        out << paint.dim(day_text(post.sent_at)) << "  " << paint.author(author_text(post)) << "  "
            << paint.bold(subject_text(post)) << "  " << paint.dim(fmt::format("[{}] {}", post.id, joined(post.lists))) << '\n';
        if (!hit.snippet.empty()) out << "    " << marked(paint, hit) << '\n';
    }
    if (result.hits.empty()) out << "nothing was found\n";
    if (result.more) out << paint.dim("there is more: --limit shows further ones") << '\n';
}

void print_hits_json(Context& context, const store::SearchResult& result)
{
    Table table{context.out(), Format::json, ""};
    for (const auto& hit : result.hits) {
        auto record = archived_record(hit.post);
        record.push_back({"snippet", hit.snippet});
        table.add(std::move(record));
    }
    table.finish();
}

Exit run_search(Context& context)
{
    const auto query = archive::parse_query(joined(context.args().all("WORD")));
    auto readable = store::all_readable();
    if (context.args().has("--list")) readable = {store::Readable::Scope::some, lists_asked(context, context.list("--list"))};
    store::SearchOptions options;
    options.limit = limit_of(context, 20);
    if (context.args().has("--newest")) options.order = store::SearchOptions::Order::newest;
    const auto result = store::search_archive(context.database(), query, readable, options);
    for (const auto& problem : result.problems)
        std::cerr << "majlis: " << text::printable(archive::problem_text(problem)) << '\n';
    if (context.format() == Format::json)
        print_hits_json(context, result);
    else
        print_hits(context, result);
    return Exit::done;
}

/// Line by line, so that a hostile mail cannot command the terminal; what is quoted stands back.
void print_body(std::ostream& out, const Paint& paint, std::string_view text)
{
    out << '\n';
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        auto line = text.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        const auto shown = text::printable(line, line_shown);
        out << (line.starts_with('>') ? paint.dim(shown) : shown) << '\n';
        at = end + 1;
    }
}

Exit run_show(Context& context)
{
    const auto post = find_archived(context, context.args().get("ID"));
    auto record = archived_record(post);
    if (post.redacted_at != 0) {
        if (context.args().has("--raw")) throw context.failure("this post was redacted: its text is gone");
        show(context.out(), context.format(), record);
        return Exit::done;
    }
    const auto raw = context.need(store::archived_mail(context.database(), post));
    if (context.args().has("--raw")) {
        context.out() << raw;
        return Exit::done;
    }
    const Message message = scan_message(raw);
    Array files;
    for (const Part* part : archive::attachments_of(message))
        files.emplace_back(
            Record{{"name", part->name}, {"type", part->type + "/" + part->subtype}, {"size", part_content(*part).size()}});
    record.push_back({"files", std::move(files)});
    const auto text = readable_text(message);
    if (context.format() == Format::json) record.push_back({"text", text});
    show(context.out(), context.format(), record);
    if (context.format() == Format::text) print_body(context.out(), Paint{}, text);
    return Exit::done;
}

/// The branches of a tree to the left of each line.
class Branches {
public:
    explicit Branches(const std::vector<store::ThreadLine>& lines) : lines_{lines} {}

    std::string before(std::size_t at) const
    {
        std::string out;
        const int depth = lines_[at].depth;
        if (depth == 0) return out;
        for (int level = std::max(1, depth - deepest_shown); level < depth; ++level)
            out += goes_on(at, level) ? "\u2502  " : "   ";
        return out + (goes_on(at, depth) ? "\u251c\u2500 " : "\u2514\u2500 ");
    }

private:
    /// Whether another line of this depth follows before the branch ends.
    bool goes_on(std::size_t at, int depth) const
    {
        for (std::size_t next = at + 1; next < lines_.size(); ++next) {
            if (lines_[next].depth < depth) return false;
            if (lines_[next].depth == depth) return true;
        }
        return false;
    }

    const std::vector<store::ThreadLine>& lines_;
};

void print_thread(Context& context, const std::vector<store::ThreadLine>& lines, std::int64_t asked)
{
    const Paint paint;
    const Branches branches{lines};
    auto& out = context.out();
    std::string subject;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& post = lines[i].post;
        if (!post) {
            out << "            " << paint.dim(branches.before(i) + "(not here)") << '\n';
            continue;
        }
        out << paint.dim(day_text(post->sent_at)) << "  " << paint.dim(branches.before(i)) << paint.author(author_text(*post))
            << "  ";
        const auto title = subject_text(*post);
        if (title != subject) out << (post->id == asked ? paint.bold(title) : title) << "  ";
        subject = title;
        out << paint.dim(fmt::format("[{}]", post->id)) << '\n';
    }
}

Exit run_thread(Context& context)
{
    const auto post = find_archived(context, context.args().get("ID"));
    const auto lines = store::thread_of(context.database(), post.id, store::all_readable(), limit_of(context, 500));
    if (context.format() == Format::text) {
        print_thread(context, lines, post.id);
        return Exit::done;
    }
    Table table{context.out(), Format::json, ""};
    for (const auto& line : lines) {
        auto record = line.post ? archived_record(*line.post) : Record{{"id", Value{}}};
        record.push_back({"depth", line.depth});
        table.add(std::move(record));
    }
    table.finish();
    return Exit::done;
}

constexpr Param limit_flag{"--limit", Take::value, "how many at most", "N"};
constexpr Param id_word{"ID", Take::word, "number or Message-ID of a post, as \"archive search\" shows it"};
constexpr std::array search_params{
    Param{"WORD", Take::words, "words, filters: from: subject: list: after: before: has:attachment"},
    Param{"--list", Take::value, "only in this list", "LIST", "", Offer::lists},
    Param{"--below", Take::flag, "with --list: and in those below it"},
    Param{"--newest", Take::flag, "the newest first, not the best"},
    limit_flag,
    json_flag,
};
constexpr std::array show_params{id_word, Param{"--raw", Take::flag, "the mail as it came"}, json_flag};
constexpr std::array thread_params{id_word, limit_flag, json_flag};

}  // namespace

const Verb archive_search{"archive",
                          "search",
                          "find posts by their words",
                          search_params,
                          run_search,
                          "Example: majlis archive search '\"compte rendu\" budget from:anna after:2026-01 -vote'\n"
                          "A word ends in * to find its longer forms. Put a query with -words in quotes, or behind --."};
const Verb archive_show{"archive", "show", "show a post", show_params, run_show};
const Verb archive_thread{"archive", "thread", "show what a post answers, and what answers it", thread_params, run_thread};

}  // namespace majlis::cli
