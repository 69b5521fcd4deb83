#include "core/archive/post_words.hpp"

#include <algorithm>
#include <array>

#include "core/archive/fold.hpp"
#include "core/text/ascii.hpp"

namespace majlis::archive {
namespace {

constexpr std::size_t last_references = 10;

/// "-----Original Message-----" in the languages of our members.
bool begins_old_mail(std::string_view line)
{
    line = text::trim(line);
    if (!line.starts_with("--") || line.size() > 120) return false;
    static constexpr std::array<std::string_view, 7> titles{
        "original message",
        "message original",
        "message d origine",
        "message transfere",
        "forwarded message",
        "\u0631\u0633\u0627\u0644\u0647 \u0627\u0635\u0644\u064a\u0647",
        "\u0631\u0633\u0627\u0644\u0647 \u0627\u0635\u0644\u064a\u0647 \u0645\u0639\u0627\u062f"};
    const auto words = fold_text(line, 60);
    return std::ranges::find(titles, words) != titles.end();
}

}  // namespace

SplitText split_quotes(std::string_view text)
{
    SplitText split;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        const auto line = text.substr(at, end - at);
        if (begins_old_mail(line)) {
            split.quoted.append(text.substr(at));
            break;
        }
        auto& side = text::trim(line.substr(0, 8)).starts_with('>') ? split.quoted : split.own;
        side.append(line) += '\n';
        at = end + 1;
    }
    return split;
}

std::vector<const Part*> attachments_of(const Message& message)
{
    std::vector<const Part*> found;
    for (const Part& part : message.parts)
        if (part.parent >= 0 && (!part.name.empty() || part.is_message() || part.disposition == "attachment"))
            found.push_back(&part);
    if (message.parts.size() == 1 && !message.root().name.empty()) found.push_back(&message.root());
    return found;
}

PostWords post_words(const Message& message)
{
    PostWords words;
    const auto& fields = message.root().fields;
    words.subject = fold_text(field_text(fields, "Subject"), indexed_bytes);
    words.author = fold_text(field_text(fields, "From"), 1'000);
    std::string names;
    for (const Part* part : attachments_of(message)) {
        ++words.attachments;
        if (names.size() < 8'000) names.append(part->name) += ' ';
    }
    words.files = fold_text(names, 8'000);
    const auto text = split_quotes(readable_text(message));
    words.body = fold_text(text.own, indexed_bytes);
    words.quoted = fold_text(text.quoted, indexed_bytes);
    return words;
}

std::vector<std::string> references_of(const Message& message)
{
    const auto& fields = message.root().fields;
    std::vector<std::string> ids;
    if (const auto* field = find_field(fields, "References")) ids = message_ids(field->body);
    if (ids.empty())
        if (const auto* field = find_field(fields, "In-Reply-To")) {
            ids = message_ids(field->body);
            std::erase_if(ids, [](const std::string& id) { return id.find('@') == std::string::npos; });
            if (ids.size() > 1) ids.resize(1);
        }
    if (ids.size() > last_references + 1) ids.erase(ids.begin() + 1, ids.end() - static_cast<std::ptrdiff_t>(last_references));
    std::string own;
    if (const auto* field = find_field(fields, "Message-ID")) own = message_id(field->body);
    std::vector<std::string> once;
    for (auto& id : ids)
        if (id != own && std::ranges::find(once, id) == once.end()) once.push_back(std::move(id));
    return once;
}

}  // namespace majlis::archive
