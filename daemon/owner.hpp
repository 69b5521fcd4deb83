#pragma once
#include <string>
#include <string_view>

#include "core/compose/notice.hpp"
#include "core/config/config.hpp"
#include "core/store/database.hpp"

namespace majlis {

/// What the site's owner hears about trouble, each once. Called on the store thread.
class OwnerNotices {
public:
    explicit OwnerNotices(const Config& config);

    /// Puts a notice into the outbox, inside the caller's transaction if there is one.
    void queue(store::Database& db, std::string_view name, const NoticeValues& values) const;
    /// The same, unless this `subject` was told before.
    bool queue_once(store::Database& db, std::string_view subject, std::string_view name, const NoticeValues& values) const;
    /// Deliveries that ended with recipients given up, or were held. How many notices were made.
    int queue_untold_deliveries(store::Database& db) const;
    /// Lists for which no relay may send.
    int queue_uncovered_lists(store::Database& db) const;

private:
    Config config_;
    std::string from_;
};

}  // namespace majlis
