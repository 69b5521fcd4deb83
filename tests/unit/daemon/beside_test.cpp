#include "daemon/beside.hpp"

#include <doctest/doctest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <stdexcept>
#include <string>

using namespace majlis;
namespace asio = boost::asio;

namespace {

/// A loop, an event that work waits for, and what happened in which order.
struct Scene {
    asio::io_context loop;
    Event go{loop.get_executor()};
    Beside beside{loop.get_executor()};
    std::string told;

    asio::awaitable<void> slow(std::string name)
    {
        told += "(" + name;
        co_await go.wait(go.generation(), std::chrono::minutes{1});
        told += name + ")";
    }
    asio::awaitable<void> failing(std::string name)
    {
        co_await slow(name);
        throw std::runtime_error{name};
    }
    asio::awaitable<void> goes()
    {
        go.notify();
        co_return;
    }
    void run(asio::awaitable<void> work)
    {
        std::exception_ptr failure;
        asio::co_spawn(loop, std::move(work), [&failure](std::exception_ptr error) { failure = error; });
        loop.run();
        if (failure) std::rethrow_exception(failure);
    }
};

asio::awaitable<void> two(Scene& scene)
{
    co_await scene.beside.start(scene.slow("a"));
    scene.told += ".";
    // The second one can begin only when somebody ends the first.
    asio::co_spawn(scene.loop, scene.goes(), [](std::exception_ptr) {});
    co_await scene.beside.start(scene.slow("b"));
    scene.told += ".";
    asio::co_spawn(scene.loop, scene.goes(), [](std::exception_ptr) {});
    co_await scene.beside.wait();
    scene.told += ".";
}

asio::awaitable<void> one_that_fails(Scene& scene)
{
    co_await scene.beside.start(scene.failing("a"));
    asio::co_spawn(scene.loop, scene.goes(), [](std::exception_ptr) {});
    std::string what;
    try {
        co_await scene.beside.start(scene.slow("never"));
    } catch (const std::runtime_error& error) {
        what = error.what();
    }
    scene.told += "!" + what;
    co_await scene.beside.wait();  // an error is told once
}

}  // namespace

TEST_CASE("work beside its owner goes one by one, and the owner goes on meanwhile")
{
    Scene scene;
    scene.run(two(scene));
    CHECK(scene.told == "(a.a)(b.b).");
}

TEST_CASE("what fails beside is told to whoever comes next, once, and what comes next is not begun")
{
    Scene scene;
    scene.run(one_that_fails(scene));
    CHECK(scene.told == "(aa)!a");
}
