#include "core/text/charset.hpp"
#include "core/text/codec.hpp"
#include "core/text/date.hpp"
#include "core/text/parameters.hpp"
#include "core/text/printable.hpp"
#include "core/text/words.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {
void require(bool holds)
{
    if (!holds) std::abort();
}

void check_encoding(const std::string& text)
{
    for (const std::size_t column : {std::size_t{0}, std::size_t{9}, std::size_t{200}}) {
        const std::string encoded = majlis::text::encode_words(text, column);
        require(majlis::text::decode_words(encoded) == majlis::text::decode_words(majlis::text::encode_words(text, 1)));
        for (std::size_t i = 0; i < encoded.size(); ++i) {
            require(encoded[i] != '\0' && static_cast<unsigned char>(encoded[i]) < 0x80);
            if (encoded[i] == '\r') require(encoded.compare(i, 3, "\r\n ") == 0);
            if (encoded[i] == '\n') require(i > 0 && encoded[i - 1] == '\r');
        }
    }
    require(majlis::text::encode_phrase(text).find('\0') == std::string::npos);
}
}  // namespace

/// Everything that reads a field's text, and that what is read can be written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const std::string decoded = majlis::text::decode_words(input);
    require(majlis::text::valid_utf8(decoded));
    check_encoding(decoded);
    for (const auto& parameter : majlis::text::parse_parameters(input).parameters) {
        require(parameter.name == "boundary" || majlis::text::valid_utf8(parameter.value));
    }
    const std::size_t mark = input.find('\n');
    if (mark != std::string_view::npos)
        require(majlis::text::valid_utf8(majlis::text::to_utf8(input.substr(mark + 1), input.substr(0, mark))));
    require(majlis::text::valid_utf8(majlis::text::printable(input)));
    require(majlis::text::decode_base64(majlis::text::encode_base64(input)) == input);
    majlis::text::decode_base64(input);
    majlis::text::decode_quoted_printable(input);
    if (input.find_first_of("\r\n") == std::string_view::npos) {
        require(majlis::text::decode_quoted_printable(majlis::text::encode_quoted_printable(input)) == input);
    }
    if (const auto time = majlis::text::parse_date(input); time && *time < 253402300800) {
        require(majlis::text::parse_date(majlis::text::format_date(*time)) == time);
    }
    return 0;
}
