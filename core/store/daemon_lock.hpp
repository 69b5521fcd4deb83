#pragma once
#include <filesystem>
#include <optional>

#include "core/store/database.hpp"

namespace majlis::store {

/// Held by the one majlisd that works on a database: a lock on "<database>.lock", which holds its pid. The kernel lets it go
/// when the process ends, however that happens; the file stays.
class DaemonLock {
public:
    /// The lock, or a message that names the process that has it. Throws std::system_error if the file cannot be made.
    static Answer<DaemonLock> take(const std::filesystem::path& database);
    /// The pid of the running daemon, nullopt when there is none.
    static std::optional<int> holder(const std::filesystem::path& database);

    DaemonLock(DaemonLock&& other) noexcept;
    DaemonLock& operator=(DaemonLock&&) = delete;
    ~DaemonLock();

private:
    explicit DaemonLock(int descriptor) noexcept : descriptor_{descriptor} {}
    int descriptor_;
};

}  // namespace majlis::store
