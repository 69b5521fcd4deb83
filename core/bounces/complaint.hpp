#pragma once
#include <string>

#include "core/bounces/blame.hpp"

namespace majlis::bounces {

/// A feedback report (RFC 5965): whoever complained leaves the list, silently, where the token of his own copy names him; other
/// reports are only noted. What became of it, for people. Inside the caller's transaction.
std::string take_complaint(store::Database& db, const Report& report, const store::By& by);

}  // namespace majlis::bounces
