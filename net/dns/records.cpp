#include "net/dns/records.hpp"

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace majlis::dns {
namespace {

constexpr std::size_t max_records = 100;
constexpr std::size_t max_text = 8'192;  // bytes of one TXT record that are kept

std::string joined_strings(const unsigned char* data, std::size_t size)
{
    std::string out;
    for (std::size_t at = 0; at < size && out.size() < max_text;) {
        const std::size_t length = std::min<std::size_t>(data[at], size - at - 1);
        out.append(reinterpret_cast<const char*>(data + at + 1), length);
        at += 1 + length;
    }
    return out;
}

/// Preference and host of an MX; an empty host where it cannot be read.
std::pair<unsigned, std::string> exchange(const ns_msg& message, const ns_rr& record)
{
    std::array<char, NS_MAXDNAME> host{};
    if (ns_rr_rdlen(record) < 3) return {};
    const unsigned char* data = ns_rr_rdata(record);
    const int used = ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), data + 2, host.data(), host.size());
    return {static_cast<unsigned>(data[0]) << 8 | data[1], used < 0 ? std::string{} : std::string{host.data()}};
}

}  // namespace

Records read_records(const unsigned char* answer, std::size_t size, Type type)
{
    Records out;
    ns_msg message;
    if (size > NS_MAXMSG || ns_initparse(answer, static_cast<int>(size), &message) != 0) {
        out.error = "an answer that is no DNS message";
        return out;
    }
    out.kind = Records::Kind::none;
    std::uint32_t ttl = std::numeric_limits<std::int32_t>::max();
    std::vector<std::pair<unsigned, std::string>> found;
    for (int i = 0; i < ns_msg_count(message, ns_s_an) && found.size() < max_records; ++i) {
        ns_rr record;
        if (ns_parserr(&message, ns_s_an, i, &record) != 0) {
            return {Records::Kind::failed, {}, {}, "an answer with a broken record"};
        }
        if (ns_rr_class(record) != ns_c_in || ns_rr_type(record) != static_cast<int>(type)) continue;
        auto value = type == Type::mx ? exchange(message, record)
                                      : std::pair{0U, joined_strings(ns_rr_rdata(record), ns_rr_rdlen(record))};
        if (type == Type::mx && value.second.empty()) continue;
        ttl = std::min<std::uint32_t>(ttl, ns_rr_ttl(record));
        found.push_back(std::move(value));
    }
    if (found.empty()) return out;
    std::ranges::stable_sort(found, {}, &std::pair<unsigned, std::string>::first);
    for (auto& [preference, value] : found) out.values.push_back(std::move(value));
    out.kind = Records::Kind::found;
    out.ttl = std::chrono::seconds{ttl};
    return out;
}

}  // namespace majlis::dns
