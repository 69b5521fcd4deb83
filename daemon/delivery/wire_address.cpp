#include "daemon/delivery/wire_address.hpp"

#include "core/address/address.hpp"
#include "core/text/ascii.hpp"

namespace majlis::delivery {

bool ascii(std::string_view text) { return text::is_ascii(text); }

std::string wire_address(const std::string& address)
{
    if (ascii(address)) return address;
    const auto parsed = parse_address(address);
    if (!parsed) return address;
    const auto key = parsed->key();
    return Address{parsed->local, key.substr(key.rfind('@') + 1)}.text();
}

}  // namespace majlis::delivery
