#include "daemon/event.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace majlis {

namespace asio = boost::asio;

void Event::notify()
{
    ++generation_;
    for (auto* timer : waiting_) timer->cancel();
}

asio::awaitable<void> Event::wait(std::uint64_t seen, std::chrono::milliseconds limit)
{
    if (generation_ != seen) co_return;
    Timer timer{executor_, std::clamp(limit, std::chrono::milliseconds{0}, std::chrono::milliseconds{std::chrono::hours{24}})};
    waiting_.push_back(&timer);
    struct Leave {
        std::vector<Timer*>& waiting;
        Timer* timer;
        ~Leave() { std::erase(waiting, timer); }
    } const leave{waiting_, &timer};
    boost::system::error_code ignored;  // cancelled is what notify() does
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> Stop::pause(std::chrono::milliseconds duration)
{
    if (requested_) co_return;
    co_await event_.wait(event_.generation(), duration);
}

}  // namespace majlis
