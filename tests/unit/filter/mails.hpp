#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/filter/filter.hpp"

/// LF in the tests, CRLF in the mail.
inline std::string crlf(std::string_view text)
{
    std::string out;
    for (const char c : text) out += c == '\n' ? "\r\n" : std::string{c};
    return out;
}

inline majlis::FilterSettings deny(std::vector<std::string> types)
{
    return {{majlis::Attachments::Mode::deny, std::move(types)}, majlis::Html::keep};
}
inline majlis::FilterSettings allow(std::vector<std::string> types)
{
    return {{majlis::Attachments::Mode::allow, std::move(types)}, majlis::Html::keep};
}
inline majlis::FilterSettings html(majlis::Html what) { return {{}, what}; }

/// A mail written with LF, filtered; with LF again.
inline majlis::Filtered filtered(std::string_view mail, const majlis::FilterSettings& settings)
{
    const std::string raw = crlf(mail);
    auto out = majlis::filter(majlis::scan_message(raw), settings);
    CHECK(out.size_after == static_cast<std::int64_t>(out.bytes.size()));
    CHECK((out.changed || out.bytes == raw));
    std::erase(out.bytes, '\r');
    return out;
}

inline std::string header_mark() { return "X-Content-Filtered-By: majlis " MAJLIS_VERSION "\n"; }

/// "multipart/mixed@0 text/plain@1"
inline std::string shape(const std::string& mail)
{
    std::string out;
    const auto message = majlis::scan_message(mail);
    for (const auto& part : message.parts)
        out += (out.empty() ? "" : " ") + part.type + "/" + part.subtype + "@" + std::to_string(part.depth);
    return out;
}

/// "name.exe", or the type of a part without a name; separated by spaces.
inline std::string names(const majlis::Filtered& filtered)
{
    std::string out;
    for (const auto& part : filtered.removed) out += (out.empty() ? "" : " ") + (part.name.empty() ? part.type : part.name);
    return out;
}

/// multipart/mixed of a text and these parts (header, empty line, body).
inline std::string mixed(const std::vector<std::string>& parts)
{
    std::string mail = "From: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";
    for (const auto& part : parts) mail += "--b\n" + part + "\n";
    return mail + "--b--\n";
}
