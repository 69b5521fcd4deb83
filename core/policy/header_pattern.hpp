#pragma once

#include "core/message/message.hpp"
#include "core/text/problem.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace majlis {

constexpr std::size_t max_pattern_bytes = 500;
constexpr std::size_t max_values_bytes = 256 * 1024;  ///< of one field's values in one mail that a pattern is tried on

/// A regular expression (RE2: linear time, bounded memory, no matter what it is) on a header field, in any case. It looks
/// anywhere in the value; ^ and $ tie it to the ends.
class HeaderPattern {
public:
    /// Refuses a name that no field can have, and a pattern that is empty, too long, badly formed, or needs too much memory: the
    /// message says what is wrong.
    static boost::system::result<HeaderPattern, text::Problem> compile(std::string_view field, std::string_view pattern);

    /// Tries the values of every field of this name, also in the headers of parts and attached mails; unfolded and decoded
    /// (RFC 2047). Values beyond max_values_bytes together are not read.
    bool matches(const Message& message) const;

private:
    HeaderPattern(std::string field, std::shared_ptr<const re2::RE2> expression);
    std::string field_;
    std::shared_ptr<const re2::RE2> expression_;
};

}  // namespace majlis
