#include "daemon/delivery/copies.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "core/archive/permalink.hpp"
#include "core/filter/filter.hpp"
#include "core/filter/removed_note.hpp"
#include "core/judge/list_face.hpp"
#include "core/message/message.hpp"
#include "core/store/content.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/lists.hpp"
#include "daemon/delivery/wire_address.hpp"
#include "daemon/patience.hpp"

namespace majlis::delivery {
namespace {

namespace asio = boost::asio;

/// What the store knows of one copy.
struct Material {
    std::string raw;
    std::optional<store::List> list;
    Settings settings;
    std::string sender, sender_name, message_id;
    std::vector<std::string> own_servers;
    std::filesystem::path templates;
    bool notice = false;
};

Material load_material(store::Database& db, const CopyOrder& order)
{
    Material material;
    const auto source = store::delivery_source(db, order.delivery_id);
    if (!source) throw std::runtime_error{"delivery " + std::to_string(order.delivery_id) + " is gone"};
    material.notice = source->notice;
    material.sender = source->sender;
    material.sender_name = source->sender_name;
    material.message_id = source->message_id;
    material.raw = store::load_content(db, source->content_id);
    if (order.list_id != 0) {
        material.list = store::find_list(db, order.list_id);
        if (material.list) material.settings = store::settings_of(db, order.list_id);
    }
    return material;
}

bool dotted(std::string_view text) { return text.starts_with('.') || text.find("\n.") != std::string_view::npos; }

/// `policy`: what the author's domain asks, once somebody has asked it.
std::shared_ptr<const Copy> compose(const Material& material, const CopyOrder& order, std::optional<dmarc::Policy> policy)
{
    auto copy = std::make_shared<Copy>();
    copy->audience = order.audience;
    if (material.list) {
        copy->list_address = material.list->address;
        copy->bounce = around_token(wire_address(command_address(copy->list_address, "bounce-" + std::string{token_stand_in})));
    }
    const auto eight_bit = [](char c) { return static_cast<unsigned char>(c) > 127; };
    if (material.notice) {
        copy->text.head = material.raw;
        copy->text.eight_bit = std::ranges::any_of(copy->text.head, eight_bit);
        if (order.transport == CopyOptions::Transport::seven_bit && copy->text.eight_bit) copy->text = to_seven_bit(copy->text);
    } else {
        if (!material.list) throw std::runtime_error{"list " + std::to_string(order.list_id) + " is gone"};
        const auto face = list_face(*material.list, material.settings);
        copy->unsubscribe = around_token(personal_fields(face, token_stand_in));
        const auto whole = scan_message(material.raw);
        const auto filtered = filter(whole, filter_settings(material.settings));
        const auto message = filtered.changed ? scan_message(filtered.bytes) : whole;
        CopyOptions options;
        if (filtered.changed) {
            options.content = CopyOptions::Content::filtered;
            options.note = removed_note(filtered.removed, material.list->name, material.settings.language, material.templates);
        }
        options.audience =
            order.audience == Copy::Audience::personal ? CopyOptions::Audience::personal : CopyOptions::Audience::shared;
        options.transport = order.transport;
        options.account_from = order.account_from;
        options.sender = material.sender;
        options.sender_name = material.sender_name;
        options.message_id = material.message_id;
        options.archived_at = archive::permalink(face.archive_url, material.message_id);
        options.own_servers = material.own_servers;
        options.author_policy = policy;
        copy->text = compose_copy(message, face, options);
    }
    if (dotted(copy->text.head)) copy->head_stuffed = dot_stuff(copy->text.head);
    if (dotted(copy->text.tail)) copy->tail_stuffed = dot_stuff(copy->text.tail);
    return copy;
}

}  // namespace

void Copies::keep(const CopyOrder& order, std::shared_ptr<const Copy> copy)
{
    std::erase_if(alive_, [](const auto& entry) { return entry.second.expired(); });
    alive_.emplace_back(order, copy);
    kept_.emplace_front(order, std::move(copy));
    std::size_t bytes = 0, count = 0;
    for (auto entry = kept_.begin(); entry != kept_.end(); ++entry) {
        bytes += entry->second->bytes();
        if (++count > kept_copies || bytes > kept_bytes) {
            kept_.erase(entry, kept_.end());
            break;
        }
    }
}

asio::awaitable<std::shared_ptr<const Copy>> Copies::get(CopyOrder order)
{
    const auto found = std::ranges::find_if(kept_, [&](const auto& entry) { return entry.first.key() == order.key(); });
    if (found != kept_.end()) {
        kept_.splice(kept_.begin(), kept_, found);
        co_return found->second;
    }
    for (const auto& [known, weak] : alive_)
        if (known.key() == order.key())
            if (auto copy = weak.lock()) co_return copy;
    auto load = [order](store::Database& db) { return load_material(db, order); };
    auto loaded = co_await run_patiently(store_, std::move(load));
    loaded.own_servers = own_servers_;
    loaded.templates = templates_;
    const auto material = std::make_shared<const Material>(std::move(loaded));
    auto job = [material, order]() -> asio::awaitable<std::shared_ptr<const Copy>> {
        co_return compose(*material, order, std::nullopt);
    };
    auto copy = co_await asio::co_spawn(reader_, std::move(job), asio::use_awaitable);
    if (!copy->text.policy_wanted.empty()) {
        const auto policy = co_await policies_.of(copy->text.policy_wanted);
        auto again = [material, order, policy]() -> asio::awaitable<std::shared_ptr<const Copy>> {
            co_return compose(*material, order, policy);
        };
        if (dmarc::forbids(policy)) {
            auto rewritten = co_await asio::co_spawn(reader_, std::move(again), asio::use_awaitable);
            copy = std::move(rewritten);
        }
    }
    keep(order, copy);
    co_return copy;
}

}  // namespace majlis::delivery
