#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/commands/commands.hpp"

using namespace majlis;

/// A mail that asks for something, and the same bytes as one line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view raw{reinterpret_cast<const char*>(data), size};
    const auto message = scan_message(raw);
    const auto read = commands::read_commands(message);
    if (read.lines.size() > commands::most_lines || read.unprocessed.size() > commands::most_unprocessed) std::abort();
    for (const auto& line : read.lines)
        if (line.runs() && commands::parse_line(line.canonical()).verb != line.verb) std::abort();
    commands::consent_in(readable_text(message));
    commands::until_of(raw.substr(0, 100), 1'800'000'000);
    return 0;
}
