// Any TXT record and any domain: a policy is one of three, and what is asked is a name that the DNS can hold.
#include "core/dmarc/dmarc.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace majlis;

void require(bool truth)
{
    if (!truth) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const PublicSuffixes suffixes;
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const auto record = dmarc::parse_record(input);
    require(!record || record->policy != dmarc::Policy::unknown);
    require(!record || input.find("DMARC1") != std::string_view::npos);
    const auto names = dmarc::names_to_ask(input, suffixes);
    require(names.size() <= 2);
    for (const std::string& name : names) require(name.starts_with("_dmarc.") && name.size() <= 253 && dns_name(name) == name);
    const dmarc::Answer answer{dmarc::Answer::Kind::found, {std::string{input}}, std::chrono::seconds{60}};
    const auto outcome = dmarc::decide({&answer, 1}, 1);
    require(outcome && outcome->policy == (record ? record->policy : dmarc::Policy::none));
    return 0;
}
