#pragma once

#include "core/text/problem.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Reads Python 2 pickles (protocols 0 to 2) as data: nothing that a pickle names is ever looked up, made or run.
namespace majlis::pickle {

/// Values live in one vector and name each other by their places in it, so that a pickle that holds itself is no loop for us.
using Place = std::uint32_t;

struct Value {
    enum class Kind { none, integer, string, sequence, dict, opaque };
    Kind kind = Kind::none;
    std::int64_t integer = 0;
    std::string text;  ///< of a string: bytes of a str, UTF-8 of a unicode
    bool unicode = false;
    std::vector<Place> items;  ///< of a sequence; of a dict key, value, key, value...
};

struct Pickle {
    std::vector<Value> values;
    Place top = 0;

    const Value& at(Place place) const { return values[place]; }
    /// The value under a string key of a dict, or nullptr.
    const Value* find(const Value& dict, std::string_view key) const;
};

constexpr std::size_t max_values = 5'000'000;

/// Refuses what is truncated, unknown or too large, and says at which byte.
boost::system::result<Pickle, text::Problem> read(std::string_view bytes);

}  // namespace majlis::pickle
