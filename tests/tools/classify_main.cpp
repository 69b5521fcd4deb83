// Prints what core/classify says of one mail on standard input, as `majlis classify` does: for measuring against a corpus.
// With arguments: how many mails a second it reads, over these files, on one core.
#include "core/classify/classify.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace {

std::string read_all(std::istream& in) { return {std::istreambuf_iterator<char>{in}, {}}; }

int measure(int count, char** names)
{
    std::vector<std::string> mails;
    std::size_t bytes = 0, bounces = 0, read = 0;
    for (int i = 0; i < count; ++i) {
        std::ifstream file{names[i], std::ios::binary};
        mails.push_back(read_all(file));
        bytes += mails.back().size();
    }
    // Time of this program alone, whatever else the machine does.
    const auto seconds = [begin = std::clock()] { return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC; };
    double slowest = 0, passed = 0;
    while (passed < 3) {
        for (const auto& mail : mails) {
            bounces += majlis::classify(majlis::scan_message(mail)).kind == majlis::Kind::bounce ? 1 : 0;
            ++read;
            const double now = seconds();
            slowest = std::max(slowest, now - passed);
            passed = now;
        }
    }
    std::printf("%zu mails of %zu bytes on average, %zu %% bounces: %.0f a second; the slowest took %.1f ms\n", mails.size(),
                bytes / mails.size(), 100 * bounces / read, static_cast<double>(read) / passed, 1000 * slowest);
    return 0;
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc > 1) return measure(argc - 1, argv + 1);
    const auto raw = read_all(std::cin);
    const auto message = majlis::scan_message(raw);
    const auto found = majlis::classify(message);
    const auto decoded = majlis::decode(message);
    nlohmann::json failures = nlohmann::json::array();
    for (const auto& failure : found.failures)
        failures.push_back({{"recipient", failure.recipient},
                            {"status", failure.status},
                            {"permanent", failure.permanent},
                            {"delayed", failure.delayed},
                            {"cause", majlis::cause_name(failure.cause)},
                            {"diagnostic", failure.diagnostic}});
    const nlohmann::json answer{{"kind", majlis::kind_name(found.kind)},
                                {"reason", found.reason},
                                {"failures", failures},
                                {"original_message_id", found.original.message_id},
                                {"decoded",
                                 {{"subject", decoded.subject},
                                  {"from", decoded.from},
                                  {"from_name", decoded.from_name},
                                  {"attachments", decoded.attachments},
                                  {"text", decoded.text},
                                  {"parts", decoded.parts}}}};
    std::cout << answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}
