#pragma once

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// One line an event on standard error, for people (`level event key=value`), for journald (the same with its `<N>` priority in
/// front when systemd reads us) or for machines (JSON lines). Thread-safe. Values may come from outside: they are made printable,
/// and cut at 1,000 bytes. A key that names a secret (password, secret, token, key, authorization) loses its value.
namespace majlis::log {

enum class Level { debug, info, notice, warning, error, critical };
enum class Format { text, json };
/// Whether lines start with syslog's priority. `automatic`: when $JOURNAL_STREAM names our standard error.
enum class Priorities { automatic, always, never };

struct Options {
    Level level = Level::info;
    Format format = Format::text;
    Priorities priorities = Priorities::automatic;
    std::FILE* stream = nullptr;  ///< nullptr: standard error. Not closed
};

/// May be called again: SIGHUP, tests. Before the first call, `info` and above go to standard error as text.
void set_up(const Options& options);

/// "debug", "info", "notice", "warning", "error", "critical"; nullopt for another word.
std::optional<Level> parse_level(std::string_view word);
std::optional<Format> parse_format(std::string_view word);

class Value {
public:
    Value(std::string_view text) : value_{text} {}
    Value(const std::string& text) : value_{std::string_view{text}} {}
    Value(const char* text) : value_{std::string_view{text}} {}
    Value(bool truth) : value_{std::string_view{truth ? "yes" : "no"}} {}
    template <std::integral Number>
    requires(!std::same_as<Number, bool>) Value(Number number) : value_{static_cast<std::int64_t>(number)} {}
    Value(double number) : value_{number} {}
    const std::variant<std::string_view, std::int64_t, double>& get() const { return value_; }

private:
    std::variant<std::string_view, std::int64_t, double> value_;  // views: they live as long as the call
};

struct Pair {
    std::string_view key;
    Value value;
};
using Pairs = std::initializer_list<Pair>;

/// `event` is a short word with dashes that does not change with the language: "relay-paused".
void write(Level level, std::string_view event, Pairs pairs = {});
bool enabled(Level level);

inline void debug(std::string_view event, Pairs pairs = {}) { write(Level::debug, event, pairs); }
inline void info(std::string_view event, Pairs pairs = {}) { write(Level::info, event, pairs); }
inline void notice(std::string_view event, Pairs pairs = {}) { write(Level::notice, event, pairs); }
inline void warning(std::string_view event, Pairs pairs = {}) { write(Level::warning, event, pairs); }
inline void error(std::string_view event, Pairs pairs = {}) { write(Level::error, event, pairs); }
inline void critical(std::string_view event, Pairs pairs = {}) { write(Level::critical, event, pairs); }

}  // namespace majlis::log
