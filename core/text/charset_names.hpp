#pragma once

#include <string>
#include <string_view>

namespace majlis::text {

/// What a charset name found in mail stands for.
struct CharsetName {
    enum class Kind { known, guess, unknown };
    Kind kind = Kind::unknown;
    std::string icu;  ///< name for ICU, lower case; "" unless known
};

/// Resolves a label with the spellings and aliases that mail invents. "guess" for the labels that mean "I do not know" and for
/// "".
CharsetName resolve_charset(std::string_view label);

}  // namespace majlis::text
