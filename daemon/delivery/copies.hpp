#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/compose/post_copy.hpp"
#include "daemon/delivery/author_policies.hpp"
#include "daemon/store_thread.hpp"

namespace majlis::delivery {

/// A post for one list, or a notice, ready for the wire and shared by everybody who gets it. Immutable.
struct Copy {
    std::string list_address;  // in whose name; "" for the site's
    AroundToken bounce;        // the envelope's sender, where a list_address is; fit for the wire
    AroundToken unsubscribe;   // the member's own fields, of a post
    PostCopy text;
    std::string head_stuffed, tail_stuffed;  // "": no line begins with a dot, so the text is it (a large mail is kept once)
    std::string_view stuffed_head() const { return head_stuffed.empty() ? text.head : head_stuffed; }
    std::string_view stuffed_tail() const { return tail_stuffed.empty() ? text.tail : tail_stuffed; }
    std::size_t bytes() const { return text.head.size() + text.tail.size() + head_stuffed.size() + tail_stuffed.size(); }
    enum class Audience { shared, personal } audience = Audience::personal;
};

/// Which form of a mail a connection needs.
struct CopyOrder {
    std::int64_t delivery_id = 0;
    std::int64_t list_id = 0;  // target list of a post; of a notice: its list, 0 for the site
    Copy::Audience audience = Copy::Audience::personal;
    CopyOptions::Transport transport = CopyOptions::Transport::eight_bit;
    std::string account_from;  // the relay's only From address, or ""
    auto key() const { return std::tie(delivery_id, list_id, audience, transport, account_from); }
};

/// Loads and composes, away from the loop, and keeps the last few: the connections that work on one delivery share them.
class Copies {
public:
    /// `own_servers`: whose Authentication-Results never leave. `templates`: folder whose templates replace ours; empty: none.
    Copies(StoreThread& store, AuthorPolicies& policies, std::vector<std::string> own_servers, std::filesystem::path templates)
        : store_{store}, policies_{policies}, own_servers_{std::move(own_servers)}, templates_{std::move(templates)}
    {
    }
    /// Throws what the store throws.
    boost::asio::awaitable<std::shared_ptr<const Copy>> get(CopyOrder order);
    ~Copies() { reader_.join(); }

private:
    static constexpr std::size_t kept_copies = 16;
    static constexpr std::size_t kept_bytes = 8 << 20;  // of all kept; one larger is kept by those who send it
    StoreThread& store_;
    AuthorPolicies& policies_;
    std::vector<std::string> own_servers_;
    std::filesystem::path templates_;
    boost::asio::thread_pool reader_{1};
    std::list<std::pair<CopyOrder, std::shared_ptr<const Copy>>> kept_;  // used last in front
    std::list<std::pair<CopyOrder, std::weak_ptr<const Copy>>> alive_;   // in somebody's hands
    void keep(const CopyOrder& order, std::shared_ptr<const Copy> copy);
};

}  // namespace majlis::delivery
