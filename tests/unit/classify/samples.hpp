#pragma once

#include "core/classify/classify.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

/// Failure notices as programs word them, with names and addresses of our own.
namespace majlis::samples {

struct Sample {
    std::string_view program;   ///< whose words these are
    std::string_view header;    ///< From, Subject and what else it is told by; To is added
    std::string_view body;      ///< own words, and perhaps the copy
    std::string_view failures;  ///< "a@b 5.1.1 no_such_user gone; c@d 4.0.0 network waits"
};

inline std::string shown(const Classification& answer)
{
    std::string out;
    for (const auto& failure : answer.failures) {
        if (!out.empty()) out += "; ";
        out += failure.recipient + " " + failure.status + " " + std::string{cause_name(failure.cause)};
        out += failure.permanent ? " gone" : failure.delayed ? " waits" : " gave up";
    }
    return out;
}

inline Classification classified(std::string_view raw) { return classify(scan_message(raw)); }

template <std::size_t N>
void check(const Sample (&table)[N])
{
    for (const auto& sample : table) {
        CAPTURE(sample.program);
        const auto raw = "Received: from mx by us; Mon, 5 May 2025 10:00:00 +0000\n" + std::string{sample.header} +
                         "To: list+bounce-abc@lists.example\nDate: Mon, 5 May 2025 10:00:00 +0000\n\n" + std::string{sample.body};
        const auto answer = classified(raw);
        CHECK(answer.kind == Kind::bounce);
        CHECK(shown(answer) == sample.failures);
    }
}

}  // namespace majlis::samples
