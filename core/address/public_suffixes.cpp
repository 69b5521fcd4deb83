#include "core/address/public_suffixes.hpp"

#include <libpsl.h>

#include <algorithm>

#include "core/address/address.hpp"
#include "core/text/ascii.hpp"

namespace majlis {
namespace {

constexpr std::size_t max_name = 253;
constexpr std::size_t max_label = 63;

bool is_label(std::string_view label)
{
    const auto plain = [](char c) { return text::is_letter(c) || text::is_digit(c) || c == '-' || c == '_'; };
    return !label.empty() && label.size() <= max_label && std::ranges::all_of(label, plain);
}

}  // namespace

std::optional<std::string> dns_name(std::string_view domain)
{
    if (domain.ends_with('.')) domain.remove_suffix(1);
    if (domain.empty() || domain.size() > 4 * max_name) return std::nullopt;
    std::string name = domain_key(domain);
    if (name.empty() || name.size() > max_name) return std::nullopt;
    std::string_view rest = name, last;
    for (bool more = true; more;) {
        const std::size_t dot = rest.find('.');
        more = dot != std::string_view::npos;
        last = rest.substr(0, dot);
        if (!is_label(last)) return std::nullopt;
        if (more) rest.remove_prefix(dot + 1);
    }
    if (std::ranges::all_of(last, [](char c) { return text::is_digit(c); })) return std::nullopt;  // 192.0.2.1
    return name;
}

PublicSuffixes::PublicSuffixes() : list_{psl_latest(nullptr), psl_free} {}

std::optional<std::string> PublicSuffixes::organisational_domain(std::string_view domain) const
{
    const auto name = dns_name(domain);
    if (!name || !list_) return std::nullopt;
    const char* found = psl_registrable_domain(list_.get(), name->c_str());
    if (!found) return std::nullopt;
    return std::string{found};
}

bool PublicSuffixes::same_organisation(std::string_view a, std::string_view b) const
{
    const auto first = dns_name(a), second = dns_name(b);
    if (!first || !second) return false;
    if (*first == *second) return true;
    const auto of_first = organisational_domain(*first);
    return of_first && of_first == organisational_domain(*second);
}

}  // namespace majlis
