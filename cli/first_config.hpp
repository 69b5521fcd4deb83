#pragma once
#include <string>

#include "cli/provider.hpp"

namespace majlis::cli {

/// What `init` learned, from flags or from a person.
struct FirstConfig {
    const Provider* provider = nullptr;
    std::string database, site_name, domain, owner, language;
    std::string imap_url, imap_user, imap_password_file;
    std::string smtp_url, smtp_user, smtp_password_file;
};

/// The text of a first majlis.toml, with a comment where a person may want to change something.
std::string first_config_text(const FirstConfig& given);

/// A TOML string with its quotes.
std::string toml_string(std::string_view text);

}  // namespace majlis::cli
