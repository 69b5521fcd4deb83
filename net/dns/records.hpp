#pragma once

#include "net/dns/resolver.hpp"

namespace majlis::dns {

enum class Type { txt = 16, mx = 15 };

/// The records of this type in a server's answer (RFC 1035, 4), whatever their owner is called: aliases were followed by the
/// server. An answer that cannot be read is Kind::failed.
Records read_records(const unsigned char* answer, std::size_t size, Type type);

}  // namespace majlis::dns
