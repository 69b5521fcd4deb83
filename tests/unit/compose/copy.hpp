#pragma once

#include <doctest/doctest.h>

#include <string>

#include "core/compose/post_copy.hpp"

inline majlis::ListFace rabat()
{
    majlis::ListFace face;
    face.name = "rabat";
    face.title = "MAIMC Rabat";
    face.address = "rabat@maimc.org";
    face.list_id = "rabat.maimc.org";
    return face;
}

/// LF in the tests, CRLF in the mail.
inline std::string crlf(const std::string& text)
{
    std::string out;
    for (const char c : text) out += c == '\n' ? "\r\n" : std::string{c};
    return out;
}

inline majlis::PostCopy composed(const std::string& raw, const majlis::ListFace& face, const majlis::CopyOptions& options = {})
{
    const majlis::PostCopy copy = majlis::compose_copy(majlis::scan_message(raw), face, options);
    CHECK(copy.tail.starts_with("\r\n"));
    return copy;
}

/// The whole copy, of a mail written with LF; with LF again.
inline std::string copied(const std::string& mail, const majlis::ListFace& face = rabat(),
                          const majlis::CopyOptions& options = {})
{
    const majlis::PostCopy copy = composed(crlf(mail), face, options);
    std::string out = copy.head + copy.tail;
    std::erase(out, '\r');
    return out;
}

/// The first field of this name, unfolded, or "(none)".
inline std::string field_of(const std::string& mail, const std::string& name)
{
    const auto fields = majlis::scan_header(mail);
    const auto* field = majlis::find_field(fields, name);
    if (!field) return "(none)";
    std::string body{field->body};
    std::erase(body, '\r');
    std::erase(body, '\n');
    return body;
}

inline std::size_t count_of(const std::string& text, const std::string& what)
{
    std::size_t count = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++count;
    return count;
}
