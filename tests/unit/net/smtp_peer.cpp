#include "smtp_peer.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace majlis::test {

namespace {

/// The peer's first line, "listening 127.0.0.1:PORT".
unsigned announced(int pipe)
{
    std::string line;
    for (char c = 0; ::read(pipe, &c, 1) == 1 && c != '\n';) line += c;
    const auto colon = line.rfind(':');
    if (colon == std::string::npos) throw std::runtime_error("the SMTP peer did not start: is python3 there?");
    return static_cast<unsigned>(std::stoul(line.substr(colon + 1)));
}

}  // namespace

SmtpPeer::SmtpPeer(std::vector<std::string> options)
{
    std::string name = (std::filesystem::temp_directory_path() / "majlis-peer-XXXXXX").string();
    const int file = ::mkstemp(name.data());
    if (file < 0) throw std::runtime_error("no temporary file for the peer's log");
    ::close(file);
    log_ = name;
    options.insert(options.begin(), {"python3", "-B", MAJLIS_SOURCE_DIR "/tests/peer/smtp.py", "--log", name});
    std::vector<char*> words;
    for (auto& option : options) words.push_back(option.data());
    words.push_back(nullptr);
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    const int error = ::posix_spawnp(&pid_, "python3", &actions, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (error == 0) port_ = announced(ends[0]);
    ::close(ends[0]);
    if (error != 0) throw std::runtime_error("python3 can not be run");
}

SmtpPeer::~SmtpPeer()
{
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    std::error_code ignored;  // a file in /tmp more or less
    std::filesystem::remove(log_, ignored);
}

std::vector<std::string> SmtpPeer::log() const
{
    std::vector<std::string> lines;
    std::ifstream in{log_};
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

std::map<std::string, int> SmtpPeer::taken() const
{
    std::map<std::string, int> counts;
    for (const auto& line : log()) {
        const auto entry = nlohmann::json::parse(line);
        for (const auto& recipient : entry.at("to")) ++counts[recipient.get<std::string>()];
    }
    return counts;
}

}  // namespace majlis::test
