#include "net/imap/names.hpp"

#include <chrono>
#include <stdexcept>

#include "core/text/ascii.hpp"

namespace majlis::imap {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// Code points of UTF-8; what is not valid becomes U+FFFD.
std::u32string code_points(std::string_view utf8)
{
    std::u32string out;
    for (std::size_t at = 0; at < utf8.size();) {
        const auto lead = static_cast<unsigned char>(utf8[at]);
        const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        char32_t point = lead < 0x80 ? lead : lead & (0xFFU >> (length + 1));
        bool valid = (lead < 0x80 || (lead >= 0xC2 && lead <= 0xF4)) && at + length <= utf8.size();
        for (std::size_t i = 1; valid && i < length; ++i) {
            const auto next = static_cast<unsigned char>(utf8[at + i]);
            valid = (next & 0xC0U) == 0x80U;
            point = (point << 6U) | (next & 0x3FU);
        }
        valid = valid && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
        out += valid ? point : U'\uFFFD';
        at += valid ? length : 1;
    }
    return out;
}

void append_utf8(std::string& out, char32_t point)
{
    const auto add = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (point < 0x80) {
        add(point);
    } else if (point < 0x800) {
        add(0xC0 | (point >> 6U));
        add(0x80 | (point & 0x3FU));
    } else if (point < 0x10000) {
        add(0xE0 | (point >> 12U));
        add(0x80 | ((point >> 6U) & 0x3FU));
        add(0x80 | (point & 0x3FU));
    } else {
        add(0xF0 | (point >> 18U));
        add(0x80 | ((point >> 12U) & 0x3FU));
        add(0x80 | ((point >> 6U) & 0x3FU));
        add(0x80 | (point & 0x3FU));
    }
}

/// One run of characters that are not printable ASCII, as "&...-".
class Shift {
public:
    explicit Shift(std::string& out) : out_(out) { out_ += '&'; }
    void add(char32_t point)
    {
        if (point < 0x10000) {
            unit(static_cast<std::uint32_t>(point));
        } else {
            const auto rest = static_cast<std::uint32_t>(point) - 0x10000U;
            unit(0xD800U + (rest >> 10U));
            unit(0xDC00U + (rest & 0x3FFU));
        }
    }
    void end()
    {
        if (count_ > 0) out_ += alphabet[(bits_ << (6U - count_)) & 0x3FU];
        out_ += '-';
    }

private:
    void unit(std::uint32_t value)
    {
        bits_ = (bits_ << 16U) | value;
        for (count_ += 16; count_ >= 6;) {
            count_ -= 6;
            out_ += alphabet[(bits_ >> count_) & 0x3FU];
        }
        bits_ &= (1U << count_) - 1U;
    }
    std::string& out_;
    std::uint32_t bits_ = 0;
    unsigned count_ = 0;
};

/// UTF-16 units of the base64 between '&' and '-'.
std::optional<std::u32string> decode_shift(std::string_view base64)
{
    std::u32string out;
    std::uint32_t bits = 0;
    unsigned count = 0;
    std::uint32_t high = 0;
    for (const char c : base64) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = ((bits << 6U) | static_cast<std::uint32_t>(value)) & 0x3FFFFFU;
        count += 6;
        if (count < 16) continue;
        count -= 16;
        const std::uint32_t unit = (bits >> count) & 0xFFFFU;
        const bool low = unit >= 0xDC00 && unit <= 0xDFFF;
        if ((high != 0) != low) return std::nullopt;
        if (low) {
            out += static_cast<char32_t>(0x10000U + ((high - 0xD800U) << 10U) + (unit - 0xDC00U));
            high = 0;
        } else if (unit >= 0xD800 && unit <= 0xDBFF) {
            high = unit;
        } else {
            out += static_cast<char32_t>(unit);
        }
    }
    if (high != 0 || count >= 6 || (bits & ((1U << count) - 1U)) != 0) return std::nullopt;
    return out;
}

}  // namespace

std::string encode_utf7(std::string_view utf8)
{
    std::string out;
    std::optional<Shift> shift;
    for (const char32_t point : code_points(utf8)) {
        if (point >= 0x20 && point <= 0x7E) {
            if (shift) shift->end();
            shift.reset();
            out += static_cast<char>(point);
            if (point == '&') out += '-';
        } else {
            if (!shift) shift.emplace(out);
            shift->add(point);
        }
    }
    if (shift) shift->end();
    return out;
}

std::optional<std::string> decode_utf7(std::string_view name)
{
    std::string out;
    for (std::size_t at = 0; at < name.size();) {
        if (!text::is_ascii(name[at]) || text::is_control(name[at])) return std::nullopt;
        if (name[at] != '&') {
            out += name[at++];
            continue;
        }
        const auto end = name.find('-', at);
        if (end == std::string_view::npos) return std::nullopt;
        if (end == at + 1) {
            out += '&';
        } else {
            const auto points = decode_shift(name.substr(at + 1, end - at - 1));
            if (!points) return std::nullopt;
            for (const char32_t point : *points) append_utf8(out, point);
        }
        at = end + 1;
    }
    return out;
}

std::string quoted_string(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '\0' || c == '\r' || c == '\n') throw std::invalid_argument("a line end in an IMAP name");
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string sequence_set(std::span<const std::uint32_t> uids)
{
    std::string out;
    for (std::size_t first = 0; first < uids.size();) {
        std::size_t last = first;
        while (last + 1 < uids.size() && uids[last + 1] == uids[last] + 1) ++last;
        if (!out.empty()) out += ',';
        out += std::to_string(uids[first]);
        if (last > first) out += ':' + std::to_string(uids[last]);
        first = last + 1;
    }
    return out;
}

std::string search_date(std::int64_t unix_time)
{
    static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const std::chrono::sys_seconds time{std::chrono::seconds{unix_time}};
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
    const auto month = static_cast<unsigned>(day.month());
    return std::to_string(static_cast<unsigned>(day.day())) + "-" + std::string(months.substr((month - 1) * 3, 3)) + "-" +
           std::to_string(static_cast<int>(day.year()));
}

std::string server_name(std::string_view logical, const NameSpace& space)
{
    if (text::equal_nocase(logical, "INBOX")) return "INBOX";
    std::string name = encode_utf7(logical);
    for (char& c : name) {
        if (c == '/' && space.separator != '/') c = space.separator == '\0' ? '-' : space.separator;
    }
    const bool inside = name.starts_with(space.prefix) || text::starts_with_nocase(name, std::string("INBOX") + space.separator);
    return inside ? name : space.prefix + name;
}

}  // namespace majlis::imap
