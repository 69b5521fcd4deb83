#include "core/address/domain.hpp"

#include "core/address/address.hpp"
#include "core/text/ascii.hpp"

#include <unicode/normalizer2.h>
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
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
    icu::UnicodeString string = icu::UnicodeString::fromUTF8({utf8.data(), static_cast<std::int32_t>(utf8.size())});
    string.foldCase();
    if (U_SUCCESS(status)) string = nfc->normalize(string, status);
    if (U_FAILURE(status)) throw std::runtime_error{"ICU has no normalisation data"};
    std::string out;
    return string.toUTF8String(out);
}

}  // namespace address

std::string domain_key(std::string_view domain)
{
    if (domain.ends_with('.')) domain.remove_suffix(1);
    auto labels = address::to_a_labels(domain);
    return labels ? std::move(*labels) : text::lowered(domain);
}

}  // namespace majlis
