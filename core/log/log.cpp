#include "core/log/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <mutex>

#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"

namespace majlis::log {
namespace {

constexpr std::size_t max_value_bytes = 1000;
constexpr std::size_t max_pairs = 64;

constexpr std::pair<std::string_view, Level> levels[] = {{"debug", Level::debug},   {"info", Level::info},
                                                         {"notice", Level::notice}, {"warning", Level::warning},
                                                         {"error", Level::error},   {"critical", Level::critical}};

/// syslog's numbers: 7 debug ... 2 critical.
int priority_of(Level level)
{
    constexpr int priorities[] = {7, 6, 5, 4, 3, 2};
    return priorities[static_cast<std::size_t>(level)];
}

std::string_view name_of(Level level) { return levels[static_cast<std::size_t>(level)].first; }

bool is_secret(std::string_view key)
{
    constexpr std::string_view words[] = {"password", "secret", "token", "authorization", "credential", "passphrase"};
    const std::string lower = text::lowered(key);
    return lower == "key" || std::any_of(std::begin(words), std::end(words),
                                         [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

/// $JOURNAL_STREAM is "device:inode" of what the journal reads: only when that is the stream itself do priorities help.
bool journal_reads(std::FILE* stream)
{
    const char* variable = std::getenv("JOURNAL_STREAM");
    struct stat status = {};
    if (!variable || ::fstat(::fileno(stream), &status) != 0) return false;
    return fmt::format("{}:{}", static_cast<unsigned long long>(status.st_dev), static_cast<unsigned long long>(status.st_ino)) ==
           variable;
}

/// A line ready to be written, handed through spdlog as one message; the sink adds nothing but the line end.
class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit LineSink(std::FILE* stream) : stream_{stream} {}

protected:
    void sink_it_(const spdlog::details::log_msg& message) override
    {
        line_.assign(message.payload.data(), message.payload.size());
        line_ += '\n';
        // One write a line, so that lines of several processes do not mix. A log that cannot be written has nobody to tell.
        std::fwrite(line_.data(), 1, line_.size(), stream_);
        std::fflush(stream_);
    }
    void flush_() override { std::fflush(stream_); }

private:
    std::FILE* stream_;
    std::string line_;
};

struct State {
    Format format = Format::text;
    bool priorities = false;
    Level level = Level::info;
    std::shared_ptr<spdlog::logger> logger;
};

std::shared_ptr<const State> make_state(const Options& options)
{
    auto state = std::make_shared<State>();
    std::FILE* stream = options.stream ? options.stream : stderr;
    state->format = options.format;
    state->level = options.level;
    state->priorities =
        options.priorities == Priorities::always || (options.priorities == Priorities::automatic && journal_reads(stream));
    state->logger = std::make_shared<spdlog::logger>("majlis", std::make_shared<LineSink>(stream));
    state->logger->set_level(spdlog::level::trace);
    return state;
}

/// The process has one standard error, and so one log; everything else in core/ is without globals.
class Current {
public:
    std::shared_ptr<const State> get()
    {
        const std::lock_guard lock{mutex_};
        return state_;
    }
    void set(std::shared_ptr<const State> state)
    {
        level.store(state->level, std::memory_order_relaxed);
        const std::lock_guard lock{mutex_};
        state_ = std::move(state);
    }
    std::atomic<Level> level{Level::info};

private:
    std::mutex mutex_;
    std::shared_ptr<const State> state_ = make_state({});
};

Current& current()
{
    static Current instance;
    return instance;
}

std::string plain(const Pair& pair)
{
    if (is_secret(pair.key)) return "(hidden)";
    const auto& value = pair.value.get();
    if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
    if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
    return text::printable(std::get<std::string_view>(value), max_value_bytes);
}

/// A key is ours, but a mistake in one may not break the line.
std::string safe_key(std::string_view key)
{
    std::string out{key.substr(0, 64)};
    for (char& c : out) {
        if (!text::is_letter(c) && !text::is_digit(c) && c != '_' && c != '-') c = '_';
    }
    return out;
}

std::string in_quotes(std::string_view value)
{
    std::string out{'"'};
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string text_line(Level level, std::string_view event, Pairs pairs)
{
    std::string out{name_of(level)};
    out += ' ' + safe_key(event);
    std::size_t count = 0;
    for (const Pair& pair : pairs) {
        if (++count > max_pairs) break;
        const std::string value = plain(pair);
        const bool bare = !value.empty() && value.find_first_of(" \"=\\") == std::string::npos;
        out += ' ' + safe_key(pair.key) + '=' + (bare ? value : in_quotes(value));
    }
    return out;
}

/// printable() has left no control character and only valid UTF-8, so two escapes are enough.
std::string json_value(const Pair& pair)
{
    const auto& value = pair.value.get();
    const bool hidden = is_secret(pair.key);
    if (const auto* number = std::get_if<std::int64_t>(&value); number && !hidden) return fmt::format("{}", *number);
    if (const auto* real = std::get_if<double>(&value); real && !hidden) {
        return std::isfinite(*real) ? fmt::format("{}", *real) : "null";
    }
    return in_quotes(plain(pair));
}

std::string json_line(Level level, std::string_view event, Pairs pairs)
{
    const std::time_t now = std::time(nullptr);
    std::tm utc = {};
    ::gmtime_r(&now, &utc);
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
    std::string out = fmt::format(R"({{"time":"{}","level":"{}","event":"{}")", stamp, name_of(level), safe_key(event));
    std::size_t count = 0;
    for (const Pair& pair : pairs) {
        if (++count > max_pairs) break;
        out += ",\"" + safe_key(pair.key) + "\":" + json_value(pair);
    }
    return out + '}';
}

}  // namespace

void set_up(const Options& options) { current().set(make_state(options)); }

std::optional<Level> parse_level(std::string_view word)
{
    for (const auto& [name, level] : levels) {
        if (name == word) return level;
    }
    return std::nullopt;
}

std::optional<Format> parse_format(std::string_view word)
{
    if (word == "text") return Format::text;
    if (word == "json") return Format::json;
    return std::nullopt;
}

bool enabled(Level level) { return level >= current().level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view event, Pairs pairs)
{
    if (!enabled(level)) return;
    const auto state = current().get();
    std::string line = state->format == Format::json ? json_line(level, event, pairs) : text_line(level, event, pairs);
    if (state->priorities) line = fmt::format("<{}>{}", priority_of(level), line);
    state->logger->log(spdlog::level::info, spdlog::string_view_t{line.data(), line.size()});
}

}  // namespace majlis::log
