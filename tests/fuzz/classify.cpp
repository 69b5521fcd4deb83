// Any bytes: what a mail is, how it reads, whom it is for and what speaks against it.
#include "core/classify/classify.hpp"
#include "core/policy/facts.hpp"
#include "core/route/route.hpp"
#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

/// What is shown to people and written into the database.
bool is_line(std::string_view words)
{
    return majlis::text::valid_utf8(words) && std::none_of(words.begin(), words.end(), majlis::text::is_control);
}

void check(const majlis::Classification& found)
{
    if (found.reason.empty() || (found.kind != majlis::Kind::bounce && !found.failures.empty())) std::abort();
    if (found.challenge && found.kind != majlis::Kind::autoreply) std::abort();
    if (found.kind == majlis::Kind::feedback ? found.feedback.type.empty() : !found.feedback.recipients.empty()) std::abort();
    for (const auto& failure : found.failures) {
        const auto& who = failure.recipient;
        if (who.find('@') == std::string::npos || std::any_of(who.begin(), who.end(), majlis::text::is_control)) std::abort();
        if (failure.status.size() < 5 || (failure.permanent && (failure.delayed || !failure.status.starts_with('5'))))
            std::abort();
        if (!is_line(failure.diagnostic) || failure.diagnostic.size() > 500) std::abort();
    }
    const auto& original = found.original;
    if (!is_line(original.subject) || !is_line(original.list_id) || !is_line(original.envelope_id) ||
        original.recipients.size() > 100)
        std::abort();
    if (found.feedback.recipients.size() > 100 || !is_line(found.feedback.source_ip)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string raw{reinterpret_cast<const char*>(data), size};
    const auto message = majlis::scan_message(raw);
    const auto classification = majlis::classify(message);
    check(classification);
    (void)majlis::decode(message);

    const auto find = [](std::string_view key) { return key.starts_with("r") ? std::optional<std::int64_t>{1} : std::nullopt; };
    const majlis::SubjectTags tags{find, [](std::string_view) { return true; }};
    for (const auto& target : majlis::route(message, find, tags))
        if (target.list_id != 1) std::abort();
    (void)majlis::tokens_in_replies(message);
    (void)majlis::loop_marks(message, {.address_key = "r@x.org", .list_id = "r.x.org"});
    (void)majlis::count_recipients(message);
    (void)majlis::usable_sender(message);
    return 0;
}
