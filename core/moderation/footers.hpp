#pragma once

#include <string_view>

/// What programs and servers put below a text that somebody wrote. All text is in plain_form().
namespace majlis::moderation {

/// "Sent from my iPhone", "Envoy\u00e9 de mon mobile Samsung", "Get Outlook for Android".
bool is_device_footer(std::string_view line);
/// A rule drawn with dashes or stars.
bool is_ruler(std::string_view line);
/// A paragraph, its lines joined by spaces, about confidentiality, the environment or a virus scanner.
bool is_disclaimer(std::string_view paragraph);
/// "--", "-- ", "__": below it stands a signature.
bool is_signature_mark(std::string_view raw_line);

}  // namespace majlis::moderation
