#include "cli/context.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <ctime>
#include <iostream>
#include <stdexcept>

#include "cli/terminal.hpp"
#include "core/text/printable.hpp"

namespace majlis::cli {
namespace {

std::string joined(const std::vector<std::string>& lines)
{
    std::string out;
    for (const std::string& line : lines) out.append(out.empty() ? "" : "\n").append(line);
    return out;
}

std::string user_name()
{
    const passwd* user = getpwuid(geteuid());
    return user != nullptr ? user->pw_name : std::to_string(geteuid());
}

}  // namespace

std::ostream& Context::out() { return std::cout; }

const Config& Context::config()
{
    if (config_) return *config_;
    const auto file = find_config(args_.get("--config"));
    if (!file)
        throw failure(
            "no configuration: looked for ./majlis.toml, ~/.config/majlis/majlis.toml and /etc/majlis/majlis.toml; "
            "run \"majlis init\", or name one with --config");
    LoadedConfig loaded = load_config(*file);
    if (!loaded.config) throw Failure{joined(loaded.errors)};
    config_ = std::make_unique<Config>(std::move(*loaded.config));
    return *config_;
}

store::Database& Context::database(store::Open open)
{
    if (database_ && open != store::Open::read_only && opened_ == store::Open::read_only)
        throw std::logic_error{"the database was opened to be read, and is to be written"};
    if (!database_) {
        opened_ = open;
        store::DatabaseOptions options;
        options.site_language = config().site.language;
        database_ = std::make_unique<store::Database>(config().database, open, options);
    }
    return *database_;
}

store::By Context::by() { return {"cli:" + user_name(), std::time(nullptr)}; }

store::List Context::list(std::string_view param) { return need(store::require_list(database(), args_.get(param))); }

Address Context::address(std::string_view text)
{
    const auto address = parse_address(text);
    if (!address) throw failure("\"" + text::printable(text) + "\": " + address.error().message());
    return *address;
}

store::Member Context::member(std::string_view text)
{
    const Address wanted = address(text);
    auto member = store::find_member(database(), wanted.key());
    if (!member)
        throw failure("no member " + text::printable(wanted.text()) + ": \"majlis member find\" searches addresses and names");
    return std::move(*member);
}

std::int64_t Context::id(std::string_view text)
{
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc{} || end != text.data() + text.size() || id <= 0)
        throw wrong_usage("\"" + text::printable(text) + "\" is no id: give a number as the list shows it");
    return id;
}

void Context::say(std::string_view what) { out() << (dry_run() ? "dry run, nothing changed: " : "") << what << '\n'; }

void Context::finish(store::Transaction& transaction, std::string_view what)
{
    if (!dry_run()) transaction.commit();
    say(what);
}

void Context::confirm(std::string_view question)
{
    if (args_.has("--yes") || dry_run()) return;
    if (!input_is_terminal()) throw wrong_usage(std::string{question} + ": nobody here to answer; say --yes to do it");
    if (ask(std::string{question} + "?") == Answer::no) throw failure("nothing was changed");
}

std::string read_input(const Context& context, std::size_t limit)
{
    if (input_is_terminal())
        throw context.wrong_usage("reads a message from standard input: majlis " + context.title() + " < message");
    std::string bytes;
    std::array<char, 65536> buffer{};
    for (;;) {
        const ssize_t size = read(STDIN_FILENO, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) throw context.failure("standard input cannot be read: give a message with < FILE");
        if (size == 0) break;
        bytes.append(buffer.data(), static_cast<std::size_t>(size));
        if (bytes.size() > limit)
            throw context.failure("the message is larger than " + std::to_string(limit) + " bytes: give a smaller one");
    }
    if (bytes.find_first_not_of(" \t\r\n") == std::string::npos)
        throw context.failure("the message is empty: give one with < FILE");
    return bytes;
}

}  // namespace majlis::cli
