#include "net/smtp/offer.hpp"

#include <algorithm>
#include <charconv>

#include "core/text/ascii.hpp"

namespace majlis::smtp {

Offer parse_offer(const std::vector<std::string>& lines)
{
    Offer offer;
    for (const std::string_view line : lines) {
        const auto keyword = line.substr(0, line.find_first_of(" ="));
        const auto is = [&](std::string_view name) { return text::equal_nocase(keyword, name); };
        if (is("PIPELINING")) offer.pipelining = true;
        if (is("CHUNKING")) offer.chunking = true;
        if (is("8BITMIME")) offer.eight_bit = true;
        if (is("SMTPUTF8")) offer.smtputf8 = true;
        if (is("DSN")) offer.dsn = true;
        if (!is("SIZE")) continue;
        offer.size = true;
        const auto value = text::trim(line.substr(std::min(line.size(), keyword.size() + 1)));
        std::uint64_t bytes = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bytes);
        if (error == std::errc{} && end == value.data() + value.size()) offer.max_size = bytes;
    }
    return offer;
}

Pace fitting_pace(Pace wish, const Offer& offer)
{
    if (!offer.pipelining) return Pace::one_by_one;
    return wish == Pace::chunked && !offer.chunking ? Pace::overlapped : wish;
}

Pace slower(Pace pace)
{
    switch (pace) {
        case Pace::chunked:
            return Pace::overlapped;
        case Pace::overlapped:
            return Pace::grouped;
        case Pace::grouped:
        case Pace::one_by_one:
            break;
    }
    return Pace::one_by_one;
}

std::string_view name(Pace pace)
{
    switch (pace) {
        case Pace::one_by_one:
            return "one-by-one";
        case Pace::grouped:
            return "grouped";
        case Pace::overlapped:
            return "overlapped";
        case Pace::chunked:
            return "chunked";
    }
    return "one-by-one";
}

}  // namespace majlis::smtp
