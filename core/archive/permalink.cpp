#include "core/archive/permalink.hpp"

#include "core/text/ascii.hpp"

namespace majlis::archive {

std::string permalink(std::string_view archive_url, std::string_view message_id)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    while (archive_url.ends_with('/')) archive_url.remove_suffix(1);
    if (archive_url.empty() || message_id.empty()) return {};
    std::string url{archive_url};
    url += '/';
    for (const char c : message_id) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = text::is_letter(c) || text::is_digit(c) || std::string_view{"-._~@"}.find(c) != std::string_view::npos;
        if (plain) {
            url += c;
            continue;
        }
        url += '%';
        url += digits[byte >> 4];
        url += digits[byte & 15];
    }
    return url;
}

}  // namespace majlis::archive
