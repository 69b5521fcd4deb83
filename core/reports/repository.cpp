#include "core/reports/repository.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "core/text/printable.hpp"

namespace majlis::reports {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::seconds local_limit{60}, network_limit{180};
/// The newest commit that the remote is known to have of ours: what is behind it is not pushed again, also when others have
/// rewritten its history to take something out.
constexpr const char* pushed_ref = "refs/majlis/pushed";

std::string said(const std::string& output)
{
    const auto end = output.find_last_not_of(" \r\n");
    std::string line;
    for (const char c : output.substr(0, end == std::string::npos ? 0 : end + 1)) line += c == '\n' ? ' ' : c;
    return text::printable(without_credentials(line), 500);
}

/// As git sees names: what stands alone at their ends, and "<" and ">" anywhere, is no name for it, and it refuses to commit.
bool is_name(std::string_view name)
{
    return std::ranges::any_of(name, [](char c) {
        return static_cast<unsigned char>(c) > ' ' && std::string_view{".,:;<>\"\\'"}.find(c) == std::string_view::npos;
    });
}

/// Of a git that was killed; the repository is ours alone, so nobody holds them.
void remove_locks(const fs::path& git_folder)
{
    std::vector<fs::path> locks;
    for (auto at = fs::recursive_directory_iterator{git_folder}; at != fs::recursive_directory_iterator{}; ++at) {
        if (at.depth() == 0 && at->path().filename() == "objects") at.disable_recursion_pending();
        if (at->path().extension() == ".lock") locks.push_back(at->path());
    }
    for (const auto& lock : locks) fs::remove(lock);
}

bool needs_network(const std::vector<std::string>& words)
{
    for (const auto& word : words)
        if (word == "push" || word == "fetch" || word == "clone") return true;
    return false;
}

std::string failure(const std::string& name, const Ran& ran)
{
    const Program shown{.words = {name}, .environment = {}, .limit = network_limit};
    const auto how = describe(ran, shown);
    if (ran.end == Ran::End::not_started) return "git " + how + ": install git";
    return name + " " + how + ": " + said(ran.output);
}

}  // namespace

std::string without_credentials(std::string_view text)
{
    std::string out;
    for (;;) {
        const auto scheme = text.find("://");
        if (scheme == std::string_view::npos) return out.append(text);
        const auto host = scheme + 3;
        const auto end = std::min(text.find_first_of("/ \t\r\n'\"", host), text.size());
        const auto at = text.substr(host, end - host).rfind('@');
        out.append(text.substr(0, host))
            .append(at == std::string_view::npos ? text.substr(host, end - host)
                                                 : text.substr(host + at + 1, end - host - at - 1));
        text.remove_prefix(end);
    }
}

Ran Repository::try_git(std::vector<std::string> words, std::vector<std::pair<std::string, std::string>> environment) const
{
    Program program;
    // No hook, no pager, no question: nobody sits in front of it.
    program.words = {"git",
                     "-c",
                     "core.hooksPath=/dev/null",
                     "-c",
                     "gc.auto=0",
                     "-c",
                     "core.quotePath=false",
                     "-c",
                     "commit.gpgSign=false",
                     "-c",
                     "core.autocrlf=false"};
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
    throw std::runtime_error{failure(name, ran)};
}

std::vector<std::pair<std::string, std::string>> Repository::committer() const
{
    return {{"GIT_COMMITTER_NAME", is_name(where_.name) ? where_.name : "majlis"}, {"GIT_COMMITTER_EMAIL", where_.address}};
}

bool Repository::is_commit(const std::string& name) const
{
    return try_git({"rev-parse", "--verify", "--quiet", name + "^{commit}"}).well();
}

