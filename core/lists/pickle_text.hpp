#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

/// Texts as Python 2 writes them into a pickle of protocol 0.
namespace majlis::pickle {

/// Ends the reading of a broken pickle; never leaves pickle.cpp.
struct Broken : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The repr() of a Python 2 str, as protocol 0 writes it. Throws Broken.
std::string from_repr(std::string_view repr);
/// raw-unicode-escape: Latin-1 with \uXXXX and \UXXXXXXXX; a surrogate pair is two escapes. Throws Broken.
std::string from_raw_unicode(std::string_view raw);

}  // namespace majlis::pickle
