#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/output.hpp"

namespace majlis::cli {

enum class Grade { ok, warning, error };

/// What `check` found, told as it is found: the network may be slow.
class Findings {
public:
    Findings(std::ostream& out, Format format) : out_{out}, format_{format} {}

    void ok(const std::string& about, const std::string& message) { add(Grade::ok, about, message); }
    /// "what is wrong: how to mend it"
    void warning(const std::string& about, const std::string& message) { add(Grade::warning, about, message); }
    void error(const std::string& about, const std::string& message) { add(Grade::error, about, message); }
    /// Prints the count, or all of it as JSON. True when there was no error.
    bool finish();

private:
    void add(Grade grade, const std::string& about, const std::string& message);

    std::ostream& out_;
    Format format_;
    Array all_;
    std::size_t warnings_ = 0, errors_ = 0;
};

}  // namespace majlis::cli
