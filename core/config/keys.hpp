#pragma once

#include <span>

#include "core/config/config.hpp"
#include "core/config/section.hpp"

/// The table of all keys: one line each for what it is called, what it may hold, what the manual says and how it is read.
namespace majlis::config {

enum class Need { optional, required };

template <class Target>
struct Key {
    std::string_view name;
    Need need;
    std::string_view form;
    std::string_view fallback;
    std::string_view help;
    void (*read)(Reading&, Target&);
};

std::span<const Key<Config>> top_keys();
std::span<const Key<SiteConfig>> site_keys();
std::span<const Key<InboxConfig>> inbox_keys();
std::span<const Key<RelayConfig>> relay_keys();
std::span<const Key<OAuth2Config>> oauth2_keys();
std::span<const Key<DomainConfig>> domain_keys();
std::span<const Key<DeliveryConfig>> delivery_keys();
std::span<const Key<DigestConfig>> digest_keys();
std::span<const Key<ReportsConfig>> reports_keys();
std::span<const Key<AuthenticationConfig>> authentication_keys();

/// Complains of a key that this section does not have, with the key that was most likely meant, here or elsewhere.
void report_unknown(const Section& section, std::string_view key);

}  // namespace majlis::config
