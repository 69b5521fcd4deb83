#include "core/classify/recognisers.hpp"

#include "core/address/address.hpp"
#include "core/text/ascii.hpp"

#include <algorithm>
#include <array>

namespace majlis::recognise {
namespace {

constexpr std::array<std::string_view, 10> words{"request", "subscribe",   "subscribe-digest", "join", "join-digest",
                                                 "leave",   "unsubscribe", "confirm",          "help", "unsub"};

/// "rabat-request", "rabat+confirm-TOKEN", "rabat-confirm+TOKEN".
bool is_command_local(std::string_view local)
{
    for (std::size_t at = local.find_first_of("+-"); at != std::string_view::npos; at = local.find_first_of("+-", at + 1)) {
        if (at == 0) continue;
        const auto rest = local.substr(at + 1);
        if (std::find(words.begin(), words.end(), rest) != words.end()) return true;
        for (const auto* word : {"confirm", "unsubscribe"}) {
            const std::string_view name{word};
            if (rest.size() > name.size() + 1 && rest.starts_with(name) && (rest[name.size()] == '-' || rest[name.size()] == '+'))
                return true;
        }
    }
    return false;
}

}  // namespace

/// Only where the mail goes to that address alone: a post may well have a foreign "-request" address in Cc.
Answer command(const Mail& mail)
{
    std::vector<Mailbox> all;
    for (const auto* name : {"To", "Cc"})
        for (const Field* field : find_fields(mail.message.root().fields, name))
            for (auto& box : parse_mailboxes(field->body)) all.push_back(std::move(box));
    if (all.size() != 1 || !is_command_local(text::lowered(all.front().address.local))) return std::nullopt;
    return Classification{Kind::command, true, "sent to a command address", {}};
}

}  // namespace majlis::recognise
