#include "core/queue/forecast.hpp"

#include <algorithm>
#include <cmath>

namespace majlis::queue {
namespace {

constexpr std::int64_t step_seconds = 60;

/// One limit rolled forward: what it let through in each step so far, and what was used before.
class Rolling {
public:
    Rolling(const Limit& limit, const std::vector<Usage>& usage, std::uint64_t scale, unsigned reserve_percent, std::int64_t now)
        : full_{limit.count * scale},
          ordinary_{full_ - limit.count * std::min(reserve_percent, 100U) / 100 * scale},
          steps_{static_cast<std::size_t>(std::max<std::int64_t>(1, limit.window.count() / step_seconds))}
    {
        for (const auto& bucket : usage) {
            const auto last = std::min(bucket.start + bucket.width.count() - 1, std::max(now, bucket.start));
            const auto leaves = last + limit.window.count();
            const auto amount = limit.unit == Unit::recipients ? bucket.recipients : bucket.messages * scale;
            if (leaves <= now || bucket.start > now + 3'600) continue;
            old_.push_back({static_cast<std::size_t>((leaves - now + step_seconds - 1) / step_seconds), amount});
            used_ += amount;
        }
        std::ranges::sort(old_, {}, &Old::leaves);
    }

    /// `sent[s]`: recipients of step s; the window moves to `step`.
    void advance(std::size_t step, const std::vector<std::uint64_t>& sent)
    {
        while (gone_ < old_.size() && old_[gone_].leaves <= step) used_ -= old_[gone_++].amount;
        if (step >= 1) used_ += sent[step - 1];
        if (step >= steps_) used_ -= sent[step - steps_];
    }
    std::uint64_t left(Urgency urgency, std::uint64_t sent_now) const
    {
        const auto used = used_ + sent_now, most = urgency == Urgency::urgent ? full_ : ordinary_;
        return most > used ? most - used : 0;
    }

private:
    struct Old {
        std::size_t leaves;  // the step
        std::uint64_t amount;
    };
    std::uint64_t full_, ordinary_;
    std::size_t steps_, gone_ = 0;
    std::uint64_t used_ = 0;
    std::vector<Old> old_;
};

/// All limits of one relay or domain.
class Budget {
public:
    Budget(const Meter& meter, std::uint64_t per_message, std::int64_t now)
    {
        for (const auto& limit : meter.limits) {
            const auto scale = limit.unit == Unit::messages ? per_message : 1;
            rolling_.emplace_back(limit, meter.usage, scale, meter.reserve_percent, now);
        }
    }
    void begin(std::size_t step)
    {
        for (auto& limit : rolling_) limit.advance(step, sent_);
        sent_.push_back(0);
    }
    std::uint64_t left(Urgency urgency) const
    {
        std::uint64_t left = Allowance::unlimited;
        for (const auto& limit : rolling_) left = std::min(left, limit.left(urgency, sent_.back()));
        return left;
    }
    void take(std::uint64_t recipients) { sent_.back() += recipients; }
    std::uint64_t taken() const { return sent_.back(); }

private:
    std::vector<Rolling> rolling_;
    std::vector<std::uint64_t> sent_;  // by step
};

/// The recipients of a load under one limit of domains (0: none).
struct Piece {
    std::size_t load, domain;
    std::uint64_t left;
    std::uint64_t now = 0;  // of them, as many as the domain takes in this step
};

class Simulation {
public:
    Simulation(const std::vector<Outlet>& outlets, const std::vector<Meter>& domains, const std::vector<Load>& loads,
               std::int64_t now)
        : outlets_{outlets}, loads_{loads}, now_{now}, found_(loads.size()), last_(loads.size(), now), open_(loads.size(), 0)
    {
        for (const auto& outlet : outlets)
            budgets_.emplace_back(outlet.meter, std::max<std::uint64_t>(outlet.per_message, 1), now);
        for (const auto& domain : domains) domains_.emplace_back(domain, 1, now);
        for (std::size_t load = 0; load < loads.size(); ++load) {
            for (std::size_t domain = 0; domain < loads[load].recipients.size(); ++domain)
                if (loads[load].recipients[domain] > 0) {
                    pieces_.push_back({load, domain, loads[load].recipients[domain]});
                    ++open_[load];
                }
            if (open_[load] == 0) finish(load, now);
        }
    }

