#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/process/process.hpp"
#include "core/reports/report.hpp"

namespace majlis::reports {

/// For logs and people: URLs in it without the user and password that may stand in them.
std::string without_credentials(std::string_view text);

/// The git repository common to all sections, driven by the system's git; credentials are git's own matter (ssh keys, helpers).
/// Every call blocks, and throws std::runtime_error with what git said.
class Repository {
public:
    struct Where {
        std::filesystem::path folder;  ///< of the clone that is ours alone
        std::string remote;            ///< URL to push to; empty: none
        std::string branch = "main";
        std::string name, address;                                ///< of the committer: the site
        std::shared_ptr<const std::atomic<bool>> cancelled = {};  ///< ends a git that runs, when it turns true
    };
    explicit Repository(Where where) : where_{std::move(where)} {}

    /// Made, or cloned from the remote, where it is not there yet; what a crash left is cleared away.
    void open();

    struct Change {
        std::string folder;         ///< that is replaced as a whole by `files`; others are left alone
        std::vector<File> files;    ///< below `folder`
        std::vector<File> indexes;  ///< from the root
        std::string message;
        std::string author;  ///< name; no address is shown
        std::int64_t written_at = 0;
    };
    /// One commit; false where the repository holds all of it already.
    bool commit(const Change& change);

    /// To the remote; where others pushed before, on top of theirs. Where both changed or removed the same, ours stands.
    void push();

private:
    std::string git(std::vector<std::string> words, std::vector<std::pair<std::string, std::string>> environment = {}) const;
    Ran try_git(std::vector<std::string> words, std::vector<std::pair<std::string, std::string>> environment = {}) const;
    std::vector<std::pair<std::string, std::string>> committer() const;
    bool is_commit(const std::string& name) const;
    void rebase() const;
    bool settle_conflicts() const;
    std::filesystem::path inside(const std::string& path) const;
    void write(const std::string& path, const std::string& bytes) const;

    Where where_;
};

}  // namespace majlis::reports
