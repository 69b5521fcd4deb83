#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"

namespace majlis {

/// Why a post was held, rejected or discarded on a list (an id of post_list), in this language: a sentence for every rule that
/// spoke against it, the one that decided first. Where a rule has no phrase the English words that were stored stand for it.
std::vector<std::string> stored_reasons(store::Database& db, std::int64_t post_list_id, std::string_view language,
                                        const std::filesystem::path& templates = {});

}  // namespace majlis
