#include "core/text/charset.hpp"

#include "core/text/utf8.hpp"

#include "core/text/ascii.hpp"
#include "core/text/charset_names.hpp"
#include "core/text/guess.hpp"

#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/ucnv_err.h>

#include <array>
#include <limits>
#include <memory>

namespace majlis::text {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

struct CloseConverter {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

Converter open_converter(const std::string& icu_name)
{
    UErrorCode status = U_ZERO_ERROR;
    Converter converter{ucnv_open(icu_name.c_str(), &status)};
    return U_SUCCESS(status) ? std::move(converter) : nullptr;
}

/// ICU's own substitute is U+001A for some charsets, a control character.
void write_replacement(const void*, UConverterToUnicodeArgs* args, const char*, std::int32_t, UConverterCallbackReason reason,
                       UErrorCode* status)
{
    if (reason > UCNV_IRREGULAR) return;
    const UChar fffd = 0xfffd;
    *status = U_ZERO_ERROR;
    ucnv_cbToUWriteUChars(args, &fffd, 1, 0, status);
}

/// UTF-16 in pieces to UTF-8; a surrogate without its other half becomes U+FFFD.
class Utf8Writer {
public:
    explicit Utf8Writer(std::string& out) : out_{out} {}

    void write(const UChar* begin, const UChar* end)
    {
        for (; begin != end; ++begin) write_unit(*begin);
    }

    void finish()
    {
        if (lead_ != 0) append_utf8(out_, 0xfffd);
        lead_ = 0;
    }

private:
    void write_unit(std::uint32_t unit)
    {
        const bool trail = unit >= 0xdc00 && unit <= 0xdfff;
        if (lead_ != 0 && trail) {
            append_utf8(out_, 0x10000 + ((lead_ - 0xd800) << 10) + (unit - 0xdc00));
            lead_ = 0;
            return;
        }
        finish();
        if (unit >= 0xd800 && unit <= 0xdbff)
            lead_ = unit;
        else
            append_utf8(out_, trail ? 0xfffd : unit);
    }

    std::string& out_;
    std::uint32_t lead_ = 0;
};

std::string convert_to_utf8(std::string_view bytes, UConverter* converter)
{
    UErrorCode status = U_ZERO_ERROR;
    ucnv_setToUCallBack(converter, write_replacement, nullptr, nullptr, nullptr, &status);
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 2);
    Utf8Writer writer{out};
    std::array<UChar, 2048> buffer;
    const char* source = bytes.data();
    const char* const end = source + bytes.size();
    do {
        UChar* target = buffer.data();
        status = U_ZERO_ERROR;
        ucnv_toUnicode(converter, &target, target + buffer.size(), &source, end, nullptr, 1, &status);
        writer.write(buffer.data(), target);
    } while (status == U_BUFFER_OVERFLOW_ERROR);
    writer.finish();
    return out;
}

/// Each maximal part of an ill-formed sequence becomes one U+FFFD.
std::string repair_utf8(std::string_view bytes)
{
    if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
    if (valid_utf8(bytes)) return std::string{bytes};
    std::string out;
    out.reserve(bytes.size() + 16);
    while (!bytes.empty()) {
        std::size_t length = utf8_length(bytes);
        if (length != 0) {
            out += bytes.substr(0, length);
        } else {
            const bool lead = static_cast<unsigned char>(bytes[0]) >= 0xc2 && static_cast<unsigned char>(bytes[0]) <= 0xf4;
            for (length = 1; lead && length < std::min<std::size_t>(bytes.size(), 3); ++length) {
                if ((static_cast<unsigned char>(bytes[length]) & 0xc0) != 0x80) break;
            }
            out += replacement;
        }
        bytes.remove_prefix(length);
    }
    return out;
}

bool has_c1(std::string_view bytes)
{
    return std::any_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) >> 5 == 4; });
}

/// Labels that are true of some bytes and mean more with others: nobody sends C1 controls.
std::string_view widened(std::string_view icu_name, std::string_view bytes)
{
    if (icu_name == "iso-8859-1" && has_c1(bytes)) return "windows-1252";
    if (icu_name == "iso-8859-9" && has_c1(bytes)) return "windows-1254";
    if (icu_name == "us-ascii" && !is_ascii(bytes)) return guess_charset(bytes);
    return icu_name;
}

}  // namespace

bool known_charset(std::string_view charset) { return resolve_charset(charset).kind == CharsetName::Kind::known; }

std::string to_utf8(std::string_view bytes, std::string_view charset)
{
    const CharsetName name =
        equal_nocase(charset, "utf-8") ? CharsetName{CharsetName::Kind::known, "utf-8"} : resolve_charset(charset);
    const std::string used{name.kind == CharsetName::Kind::known ? widened(name.icu, bytes) : guess_charset(bytes)};
    if (used == "utf-8" || used == "us-ascii") return repair_utf8(bytes);
    const Converter converter = open_converter(used);
    return converter ? convert_to_utf8(bytes, converter.get()) : repair_utf8(bytes);
}

std::optional<std::string> from_utf8(std::string_view utf8, std::string_view charset)
{
    const CharsetName name = resolve_charset(charset);
    if (name.kind != CharsetName::Kind::known || !valid_utf8(utf8)) return {};
    if (name.icu == "utf-8") return std::string{utf8};
    const Converter source = open_converter("utf-8");
    const Converter target = open_converter(name.icu);
    if (!source || !target || utf8.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()) / 8) return {};
    UErrorCode status = U_ZERO_ERROR;
    ucnv_setFromUCallBack(target.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    ucnv_setFallback(target.get(), 0);
    std::string out;
    std::array<char, 4096> buffer;
    std::array<UChar, 1024> pivot;
    UChar* pivot_source = pivot.data();
    UChar* pivot_target = pivot.data();
    const char* in = utf8.data();
    UBool reset = 1;
    do {
        char* end = buffer.data();
        status = U_ZERO_ERROR;
        ucnv_convertEx(target.get(), source.get(), &end, buffer.data() + buffer.size(), &in, utf8.data() + utf8.size(),
                       pivot.data(), &pivot_source, &pivot_target, pivot.data() + pivot.size(), reset, 1, &status);
        reset = 0;
        out.append(buffer.data(), end);
    } while (status == U_BUFFER_OVERFLOW_ERROR);
    if (U_FAILURE(status)) return {};
    return out;
}

}  // namespace majlis::text
