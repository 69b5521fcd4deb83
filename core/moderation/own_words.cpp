#include "core/moderation/own_words.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/message/html_text.hpp"
#include "core/moderation/command_words.hpp"
#include "core/moderation/footers.hpp"
#include "core/moderation/html_quotes.hpp"
#include "core/moderation/lines.hpp"
#include "core/moderation/quotes.hpp"
#include "core/text/ascii.hpp"

namespace majlis::moderation {
namespace {

constexpr std::size_t most_bytes = 256 * 1024;
constexpr std::size_t most_lines = 5'000;

struct Lines {
    std::vector<std::string_view> raw;
    std::vector<std::string> plain;
};

/// Lines that are left, by index.
using Kept = std::vector<std::size_t>;

bool marks_follow(const Lines& lines, std::size_t at)
{
    while (at < lines.plain.size() && lines.plain[at].empty()) ++at;
    return at < lines.plain.size() && is_quoted_line(lines.plain[at]);
}

/// Whether the last words of an original that is quoted without marks are a command: then it may be the answer, written below.
bool ends_in_command(const Lines& lines, std::size_t from)
{
    for (std::size_t at = lines.plain.size(); at-- > from;)
        if (!lines.plain[at].empty() && !is_device_footer(lines.plain[at]) && !is_ruler(lines.plain[at]))
            return begins_with_command(lines.plain[at]);
    return false;
}

/// Takes off what is quoted; `doubt` where that may have been too much.
Kept without_quotes(const Lines& lines, std::string& doubt)
{
    Kept kept;
    for (std::size_t at = 0; at < lines.plain.size();) {
        if (is_quoted_line(lines.plain[at])) {
            ++at;
            continue;
        }
        const auto attribution = attribution_lines(lines.plain, at);
        if (attribution > 0 && marks_follow(lines, at + attribution)) {
            at += attribution;
            continue;
        }
        const auto separator = attribution > 0 ? attribution : separator_lines(lines.plain, at);
        if (separator > 0) {
            if (ends_in_command(lines, at + separator)) doubt = "a command stands below an original that is not marked as quoted";
            break;
        }
        kept.push_back(at++);
    }
    return kept;
}

/// Takes off the signature: from its mark to the end of what was written there, which a quote ends.
Kept without_signature(const Lines& lines, const Kept& kept, std::string& doubt)
{
    const auto mark = std::ranges::find_if(kept, [&](std::size_t at) { return is_signature_mark(lines.raw[at]); });
    for (auto one = mark; one != kept.end(); ++one)
        if (begins_with_command(lines.plain[*one])) doubt = "a command stands below the mark of a signature";
    return {kept.begin(), mark};
}

/// Takes off footers, line by line, and disclaimers, by paragraphs.
Kept without_footers(const Lines& lines, const Kept& kept)
{
    Kept left;
    for (std::size_t begin = 0; begin < kept.size();) {
        std::size_t end = begin;
        std::string paragraph;
        for (; end < kept.size() && !lines.plain[kept[end]].empty(); ++end)
            paragraph += (paragraph.empty() ? "" : " ") + lines.plain[kept[end]];
        if (!is_disclaimer(paragraph))
            for (std::size_t i = begin; i < end; ++i)
                if (!is_device_footer(lines.plain[kept[i]]) && !is_ruler(lines.plain[kept[i]])) left.push_back(kept[i]);
        if (end < kept.size()) left.push_back(kept[end]);  // the empty line
        begin = end + 1;
    }
    return left;
}

std::string joined(const Lines& lines, const Kept& kept)
{
    std::string out;
    for (const auto at : kept) out += visible(lines.raw[at]) + "\n";
    const auto text = text::trim(out);
    return std::string{text};
}

bool harmless_attachment(const Part& part)
{
    if (part.type == "image" || part.type == "text" || part.is_message()) return true;
    if (part.type != "application") return false;
    static const std::vector<std::string_view> passing{"pgp-signature", "pkcs7-signature", "x-pkcs7-signature",
                                                       "ms-tnef",       "vnd.ms-tnef",     "pgp-keys"};
    return std::ranges::find(passing, part.subtype) != passing.end();
}

/// Why this mail cannot be read as a reply.
std::string unreadable(const Message& reply)
{
    if (!reply.defects.empty()) return "the mail is broken: " + reply.defects.front();
    for (const Part& part : reply.parts) {
        if (part.is("multipart", "encrypted") || part.subtype == "pkcs7-mime" || part.subtype == "x-pkcs7-mime")
            return "the mail is encrypted";
        if (part.divided || part.is_multipart()) continue;
        if (part.encoding == Encoding::unknown && !part.is_message()) return "the mail has an unknown encoding";
        if (part.disposition == "attachment" && part.type == "text" && !part.is("text", "vcard") && !part.is("text", "x-vcard"))
            return "the mail carries a file";
        if (!harmless_attachment(part)) return "the mail carries a file";
    }
    return {};
}

/// The text of a reply, its HTML without what it quotes; nothing where it has none.
std::optional<std::string> reply_text(const Message& reply)
{
    const Part* part = first_text(reply);
    if (part == nullptr) return std::nullopt;
    auto text = part_text(*part);
    if (text.size() > most_bytes) text.resize(most_bytes);
    if (part->is("text", "html")) return html_to_text(without_html_quotes(text));
    return text;
}

}  // namespace

OwnWords own_words_of_text(std::string_view text)
{
    OwnWords own;
    Lines lines;
    lines.raw = split_lines(text.substr(0, most_bytes), most_lines);
    if (lines.raw.size() > most_lines || text.size() > most_bytes) own.doubt = "the mail is too long";
    for (const auto line : lines.raw) lines.plain.push_back(plain_form(line.substr(0, 4'000)));
    auto kept = without_quotes(lines, own.doubt);
    kept = without_signature(lines, kept, own.doubt);
    kept = without_footers(lines, kept);
    own.text = joined(lines, kept);
    return own;
}

OwnWords own_words(const Message& reply)
{
    auto broken = unreadable(reply);
    const auto text = reply_text(reply);
    if (!text) {
        const bool nothing = text::trim(reply.root().body).empty();
        if (!nothing && broken.empty()) broken = "the mail has no text";
        return {{}, broken};
    }
    auto own = own_words_of_text(*text);
    if (!broken.empty()) own.doubt = broken;
    return own;
}

}  // namespace majlis::moderation
