#pragma once
#include "cli/context.hpp"
#include "cli/findings.hpp"
#include "core/config/config.hpp"

/// The parts of `majlis check`. Each tells what it finds and never throws for the state of the world.
namespace majlis::cli {

/// Configuration with its warnings, what it names on this machine. nullopt: there is nothing more to examine.
std::optional<Config> check_config(Context& context, Findings& findings);
void check_secrets(const Config& config, Findings& findings);
/// False: it cannot be opened.
bool check_database(const Config& config, Findings& findings);
/// Lists without a relay, without an owner.
void check_lists(const Config& config, Findings& findings);
void check_domains(const Config& config, Findings& findings);
/// Whether git is there, where meeting reports are kept.
void check_reports(const Config& config, Findings& findings);

/// Connects to every server as the daemon would.
void check_servers(const Config& config, Findings& findings);
/// Mails itself and looks whether that arrives.
void check_sending(const Config& config, Findings& findings);

}  // namespace majlis::cli
