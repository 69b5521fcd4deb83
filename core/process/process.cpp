#include "core/process/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/process/descriptor.hpp"

namespace majlis {
namespace {

using Clock = std::chrono::steady_clock;

bool is_cancelled(const Program& program) { return program.cancelled && program.cancelled->load(); }

/// Waits for the child until `until`, then ends its process group. The status of waitpid(), or -1 when it was ended.
int reap(pid_t child, const Program& program, Clock::time_point until)
{
    int status = 0;
    while (true) {
        const pid_t ended = ::waitpid(child, &status, WNOHANG);
        if (ended == child) return status;
        if (ended < 0 && errno != EINTR) return -1;
        if (Clock::now() >= until || is_cancelled(program)) break;
        ::poll(nullptr, 0, 5);
    }
    ::kill(-child, SIGKILL);
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return -1;
}

/// Our environment with the program's own lines in place of ours.
std::vector<std::string> environment_of(const Program& program)
{
    std::vector<std::string> lines;
    for (char** line = environ; *line != nullptr; ++line) {
        const std::string text{*line};
        const bool replaced =
            std::ranges::any_of(program.environment, [&](const auto& pair) { return text.starts_with(pair.first + "="); });
        if (!replaced) lines.push_back(text);
    }
    for (const auto& [name, value] : program.environment) lines.push_back(name + "=" + value);
    return lines;
}

std::vector<char*> pointers(const std::vector<std::string>& words)
{
    std::vector<char*> out;
    for (const auto& word : words) out.push_back(const_cast<char*>(word.c_str()));
    out.push_back(nullptr);
    return out;
}

int spawn(const Program& program, int output, pid_t& child)
{
    const auto lines = environment_of(program);
    const auto arguments = pointers(program.words), environment = pointers(lines);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (program.errors == Program::Errors::captured) posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    posix_spawnattr_setpgroup(&attributes, 0);
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&defaults, number);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const int problem = posix_spawnp(&child, arguments.front(), &actions, &attributes, arguments.data(), environment.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return problem;
}

}  // namespace

std::string describe(const Ran& ran, const Program& program)
{
    switch (ran.end) {
        case Ran::End::exited:
            return ran.code == 0 ? "ended well" : "failed with status " + std::to_string(ran.code);
        case Ran::End::signalled:
            return "was ended by signal " + std::to_string(ran.code);
        case Ran::End::timed_out:
            return "took longer than " + std::to_string(program.limit.count() / 1000) + " s and was ended";
        case Ran::End::printed_too_much:
            return "printed more than " + std::to_string(program.most_bytes / 1024) + " KB";
        case Ran::End::not_started:
            break;
    }
    return std::string{"cannot be run: "} + std::strerror(ran.code);
}

Ran run(const Program& program)
{
    Ran ran;
    if (program.words.empty() || program.words.front().empty()) {
        ran.code = ENOENT;
        return ran;
    }
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        ran.code = errno;
        return ran;
    }
    const Descriptor reading{ends[0]};
    Descriptor writing{ends[1]};
    pid_t child = 0;
    ran.code = spawn(program, writing.fd(), child);
    if (ran.code != 0) return ran;
    writing.close();
    const auto until = Clock::now() + program.limit;
    const auto cancelled = [&] { return is_cancelled(program); };
    const bool ended = read_until(reading, ran.output, program.most_bytes + 1, until, cancelled);
    const bool whole = ended && ran.output.size() <= program.most_bytes;
    const int status = reap(child, program, whole ? until : Clock::now());
    if (ran.output.size() > program.most_bytes)
        ran.end = Ran::End::printed_too_much;
    else if (status == -1)
        ran.end = Ran::End::timed_out;
    else if (WIFSIGNALED(status))
        ran.end = Ran::End::signalled, ran.code = WTERMSIG(status);
    else
        ran.end = Ran::End::exited, ran.code = WEXITSTATUS(status);
    return ran;
}

}  // namespace majlis
