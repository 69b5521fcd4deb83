#include "core/classify/classify.hpp"

#include <array>

#include "cli/context.hpp"
#include "cli/verbs.hpp"

namespace majlis::cli {
namespace {

constexpr std::size_t largest = 256 << 20;  // bytes

Array failures_of(const Classification& found)
{
    Array out;
    for (const auto& failure : found.failures)
        out.emplace_back(Record{{"recipient", failure.recipient},
                                {"status", failure.status},
                                {"permanent", failure.permanent},
                                {"delayed", failure.delayed},
                                {"cause", cause_name(failure.cause)},
                                {"diagnostic", failure.diagnostic}});
    return out;
}

Record original_of(const OriginalMail& original)
{
    return {{"message_id", original.message_id},
            {"return_path", original.return_path},
            {"from", original.from},
            {"subject", original.subject},
            {"list_id", original.list_id},
            {"envelope_id", original.envelope_id},
            {"sent_to", original.sent_to},
            {"recipients", strings(original.recipients)}};
}

Record feedback_of(const FeedbackDetails& feedback)
{
    return {{"type", feedback.type}, {"recipients", strings(feedback.recipients)}, {"source_ip", feedback.source_ip}};
}

Exit run_classify(Context& context)
{
    const std::string bytes = read_input(context, largest);
    const Message message = scan_message(bytes);
    const Classification found = classify(message);
    const Decoded decoded = decode(message);
    context.out() << json_text({{"kind", kind_name(found.kind)},
                                {"certain", found.certain},
                                {"reason", found.reason},
                                {"challenge", found.challenge},
                                {"failures", failures_of(found)},
                                {"original", original_of(found.original)},
                                {"feedback", feedback_of(found.feedback)},
                                {"decoded", Record{{"subject", decoded.subject},
                                                   {"from", decoded.from},
                                                   {"from_name", decoded.from_name},
                                                   {"attachments", strings(decoded.attachments)},
                                                   {"text", decoded.text},
                                                   {"parts", decoded.parts}}}})
                  << '\n';
    return Exit::done;
}

constexpr std::array params{json_flag};  // it is JSON in any case

}  // namespace

const Verb classify_mail{"", "classify", "tell what a mail from standard input is, as JSON; needs no configuration", params,
                         run_classify};

}  // namespace majlis::cli
