#include <sys/vfs.h>

#include <array>
#include <utility>

#include "core/store/database.hpp"

namespace majlis::store {
namespace {

constexpr std::array<std::pair<unsigned long, const char*>, 14> network_kinds{{
    {0x6969, "NFS"},
    {0x517b, "SMB"},
    {0xff534d42, "CIFS"},
    {0xfe534d42, "SMB2"},
    {0x65735546, "FUSE"},  // sshfs, s3fs, Google Drive...; local ones such as ntfs-3g are not worth the risk
    {0x01021997, "9P"},
    {0x5346414f, "AFS"},
    {0x6b414653, "kAFS"},
    {0x00c36400, "Ceph"},
    {0x73757245, "Coda"},
    {0x564c, "NCP"},
    {0x0bd00bd0, "Lustre"},
    {0x01161970, "GFS2"},
    {0x7461636f, "OCFS2"},
}};

}  // namespace

std::optional<std::string> network_file_system(const std::filesystem::path& path)
{
    struct statfs found {};
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
    if (::statfs(path.c_str(), &found) != 0 && ::statfs(folder.c_str(), &found) != 0) return std::nullopt;
    const auto kind = static_cast<unsigned long>(found.f_type) & 0xffffffffUL;
    for (const auto& [number, name] : network_kinds)
        if (kind == number) return name;
    return std::nullopt;
}

}  // namespace majlis::store
