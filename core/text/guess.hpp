#pragma once

#include <string_view>

namespace majlis::text {

/// A charset for bytes that name none, by ICU's name: "utf-8", "iso-2022-jp", "windows-1251", "windows-1256", "windows-1252".
std::string_view guess_charset(std::string_view bytes);

}  // namespace majlis::text
