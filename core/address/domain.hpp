#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace majlis::address {

/// The lower-case A-label form of a domain (UTS 46, non-transitional); nothing where IDNA refuses it.
std::optional<std::string> to_a_labels(std::string_view domain);

/// Lower case and in NFC: what two spellings of a local part beyond ASCII share. Never the spelling of an ASCII one.
std::string folded(std::string_view utf8);

}  // namespace majlis::address
