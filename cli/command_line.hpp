#pragma once
#include <string>
#include <variant>

#include "cli/verb.hpp"

namespace majlis::cli {

/// A verb and what it was given.
struct Call {
    const Verb* verb = nullptr;
    Args args;
};
/// Help or version: to be printed on standard output, exit status 0.
struct Say {
    std::string text;
};

/// Reads the command line with CLI11. Throws WrongUsage with a message that names the help to read.
std::variant<Call, Say> read_command_line(int argc, const char* const* argv);

}  // namespace majlis::cli
