#pragma once
#include <stdexcept>
#include <string>

namespace majlis::cli {

/// How a command ends; scripts rely on the numbers.
enum class Exit : int { done = 0, failed = 1, usage = 2 };

/// Ends a command. The message reads "what: what to do about it"; each of its lines goes to standard error after "majlis: ".
class Failure : public std::runtime_error {
public:
    explicit Failure(const std::string& message, Exit exit = Exit::failed) : std::runtime_error{message}, exit_{exit} {}
    Exit exit() const noexcept { return exit_; }

private:
    Exit exit_;
};

/// The command line itself is wrong: exit status 2.
class WrongUsage : public Failure {
public:
    explicit WrongUsage(const std::string& message) : Failure{message, Exit::usage} {}
};

}  // namespace majlis::cli
