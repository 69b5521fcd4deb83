#pragma once

#include <stdexcept>
#include <string>

#include "core/config/secret.hpp"
#include "core/log/log.hpp"

namespace majlis {

/// The secret itself; what is odd about its file is logged. Throws std::runtime_error that says how to mend it.
inline std::string secret_value(const Secret& secret)
{
    if (!secret.ok()) throw std::runtime_error(secret.error);
    for (const auto& warning : secret.warnings) log::warning("secret-exposed", {{"reason", warning}});
    return secret.value;
}

}  // namespace majlis
