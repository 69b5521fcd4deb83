#pragma once
#include "core/store/lists.hpp"

/// For the files that read list rows; nobody else includes it.
#define MAJLIS_LIST_COLUMNS "SELECT id, name, address, address_key, list_id, parent_id, created_at FROM list "

namespace majlis::store {

/// Of a row with MAJLIS_LIST_COLUMNS.
List read_list(const Prepared& row);

}  // namespace majlis::store
