#include "core/classify/recognisers.hpp"

#include "core/text/ascii.hpp"
#include "core/text/words.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

/// Delivery status notifications: RFC 3464, and RFC 6533 for addresses that are not ASCII.
namespace majlis::recognise {
namespace {

constexpr std::size_t most_failures = 10'000;
constexpr std::size_t longest_address = 320;
constexpr std::size_t longest_report = 1024 * 1024;  // bytes of one status part that are read

/// One group of per-recipient fields.
struct Recipient {
    std::string final_address, original, action, status, diagnostic;

    std::string* slot(std::string_view name)
    {
        if (text::equal_nocase(name, "Final-Recipient")) return &final_address;
        if (text::equal_nocase(name, "Original-Recipient")) return &original;
        if (text::equal_nocase(name, "Action")) return &action;
        if (text::equal_nocase(name, "Status")) return &status;
        if (text::equal_nocase(name, "Diagnostic-Code")) return &diagnostic;
        return nullptr;
    }
};

/// RFC 6533, 3: "\\x{E9}" is U+00E9. What is no such escape stays.
std::string without_escapes(std::string_view value)
{
    std::string out;
    while (!value.empty()) {
        const auto close = value.starts_with("\\x{") ? value.substr(0, 10).find('}') : std::string_view::npos;
        std::uint32_t code = 0;
        const bool read = close != std::string_view::npos &&
                          std::from_chars(value.data() + 3, value.data() + close, code, 16).ptr == value.data() + close;
        if (!read || code < 0x20 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
            out += value.front();
            value.remove_prefix(1);
            continue;
        }
        if (code < 0x80)
            out += static_cast<char>(code);
        else if (code < 0x800)
            out += {static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 63))};
        else if (code < 0x10000)
            out += {static_cast<char>(0xe0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 63)),
                    static_cast<char>(0x80 | (code & 63))};
        else
            out += {static_cast<char>(0xf0 | code >> 18), static_cast<char>(0x80 | (code >> 12 & 63)),
                    static_cast<char>(0x80 | (code >> 6 & 63)), static_cast<char>(0x80 | (code & 63))};
        value.remove_prefix(close + 1);
    }
    return out;
}

/// "rfc822; <a@b> (comment)" -> "a@b"; "" where no address stands there.
std::string typed_address(std::string_view value)
{
    bool utf8 = false;
    if (const auto semicolon = value.find(';'); semicolon != std::string_view::npos) {
        utf8 = text::starts_with_nocase(text::trim(value), "utf-8");
        value.remove_prefix(semicolon + 1);
    }
    value = text::trim(value);
    if (const auto open = value.find('<'); open != std::string_view::npos) {
        value.remove_prefix(open + 1);
        value = value.substr(0, value.find('>'));
    }
    value = text::trim(value.substr(0, value.find_first_of(" \t\r\n(")));
    while (!value.empty() && std::string_view{"<>,;'\""}.find(value.back()) != std::string_view::npos) value.remove_suffix(1);
    if (value.starts_with("mailto:")) value.remove_prefix(7);
    const auto at = value.find('@');
    if (at == std::string_view::npos || at == 0 || at + 1 == value.size() || value.size() > longest_address ||
        std::any_of(value.begin(), value.end(), text::is_control))
        return {};
    return utf8 ? without_escapes(value) : std::string{value};
}

bool is_delivered(std::string_view action)
{
    return action.starts_with("delivered") || action.starts_with("relayed") || action.starts_with("expanded");
}

Failure judge(const Recipient& recipient)
{
    Failure failure;
    failure.recipient = typed_address(recipient.original);
    if (failure.recipient.empty()) failure.recipient = typed_address(recipient.final_address);
    failure.delayed = recipient.action.starts_with("delayed");
    failure.diagnostic = diagnostic_line(recipient.diagnostic);
    settle(failure, recipient.status);
    return failure;
}

/// Some reports say nothing but a class and leave the reason to the words.
void learn_from_words(std::vector<Failure>& failures, const std::vector<Failure>& told)
{
    for (Failure& failure : failures) {
        if (failure.cause != Cause::other) continue;
        const auto same = [&](const Failure& other) { return text::equal_nocase(other.recipient, failure.recipient); };
        const auto known = std::find_if(told.begin(), told.end(), same);
        if (known == told.end() || known->cause == Cause::other) continue;
        failure.cause = known->cause;
        if (failure.diagnostic.empty()) failure.diagnostic = known->diagnostic;
    }
}

bool is_status_part(const Part& part)
{
    return part.type == "message" && (part.subtype == "delivery-status" || part.subtype == "global-delivery-status");
}

/// The groups of a status part. Some servers leave out the empty lines between groups, or put several: a second Final-Recipient
/// begins a new group just as well.
std::vector<Recipient> read_groups(std::string_view content)
{
    std::vector<Recipient> groups;
    Recipient group;
    const auto keep = [&] {
        if (!group.final_address.empty() || !group.original.empty()) groups.push_back(group);
        group = {};
    };
    content = content.substr(0, longest_report);
    // No limit of fields: a block is read to its end each time, so that the whole stays linear.
    const ScanLimits limits{.header_bytes = longest_report, .fields = longest_report};
    while (!content.empty() && groups.size() < most_failures) {
        // Continuations of nothing make a block without fields, which would be read again from each of its lines.
        if (text::is_space(content.front())) {
            const auto line = content.find_first_of("\r\n");
            content.remove_prefix(line == std::string_view::npos ? content.size() : line + 1);
            continue;
        }
        const auto fields = scan_header(content, limits);
        std::size_t end =
            fields.empty() ? 0
                           : static_cast<std::size_t>(fields.back().bytes.data() - content.data()) + fields.back().bytes.size();
        for (const Field& field : fields) {
            std::string* slot = group.slot(field.name);
            if (slot == nullptr) continue;
            if (!slot->empty()) keep();
            *slot = text::unfold(field.body);
        }
        keep();
        // Over the empty line, or over a line that is no field.
        const auto line = content.find('\n', end);
        content.remove_prefix(line == std::string_view::npos ? content.size() : line + 1);
    }
    for (Recipient& each : groups) each.action = text::lowered(each.action);
    return groups;
}

}  // namespace

Answer delivery_report(const Mail& mail)
{
    std::vector<Recipient> groups;
    bool found = false;
    for (const Part* part : mail.own_parts) {
        if (!is_status_part(*part)) continue;
        found = true;
        for (auto& group : read_groups(part_content(*part))) groups.push_back(std::move(group));
    }
    if (!found && mail.report_type != "delivery-status") return std::nullopt;
    if (!groups.empty() && std::all_of(groups.begin(), groups.end(), [](const Recipient& r) { return is_delivered(r.action); }))
        return Classification{Kind::other, true, "a report of success", {}};

    Classification answer{Kind::bounce, true, "a delivery status notification", {}};
    for (const Recipient& group : groups) {
        if (is_delivered(group.action)) continue;
        if (auto failure = judge(group); !failure.recipient.empty()) answer.failures.push_back(std::move(failure));
    }
    const bool vague =
        std::any_of(answer.failures.begin(), answer.failures.end(), [](const Failure& f) { return f.cause == Cause::other; });
    if (!answer.failures.empty() && (!vague || answer.failures.size() > most_recipients)) return answer;
    auto told = failures_in_text(mail, returned_mail(mail));
    if (answer.failures.empty())
        answer.failures = std::move(told);
    else
        learn_from_words(answer.failures, told);
    return answer;
}

}  // namespace majlis::recognise
