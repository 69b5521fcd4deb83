#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "core/log/log.hpp"

using namespace majlis;

namespace {

std::string logged(log::Options options, const std::function<void()>& work)
{
    std::FILE* file = std::tmpfile();
    options.stream = file;
    log::set_up(options);
    work();
    log::set_up({});
    std::rewind(file);
    std::string out;
    char buffer[4096];
    while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, file)) out.append(buffer, got);
    std::fclose(file);
    return out;
}

}  // namespace

TEST_CASE("a line of text names level, event and values")
{
    const auto lines = logged({}, [] {
        log::info("post-accepted", {{"list", "rabat"}, {"id", 7}, {"share", 0.5}, {"first", true}});
        log::error("relay-failed", {{"reply", "550 no \"such\" user"}, {"text", ""}});
        log::notice("started");
    });
    CHECK(lines ==
          "info post-accepted list=rabat id=7 share=0.5 first=yes\n"
          "error relay-failed reply=\"550 no \\\"such\\\" user\" text=\"\"\n"
          "notice started\n");
}

TEST_CASE("what is below the level is not written")
{
    log::Options options;
    options.level = log::Level::warning;
    const auto lines = logged(options, [] {
        CHECK(!log::enabled(log::Level::notice));
        log::info("quiet");
        log::critical("loud");
    });
    CHECK(lines == "critical loud\n");
}

TEST_CASE("values from outside cannot forge lines")
{
    const auto lines = logged({}, [] { log::info("mail", {{"subject", "a\ninfo fake x=1\x1b[31m\xe2\x80\xae"}}); });
    CHECK(lines.find('\x1b') == std::string::npos);
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 1);
    const auto huge = logged({}, [] { log::info("mail", {{"subject", std::string(100'000, 'x')}}); });
    CHECK(huge.size() < 1'100);
}

TEST_CASE("secrets are hidden whatever they are")
{
    for (const auto format : {log::Format::text, log::Format::json}) {
        log::Options options;
        options.format = format;
        const auto lines = logged(options, [] {
            log::info("login",
                      {{"password", "hunter2"}, {"access_token", "hunter2"}, {"client_secret", 4711}, {"key", "hunter2"}});
        });
        CHECK(lines.find("hunter2") == std::string::npos);
        CHECK(lines.find("4711") == std::string::npos);
    }
}

TEST_CASE("JSON lines are JSON")
{
    log::Options options;
    options.format = log::Format::json;
    const auto lines = logged(options, [] {
        log::warning("odd",
                     {{"text", "a\"b\\c\nd"}, {"n", -3}, {"x", std::numeric_limits<double>::infinity()}, {"bad \"key", 1}});
    });
    REQUIRE(lines.starts_with("{\"time\":\"20"));
    CHECK(lines.substr(lines.find("\"level\"")) ==
          "\"level\":\"warning\",\"event\":\"odd\",\"text\":\"a\\\"b\\\\c?d\",\"n\":-3,\"x\":null,\"bad__key\":1}\n");
}

TEST_CASE("the journal gets priorities, and only when it reads us")
{
    log::Options options;
    options.priorities = log::Priorities::always;
    CHECK(logged(options, [] { log::error("x"); }) == "<3>error x\n");
    CHECK(logged(options, [] { log::notice("x"); }) == "<5>notice x\n");
    ::setenv("JOURNAL_STREAM", "1:1", 1);
    CHECK(logged({}, [] { log::error("x"); }) == "error x\n");
    ::unsetenv("JOURNAL_STREAM");
}

TEST_CASE("levels and formats have names")
{
    CHECK(log::parse_level("notice") == log::Level::notice);
    CHECK(!log::parse_level("Notice"));
    CHECK(log::parse_format("json") == log::Format::json);
    CHECK(!log::parse_format("xml"));
}

TEST_CASE("lines of several threads do not mix")
{
    const auto lines = logged({}, [] {
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([] {
                for (int i = 0; i < 500; ++i) log::info("tick", {{"text", std::string(50, 'x')}});
            });
        }
        for (auto& thread : threads) thread.join();
    });
    std::size_t count = 0;
    for (std::size_t at = 0; at < lines.size(); ++count) {
        const auto end = lines.find('\n', at);
        REQUIRE(lines.substr(at, end - at) == "info tick text=" + std::string(50, 'x'));
        at = end + 1;
    }
    CHECK(count == 2000);
}
