#include "core/judge/context.hpp"

#include "core/address/address.hpp"

namespace majlis {

JudgeContext judge_context(const Config& config)
{
    JudgeContext context;
    context.site_domain = config.site.domain;
    context.site = {.name = config.site.name,
                    .domain = config.site.domain,
                    .owner = config.site.owner,
                    .language = config.site.language,
                    .templates = config.site.templates,
                    .relays = config.relays};
    context.authentication = config.authentication;
    if (!config.reports.repository.empty()) context.report_tag = config.reports.tag;
    const auto add = [&](const std::string& text) {
        if (const auto address = parse_address(text)) context.own_addresses.push_back(address->key());
    };
    for (const auto& inbox : config.inboxes) add(inbox.credentials.username);
    for (const auto& relay : config.relays) add(relay.account);
    return context;
}

}  // namespace majlis
