#include <fmt/format.h>

#include <csignal>
#include <iostream>
#include <variant>

#include "cli/command_line.hpp"
#include "cli/context.hpp"
#include "core/store/trouble.hpp"

namespace {

using namespace majlis::cli;

/// Every line of a message begins with the name of the program, as in a log of several.
void complain(std::string_view message)
{
    for (std::size_t at = 0; at < message.size();) {
        const std::size_t end = std::min(message.find('\n', at), message.size());
        std::cerr << "majlis: " << message.substr(at, end - at) << '\n';
        at = end + 1;
    }
}

Exit run(const Call& call)
{
    Context context{call.args, call.verb->title()};
    try {
        return call.verb->run(context);
    } catch (const SQLite::Exception& error) {
        throw context.failure(majlis::store::advice(context.config().database, error));
    }
}

Exit run(int argc, char** argv)
{
    const auto read = read_command_line(argc, argv);
    Exit exit = Exit::done;
    if (const Say* say = std::get_if<Say>(&read))
        std::cout << say->text;
    else
        exit = run(std::get<Call>(read));
    if (!std::cout.flush()) throw Failure{"standard output: cannot be written: free some space, or look at where it goes"};
    return exit;
}

}  // namespace

int main(int argc, char** argv)
{
    std::signal(SIGPIPE, SIG_DFL);  // `majlis member list | head` ends in silence
    std::ios::sync_with_stdio(false);
    try {
        return static_cast<int>(run(argc, argv));
    } catch (const Failure& failure) {
        complain(failure.what());
        return static_cast<int>(failure.exit());
    } catch (const std::exception& error) {
        complain(error.what());
        return static_cast<int>(Exit::failed);
    }
}
