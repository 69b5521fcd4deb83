#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace majlis {

/// A program to run: without a shell, its standard input is /dev/null. It gets a process group of its own, which is killed when
/// the time is over.
struct Program {
    std::vector<std::string> words;                                ///< its name, looked up in PATH, and its arguments
    std::vector<std::pair<std::string, std::string>> environment;  ///< on top of ours
    std::chrono::milliseconds limit = std::chrono::seconds{30};
    std::size_t most_bytes = 64 * 1024;                          ///< of output; what prints more is ended
    std::shared_ptr<const std::atomic<bool>> cancelled = nullptr;          ///< when it turns true, the program is ended; null: never
    enum class Errors { ours, captured } errors = Errors::ours;  ///< where its standard error goes
};

/// How it ended.
struct Ran {
    enum class End { exited, signalled, timed_out, printed_too_much, not_started };
    End end = End::not_started;
    int code = 0;        ///< exit status, signal, or errno where it could not be started
    std::string output;  ///< what it printed
    bool well() const { return end == End::exited && code == 0; }
};

/// "failed with status 1", "was ended by signal 9", "took longer than 30 s and was ended" ...
std::string describe(const Ran& ran, const Program& program);

/// Blocks until it has ended.
Ran run(const Program& program);

}  // namespace majlis
