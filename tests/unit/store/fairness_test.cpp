#include <algorithm>
#include <deque>
#include <map>

#include "tests/unit/store/outbox.hpp"

namespace majlis::store {
namespace {

constexpr std::int64_t now = 1'700'000'000;
constexpr std::size_t connections = 8;

/// Connections that are all busy, each with its batch; every turn one of them sends a recipient, and asks for more when half of
/// its batch is through, as the daemon's do.
class Farm {
public:
    explicit Farm(Site& site) : site_{site}, dispatcher_{site.db}, lines_(connections) {}

    void send_one()
    {
        auto& line = lines_[next_++ % connections];
        if (line.empty() || (line.size() == 1 && line.front().sent * 2 >= line.front().work.recipients.size())) fetch(line);
        if (line.empty()) return;
        auto& batch = line.front();
        ++sent_[batch.work.delivery_id];
        if (++batch.sent < batch.work.recipients.size()) return;
        all_sent(site_, dispatcher_, batch.work, now);
        line.pop_front();
    }
    /// What the daemon does when something has come while all connections are busy.
    void hand_out_new()
    {
        auto look = request_at(now);
        look.look = WorkRequest::Look::what_is_new;
        while (auto work = dispatcher_.lease(look)) lines_[next_++ % connections].push_front({std::move(*work)});
    }
    std::int64_t sent(std::int64_t delivery) { return sent_[delivery]; }

private:
    struct Batch {
        Work work;
        std::size_t sent = 0;
    };
    void fetch(std::deque<Batch>& line)
    {
        if (auto work = dispatcher_.lease(request_at(now))) line.push_back({std::move(*work)});
    }

    Site& site_;
    Dispatcher dispatcher_;
    std::vector<std::deque<Batch>> lines_;
    std::map<std::int64_t, std::int64_t> sent_;
    std::size_t next_ = 0;
};

}  // namespace

TEST_CASE("a post to 10 members is not stuck behind one to 100,000")
{
    Site site;
    join_many(site, site.rabat, "long", "x.org", 100'000);
    join_many(site, site.france, "short", "x.org", 10);
    const auto longer = deliver_at(site, {site.rabat}, "long@b", now);
    Farm farm{site};
    while (farm.sent(longer) < 20'000) farm.send_one();
    const auto shorter = deliver_at(site, {site.france}, "short@b", now);
    const auto before = farm.sent(longer);
    farm.hand_out_new();
    while (farm.sent(shorter) < 10) farm.send_one();
    const auto between = farm.sent(longer) - before;
    MESSAGE("recipients of the long post before the short one was done: " << between);
    CHECK(between <= 100);
    CHECK(find_delivery(site.db, shorter)->state == "done");
}

TEST_CASE("ten posts to 10 members each, and a notice, are done before a long post has got another thousand recipients")
{
    Site site;
    join_many(site, site.rabat, "long", "x.org", 100'000);
    join_many(site, site.france, "short", "x.org", 10);
    const auto longer = deliver_at(site, {site.rabat}, "long@b", now);
    Farm farm{site};
    while (farm.sent(longer) < 20'000) farm.send_one();
    std::vector<std::int64_t> others;
    for (int i = 0; i < 10; ++i) others.push_back(deliver_at(site, {site.france}, "short" + std::to_string(i) + "@b", now));
    others.push_back(queue_notice(site.db, {"Subject: x\r\n\r\ny\r\n", {"owner@x.org"}, {}, Priority::urgent}, now));
    const auto before = farm.sent(longer);
    farm.hand_out_new();
    const auto open = [&](std::int64_t delivery) { return find_delivery(site.db, delivery)->state != "done"; };
    while (std::ranges::any_of(others, open)) farm.send_one();
    const auto between = farm.sent(longer) - before;
    MESSAGE("recipients of the long post before the ten others and the notice were done: " << between);
    CHECK(between <= 1'000);
}

TEST_CASE("long posts to many lists go forward together")
{
    Site site;
    join_many(site, site.rabat, "r", "x.org", 20'000);
    join_many(site, site.france, "f", "x.org", 20'000);
    const auto first = deliver_at(site, {site.rabat}, "a@b", now);
    Farm farm{site};
    while (farm.sent(first) < 5'000) farm.send_one();
    const auto second = deliver_at(site, {site.france}, "c@d", now);
    while (farm.sent(second) < 10'000) farm.send_one();
    CHECK(farm.sent(first) < 5'000 + 10'000 + 8'000);
}

}  // namespace majlis::store
