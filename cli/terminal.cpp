#include "cli/terminal.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>

#include "cli/failure.hpp"

namespace majlis::cli {

bool input_is_terminal() { return isatty(STDIN_FILENO) == 1; }
bool errors_are_terminal() { return isatty(STDERR_FILENO) == 1; }

Answer ask(std::string_view question)
{
    static constexpr std::array<std::string_view, 6> yes{"y", "yes", "o", "oui", "\xd9\x86\xd8\xb9\xd9\x85", "\xd9\x86"};
    const std::string line = ask_line(std::string{question} + " [y/N]", "n");
    std::string lower = line;
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return std::find(yes.begin(), yes.end(), lower) != yes.end() ? Answer::yes : Answer::no;
}

std::string ask_line(std::string_view question, std::string_view fallback)
{
    std::cerr << question;
    if (!fallback.empty() && fallback != "n") std::cerr << " [" << fallback << "]";
    std::cerr << " " << std::flush;
    std::string line;
    if (!std::getline(std::cin, line)) throw Failure{"no answer: nothing was changed"};
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos) return std::string{fallback};
    return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

std::string ask_secret(std::string_view question)
{
    termios before{};
    const bool hide = tcgetattr(STDIN_FILENO, &before) == 0;
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (hide) tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    std::cerr << question << ": " << std::flush;
    std::string line;
    std::getline(std::cin, line);
    if (hide) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::cerr << '\n';
    return line;
}

Progress::Progress(std::string_view what, std::uint64_t total)
    : what_{what},
      total_{total},
      on_{errors_are_terminal()},
      next_{std::chrono::steady_clock::now() + std::chrono::milliseconds{300}}
{
}

Progress::~Progress() { clear(); }

void Progress::at(std::uint64_t done)
{
    if (!on_) return;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::milliseconds{100};
    draw(done);
}

void Progress::at_of(std::uint64_t done, std::uint64_t total)
{
    total_ = total;
    at(done);
}

void Progress::clear()
{
    if (drawn_) std::fputs("\r\033[K", stderr);
    drawn_ = false;
}

void Progress::draw(std::uint64_t done)
{
    std::fputs(("\r" + progress_line(what_, done, total_, 40) + "\033[K").c_str(), stderr);
    std::fflush(stderr);
    drawn_ = true;
}

std::string progress_line(std::string_view what, std::uint64_t done, std::uint64_t total, std::size_t width)
{
    if (total == 0) return fmt::format("{}  {}", what, done);
    const std::uint64_t safe = std::min(done, total);
    const std::size_t filled =
        static_cast<std::size_t>(static_cast<double>(safe) / static_cast<double>(total) * static_cast<double>(width));
    return fmt::format("{}  [{}{}] {:3} %", what, std::string(filled, '#'), std::string(width - filled, '.'),
                       static_cast<int>(static_cast<double>(safe) / static_cast<double>(total) * 100));
}

}  // namespace majlis::cli
