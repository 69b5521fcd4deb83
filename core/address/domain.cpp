#include "core/address/domain.hpp"

#include "core/address/address.hpp"
#include "core/text/ascii.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uidna.h>
#include <unicode/unistr.h>

#include <array>
#include <limits>
#include <memory>
#include <stdexcept>

namespace majlis {

namespace address {

namespace {

/// Punycode and normalisation are not linear; no domain or local part is longer.
constexpr std::size_t max_bytes = 1000;

struct CloseIdna {
    void operator()(UIDNA* idna) const { uidna_close(idna); }
};

/// Never changed after it was made, so every thread may use it.
const UIDNA* uts46()
{
    static const std::unique_ptr<UIDNA, CloseIdna> idna = [] {
        UErrorCode status = U_ZERO_ERROR;
        constexpr std::uint32_t options = UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ;
        std::unique_ptr<UIDNA, CloseIdna> opened{uidna_openUTS46(options, &status)};
        if (U_FAILURE(status)) throw std::runtime_error{"ICU has no IDNA data"};
        return opened;
    }();
    return idna.get();
}

/// Letter by letter, never into ASCII nor into several letters: "straße" is not "strasse", whoever owns the one need not own the
/// other.
std::string lower_nfc(std::string_view utf8)
{
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
    const auto given = icu::UnicodeString::fromUTF8({utf8.data(), static_cast<std::int32_t>(utf8.size())});
    icu::UnicodeString lower;
    for (std::int32_t at = 0; at < given.length(); at = given.moveIndex32(at, 1)) {
        const UChar32 letter = given.char32At(at), small = u_tolower(letter);
        lower.append(letter >= 0x80 && small < 0x80 ? letter : small);
    }
    if (U_SUCCESS(status)) lower = nfc->normalize(lower, status);
    if (U_FAILURE(status)) throw std::runtime_error{"ICU has no normalisation data"};
    std::string out;
    return lower.toUTF8String(out);
}

}  // namespace

std::optional<std::string> to_a_labels(std::string_view domain)
{
    if (text::is_ascii(domain)) return text::lowered(domain);
    if (domain.size() > max_bytes) return {};
    std::array<char, 8 * max_bytes> buffer{};
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode status = U_ZERO_ERROR;
    const std::int32_t length = uidna_nameToASCII_UTF8(uts46(), domain.data(), static_cast<std::int32_t>(domain.size()),
                                                       buffer.data(), static_cast<std::int32_t>(buffer.size()), &info, &status);
    if (U_FAILURE(status) || info.errors != 0 || length <= 0) return {};
    return std::string{buffer.data(), static_cast<std::size_t>(length)};
}

std::string folded(std::string_view utf8)
{
    if (text::is_ascii(utf8) || utf8.size() > max_bytes) return text::lowered(utf8);
    auto out = lower_nfc(utf8);
    // U+212A is a K to Unicode; to a mail server it is another mailbox.
    return text::is_ascii(out) ? text::lowered(utf8) : out;
}

}  // namespace address

std::string domain_key(std::string_view domain)
{
    if (domain.ends_with('.')) domain.remove_suffix(1);
    auto labels = address::to_a_labels(domain);
    return labels ? std::move(*labels) : text::lowered(domain);
}

}  // namespace majlis
