#pragma once

#include "core/config/config.hpp"
#include "core/config/section.hpp"

/// Values with a grammar of their own. Each reports what does not fit and then leaves its target as it was.
namespace majlis::config {

enum class Scheme { imap, smtp };

/// `url`: host, port, and implicit TLS or not; STARTTLS is decided by check_server().
void read_url(Reading& reading, Scheme scheme, ServerConfig& server);
/// A host name, or an address.
void read_host(Reading& reading, std::string& host);
/// "leave", "delete", "move:FOLDER", as far as `allowed`.
enum class Action { keep_or_move, move_or_delete };
void read_action(Reading& reading, Action allowed, FolderAction& action);
void read_folders(Reading& reading, std::vector<std::string>& folders);
void read_held_folder(Reading& reading, std::string& folder);
void read_limits(Reading& reading, std::vector<LimitConfig>& limits);
/// The same, of recipients alone.
void read_domain_limits(Reading& reading, std::vector<LimitConfig>& limits);
/// Domains of recipients, "*." before one for all below.
void read_destinations(Reading& reading, std::vector<std::string>& domains);
void read_percent(Reading& reading, unsigned& percent);
void read_senders(Reading& reading, std::vector<std::string>& patterns);
/// The address of a name server, perhaps with its port.
void read_resolver(Reading& reading, std::string& server);
void read_domain(Reading& reading, std::string& domain);
void read_servers(Reading& reading, std::vector<std::string>& names);
void read_time(Reading& reading, std::chrono::minutes& at);
void read_timezone(Reading& reading, std::string& timezone);
void read_token_url(Reading& reading, std::string& url);

/// "localhost", 127.0.0.0/8, ::1.
bool is_loopback(std::string_view host);

}  // namespace majlis::config