    std::vector<Foresight> run()
    {
        const auto steps = static_cast<std::size_t>(std::chrono::seconds{forecast_horizon}.count() / step_seconds);
        for (std::size_t step = 0; step < steps && possible(); ++step) one_step(step);
        for (const auto& piece : pieces_)
            if (piece.left > 0 && reachable(piece)) found_[piece.load] = {std::nullopt, true};
        return std::move(found_);
    }

private:
    bool reachable(const Piece& piece) const
    {
        for (std::size_t outlet = 0; outlet < outlets_.size(); ++outlet)
            if (loads_[piece.load].outlets[outlet] && outlets_[outlet].opens_at != Outlet::never) return true;
        return false;
    }
    bool possible() const
    {
        return std::ranges::any_of(pieces_, [this](const Piece& piece) { return piece.left > 0 && reachable(piece); });
    }

    bool works(const Outlet& outlet, std::int64_t at) const
    {
        if (outlet.opens_at > at) return false;
        return !outlet.backup ||
               std::ranges::none_of(outlets_, [at](const Outlet& other) { return !other.backup && other.opens_at <= at; });
    }

    void one_step(std::size_t step)
    {
        const auto at = now_ + static_cast<std::int64_t>(step) * step_seconds;
        for (auto& budget : budgets_) budget.begin(step);
        for (auto& domain : domains_) domain.begin(step);
        for (const auto rank : {Load::Rank::urgent, Load::Rank::post, Load::Rank::digest}) {
            const auto urgency = rank == Load::Rank::urgent ? Urgency::urgent : Urgency::ordinary;
            share_domains(rank, urgency);
            for (std::size_t outlet = 0; outlet < outlets_.size(); ++outlet)
                if (works(outlets_[outlet], at)) serve(outlet, rank, urgency, at);
        }
    }

    void share_domains(Load::Rank rank, Urgency urgency)
    {
        for (auto& piece : pieces_) piece.now = piece.domain == 0 ? piece.left : 0;
        for (std::size_t domain = 0; domain < domains_.size(); ++domain) {
            std::vector<Piece*> wanting;
            for (auto& piece : pieces_)
                if (piece.domain == domain + 1 && piece.left > 0 && loads_[piece.load].rank == rank) wanting.push_back(&piece);
            std::ranges::sort(wanting, {}, &Piece::left);
            auto left = domains_[domain].left(urgency);
            for (std::size_t i = 0; i < wanting.size(); ++i) {
                wanting[i]->now = std::min(wanting[i]->left, left / (wanting.size() - i));
                left -= wanting[i]->now;
            }
        }
    }

    /// Equal shares until the smallest is done, then the others go on.
    void serve(std::size_t outlet, Load::Rank rank, Urgency urgency, std::int64_t at)
    {
        auto& budget = budgets_[outlet];
        const auto pace = std::max(outlets_[outlet].pace, 1.0 / step_seconds);
        const auto most = static_cast<std::uint64_t>(pace * step_seconds);
        auto left = std::min(budget.left(urgency), most - std::min(most, budget.taken()));
        std::vector<Piece*> wanting;
        for (auto& piece : pieces_)
            if (piece.now > 0 && loads_[piece.load].rank == rank && loads_[piece.load].outlets[outlet]) wanting.push_back(&piece);
        std::ranges::sort(wanting, {}, &Piece::now);
        const auto before = budget.taken();
        std::uint64_t spent = 0, each = 0;
        for (std::size_t i = 0; i < wanting.size() && left > 0; ++i) {
            auto& piece = *wanting[i];
            const auto others = wanting.size() - i;
            const auto share = std::min(piece.now, std::max<std::uint64_t>(left / others, 1));
            left -= share;
            spent += share;
            each = std::max(each, share);
            // While this one is served, those behind it get as much.
            const auto passed = std::min(spent + each * (others - 1), spent + left);
            budget.take(share);
            if (piece.domain > 0) domains_[piece.domain - 1].take(share);
            piece.now -= share;
            piece.left -= share;
            const auto seconds = std::ceil(static_cast<double>(before + passed) / pace);
            last_[piece.load] = std::max(last_[piece.load], at + static_cast<std::int64_t>(seconds));
            if (piece.left == 0 && --open_[piece.load] == 0) finish(piece.load, last_[piece.load]);
        }
    }

    void finish(std::size_t load, std::int64_t at) { found_[load].done_at = std::max(at, loads_[load].not_before); }

    const std::vector<Outlet>& outlets_;
    const std::vector<Load>& loads_;
    std::int64_t now_;
    std::vector<Budget> budgets_, domains_;
    std::vector<Piece> pieces_;
    std::vector<Foresight> found_;
    std::vector<std::int64_t> last_;  // by load: when its last copy so far has left
    std::vector<std::size_t> open_;   // by load: pieces that are not done
};

}  // namespace

std::vector<Foresight> forecast(const std::vector<Outlet>& outlets, const std::vector<Meter>& domains,
                                const std::vector<Load>& loads, std::int64_t now)
{
    return Simulation{outlets, domains, loads, now}.run();
}

}  // namespace majlis::queue
