// A configuration of any bytes: every message is one printable line, and what is accepted is whole.
#include "core/config/config.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const majlis::LoadedConfig loaded = majlis::parse_config(text, "/etc/majlis/majlis.toml");
    if (loaded.config.has_value() != loaded.errors.empty()) std::abort();
    for (const auto* lines : {&loaded.errors, &loaded.warnings}) {
        for (const auto& line : *lines) {
            if (!line.starts_with("/etc/majlis/majlis.toml:")) std::abort();
            for (const char c : line) {
                if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) std::abort();
            }
        }
    }
    if (!loaded.config) return 0;
    for (const auto& inbox : loaded.config->inboxes) {
        if (inbox.name.empty() || inbox.server.host.empty() || inbox.server.port == 0 || inbox.folders.empty()) std::abort();
    }
    for (const auto& relay : loaded.config->relays) {
        if (relay.name.empty() || relay.server.port == 0 || relay.connections == 0) std::abort();
        majlis::may_send_for(relay, text.substr(0, 300));
    }
    return 0;
}
