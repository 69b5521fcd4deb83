#include "core/filter/extensions.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace majlis::filter_parts {
namespace {

using Known = std::pair<std::string_view, std::string_view>;

constexpr std::string_view program = "application/x-msdownload";
constexpr std::string_view script = "application/x-script";
constexpr std::string_view package = "application/x-package";
constexpr std::string_view image = "application/x-disk-image";
constexpr std::string_view archive = "application/zip";
constexpr std::string_view word = "application/msword";
constexpr std::string_view sheet = "application/vnd.ms-excel";
constexpr std::string_view slides = "application/vnd.ms-powerpoint";

/// What people attach and what programs run. Groups of programs, scripts and packages share a type: nobody allows one of them and
/// not the other.
constexpr std::array<Known, 121> extensions{{
    {"7z", "application/x-7z-compressed"},
    {"aac", "audio/aac"},
    {"ade", script},
    {"adp", script},
    {"apk", package},
    {"app", program},
    {"appx", package},
    {"asp", script},
    {"avi", "video/x-msvideo"},
    {"avif", "image/avif"},
    {"bash", script},
    {"bat", script},
    {"bmp", "image/bmp"},
    {"bz2", "application/x-bzip2"},
    {"cab", "application/vnd.ms-cab-compressed"},
    {"chm", script},
    {"cmd", script},
    {"com", program},
    {"cpl", program},
    {"crt", "application/x-x509-ca-cert"},
    {"csh", script},
    {"css", "text/css"},
    {"csv", "text/csv"},
    {"deb", package},
    {"dll", program},
    {"dmg", image},
    {"doc", word},
    {"docm", "application/vnd.ms-word.document.macroenabled.12"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"dot", word},
    {"dotm", "application/vnd.ms-word.template.macroenabled.12"},
    {"elf", program},
    {"eml", "message/rfc822"},
    {"epub", "application/epub+zip"},
    {"exe", program},
    {"flac", "audio/flac"},
    {"gadget", script},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"heic", "image/heic"},
    {"hlp", script},
    {"hta", script},
    {"htm", "text/html"},
    {"html", "text/html"},
    {"ics", "text/calendar"},
    {"img", image},
    {"inf", script},
    {"ins", script},
    {"iso", image},
    {"jar", "application/java-archive"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript"},
    {"jse", script},
    {"json", "application/json"},
    {"ksh", script},
    {"lnk", script},
    {"m4a", "audio/mp4"},
    {"mht", "message/rfc822"},
    {"mkv", "video/x-matroska"},
    {"mov", "video/quicktime"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"mpeg", "video/mpeg"},
    {"mpg", "video/mpeg"},
    {"msc", script},
    {"msi", package},
    {"msix", package},
    {"msp", package},
    {"mst", package},
    {"odp", "application/vnd.oasis.opendocument.presentation"},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"ogg", "audio/ogg"},
    {"one", "application/onenote"},
    {"opus", "audio/ogg"},
    {"p7m", "application/pkcs7-mime"},
    {"pdf", "application/pdf"},
    {"php", script},
    {"pif", program},
    {"pl", script},
    {"png", "image/png"},
    {"ppt", slides},
    {"pptm", "application/vnd.ms-powerpoint.presentation.macroenabled.12"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"ps1", script},
    {"psm1", script},
    {"py", script},
    {"rar", "application/vnd.rar"},
    {"reg", script},
    {"rpm", package},
    {"rtf", "application/rtf"},
    {"scf", script},
    {"scr", program},
    {"sct", script},
    {"sh", script},
    {"svg", "image/svg+xml"},
    {"sys", program},
    {"tar", "application/x-tar"},
    {"tgz", "application/gzip"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"txt", "text/plain"},
    {"url", script},
    {"vb", script},
    {"vbe", script},
    {"vbs", script},
    {"vcf", "text/vcard"},
    {"vhd", image},
    {"wav", "audio/wav"},
    {"webm", "video/webm"},
    {"webp", "image/webp"},
    {"wmv", "video/x-ms-wmv"},
    {"ws", script},
    {"wsf", script},
    {"wsh", script},
    {"xls", sheet},
    {"xlsm", "application/vnd.ms-excel.sheet.macroenabled.12"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"xml", "application/xml"},
    {"zip", archive},
}};
static_assert(std::is_sorted(extensions.begin(), extensions.end()));

}  // namespace

std::string_view type_of_name(std::string_view name)
{
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos) return {};
    const auto extension = name.substr(dot + 1);
    const auto at = std::lower_bound(extensions.begin(), extensions.end(), extension,
                                     [](const Known& known, std::string_view e) { return known.first < e; });
    return at == extensions.end() || at->first != extension ? std::string_view{} : at->second;
}

}  // namespace majlis::filter_parts
