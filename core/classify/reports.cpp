#include "core/classify/notice.hpp"

#include "core/text/ascii.hpp"

#include <algorithm>

/// Reports that are no bounces.
namespace majlis::recognise {
namespace {

constexpr std::size_t longest_feedback = 32 * 1024;  // bytes of a report's fields that are read
constexpr std::size_t most_complainers = 100;

/// Microsoft's junk mail reporting sends the bare mail, with a field of its own on top.
bool is_microsoft_complaint(const Mail& mail)
{
    for (const Part& part : mail.message.parts) {
        if (part.parent < 0 || !mail.message.parts[static_cast<std::size_t>(part.parent)].is_message()) continue;
        if (find_field(part.fields, "X-HmXmrOriginalRecipient") != nullptr) return true;
    }
    return false;
}

/// From a line "Feedback-Type: ..." on; "" where there is none.
std::string_view fields_in(std::string_view words)
{
    for (auto at = words.find("eedback-"); at != std::string_view::npos; at = words.find("eedback-", at + 1)) {
        const bool starts = at > 0 && (at == 1 || words[at - 2] == '\n') && text::lower(words[at - 1]) == 'f';
        if (starts && text::starts_with_nocase(words.substr(at), "eedback-type:")) return words.substr(at - 1);
    }
    return {};
}

std::string fields_in_words(const Mail& mail) { return std::string{fields_in(own_words(mail))}; }

/// A person who writes about reports would hardly give all of it.
bool words_name_ip(std::string_view fields)
{
    const auto head = text::lowered(fields.substr(0, longest_feedback));
    return contains_any(head, {"\nuser-agent:", "\nversion:"}) &&
           contains_any(head, {"\nsource-ip:", "\noriginal-mail-from:", "\narrival-date:", "\nreceived-date:"});
}

/// Amazon SES by way of SNS.
bool is_json_complaint(std::string_view words)
{
    const auto head = words.substr(0, longest_feedback);
    return head.find("complainedRecipients") != std::string_view::npos && head.find("otificationType") != std::string_view::npos;
}

std::string_view json_complainers(std::string_view words)
{
    const auto begin = words.find("complainedRecipients");
    return words.substr(begin, std::min<std::size_t>(words.find(']', begin), words.size()) - begin);
}

/// RFC 7489, 7.2.1.1 and RFC 8460, 5.3: "Report Domain: example.org Submitter: mail.example.com Report-ID: <...>".
bool is_aggregate_subject(std::string_view subject)
{
    const auto domain = subject.find("report domain:");
    const auto submitter = subject.find("submitter:");
    return domain != std::string_view::npos && domain < 40 && submitter != std::string_view::npos && submitter > domain;
}

/// A report on one mail that failed DMARC, by a program that knows no RFC 5965.
bool is_failure_subject(std::string_view subject)
{
    return contains_any(subject, {"dmarc"}) && contains_any(subject, {"forensic report", "failure report"}) &&
           !subject.starts_with("re:");
}

/// RFC 5429: a filter of the recipient's refused the mail, and says so with a disposition notification.
bool is_refusal(const Part& notification)
{
    const auto content = text::lowered(part_content(notification));
    const auto disposition = content.find("disposition:");
    if (disposition == std::string::npos) return false;
    const auto line = std::string_view{content}.substr(disposition, content.find('\n', disposition) - disposition);
    return contains_any(line, {"automatic-action"}) && contains_any(line, {"deleted"});
}

/// "Not read: deleted without being read" bears the same disposition.
bool speaks_of_refusal(const Mail& mail)
{
    const auto words = mail.subject + " " + text::lowered(own_words(mail));
    return contains_any(words, {"reject", "refus", "abgelehnt", "rechaz", "rifiutat", "recusad"});
}

void add_complainer(FeedbackDetails& details, std::string_view value)
{
    for (auto& spot : addresses_in(value.substr(0, 4'000))) {
        const auto same = [&](const std::string& known) { return text::equal_nocase(known, spot.address); };
        if (details.recipients.size() < most_complainers &&
            std::none_of(details.recipients.begin(), details.recipients.end(), same))
            details.recipients.push_back(std::move(spot.address));
    }
}

/// RFC 5965, 3: the fields of the report, wherever they stand.
FeedbackDetails read_feedback(std::string_view content)
{
    FeedbackDetails details;
    const ScanLimits limits{.header_bytes = longest_feedback, .fields = 500};
    const auto begin = content.find_first_not_of("\r\n");
    if (begin == std::string_view::npos) return details;
    const auto fields = scan_header(content.substr(begin, longest_feedback), limits);
    const auto value = [&](const char* name) {
        const Field* field = find_field(fields, name);
        return field == nullptr ? std::string{} : diagnostic_line(text::trim(field->body));
    };
    details.type = text::lowered(value("Feedback-Type"));
    details.source_ip = value("Source-IP");
    for (const auto* name : {"Original-Rcpt-To", "Removal-Recipient", "Original-Recipient", "X-Original-Rcpt-To"})
        for (const Field* field : find_fields(fields, name)) add_complainer(details, field->body);
    return details;
}

/// Providers that have a form of their own put the complainer into the returned mail's header.
FeedbackDetails with_returned(const Mail& mail, FeedbackDetails details)
{
    for (const Part& part : mail.message.parts)
        for (const auto* name : {"X-HmXmrOriginalRecipient", "X-Original-Rcpt-To"})
            if (const Field* field = find_field(part.fields, name)) add_complainer(details, field->body);
    if (details.type.empty()) details.type = "abuse";
    return details;
}

Classification complaint(const Mail& mail, const char* reason, FeedbackDetails details)
{
    Classification answer{Kind::feedback, true, reason, {}};
    answer.feedback = with_returned(mail, std::move(details));
    return answer;
}

}  // namespace

Answer feedback(const Mail& mail)
{
    const Part* report = mail.find("message", "feedback-report");
    if (report != nullptr) return complaint(mail, "a message/feedback-report part", read_feedback(part_content(*report)));
    if (mail.report_type == "feedback-report")
        return complaint(mail, "report-type=feedback-report", read_feedback(fields_in_words(mail)));
    if (is_microsoft_complaint(mail)) return complaint(mail, "X-HmXmrOriginalRecipient", {});
    // A report whose part is of the wrong type, or a service's JSON.
    const auto words = own_words(mail);
    const auto fields = fields_in(words);
    if (!fields.empty() && words_name_ip(fields))
        return complaint(mail, "the fields of a feedback report", read_feedback(fields));
    if (is_json_complaint(words)) {
        FeedbackDetails details;
        add_complainer(details, json_complainers(words));
        return complaint(mail, "a mail service's notification of a complaint", std::move(details));
    }
    return std::nullopt;
}

Answer service_report(const Mail& mail)
{
    const Part* notification = mail.find("message", "disposition-notification");
    if (notification != nullptr && is_refusal(*notification) && speaks_of_refusal(mail))
        return Classification{Kind::bounce, true, "refused by a filter of the recipient's",
                              failures_in_text(mail, returned_mail(mail))};
    if (mail.report_type == "disposition-notification" || notification != nullptr)
        return Classification{Kind::other, true, "a disposition notification", {}};
    if (mail.report_type == "tlsrpt" || mail.find("application", "tlsrpt+gzip") != nullptr)
        return Classification{Kind::other, true, "a TLS report", {}};
    if (is_failure_subject(mail.subject)) return Classification{Kind::other, true, "a failure report about a domain", {}};
    if (is_aggregate_subject(mail.subject)) return Classification{Kind::other, true, "an aggregate report about a domain", {}};
    return std::nullopt;
}

}  // namespace majlis::recognise
