#include "core/digest/digest.hpp"

#include <algorithm>

#include "core/archive/post_words.hpp"
#include "core/compose/lines.hpp"
#include "core/digest/lines.hpp"
#include "core/message/html_text.hpp"
#include "core/message/message.hpp"
#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"
#include "core/text/date.hpp"
#include "core/text/printable.hpp"

namespace majlis::digest {
namespace {

constexpr std::size_t max_encoded_bytes = 1024 * 1024;  // of a text part that are decoded
constexpr std::size_t max_text_parts = 10;              // that are joined to one text
constexpr std::size_t max_authors = 5;
constexpr std::size_t max_name_bytes = 120;
constexpr std::size_t max_subject_bytes = 400;
constexpr std::size_t max_id_bytes = 250;
constexpr std::size_t longest_date = 60;

/// Those with something to show, made harmless; `field_name` of the first field alone.
std::vector<Mailbox> mailboxes(const std::vector<Field>& fields, std::string_view field_name, std::size_t most)
{
    std::vector<Mailbox> out;
    const Field* field = find_field(fields, field_name);
    if (field == nullptr) return out;
    for (Mailbox& one : parse_mailboxes(field->body)) {
        if (out.size() == most) break;
        one.name = plain_line(one.name, max_name_bytes);
        if (one.address.local.size() > 64 || one.address.domain.size() > 255) one.address = {};
        const bool reachable = !one.address.local.empty() && !one.address.domain.empty();
        if (!reachable && field_name != "From") continue;
        if (!reachable && one.name.empty()) one.name = plain_line(one.address.local, max_name_bytes);
        if (reachable || !one.name.empty()) out.push_back(std::move(one));
    }
    return out;
}

std::vector<std::string> short_ids(std::vector<std::string> ids)
{
    std::erase_if(ids, [](const std::string& id) { return id.size() > max_id_bytes || id.find('@') == std::string::npos; });
    return ids;
}

/// Letters, digits and the signs of a date, perhaps with the name of the zone in brackets behind: nothing that a program could
/// stumble over.
bool is_plain_date(std::string_view date)
{
    if (date.ends_with(')')) {
        const auto comment = date.rfind(" (");
        if (comment == std::string_view::npos) return false;
        const auto name = date.substr(comment + 2, date.size() - comment - 3);
        if (!std::ranges::all_of(name, [](char c) { return text::is_letter(c) || c == ' '; })) return false;
        date = date.substr(0, comment);
    }
    const auto is_sign = [](char c) { return std::string_view{",:+-"}.find(c) != std::string_view::npos; };
    const auto fits = [&](char c) { return text::is_letter(c) || text::is_digit(c) || c == ' ' || is_sign(c); };
    const auto both_signs = [&](char a, char b) { return is_sign(a) && is_sign(b); };
    return date.size() <= longest_date && std::ranges::all_of(date, fits) &&
           std::ranges::adjacent_find(date, both_signs) == date.end();
}

/// As it was written where it can be read, for RFC 1153 wants it so.
std::string date_of(const std::vector<Field>& fields, std::int64_t received_at)
{
    constexpr std::int64_t last = 253'402'300'799;  // 9999
    if (const Field* field = find_field(fields, "Date")) {
        const auto body = text::trim(field->body);
        const auto when = text::parse_date(field->body);
        if (when && is_plain_date(body)) return std::string{body};
        if (when) return text::format_date(std::clamp<std::int64_t>(*when, 0, last));
    }
    return text::format_date(std::clamp<std::int64_t>(received_at, 0, last));
}

std::string decoded_text(const Part& part)
{
    Part head = part;
    if (head.body.size() > max_encoded_bytes) {
        const auto line_end = head.body.rfind('\n', max_encoded_bytes);  // not within an escape or a character
        head.body = head.body.substr(0, line_end == std::string_view::npos ? max_encoded_bytes & ~std::size_t{63} : line_end + 1);
    }
    auto out = part_text(head);
    return part.is("text", "html") ? html_to_text(out, HtmlLinks::show) : out;
}

/// Some programs cut one text into several parts, with pictures or files between: what stands beside the first is text as well.
bool continues(const Message& message, const Part& first, const Part& part)
{
    if (&part <= &first || part.parent != first.parent || first.parent < 0 || part.type != "text") return false;
    const bool shown = part.disposition != "attachment" && part.name.empty() && !part.divided;
    return shown && part.subtype == first.subtype && message.parts[static_cast<std::size_t>(first.parent)].subtype == "mixed";
}

/// No control character but the tab and line ends; U+FEFF at the beginning goes.
std::string clean_text(std::string_view utf8)
{
    if (utf8.starts_with("\ufeff")) utf8.remove_prefix(3);
    std::string out;
    out.reserve(utf8.size());
    for (const char c : utf8)
        if (c == '\n' || c == '\r' || c == '\t' || static_cast<unsigned char>(c) >= ' ') out += c == '\x7f' ? ' ' : c;
    return compose::clean(out);
}

/// Cut at a line's end, or a character's where a line is too long.
void cut(std::string& text, std::size_t most)
{
    if (text.size() <= most) return;
    auto end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
    const auto line_end = text.rfind("\r\n", end);
    if (line_end != std::string::npos && line_end > most / 2) end = line_end;
    text.resize(end);
    if (text.ends_with('\r')) text.pop_back();
    if (!text.empty()) text += "\r\n";
}

void read_text(Post& post, const Message& message, Budget& budget)
{
    const Part* first = first_text(message);
    if (first == nullptr) return;
    std::string whole = decoded_text(*first);
    bool all = first->body.size() <= max_encoded_bytes;
    std::size_t parts = 1;
    for (const Part& part : message.parts) {
        if (!continues(message, *first, part)) continue;
        if (whole.size() > max_text_bytes || ++parts > max_text_parts) {
            all = false;
            break;
        }
        all = all && part.body.size() <= max_encoded_bytes;
        whole.append(whole.ends_with('\n') ? "\n" : "\n\n").append(decoded_text(part));
    }
    whole = clean_text(whole);
    if (whole.size() > max_text_bytes) all = false;
    cut(whole, max_text_bytes);
    post.shown = all ? Post::Text::whole : Post::Text::cut;
    if (whole.size() > budget.bytes) {
        post.shown = Post::Text::left_out;
        budget.bytes = 0;  // nor is a shorter one behind it shown: an issue ends somewhere
        return;
    }
    budget.bytes -= whole.size();
    post.text = std::move(whole);
}

/// As it is once decoded, without decoding it.
std::size_t decoded_size(const Part& part)
{
    if (part.encoding != Encoding::base64) return part.body.size();
    const auto signs = std::ranges::count_if(part.body, [](char c) { return c > ' ' && c != '='; });
    return static_cast<std::size_t>(signs) / 4 * 3 + static_cast<std::size_t>(signs) % 4 * 3 / 4;
}

bool within_attached_mail(const Message& message, const Part& part)
{
    for (int above = part.parent; above > 0;) {
        const Part& one = message.parts[static_cast<std::size_t>(above)];
        if (one.is_message()) return true;
        above = one.parent;
    }
    return false;
}

void list_attachments(Post& post, const Message& message)
{
    const Part* text = first_text(message);
    for (const Part* part : archive::attachments_of(message)) {
        if (part == text) continue;
        if (within_attached_mail(message, *part)) continue;  // that is named itself
        if (post.attachments.size() == max_files_shown) {
            ++post.more_attachments;
            continue;
        }
        auto name = plain_line(part->name, max_name_bytes);
        if (name.empty() && part->is_message())
            name = plain_line(field_text(scan_header(part->body.substr(0, 64 * 1024)), "Subject"), max_name_bytes);
        post.attachments.push_back({std::move(name), text::printable(part->type + "/" + part->subtype, 80), decoded_size(*part)});
    }
}

}  // namespace

Post read_post(const PostKey& key, std::string_view raw, Budget& budget)
{
    const Message message = scan_message(raw);
    const auto& fields = message.root().fields;
    Post post;
    post.id = key.id;
    post.message_id = key.message_id;
    post.received_at = key.received_at;
    post.thread = key.thread;
    post.from = mailboxes(fields, "From", max_authors);
    if (post.from.empty())
        for (Mailbox& one : parse_mailboxes(key.sender)) post.from.push_back(std::move(one));
    post.to = mailboxes(fields, "To", max_mailboxes_shown);
    post.cc = mailboxes(fields, "Cc", max_mailboxes_shown);
    post.reply_to = mailboxes(fields, "Reply-To", max_authors);
    post.subject = plain_line(field_text(fields, "Subject"), max_subject_bytes);
    post.keywords = plain_line(field_text(fields, "Keywords"), max_subject_bytes);
    post.date = date_of(fields, key.received_at);
    if (const Field* field = find_field(fields, "In-Reply-To")) post.in_reply_to = short_ids(message_ids(field->body));
    if (post.in_reply_to.size() > 1) post.in_reply_to.resize(1);
    post.references = short_ids(archive::references_of(message));
    read_text(post, message, budget);
    list_attachments(post, message);
    return post;
}

}  // namespace majlis::digest
