#include "core/archive/mail_folder.hpp"

#include <algorithm>
#include <chrono>

#include "core/text/ascii.hpp"
#include "core/token/sha256.hpp"

namespace majlis::archive {
namespace {

namespace fs = std::filesystem;
constexpr int deepest = 4;

/// Numbers within names count as numbers: "9" before "10".
bool natural_less(std::string_view a, std::string_view b)
{
    while (!a.empty() && !b.empty()) {
        if (!text::is_digit(a.front()) || !text::is_digit(b.front())) {
            if (a.front() != b.front()) return static_cast<unsigned char>(a.front()) < static_cast<unsigned char>(b.front());
            a.remove_prefix(1);
            b.remove_prefix(1);
            continue;
        }
        const auto number = [](std::string_view& s) {
            while (s.size() > 1 && s.front() == '0' && text::is_digit(s[1])) s.remove_prefix(1);
            const auto end = std::min(s.find_first_not_of("0123456789"), s.size());
            const auto digits = s.substr(0, end);
            s.remove_prefix(end);
            return digits;
        };
        const auto x = number(a), y = number(b);
        if (x.size() != y.size()) return x.size() < y.size();
        if (x != y) return x < y;
    }
    return a.size() < b.size();
}

bool looks_like_mail(const std::string& name) { return name.ends_with(".eml") || std::ranges::all_of(name, text::is_digit); }

/// Nothing hidden and no link: a link may lead anywhere.
bool is_plain(const fs::directory_entry& entry)
{
    return !entry.is_symlink() && !entry.path().filename().string().starts_with('.');
}

}  // namespace

bool is_maildir(const fs::path& folder) { return fs::is_directory(folder / "cur") || fs::is_directory(folder / "new"); }

std::vector<fs::path> mail_files(const fs::path& folder)
{
    std::vector<fs::path> files;
    const auto by_name = [](const fs::path& a, const fs::path& b) {
        return natural_less(a.filename().string(), b.filename().string());
    };
    if (is_maildir(folder)) {
        for (const auto* part : {"cur", "new"})
            if (fs::is_directory(folder / part))
                for (const auto& entry : fs::directory_iterator{folder / part})
                    if (is_plain(entry) && entry.is_regular_file()) files.push_back(entry.path());
        std::ranges::sort(files, by_name);
        return files;
    }
    for (auto entry = fs::recursive_directory_iterator{folder}; entry != fs::recursive_directory_iterator{}; ++entry) {
        if (entry.depth() >= deepest || !is_plain(*entry)) entry.disable_recursion_pending();
        if (is_plain(*entry) && entry->is_regular_file() && looks_like_mail(entry->path().filename().string()))
            files.push_back(entry->path());
    }
    std::ranges::sort(files, [](const fs::path& a, const fs::path& b) { return natural_less(a.string(), b.string()); });
    return files;
}

std::int64_t file_received_at(const fs::path& file)
{
    const auto name = file.filename().string();
    const auto digits = std::min(name.find_first_not_of("0123456789"), name.size());
    if (digits >= 9 && digits <= 11 && digits < name.size() && name[digits] == '.') return std::stoll(name.substr(0, digits));
    const auto time = std::chrono::file_clock::to_sys(fs::last_write_time(file));
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::string maildir_name(std::int64_t received_at, std::string_view raw)
{
    static constexpr char digits[] = "0123456789abcdef";
    const auto digest = token::sha256(raw);
    auto name = std::to_string(received_at) + ".";
    for (std::size_t i = 0; i < 8; ++i) {
        name += digits[digest[i] >> 4];
        name += digits[digest[i] & 15];
    }
    return name + ".majlis:2,S";
}

}  // namespace majlis::archive
