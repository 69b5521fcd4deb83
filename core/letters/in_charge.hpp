#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/letters/site_face.hpp"
#include "core/store/roles.hpp"

/// Who hears what happens on a list.
namespace majlis {

constexpr std::size_t most_in_charge = 50;  ///< who are written to about one thing

/// Addresses of those who run a list, those of the lists above included, the nearest list first, each once. Whose mail is
/// switched off because it comes back hears nothing; the site's owner does where nobody else is left.
std::vector<std::string> in_charge(store::Database& db, const SiteFace& site, std::int64_t list_id, store::Holding whom);

}  // namespace majlis
