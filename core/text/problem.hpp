#pragma once

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>

namespace majlis::text {

/// Why input was refused, in words that a person can act on. The error of a boost::system::result.
struct Problem {
    std::string message;
};

/// What value() of a result throws when it holds a Problem.
[[noreturn]] inline void throw_exception_from_error(const Problem& problem, const boost::source_location&)
{
    throw std::runtime_error{problem.message};
}

}  // namespace majlis::text