void Repository::open()
{
    if (!fs::exists(where_.folder / ".git")) {
        fs::create_directories(where_.folder);
        // Of our branch: what stands in the remote's others is none of ours to push.
        const bool cloned =
            !where_.remote.empty() &&
            try_git({"clone", "--quiet", "--branch", where_.branch, "--", where_.remote, where_.folder.string()}).well();
        if (!cloned) git({"init", "--quiet"});
        // An unborn branch takes the name that we want.
        if (is_commit("HEAD"))
            git({"update-ref", pushed_ref, "HEAD"});
        else
            git({"symbolic-ref", "HEAD", "refs/heads/" + where_.branch});
    }
    remove_locks(where_.folder / ".git");
    try_git({"rebase", "--abort"}, committer());
    // What a broken commit had added must not go into the next one.
    if (is_commit("HEAD"))
        git({"reset", "--quiet"});
    else
        git({"read-tree", "--empty"});
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
    auto people = committer();
    people.insert(people.end(), {{"GIT_AUTHOR_NAME", is_name(change.author) ? change.author : people.front().second},
                                 {"GIT_AUTHOR_EMAIL", where_.address},
                                 {"GIT_AUTHOR_DATE", when}});
    git({"commit", "--quiet", "--no-verify", "--cleanup=verbatim", "--message", change.message}, std::move(people));
    return true;
}

/// Where others changed the same, ours stands: pages of indexes are made anew anyway, and a correction replaces the whole report.
/// What they wrote stays in the history. False where that cannot be done.
bool Repository::settle_conflicts() const
{
    const auto conflicts = try_git({"diff", "--name-only", "--diff-filter=U", "-z"});
    if (!conflicts.well() || conflicts.output.empty()) return false;
    for (std::size_t at = 0; at < conflicts.output.size();) {
        const auto end = std::min(conflicts.output.find('\0', at), conflicts.output.size());
        const auto path = conflicts.output.substr(at, end - at);
        at = end + 1;
        // "Theirs" are in a rebase the commits that are put on top: ours. Where we removed it there is nothing to check out.
        const bool settled = try_git({"--literal-pathspecs", "checkout", "--quiet", "--theirs", "--", path}).well() &&
                             try_git({"--literal-pathspecs", "add", "--force", "--", path}).well();
        if (!settled && !try_git({"--literal-pathspecs", "rm", "--quiet", "--force", "--", path}).well()) return false;
    }
    return true;
}

/// What the remote has not got yet, on top of FETCH_HEAD.
void Repository::rebase() const
{
    auto people = committer();
    people.insert(people.end(),
                  {{"GIT_AUTHOR_NAME", people.front().second}, {"GIT_AUTHOR_EMAIL", where_.address}, {"GIT_EDITOR", "true"}});
    // A report stays where the database says, whatever others rename. The stash keeps what somebody left in our files.
    const std::vector<std::string> renames{"-c", "merge.renames=false", "rebase"};
    auto words = renames;
    words.insert(words.end(), {"--quiet", "--autostash", "--strategy-option=theirs"});
    if (try_git({"merge-base", "--is-ancestor", pushed_ref, "HEAD"}).well())
        words.insert(words.end(), {"--onto", "FETCH_HEAD", pushed_ref});
    else
        words.emplace_back("FETCH_HEAD");
    auto rebased = try_git(words, people);
    while (!rebased.well() && settle_conflicts()) {
        words = renames;
        words.emplace_back("--continue");
        rebased = try_git(words, people);
    }
    if (!rebased.well()) {
        try_git({"rebase", "--abort"}, people);
        throw std::runtime_error{"what others pushed does not go together with the reports here: " + said(rebased.output)};
    }
    git({"update-ref", pushed_ref, "FETCH_HEAD"});
}

void Repository::push()
{
    if (where_.remote.empty()) return;
    const std::vector<std::string> words{"push", "--quiet", "origin", "HEAD:refs/heads/" + where_.branch};
    const auto refused = try_git(words);
    if (!refused.well()) {
        // Where there is nothing to go on top of, what the remote said to the push is the reason.
        if (!try_git({"fetch", "--quiet", "origin", where_.branch}).well())
            throw std::runtime_error{failure("git push", refused)};
        rebase();
        git(words);
    }
    git({"update-ref", pushed_ref, "HEAD"});
}

}  // namespace majlis::reports
