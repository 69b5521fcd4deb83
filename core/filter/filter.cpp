#include "core/filter/filter.hpp"

#include "core/compose/lines.hpp"
#include "core/filter/plan.hpp"
#include "core/filter/rewrite.hpp"

namespace majlis {
namespace {

Filtered carry_out(const Message& message, const FilterSettings& settings)
{
    auto plan = filter_parts::make_plan(message, settings);
    Filtered out;
    out.changed = plan.of(0).changed;
    out.nothing_left = plan.nothing_left;
    if (out.changed) out.bytes = filter_parts::rewrite(message, plan);
    out.removed = std::move(plan.removed);
    return out;
}

}  // namespace

FilterSettings filter_settings(const Settings& settings) { return {settings.attachments, settings.html}; }

std::string_view why_name(RemovedPart::Why why)
{
    switch (why) {
        case RemovedPart::Why::type:
            return "type";
        case RemovedPart::Why::name:
            return "name";
        case RemovedPart::Why::html:
            return "html";
        case RemovedPart::Why::signature:
            return "signature";
        case RemovedPart::Why::unreadable:
            break;
    }
    return "unreadable";
}

Filtered filter(const Message& message, const FilterSettings& settings)
{
    Filtered out;
    if (!settings.asks_nothing()) {
        if (compose::clean_lines(message.raw)) {
            out = carry_out(message, settings);
        } else {
            const std::string raw = compose::clean(message.raw);
            out = carry_out(scan_message(raw), settings);
        }
    }
    if (!out.changed) out.bytes = message.raw;
    out.size_after = static_cast<std::int64_t>(out.bytes.size());
    return out;
}

}  // namespace majlis
