#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/findings.hpp"

/// What the probes of `check --send` prove about the provider's Authentication-Results. Pure but for what they tell.
namespace majlis::cli {

/// Whose fields are to be proven: the configured servers, else the one that wrote the topmost field of a mail that arrived; empty
/// where there is none.
std::vector<std::string> servers_to_prove(const std::vector<std::string>& trusted, const std::string& header);

/// Tells whether the header of a mail that arrived bears a field of these servers where it may be believed.
void tell_servers(const std::vector<std::string>& trusted, const std::string& header, Findings& findings);

/// A field for each server as a forger would write it: it vouches for the author's domain. `mark` makes it known again.
std::string forged_fields(const std::vector<std::string>& servers, std::string_view domain, std::string_view mark);

/// Tells what became of the forged fields on their way.
void tell_forged(const std::vector<std::string>& servers, const std::string& header, std::string_view mark, Findings& findings);

}  // namespace majlis::cli
