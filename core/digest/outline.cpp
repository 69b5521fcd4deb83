#include "core/digest/outline.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "core/compose/notice.hpp"
#include "core/digest/lines.hpp"
#include "core/text/ascii.hpp"

namespace majlis::digest {
namespace {

constexpr std::size_t subject_characters = 60;
constexpr std::size_t author_characters = 30;
constexpr std::size_t max_authors_named = 3;

/// Where the threads of one section stand among all.
class Places {
public:
    /// Of the post's thread; nullopt: it begins one. What no archive has put into a thread stands with what it answers.
    std::optional<std::size_t> find(const Post& post) const
    {
        if (post.thread != 0) {
            const auto found = by_thread_.find(post.thread);
            return found == by_thread_.end() ? std::nullopt : std::optional{found->second};
        }
        for (const auto* ids : {&post.in_reply_to, &post.references})
            for (auto id = ids->rbegin(); id != ids->rend(); ++id)
                if (const auto found = by_id_.find(*id); found != by_id_.end()) return found->second;
        return std::nullopt;
    }
    void note(const Post& post, std::size_t place)
    {
        if (post.thread != 0) by_thread_.emplace(post.thread, place);
        by_id_.emplace(post.message_id, place);
    }

private:
    std::unordered_map<std::int64_t, std::size_t> by_thread_;
    std::unordered_map<std::string_view, std::size_t> by_id_;
};

/// Adds the threads of one section; those beyond `max_posts` are left out.
void add_section(Outline& outline, const Section& section)
{
    Places places;
    for (const Post& post : section.posts) {
        if (outline.posts == max_posts) {
            ++outline.left_out;
            continue;
        }
        ++outline.posts;
        const auto known = places.find(post);
        places.note(post, known.value_or(outline.threads.size()));
        if (known)
            outline.threads[*known].posts.push_back(&post);
        else
            outline.threads.push_back({&section, {&post}, 0});
    }
}

/// "4." or "4-6."; in Arabic each number for itself, or the line would show "6-4".
std::string numbers_of(const Thread& thread, const std::string& language)
{
    const auto first = isolated(std::to_string(thread.first), language);
    if (thread.posts.size() == 1) return first + ".";
    return first + "-" + isolated(std::to_string(thread.last()), language) + ".";
}

/// "Karim Alaoui, Salma B. +2"
std::string authors_of(const Thread& thread, const std::string& language)
{
    std::vector<std::string> names;
    std::size_t more = 0;
    for (const Post* post : thread.posts) {
        auto name = shortened(author_of(*post), author_characters);
        if (name.empty() || std::ranges::find(names, name) != names.end()) continue;
        if (names.size() < max_authors_named)
            names.push_back(std::move(name));
        else
            ++more;
    }
    std::string out;
    for (const auto& name : names)
        out.append(out.empty() ? "" : language == "ar" ? "\u060c " : ", ").append(isolated(name, language));
    if (more > 0) out += " \u2026";
    return out;
}

std::string phrase(std::string_view key, const Issue& issue, const std::map<std::string, std::string>& values = {})
{
    return render_phrase(key, issue.language, values, issue.templates);
}

std::string own_line(std::string_view key, const Issue& issue, const std::map<std::string, std::string>& values = {})
{
    return directed(phrase(key, issue, values), issue.language) + "\r\n";
}

std::string thread_line(const Thread& thread, const Issue& issue)
{
    auto subject = shortened(subject_of(thread), subject_characters);
    subject = subject.empty() ? phrase("digest-no-subject", issue) : isolated(subject, issue.language);
    const auto authors = authors_of(thread, issue.language);
    return directed("  " + numbers_of(thread, issue.language) + " " + subject + (authors.empty() ? "" : " \u2013 " + authors),
                    issue.language) +
           "\r\n";
}

std::string section_line(const Section& section, const std::string& language)
{
    const auto address = isolated(section.address, language);
    const auto title = isolated(plain_line(section.title, 100), language);
    return directed(title.empty() ? address : title + " <" + address + ">", language) + "\r\n";
}

}  // namespace

std::string author_of(const Post& post)
{
    if (post.from.empty()) return {};
    const Mailbox& one = post.from.front();
    return plain_line(one.name.empty() ? one.address.text() : one.name, 200);
}

std::string subject_of(const Thread& thread)
{
    std::string_view rest = thread.posts.front()->subject;
    while (text::starts_with_nocase(rest, "re:")) rest = text::trim(rest.substr(3));
    return std::string{rest};
}

Outline outline_of(const Issue& issue)
{
    Outline outline;
    for (const Section& section : issue.sections) add_section(outline, section);
    std::size_t number = 1;
    for (Thread& thread : outline.threads) {
        thread.first = number;
        number += thread.posts.size();
    }
    return outline;
}

std::string contents_of(const Outline& outline, const Issue& issue)
{
    std::string out = own_line("digest-contents", issue);
    const Section* section = nullptr;
    std::size_t named = 0;
    for (const Thread& thread : outline.threads) {
        if (named == max_threads_named) break;
        if (thread.section != section) {
            section = thread.section;
            out += "\r\n" + section_line(*section, issue.language);
        }
        out += thread_line(thread, issue);
        ++named;
    }
    if (named < outline.threads.size())
        out += "\r\n" + own_line("digest-more-threads", issue, {{"count", std::to_string(outline.threads.size() - named)}});
    if (outline.left_out > 0) out += "\r\n" + own_line("digest-more-posts", issue, {{"count", std::to_string(outline.left_out)}});
    return out;
}

}  // namespace majlis::digest
