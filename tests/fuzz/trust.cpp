// Any header: what is believed of it is said in one printable line, and never without a field of the trusted server.
#include "core/trust/trust.hpp"
#include "core/text/charset.hpp"
#include "core/trust/authentication_results.hpp"

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

bool one_line(const std::string& text) { return text::valid_utf8(text) && text.find_first_of("\r\n\x1b") == std::string::npos; }

bool claims(const Message& message, const std::vector<std::string>& servers)
{
    for (const Field* field : find_fields(message.root().fields, "Authentication-Results"))
        if (claims_server(field->body, servers)) return true;
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const PublicSuffixes suffixes;
    static const std::vector<std::string> servers{"mx.example.org", "*.mail.example"};
    const std::string_view raw{reinterpret_cast<const char*>(data), size};
    if (const auto results = parse_authentication_results(raw)) {
        require(!results->server.empty() && results->results.size() <= 100);
        for (const AuthResult& result : results->results) require(!result.method.empty() && !result.result.empty());
    }
    const Message message = scan_message(raw);
    const Trust trust = trust_of(message, servers, suffixes);
    require(one_line(trust.why) && !trust.why.empty());
    require(trust.proof != Proof::passed || (claims(message, servers) && !trust.method.empty()));
    require(trust_of(message, {}, suffixes).proof == Proof::unknown);
    require(one_line(spam_flag(message, servers, suffixes)) && one_line(spam_flag(message, {}, suffixes)));
    require(one_line(topmost_server(message)) && one_line(host_in_the_way(message, servers, suffixes)));
    return 0;
}
