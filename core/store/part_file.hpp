#pragma once
#include <filesystem>
#include <string>

namespace majlis::store {

/// Whether a file that is there already may be replaced.
enum class Existing { keep, replace };

/// A file in the making: "<name>.part" beside it, mode 0600, which gets its name when it is complete. One process at a time makes
/// it; what a killed one left is begun anew. Gone at the end of its life unless it got its name. Throws DatabaseError.
class PartFile {
public:
    explicit PartFile(const std::filesystem::path& target);
    ~PartFile();
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    const std::filesystem::path& path() const noexcept { return part_; }
    /// Writes to the disk what the system still holds back of it: a little at a time, or whoever else waits for the disk waits
    /// long.
    void flush();
    /// Durable, then named, and the name durable too. False where the name is taken and may not be.
    bool put_in_place(Existing existing);

private:
    void lock();
    std::filesystem::path target_, part_;
    int descriptor_ = -1;
    bool placed_ = false;
};

/// Names that came or went in the folder of `file` are on the disk afterwards.
void sync_folder(const std::filesystem::path& file);

}  // namespace majlis::store
