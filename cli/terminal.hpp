#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace majlis::cli {

bool input_is_terminal();
bool errors_are_terminal();

/// Asks on the terminal; only "y" and "yes" (and oui, o, نعم) mean yes.
enum class Answer { yes, no };
Answer ask(std::string_view question);

/// One line typed by a person, or `fallback` for an empty one. Throws Failure at the end of input.
std::string ask_line(std::string_view question, std::string_view fallback);

/// The same without showing what is typed.
std::string ask_secret(std::string_view question);

/// A bar on standard error, drawn at most ten times a second, and only on a terminal.
class Progress {
public:
    /// `total` of 0: unknown, a plain count is shown.
    Progress(std::string_view what, std::uint64_t total);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    void at(std::uint64_t done);
    /// The same, with a total that is known only now.
    void at_of(std::uint64_t done, std::uint64_t total);
    /// Wipes the bar, so that another line can be printed.
    void clear();

private:
    void draw(std::uint64_t done);

    std::string what_;
    std::uint64_t total_;
    bool on_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point next_;
};

/// The text of a bar: "importing  [#####.....]  52 %". For tests.
std::string progress_line(std::string_view what, std::uint64_t done, std::uint64_t total, std::size_t width);

}  // namespace majlis::cli
