#pragma once

#include <string>

#include "core/config/config.hpp"

/// A right configuration of 16 lines, to which the tests add what they are about.
inline const std::string complete = R"(database = "/var/lib/majlis/majlis.db"
[site]
domain = "example.org"
owner = "admin@example.org"
[[inbox]]
url = "imaps://imap.example.org"
username = "lists@example.org"
password_file = "/etc/majlis/imap.password"
[[relay]]
url = "smtp://smtp.example.org:587"
username = "lists@example.org"
password_file = "/etc/majlis/smtp.password"
)";

inline std::string replaced(std::string text, const std::string& what, const std::string& with)
{
    const auto at = text.find(what);
    return at == std::string::npos ? "the test is wrong: no " + what : text.replace(at, what.size(), with);
}

inline majlis::LoadedConfig parsed(const std::string& text) { return majlis::parse_config(text, "/etc/majlis/majlis.toml"); }

inline std::string joined(const std::vector<std::string>& lines)
{
    std::string out;
    for (const auto& line : lines) out += (out.empty() ? "" : "\n") + line;
    return out;
}
