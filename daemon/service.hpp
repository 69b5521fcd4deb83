#pragma once
#include <chrono>
#include <filesystem>
#include <optional>

#include "core/config/config.hpp"

namespace majlis {

enum class Round { forever, once };

/// How the daemon was asked to run.
struct ServiceOptions {
    Round round = Round::forever;
    std::chrono::seconds round_limit{50};  ///< of one round
    std::filesystem::path config_file;     ///< read again at SIGHUP
};

/// Why it returned.
struct ServiceEnd {
    std::optional<Config> next;  ///< SIGHUP brought a new configuration: run again with it
};

/// Runs majlis with this configuration until SIGTERM, SIGINT or a new configuration, or for one round. The database's lock is
/// the caller's. Throws store::DatabaseError and what else keeps it from starting.
ServiceEnd run_service(const Config& config, const ServiceOptions& options);

}  // namespace majlis
