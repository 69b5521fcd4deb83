#include "daemon/owner.hpp"

#include <algorithm>

#include "core/address/address.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/lists.hpp"
#include "core/store/status.hpp"
#include "daemon/clock.hpp"

namespace majlis {
namespace {

constexpr std::size_t deliveries_at_once = 20;
constexpr std::size_t recipients_named = 50;

/// An address that a relay will let us use in From: the owner's, else a mailbox of ours.
std::string usable_from(const Config& config)
{
    const bool account_only = !config.relays.empty() && std::ranges::all_of(config.relays, [](const RelayConfig& relay) {
        return relay.from == RelayConfig::From::account;
    });
    if (account_only) return config.relays.front().account;
    std::vector<std::string> candidates{config.site.owner};
    for (const auto& relay : config.relays) candidates.push_back(relay.account);
    for (const auto& inbox : config.inboxes) candidates.push_back(inbox.credentials.username);
    for (const auto& candidate : candidates)
        for (const auto& relay : config.relays)
            if (parse_address(candidate) && may_send_for(relay, candidate)) return candidate;
    return config.site.owner;
}

std::string joined(const std::vector<std::string>& names)
{
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

}  // namespace

OwnerNotices::OwnerNotices(const Config& config) : config_{config}, from_{usable_from(config)} {}

void OwnerNotices::queue(store::Database& db, std::string_view name, const NoticeValues& values) const
{
    NoticeFace face;
    face.from_name = config_.site.name;
    face.from_address = from_;
    face.to = config_.site.owner;
    face.site = config_.site.name;
    face.domain = config_.site.domain;
    face.templates = config_.site.templates;
    face.now = unix_now();
    auto notice = render_notice(name, config_.site.language, values, face);
    store::queue_notice(db,
                        {.bytes = std::move(notice.bytes),
                         .addresses = {config_.site.owner},
                         .list_id = std::nullopt,
                         .priority = store::Priority::notice},
                        face.now);
}

bool OwnerNotices::queue_once(store::Database& db, std::string_view subject, std::string_view name,
                              const NoticeValues& values) const
{
    store::Transaction transaction{db};
    const bool first = store::tell_once(db, subject, unix_now());
    if (first) queue(db, name, values);
    transaction.commit();
    return first;
}

int OwnerNotices::queue_untold_deliveries(store::Database& db) const
{
    int count = 0;
    store::Transaction transaction{db};
    for (const auto& delivery : store::take_untold(db, deliveries_at_once)) {
        NoticeValues values;
        values.text = {{"list", joined(delivery.lists)},
                       {"subject", delivery.subject},
                       {"sender", delivery.sender},
                       {"delivery", std::to_string(delivery.id)},
                       {"failed", std::to_string(delivery.failed)},
                       {"accepted", std::to_string(delivery.accepted)},
                       {"reason", delivery.reason}};
        const bool held = delivery.state == "held";
        if (delivery.failed > static_cast<std::int64_t>(recipients_named))
            values.text["more"] = std::to_string(delivery.failed - static_cast<std::int64_t>(recipients_named));
        if (!held)
            for (const auto& recipient : store::failed_recipients(db, delivery.id, recipients_named))
                values.rows["failures"].push_back(
                    {{"address", recipient.address},
                     {"code", recipient.status.empty() ? std::to_string(recipient.code) : recipient.status},
                     {"text", recipient.text}});
        queue(db, held ? "owner-delivery-held" : "owner-delivery-failed", values);
        ++count;
    }
    transaction.commit();
    return count;
}

int OwnerNotices::queue_uncovered_lists(store::Database& db) const
{
    int count = 0;
    for (const auto& node : store::list_tree(db)) {
        const auto subject = "no-relay:" + node.list.address_key;
        const bool covered =
            std::ranges::any_of(config_.relays, [&](const RelayConfig& relay) { return may_send_for(relay, node.list.address); });
        if (covered) continue;
        NoticeValues values;
        values.text = {{"list", node.list.name}, {"address", node.list.address}};
        if (queue_once(db, subject, "owner-no-relay", values)) ++count;
    }
    return count;
}

}  // namespace majlis
