#include "net/dns/author_policy.hpp"

#include <utility>
#include <vector>

namespace majlis::dns {
namespace {

dmarc::Answer to_answer(Records records)
{
    dmarc::Answer answer;
    if (records.kind == Records::Kind::found) answer.kind = dmarc::Answer::Kind::found;
    if (records.kind == Records::Kind::none) answer.kind = dmarc::Answer::Kind::none;
    answer.texts = std::move(records.values);
    answer.ttl = records.ttl;
    return answer;
}

}  // namespace

boost::asio::awaitable<dmarc::Outcome> author_policy(Resolver& resolver, std::string domain, PublicSuffixes suffixes)
{
    const std::vector<std::string> names = dmarc::names_to_ask(domain, suffixes);
    std::vector<dmarc::Answer> answers;
    auto outcome = dmarc::decide(answers, names.size());
    while (!outcome) {
        std::string name = names[answers.size()];
        auto records = co_await resolver.txt(std::move(name));
        answers.push_back(to_answer(std::move(records)));
        outcome = dmarc::decide(answers, names.size());
    }
    co_return *outcome;
}

}  // namespace majlis::dns
