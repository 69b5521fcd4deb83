#include "core/lists/roster.hpp"

#include "core/text/charset.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

namespace {
void require(bool holds)
{
    if (!holds) std::abort();
}
}  // namespace

/// Every roster format: the first byte chooses it, the rest is the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using majlis::RosterFormat;
    constexpr std::array formats{RosterFormat::csv,      RosterFormat::automatic, RosterFormat::text,  RosterFormat::mailman2,
                                 RosterFormat::mailman3, RosterFormat::sympa,     RosterFormat::google};
    if (size == 0) return 0;
    std::istringstream in{std::string{reinterpret_cast<const char*>(data + 1), size - 1}};
    majlis::RosterOptions options;
    options.format = formats[data[0] % formats.size()];
    options.max_line = 1000;  // so that its limit is met
    const auto reader = majlis::read_roster(in, options);
    if (!reader) return 0;
    majlis::RosterRow row;
    for (std::size_t count = 0; (*reader)->next(row); ++count) {
        require(count <= size);
        require(majlis::text::valid_utf8(row.name) && majlis::text::valid_utf8(row.problem));
        require(row.problem.empty() == !row.key.empty() || !row.problem.empty());
        require(row.name.find_first_of("\r\n") == std::string::npos);
    }
    return 0;
}
