#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

/// Questions to the DNS on the loop's thread, by c-ares: no threads, nothing waits for a name server but who asked.
namespace majlis::dns {

/// What the DNS says of one name and type. A name that does not exist is an answer, and so is a server that is silent.
struct Records {
    enum class Kind { found, none, failed };  ///< none: no such name, or nothing of this type; failed: anything else
    Kind kind = Kind::failed;
    std::vector<std::string> values;  ///< TXT: each record's strings joined; MX: hosts, the preferred first. Raw bytes
    std::chrono::seconds ttl{0};      ///< the smallest of the records'
    std::string error;                ///< why it failed; printable
};

struct ResolverOptions {
    std::string servers;                     ///< "127.0.0.1:5300", several with commas; empty: those of /etc/resolv.conf
    std::chrono::milliseconds limit{5'000};  ///< for one question, from when it is asked
    unsigned parallel = 16;                  ///< questions at one time; further ones wait
    unsigned waiting = 1'000;                ///< of these; further ones fail at once
};

/// Lives on one loop, and ends before it. Its coroutines may be cancelled at any time.
class Resolver {
public:
    /// Throws std::invalid_argument for servers that are none, std::runtime_error where c-ares cannot begin.
    Resolver(boost::asio::any_io_executor executor, ResolverOptions options = {});
    /// What is still asked ends as failed.
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    boost::asio::awaitable<Records> txt(std::string name);
    boost::asio::awaitable<Records> mx(std::string name);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace majlis::dns
