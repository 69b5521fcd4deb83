#include "core/classify/notice.hpp"

#include "core/address/address.hpp"
#include "core/text/ascii.hpp"

#include <algorithm>

/// The mail that a report is about, as far as it came back.
namespace majlis::recognise {
namespace {

constexpr std::size_t longest_copy = 64 * 1024;  // bytes of a returned header that are read
constexpr std::size_t most_named = 100;          // recipients

const ScanLimits limits{.header_bytes = longest_copy, .fields = 500};

/// Content of a part, its beginning only.
std::string beginning_of(const Part& part)
{
    Part head;
    head.body = part.body.substr(0, 2 * longest_copy);
    head.encoding = part.encoding;
    return part_content(head);
}

bool is_header(const Part& part) { return part.subtype == "rfc822-headers" || part.subtype == "global-headers"; }

bool looks_like_header(const std::vector<Field>& fields)
{
    int known = 0;
    for (const auto* name : {"From", "To", "Subject", "Date", "Message-ID", "Received", "Return-Path", "MIME-Version"})
        known += find_field(fields, name) != nullptr ? 1 : 0;
    return known >= 2;
}

std::string first_address(const std::vector<Field>& fields, std::string_view name)
{
    const Field* field = find_field(fields, name);
    if (field == nullptr) return {};
    const auto boxes = parse_mailboxes(field->body.substr(0, 2'000));
    return boxes.empty() || boxes.front().address.domain.empty() ? std::string{} : boxes.front().address.text();
}

void add_recipient(OriginalMail& original, std::string address)
{
    const auto same = [&](const std::string& known) { return text::equal_nocase(known, address); };
    if (original.recipients.size() < most_named && std::none_of(original.recipients.begin(), original.recipients.end(), same))
        original.recipients.push_back(std::move(address));
}

void add_recipients(OriginalMail& original, std::string_view field_body)
{
    for (const auto& box : parse_mailboxes(field_body.substr(0, 20'000)))
        if (!box.address.domain.empty()) add_recipient(original, box.address.text());
}

/// "from x by y for <a@b>; date" of the topmost trace field that says so.
std::string traced_recipient(const std::vector<Field>& fields)
{
    for (const Field* field : find_fields(fields, "Received")) {
        const auto line = text::lowered(field->body.substr(0, 1'000));
        auto at = line.find(" for ");
        if (at == std::string::npos) at = line.find("\tfor ");
        if (at == std::string::npos) continue;
        const auto rest = field->body.substr(at + 5, 330);
        const auto begin = rest.find_first_not_of(" \t<");
        if (begin == std::string_view::npos) continue;
        auto spots = addresses_in(rest, 1);
        if (!spots.empty() && spots.front().begin == begin) return std::move(spots.front().address);
    }
    return {};
}

void read_header(OriginalMail& original, const std::vector<Field>& fields)
{
    const auto body = [&](const char* name) {
        const Field* field = find_field(fields, name);
        return field == nullptr ? std::string_view{} : field->body;
    };
    original.message_id = message_id(body("Message-ID"));
    original.return_path = first_address(fields, "Return-Path");
    original.from = first_address(fields, "From");
    original.subject = diagnostic_line(field_text(fields, "Subject"));
    original.list_id = text::lowered(body("List-Id").substr(0, 1'000));
    if (const auto open = original.list_id.rfind('<'); open != std::string::npos)
        original.list_id = original.list_id.substr(open + 1, original.list_id.find('>', open) - open - 1);
    original.list_id = diagnostic_line(original.list_id);
    for (const auto* name : {"To", "Cc"})
        for (const Field* field : find_fields(fields, name)) add_recipients(original, field->body);
    original.sent_to = traced_recipient(fields);
}

/// From the words themselves: behind the line that announces a copy, the first block that is a header.
void read_words(OriginalMail& original, std::string_view words)
{
    bool copy = false;
    words = words.substr(0, 2 * longest_copy);
    for (int tries = 0; !words.empty() && tries < 40;) {
        const auto end = words.find('\n');
        const auto line = words.substr(0, end);
        copy = copy || begins_copy(line);
        const auto colon = line.find(':');
        const bool field = colon != std::string_view::npos && colon > 1 && colon < 40 &&
                           line.substr(0, colon).find_first_of(" \t<@") == std::string_view::npos;
        if (copy && field) {
            ++tries;
            const auto fields = scan_header(words.substr(0, longest_copy / 2), limits);
            if (looks_like_header(fields)) return read_header(original, fields);
        }
        words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
    }
}

/// Copies may be quoted: "> To: a@b".
std::string unquoted_copy(std::string words)
{
    words.resize(std::min(words.size(), 2 * longest_copy));
    std::string out;
    std::string_view rest = words;
    while (!rest.empty()) {
        auto line = rest.substr(0, rest.find('\n') + 1);
        if (line.empty()) line = rest;
        rest.remove_prefix(line.size());
        if (line.starts_with("> "))
            line.remove_prefix(2);
        else if (line.starts_with('>') && line.size() > 1 && text::is_letter(line[1]))
            line.remove_prefix(1);
        out += line;
    }
    return out;
}

/// What the report itself says about it, where the mail did not come back.
void read_report(OriginalMail& original, const Mail& mail)
{
    const auto& fields = mail.message.root().fields;
    for (const auto* name : {"X-Failed-Recipients", "X-Original-Recipients"})
        if (const Field* named = find_field(fields, name)) add_recipients(original, named->body);
    for (const Part* part : mail.own_parts) {
        if (part->type != "message" || part->is_message()) continue;
        const auto content = beginning_of(*part);
        for (const auto* name : {"Original-Envelope-Id", "Original-Envelope-ID"}) {
            const auto block = scan_header(content, limits);
            if (const Field* id = find_field(block, name); id != nullptr && original.envelope_id.empty())
                original.envelope_id = diagnostic_line(id->body);
            for (const auto* other : {"Original-Message-ID", "X-Original-Message-ID"})
                if (const Field* named = find_field(block, other); named != nullptr && original.message_id.empty())
                    original.message_id = message_id(named->body);
        }
    }
    for (const auto* name : {"In-Reply-To", "X-MS-Exchange-Parent-Message-Id", "References"}) {
        if (!original.message_id.empty()) break;
        if (const Field* field = find_field(fields, name))
            if (const auto ids = message_ids(field->body); !ids.empty()) original.message_id = ids.back();
    }
}

}  // namespace

OriginalMail returned_mail(const Mail& mail)
{
    OriginalMail original;
    const auto& parts = mail.message.parts;
    bool found = false;
    for (const Part* part : mail.own_parts) {
        if (found) break;
        if (part->is_message() && part->divided) {
            const auto index = static_cast<int>(part - parts.data());
            const auto child = std::find_if(parts.begin() + index, parts.end(), [&](const Part& p) { return p.parent == index; });
            if (child != parts.end()) read_header(original, child->fields), found = true;
        } else if (part->is_message() || is_header(*part)) {
            const auto content = beginning_of(*part);
            const auto fields = scan_header(content, limits);
            if (looks_like_header(fields)) read_header(original, fields), found = true;
        }
    }
    if (!found) read_words(original, unquoted_copy(own_words(mail)));
    read_report(original, mail);
    return original;
}

}  // namespace majlis::recognise
