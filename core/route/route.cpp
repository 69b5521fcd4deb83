#include "core/route/route.hpp"

#include "core/address/address.hpp"
#include "core/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace majlis {
namespace {

constexpr std::size_t most_addresses = 2'000;  // different ones that are looked up
constexpr std::size_t most_tags = 10;

/// Where providers write to whom they delivered.
constexpr std::array<std::string_view, 13> delivery_fields{
    "Delivered-To", "X-Original-To", "Envelope-To",     "X-Envelope-To", "X-Delivered-To",   "X-Forwarded-To",    "X-Real-To",
    "X-RCPT-To",    "X-Rcpt-To",     "X-Apparently-To", "Apparently-To", "X-Gm-Original-To", "Original-Recipient"};

constexpr std::array<std::string_view, 4> named_fields{"To", "Cc", "Resent-To", "Resent-Cc"};

/// Fields that the sender writes: what stands below the first of them may be his, too.
constexpr std::array<std::string_view, 9> sender_fields{"From",         "To",           "Cc",       "Subject", "Date",
                                                        "MIME-Version", "Content-Type", "Reply-To", "Sender"};

template <class Names>
bool is_one_of(const Names& names, std::string_view name)
{
    return std::any_of(names.begin(), names.end(), [&](auto n) { return text::equal_nocase(n, name); });
}

/// Keys of the addresses in one field, each of a mail once.
class Addresses {
public:
    std::vector<std::string> read(std::string_view body)
    {
        // Original-Recipient: "rfc822; a@b".
        if (text::starts_with_nocase(body, "rfc822;")) body.remove_prefix(7);
        std::vector<std::string> keys;
        for (const Mailbox& box : parse_mailboxes(body)) {
            if (box.address.domain.empty() || seen_.size() >= most_addresses) continue;
            auto key = box.address.key();
            if (seen_.insert(key).second) keys.push_back(std::move(key));
        }
        return keys;
    }

private:
    std::set<std::string> seen_;
};

std::vector<std::string> delivered_to(const Message& message, Addresses& addresses)
{
    std::vector<std::string> keys;
    for (const Field& field : message.root().fields) {
        if (is_one_of(sender_fields, field.name)) break;
        if (!is_one_of(delivery_fields, field.name)) continue;
        for (auto& key : addresses.read(field.body)) keys.push_back(std::move(key));
    }
    return keys;
}

std::vector<std::string> named(const Message& message, Addresses& addresses)
{
    std::vector<std::string> keys;
    for (const auto name : named_fields)
        for (const Field* field : find_fields(message.root().fields, name))
            for (auto& key : addresses.read(field->body)) keys.push_back(std::move(key));
    return keys;
}

bool carries_a_token(const Target& target)
{
    const auto c = target.command;
    return c == Command::bounce || ((c == Command::confirm || c == Command::moderate) && !target.token.empty());
}

void add(std::vector<Target>& targets, Target target)
{
    if (std::find(targets.begin(), targets.end(), target) == targets.end()) targets.push_back(std::move(target));
}

/// A provider that drops sub-addresses says "delivered to rabat@" of a mail to rabat+help@: that is no post.
void drop_shadowed_posts(std::vector<Target>& targets, const std::set<std::int64_t>& posted_by_name)
{
    const auto shadowed = [&](const Target& post) {
        if (post.command != Command::post || posted_by_name.contains(post.list_id)) return false;
        return std::any_of(targets.begin(), targets.end(),
                           [&](const Target& t) { return t.list_id == post.list_id && t.command != Command::post; });
    };
    std::vector<Target> kept;
    std::copy_if(targets.begin(), targets.end(), std::back_inserter(kept), [&](const Target& t) { return !shadowed(t); });
    targets = std::move(kept);
}

/// "Re: [rabat] [maroc] minutes" -> rabat, maroc: tags at the front, behind reply prefixes of any language.
std::vector<std::string> subject_tags(const Message& message)
{
    const auto subject = field_text(message.root().fields, "Subject");
    std::string_view rest = subject;
    std::vector<std::string> tags;
    while (tags.size() < most_tags) {
        rest = text::trim(rest);
        if (rest.starts_with('[')) {
            const auto end = rest.find(']');
            if (end == std::string_view::npos) break;
            tags.push_back(text::lowered(text::trim(rest.substr(1, end - 1))));
            rest.remove_prefix(end + 1);
            continue;
        }
        const auto colon = rest.substr(0, 16).find(':');
        if (!tags.empty() || colon == std::string_view::npos) break;
        rest.remove_prefix(colon + 1);
    }
    return tags;
}

std::vector<Target> route_by_tag(const Message& message, const std::vector<std::string>& keys, const SubjectTags& tags)
{
    std::vector<Target> targets;
    if (!tags.find || !tags.own_address || std::none_of(keys.begin(), keys.end(), tags.own_address)) return targets;
    for (const auto& name : subject_tags(message))
        if (const auto list = tags.find(name)) add(targets, {*list, Command::post, {}, true});
    return targets;
}

std::optional<Target> route_by_token(const Message& message, const FindToken& find_token)
{
    for (auto& target : tokens_in_replies(message)) {
        if (target.command != Command::confirm && target.command != Command::moderate) continue;
        if (const auto list = find_token(target)) {
            target.list_id = *list;
            return std::move(target);
        }
    }
    return std::nullopt;
}

}  // namespace

std::vector<Target> route(const Message& message, const FindList& find, const SubjectTags& tags, const FindToken& find_token,
                          const IsOurs& is_ours)
{
    const auto decides = [&](const Target& target) { return carries_a_token(target) && (!is_ours || is_ours(target)); };
    std::vector<Target> strange;  // tokens that are none of ours
    Addresses delivered_addresses, named_addresses;
    auto keys = delivered_to(message, delivered_addresses);
    std::vector<Target> targets;
    for (const auto& key : keys) {
        auto target = route_address(key, find);
        if (!target) continue;
        const bool plain_bounce = target->command == Command::bounce && target->token.empty();
        if (decides(*target) || plain_bounce) return {std::move(*target)};
        auto& found = carries_a_token(*target) ? strange : targets;
        add(found, std::move(*target));
    }
    std::set<std::int64_t> posted_by_name;
    for (auto& key : named(message, named_addresses)) {
        if (auto target = route_address(key, find)) {
            if (decides(*target)) return {std::move(*target)};
            if (target->command == Command::post) posted_by_name.insert(target->list_id);
            auto& found = carries_a_token(*target) ? strange : targets;
            add(found, std::move(*target));
        }
        keys.push_back(std::move(key));
    }
    if (find_token)
        if (auto token = route_by_token(message, find_token)) return {std::move(*token)};
    // Where the provider drops sub-addresses, the list's own address is that of a strange token: nobody wrote to the list.
    if (!strange.empty() && posted_by_name.empty()) return {strange.front()};
    drop_shadowed_posts(targets, posted_by_name);
    return targets.empty() ? route_by_tag(message, keys, tags) : targets;
}

bool names_list(const Message& message, std::string_view list_address_key)
{
    Addresses addresses;
    const auto keys = named(message, addresses);
    return std::find(keys.begin(), keys.end(), list_address_key) != keys.end();
}

}  // namespace majlis
