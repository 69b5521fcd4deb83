#pragma once
#include <string>
#include <string_view>

namespace majlis::archive {

/// Where a post is read on the web (RFC 5064): `archive_url`, a slash, and the Message-ID percent-encoded as one path segment
/// (RFC 3986). "" where either is missing.
std::string permalink(std::string_view archive_url, std::string_view message_id);

}  // namespace majlis::archive
