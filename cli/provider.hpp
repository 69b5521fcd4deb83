#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace majlis::cli {

/// What is known of a mail provider, so that `init` can write a configuration that works there. Limits are what the provider
/// allowed when this was written, the lowest of its plans.
struct Provider {
    std::string_view name;       // of --provider
    std::string_view domains;    // of its addresses, separated by spaces
    std::string_view exchanges;  // ends of the hosts that take mail for its customers' domains
    std::string_view imap_url;   // {domain} stands for the address's own
    std::string_view smtp_url;
    std::string_view limits;  // of [[relay]], as an array of TOML
    unsigned recipients_per_message = 100;
    unsigned connections = 2;
    std::string_view from = "any";
    std::string_view envelope = "verp";
    std::string_view trusted_server = "";    // the authserv-id that it writes; "" where we do not know it
    std::string_view oauth2_token_url = "";  // it takes no passwords: [oauth2] is needed
    std::string_view advice = "";            // one line for the person who runs init
};

std::span<const Provider> providers();
const Provider* find_provider(std::string_view name);
/// By the domain of an address alone.
const Provider* provider_of_domain(std::string_view domain);
/// By a host that takes mail for a domain.
const Provider* provider_of_exchange(std::string_view host);
/// Asks the DNS who takes mail for the domain; nullptr where it does not say, or is not reached within a few seconds.
const Provider* look_up_provider(const std::string& domain);

}  // namespace majlis::cli
