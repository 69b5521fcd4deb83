#pragma once
#include <functional>
#include <optional>

#include "core/store/backup.hpp"

/// Putting a backup in the place of a database.
namespace majlis::store {

struct Restored {
    std::optional<std::filesystem::path> replaced;  ///< where the file that stood there is now; nullopt: there was none
    int version = 0;                                ///< of the backup, before it was brought forward
};

/// What the backup says for itself, or why it cannot be used: it is read whole, copied beside the database and looked through
/// there (check_database), and changes nothing. The version it is at.
Answer<int> examine_backup(const std::filesystem::path& database, const std::filesystem::path& backup,
                           const CopyProgress& progress = {});

/// The caller holds the DaemonLock. The backup is copied, brought to this version, looked through, and given to `prepare`; only
/// then does it take the place of the database, which stays beside it as "<database>.replaced-<stamp>" with its side files. At
/// every moment one of the two is there. Refuses while another process has the database open.
Answer<Restored> restore(const std::filesystem::path& database, const std::filesystem::path& backup, std::string_view stamp,
                         const std::function<void(Database&)>& prepare, const CopyProgress& progress = {});

}  // namespace majlis::store
