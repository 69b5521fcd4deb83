#include "core/filter/tnef.hpp"

#include "core/text/charset.hpp"

#include <cstddef>
#include <cstdint>

namespace majlis::filter_parts {
namespace {

constexpr std::uint32_t signature = 0x223e9f78;
constexpr std::uint32_t attach_title = 0x00018010;
constexpr std::size_t start = 6;           ///< behind the signature and the key
constexpr std::size_t attribute_head = 9;  ///< level, id, length
constexpr std::size_t checksum = 2;
constexpr std::size_t most_names = 1'000;

std::uint32_t number(std::string_view bytes, std::size_t at)
{
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

}  // namespace

std::vector<std::string> tnef_names(std::string_view content)
{
    std::vector<std::string> names;
    if (content.size() < start || number(content, 0) != signature) return names;
    std::size_t at = start;
    while (content.size() - at >= attribute_head && names.size() < most_names) {
        const std::uint32_t id = number(content, at + 1);
        const std::size_t length = number(content, at + 5);
        at += attribute_head;
        if (length > content.size() - at) break;
        if (id == attach_title) {
            const auto name = content.substr(at, length);
            names.push_back(text::to_utf8(name.substr(0, name.find('\0')), {}));
        }
        at += length;
        if (content.size() - at < checksum) break;
        at += checksum;
    }
    return names;
}

}  // namespace majlis::filter_parts
