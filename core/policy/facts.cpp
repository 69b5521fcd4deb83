#include "core/policy/facts.hpp"

#include "core/address/address.hpp"
#include "core/text/ascii.hpp"

#include <algorithm>
#include <set>

namespace majlis {
namespace {

/// "Rabat <rabat.maimc.org>" -> "rabat.maimc.org", lower case.
std::string list_id_in(std::string_view body)
{
    if (const auto open = body.rfind('<'); open != std::string_view::npos) {
        body.remove_prefix(open + 1);
        body = body.substr(0, body.find('>'));
    }
    return text::lowered(text::trim(body));
}

bool holds_address(std::string_view body, std::string_view address_key)
{
    for (const Mailbox& box : parse_mailboxes(body))
        if (box.address.key() == address_key) return true;
    return false;
}

}  // namespace

std::vector<std::string> loop_marks(const Message& message, const LoopSignature& list)
{
    std::vector<std::string> marks;
    std::size_t received = 0;
    for (const Field& field : message.root().fields) {
        if (text::equal_nocase(field.name, "Received")) ++received;
        if (text::equal_nocase(field.name, "List-Id") && list_id_in(field.body) == text::lowered(list.list_id))
            marks.push_back("its List-Id is this list's");
        for (const auto* name : {"X-Loop", "X-BeenThere"})
            if (text::equal_nocase(field.name, name) && holds_address(field.body, list.address_key))
                marks.push_back(std::string{name} + " names this list");
        if (text::equal_nocase(field.name, "Message-ID") && list.our_message_id && list.our_message_id(message_id(field.body)))
            marks.push_back("its Message-ID was made here");
    }
    if (received >= max_received) marks.push_back(std::to_string(received) + " Received fields");
    return marks;
}

std::int64_t count_recipients(const Message& message)
{
    std::set<std::string> keys;
    for (const auto* name : {"To", "Cc"})
        for (const Field* field : find_fields(message.root().fields, name))
            for (const Mailbox& box : parse_mailboxes(field->body))
                if (!box.address.domain.empty()) keys.insert(box.address.key());
    return static_cast<std::int64_t>(keys.size());
}

std::string usable_sender(const Message& message, std::string_view list_address_key)
{
    for (const auto* name : {"From", "Sender", "Reply-To"})
        for (const Field* field : find_fields(message.root().fields, name))
            for (const Mailbox& box : parse_mailboxes(field->body))
                if (!box.address.local.empty() && !box.address.domain.empty() && box.address.key() != list_address_key)
                    return box.address.text();
    return {};
}

std::vector<std::string> sender_keys(const Message& message, std::string_view list_address_key)
{
    std::vector<std::string> keys;
    const auto add = [&](const Address& address) {
        auto key = address.key();
        const bool usable = !address.local.empty() && !address.domain.empty() && key != list_address_key;
        if (usable && keys.size() < max_senders && std::ranges::find(keys, key) == keys.end()) keys.push_back(std::move(key));
    };
    for (const Field* field : find_fields(message.root().fields, "From"))
        for (const Mailbox& box : parse_mailboxes(field->body)) add(box.address);
    if (keys.empty())
        for (const Mailbox& box : parse_mailboxes(usable_sender(message, list_address_key))) add(box.address);
    return keys;
}

}  // namespace majlis
