#include "daemon/waking.hpp"

#include "core/log/log.hpp"

namespace majlis {

boost::asio::awaitable<void> work_when_woken(Waking how, std::function<boost::asio::awaitable<void>()> work)
{
    while (!how.stop.requested()) {
        const auto seen = how.woken.generation();
        std::string failure;
        try {
            co_await work();
        } catch (const std::exception& error) {
            failure = error.what();
        }
        if (!failure.empty()) {
            log::error(how.trouble, {{"error", failure}});
            co_await how.stop.pause(how.after_trouble);
            continue;
        }
        if (!how.stop.requested()) co_await how.woken.wait(seen, how.look_again);
    }
}

}  // namespace majlis
