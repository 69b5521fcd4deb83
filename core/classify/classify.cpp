#include "core/classify/classify.hpp"

#include "core/classify/recognisers.hpp"

#include "core/address/address.hpp"
#include "core/text/ascii.hpp"
#include "core/text/parameters.hpp"

#include <algorithm>

namespace majlis {
namespace recognise {
namespace {

/// Addresses that list servers and mailers give as the sender of what they send, so that failures come back to them.
bool goes_to_bounces(const std::vector<Field>& fields)
{
    const Field* to = find_field(fields, "To");
    if (to == nullptr) return false;
    const auto boxes = parse_mailboxes(to->body);
    if (boxes.size() != 1) return false;
    const auto local = text::lowered(boxes.front().address.local);
    return contains_any(local, {"bounce", "-errors", "-return-", "verp"}) || local.starts_with("owner-") ||
           local.starts_with("return-") || local.ends_with("-admin");
}

}  // namespace

Mail::Mail(const Message& read) : message{read}
{
    const auto& root = message.root();
    subject = lowered_text(field_text(root.fields, "Subject"));
    if (const Field* from = find_field(root.fields, "From")) {
        const auto mailboxes = parse_mailboxes(from->body);
        if (!mailboxes.empty()) {
            from_local = text::lowered(mailboxes.front().address.local);
            from_domain = mailboxes.front().address.domain;
            from_name = text::lowered(mailboxes.front().name);
        }
    }
    null_path = field("Return-Path") == "<>";
    to_bounces = goes_to_bounces(root.fields);
    if (const Field* type = find_field(root.fields, "Content-Type"); type != nullptr && root.is("multipart", "report"))
        report_type = text::lowered(text::parse_parameters(type->body).get("report-type"));
    std::vector<char> inside(message.parts.size(), 0);
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
        const Part& part = message.parts[i];
        if (part.parent >= 0) {
            const auto parent = static_cast<std::size_t>(part.parent);
            inside[i] = inside[parent] != 0 || message.parts[parent].is_message() ? 1 : 0;
        }
        if (inside[i] == 0) own_parts.push_back(&part);
    }
}

const Part* Mail::find(std::string_view type, std::string_view subtype) const
{
    const auto at = std::find_if(own_parts.begin(), own_parts.end(), [&](const Part* p) { return p->is(type, subtype); });
    return at == own_parts.end() ? nullptr : *at;
}

bool Mail::has(std::string_view name) const { return find_field(message.root().fields, name) != nullptr; }

std::string Mail::field(std::string_view name) const
{
    const Field* found = find_field(message.root().fields, name);
    return found == nullptr ? std::string{} : text::lowered(text::trim(found->body));
}

bool contains_any(std::string_view text, std::initializer_list<std::string_view> phrases)
{
    return std::any_of(phrases.begin(), phrases.end(), [&](auto p) { return text.find(p) != std::string_view::npos; });
}

namespace {

/// A report may bear the marks of a bounce, and a bounce those of an automatic reply: so in this order.
constexpr Answer (*recognisers[])(const Mail&) = {
    feedback, service_report, delivery_report, plain_bounce, automatic_reply, command,
};

}  // namespace
}  // namespace recognise

std::string_view kind_name(Kind kind)
{
    switch (kind) {
        case Kind::post:
            return "post";
        case Kind::bounce:
            return "bounce";
        case Kind::autoreply:
            return "autoreply";
        case Kind::command:
            return "command";
        case Kind::feedback:
            return "feedback";
        case Kind::other:
            break;
    }
    return "other";
}

namespace {

/// Some relays put blank lines in front of the header, and readers then see none.
std::string_view without_blank_start(std::string_view raw)
{
    const auto begin = raw.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos || begin == 0) return raw;
    const auto line = raw.rfind('\n', begin);
    return line == std::string_view::npos ? raw : raw.substr(line + 1);
}

}  // namespace

namespace {

constexpr int most_wrappers = 2;  // gateways that each attach the report of the one before

Classification classify_within(const Message& message, int wrappers);

/// A gateway attached somebody's report to its own: what that one says counts.
void adopt_attached(Classification& answer, const recognise::Mail& mail, int wrappers)
{
    const auto is_attached = [](const Part* part) { return part->is_message(); };
    const auto found = std::find_if(mail.own_parts.begin(), mail.own_parts.end(), is_attached);
    if (wrappers >= most_wrappers || found == mail.own_parts.end()) return;
    const std::string attached = part_content(**found);
    auto inner = classify_within(scan_message(attached), wrappers + 1);
    if (inner.kind != Kind::bounce || inner.failures.empty()) return;
    answer.failures = std::move(inner.failures);
    answer.original = std::move(inner.original);
}

/// What no server ever wrote to: an address with control characters in it names nobody.
void drop_nobody(std::vector<Failure>& failures)
{
    std::erase_if(failures, [](const Failure& failure) {
        return std::any_of(failure.recipient.begin(), failure.recipient.end(), text::is_control);
    });
}

Classification classify_within(const Message& message, int wrappers)
{
    const recognise::Mail mail{message};
    for (const auto recogniser : recognise::recognisers) {
        auto answer = recogniser(mail);
        if (!answer) continue;
        if (answer->kind != Kind::command) answer->original = recognise::returned_mail(mail);
        drop_nobody(answer->failures);
        if (answer->kind == Kind::bounce && answer->failures.empty()) adopt_attached(*answer, mail, wrappers);
        return std::move(*answer);
    }
    return {Kind::post, true, "no mark of automatic mail", {}};
}

}  // namespace

Classification classify(const Message& message)
{
    if (!message.root().fields.empty()) return classify_within(message, 0);
    const auto raw = without_blank_start(message.raw);
    return classify_within(raw.size() < message.raw.size() ? scan_message(raw) : message, 0);
}

}  // namespace majlis
