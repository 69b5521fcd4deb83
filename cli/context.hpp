#pragma once
#include <boost/system/result.hpp>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "cli/failure.hpp"
#include "cli/output.hpp"
#include "cli/verb.hpp"
#include "core/config/config.hpp"
#include "core/store/database.hpp"
#include "core/store/lists.hpp"
#include "core/store/members.hpp"

namespace majlis::cli {

/// What a command works with. Configuration and database are opened when first asked for: `classify` needs neither.
class Context {
public:
    Context(Args args, std::string title) : args_{std::move(args)}, title_{std::move(title)} {}

    const Args& args() const { return args_; }
    const std::string& title() const { return title_; }
    Format format() const { return args_.has("--json") ? Format::json : Format::text; }
    bool dry_run() const { return args_.has("--dry-run"); }
    std::ostream& out();

    const Config& config();
    /// Opened once; the first caller says how, and whoever wants to write must be it.
    store::Database& database(store::Open open = store::Open::read_only);
    /// "cli:root" and the time.
    store::By by();

    /// The list named by a parameter.
    store::List list(std::string_view param = "LIST");
    Address address(std::string_view text);
    store::Member member(std::string_view address);
    std::int64_t id(std::string_view text);

    /// One line that says what was done; in a dry run, what would have been.
    void say(std::string_view what);
    /// Commits, or rolls back in a dry run, and says so.
    void finish(store::Transaction& transaction, std::string_view what);
    /// Asks on a terminal unless --yes or --dry-run was given; ends the command when the answer is no.
    void confirm(std::string_view question);

    Failure failure(std::string_view message, Exit exit = Exit::failed) const
    {
        return Failure{title_ + ": " + std::string{message}, exit};
    }
    Failure wrong_usage(std::string_view message) const { return failure(message, Exit::usage); }

    /// The value of an answer, or the command ends with its message.
    template <class T>
    T need(boost::system::result<T, text::Problem> answer) const
    {
        if (!answer) throw failure(answer.error().message);
        if constexpr (!std::is_void_v<T>) return std::move(*answer);
    }

private:
    Args args_;
    std::string title_;
    std::unique_ptr<Config> config_;
    std::unique_ptr<store::Database> database_;
    store::Open opened_ = store::Open::read_only;
};

/// All of standard input. Throws where it is a terminal with nobody told to type, empty, or above `limit` bytes.
std::string read_input(const Context& context, std::size_t limit);

}  // namespace majlis::cli
