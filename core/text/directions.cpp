#include "core/text/directions.hpp"

namespace majlis::text {

std::string without_directions(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto three = text.substr(i, 3);
        const auto last = three.size() == 3 ? static_cast<unsigned char>(three[2]) : 0;
        const bool mark = (three.starts_with("\xe2\x80") && (last == 0x8e || last == 0x8f || (last >= 0xaa && last <= 0xae))) ||
                          (three.starts_with("\xe2\x81") && last >= 0xa6 && last <= 0xa9);
        if (mark)
            i += 2;
        else
            out += text[i];
    }
    return out;
}

}  // namespace majlis::text
