#include "core/classify/recognisers.hpp"

#include "core/text/ascii.hpp"

namespace majlis::recognise {

std::string lowered_text(std::string_view utf8)
{
    auto out = text::lowered(utf8);
    for (std::size_t i = 0; i + 1 < out.size(); ++i) {
        const auto lead = static_cast<unsigned char>(out[i]), next = static_cast<unsigned char>(out[i + 1]);
        if (lead < 0xc3 || lead > 0xd0 || next < 0x80 || next > 0xbf) continue;
        const auto put = [&](unsigned first, unsigned second) {
            out[i] = static_cast<char>(first), out[i + 1] = static_cast<char>(second);
        };
        if (lead == 0xc3 && next <= 0x9e && next != 0x97) put(lead, next + 0x20);
        if ((lead == 0xc4 || (lead == 0xc5 && next >= 0x8a)) && next % 2 == 0 && next < 0xb8) put(lead, next + 1u);
        if (lead == 0xc5 && next <= 0x87 && next % 2 == 1) put(lead, next + 1u);
        if (lead == 0xc5 && (next == 0xb9 || next == 0xbb || next == 0xbd)) put(lead, next + 1u);
        if (lead == 0xce && next >= 0x91 && next <= 0x9f) put(lead, next + 0x20);
        if (lead == 0xce && next >= 0xa0 && next <= 0xa9) put(0xcf, next - 0x20);
        if (lead == 0xd0 && next <= 0x8f) put(0xd1, next + 0x10);
        if (lead == 0xd0 && next >= 0x90 && next <= 0x9f) put(lead, next + 0x20);
        if (lead == 0xd0 && next >= 0xa0 && next <= 0xaf) put(0xd1, next - 0x20);
        ++i;
    }
    return out;
}

}  // namespace majlis::recognise
