#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/address/public_suffixes.hpp"
#include "core/message/message.hpp"

/// The provider's own part of a header: what it wrote on top of what came.
namespace majlis::trust {

/// "mx.example.org", or "*.example.org" for every host below; any case.
bool names_server(std::string_view pattern, std::string_view server);

/// The host behind "by" of a Received, without brackets; "" where it names none.
std::string host_of_received(std::string_view field_body);

/// Whether a Received by this host is the provider's own.
bool is_of_provider(std::string_view host, std::span<const std::string> trusted_servers, const PublicSuffixes& suffixes);

struct Block {
    std::span<const Field> fields;  ///< above the first Received that the provider did not write
    std::string stopped_by;         ///< the host of that Received, "" where there is none
};
Block provider_block(const std::vector<Field>& fields, std::span<const std::string> trusted_servers,
                     const PublicSuffixes& suffixes);

}  // namespace majlis::trust
