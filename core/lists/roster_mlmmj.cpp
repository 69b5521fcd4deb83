#include "core/lists/roster_readers.hpp"
#include "core/lists/roster_row.hpp"
#include "core/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>
#include <unordered_set>

namespace majlis::roster {

namespace {

struct Folder {
    std::string_view name, mode;
};
/// From the strongest mode to the weakest: who stands in two folders gets the stronger.
constexpr auto folders = std::to_array<Folder>({{"subscribers.d", "each"}, {"digesters.d", "daily"}, {"nomailsubs.d", "none"}});

struct File {
    std::filesystem::path path;
    std::string_view mode;
};

class MlmmjReader : public RosterReader {
public:
    MlmmjReader(std::vector<File> files, RosterOptions options) : files_{std::move(files)}, options_{std::move(options)} {}

    bool next(RosterRow& row) override
    {
        Line line;
        while (true) {
            if (!input_ && !open_next()) return false;
            if (!input_->lines.next(line)) {
                read_before_ += input_->lines.bytes_read();
                input_.reset();
                continue;
            }
            const std::string_view address = text::trim(line.text);
            if (address.empty()) continue;
            clear(row, line.number);
            set_address(row, address);
            row.mode = files_[at_ - 1].mode;
            if (!row.problem.empty() || seen_.insert(row.key).second) return true;
        }
    }

    RosterFormat format() const override { return RosterFormat::mlmmj; }
    std::size_t bytes_read() const override { return read_before_ + (input_ ? input_->lines.bytes_read() : 0); }

private:
    bool open_next()
    {
        if (at_ >= files_.size()) return false;
        const std::filesystem::path& path = files_[at_++].path;
        auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
        if (!*file) throw std::runtime_error{"cannot read " + path.string()};
        std::istream* stream = file.get();
        input_ = std::make_unique<Input>(Source{std::move(file), stream}, options_);
        return true;
    }

    std::vector<File> files_;
    RosterOptions options_;
    std::size_t at_ = 0, read_before_ = 0;
    std::unique_ptr<Input> input_;
    std::unordered_set<std::string> seen_;
};

}  // namespace

std::unique_ptr<RosterReader> mlmmj_reader(const std::filesystem::path& folder, const RosterOptions& options)
{
    std::vector<File> files;
    bool any = false;
    for (const Folder& part : folders) {
        if (!std::filesystem::is_directory(folder / part.name)) continue;
        any = true;
        std::vector<std::filesystem::path> paths;
        for (const auto& entry : std::filesystem::directory_iterator{folder / part.name}) {
            if (entry.is_regular_file()) paths.push_back(entry.path());
        }
        std::sort(paths.begin(), paths.end());
        for (auto& path : paths) files.push_back({std::move(path), part.mode});
    }
    if (!any) return nullptr;
    return std::make_unique<MlmmjReader>(std::move(files), options);
}

}  // namespace majlis::roster
