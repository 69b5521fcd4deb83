#include "core/reports/repository.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "core/text/printable.hpp"

namespace majlis::reports {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::seconds local_limit{60}, network_limit{180};

std::string said(const std::string& output)
{
    const auto end = output.find_last_not_of(" \r\n");
    std::string line;
    for (const char c : output.substr(0, end == std::string::npos ? 0 : end + 1)) line += c == '\n' ? ' ' : c;
    return text::printable(line, 500);
}

bool needs_network(const std::vector<std::string>& words)
{
    for (const auto& word : words)
        if (word == "push" || word == "fetch" || word == "clone") return true;
    return false;
}

}  // namespace

Ran Repository::try_git(std::vector<std::string> words, std::vector<std::pair<std::string, std::string>> environment) const
{
    Program program;
    // No hook, no pager, no question: nobody sits in front of it.
    program.words = {
        "git", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "core.quotePath=false", "-c", "commit.gpgSign=false"};
    if (words.front() != "clone") program.words.insert(program.words.end(), {"-C", where_.folder.string()});
    program.limit = needs_network(words) ? network_limit : local_limit;
    program.words.insert(program.words.end(), words.begin(), words.end());
    program.environment = std::move(environment);
    program.environment.insert(program.environment.end(),
                               {{"GIT_TERMINAL_PROMPT", "0"}, {"LC_ALL", "C.UTF-8"}, {"GIT_PAGER", "cat"}});
    if (!std::getenv("GIT_SSH_COMMAND")) program.environment.emplace_back("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
    program.cancelled = where_.cancelled;
    program.errors = Program::Errors::captured;
    return run(program);
}

std::string Repository::git(std::vector<std::string> words, std::vector<std::pair<std::string, std::string>> environment) const
{
    const std::string name = "git " + words.front();
    auto ran = try_git(std::move(words), std::move(environment));
    if (ran.well()) return std::move(ran.output);
    const Program shown{.words = {name}, .environment = {}, .limit = network_limit};
    throw std::runtime_error{name + " " + describe(ran, shown) + ": " + said(ran.output)};
}

void Repository::open()
{
    std::error_code ignored;  // nothing to clear away
    if (!fs::exists(where_.folder / ".git")) {
        fs::create_directories(where_.folder);
        const bool cloned =
            !where_.remote.empty() && try_git({"clone", "--quiet", "--", where_.remote, where_.folder.string()}).well();
        // An unborn branch takes the name that we want, also in a clone of an empty repository.
        if (!cloned) git({"init", "--quiet"});
        if (!try_git({"rev-parse", "--verify", "--quiet", "HEAD"}).well())
            git({"symbolic-ref", "HEAD", "refs/heads/" + where_.branch});
    }
    fs::remove(where_.folder / ".git" / "index.lock", ignored);  // the repository is ours alone: its owner is dead
    try_git({"rebase", "--abort"});
    if (!where_.remote.empty()) {
        if (try_git({"remote", "get-url", "origin"}).well())
            git({"remote", "set-url", "origin", where_.remote});
        else
            git({"remote", "add", "origin", where_.remote});
    }
}

/// What others put into the repository may be links: we write through none.
fs::path Repository::inside(const std::string& path) const
{
    fs::path at = where_.folder;
    for (const auto& step : fs::path{path}) {
        const auto name = step.string();
        if (name.empty() || name == "." || name == ".." || name.front() == '/' || name == ".git")
            throw std::runtime_error{"a report cannot be written to " + text::printable(path)};
        at /= step;
        if (fs::is_symlink(fs::symlink_status(at)))
            throw std::runtime_error{text::printable(at.string()) + " is a symbolic link: reports are not written through links"};
    }
    return at;
}

void Repository::write(const std::string& path, const std::string& bytes) const
{
    const auto file = inside(path);
    fs::create_directories(file.parent_path());
    std::ofstream out{file, std::ios::binary | std::ios::trunc};
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) throw std::runtime_error{"cannot write " + text::printable(file.string())};
}

bool Repository::commit(const Change& change)
{
    fs::remove_all(inside(change.folder));
    for (const auto& file : change.files) write(change.folder + "/" + file.path, file.bytes);
    for (const auto& file : change.indexes) write(file.path, file.bytes);

    std::vector<std::string> add{"add", "--all", "--force", "--"};
    add.push_back(change.folder);
    for (const auto& file : change.indexes) add.push_back(file.path);
    git(add);
    if (try_git({"diff", "--cached", "--quiet"}).well()) return false;
    const std::string when = std::to_string(change.written_at) + " +0000";
    git({"commit", "--quiet", "--no-verify", "--cleanup=verbatim", "--message", change.message},
        {{"GIT_AUTHOR_NAME", change.author.empty() ? where_.name : change.author},
         {"GIT_AUTHOR_EMAIL", where_.address},
         {"GIT_AUTHOR_DATE", when},
         {"GIT_COMMITTER_NAME", where_.name},
         {"GIT_COMMITTER_EMAIL", where_.address}});
    return true;
}

void Repository::push()
{
    if (where_.remote.empty()) return;
    const std::string target = "HEAD:refs/heads/" + where_.branch;
    if (try_git({"push", "--quiet", "origin", target}).well()) return;
    git({"fetch", "--quiet", "origin", where_.branch});
    const auto rebased = try_git({"rebase", "--quiet", "FETCH_HEAD"},
                                 {{"GIT_COMMITTER_NAME", where_.name}, {"GIT_COMMITTER_EMAIL", where_.address}});
    if (!rebased.well()) {
        try_git({"rebase", "--abort"});
        throw std::runtime_error{"what others pushed does not go together with the reports here: " + said(rebased.output)};
    }
    git({"push", "--quiet", "origin", target});
}

}  // namespace majlis::reports
