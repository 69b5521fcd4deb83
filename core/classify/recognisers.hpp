#pragma once

#include "core/classify/classify.hpp"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// Small recognisers, asked in the order of the table in classify.cpp; the first that knows a mail names it.
namespace majlis::recognise {

constexpr std::size_t most_recipients = 1'000;  // of one bounce

/// What several recognisers look at, read once.
struct Mail {
    const Message& message;
    std::string subject;                 ///< decoded, ASCII letters in lower case
    std::string from_local;              ///< local part of the first From address, lower case
    std::string from_domain;             ///< its domain, as written
    std::string from_name;               ///< lower case
    bool null_path = false;              ///< the topmost Return-Path is "<>"
    bool to_bounces = false;             ///< the only address in To is one that failures come back to
    std::string report_type;             ///< of a multipart/report
    std::vector<const Part*> own_parts;  ///< those that do not stand inside an attached mail

    explicit Mail(const Message& message);
    /// The first own part of this type, or nullptr.
    const Part* find(std::string_view type, std::string_view subtype) const;
    bool has(std::string_view name) const;
    /// Body of the first field of this name in the mail's header, trimmed and in lower case.
    std::string field(std::string_view name) const;
};

using Answer = std::optional<Classification>;

Answer feedback(const Mail& mail);         ///< RFC 5965, and providers' own forms
Answer service_report(const Mail& mail);   ///< RFC 8098 disposition, RFC 7489 aggregate, RFC 8460 TLS
Answer delivery_report(const Mail& mail);  ///< RFC 3464
Answer plain_bounce(const Mail& mail);     ///< a failure told in words
Answer automatic_reply(const Mail& mail);  ///< RFC 3834, older marks, challenges
Answer command(const Mail& mail);          ///< sent to a command address

/// The mail that came back: from an attached one, its header alone, or what stands below the notice's own words.
OriginalMail returned_mail(const Mail& mail);

/// Recipients that a failure notice names in its words, up to the copy of the returned mail.
std::vector<Failure> failures_in_text(const Mail& mail, const OriginalMail& original);

/// Whether the subject is one of a vacation program's.
bool reads_like_vacation(std::string_view subject);
/// Whether the subject speaks of a mail that was not delivered, in one of many languages.
bool subject_speaks_of_failure(std::string_view subject);

/// Fills in status, permanence and cause from what a report says; `delayed` and `diagnostic` are set before.
void settle(Failure& failure, std::string_view stated_status);
Cause cause_of(std::string_view status, std::string_view diagnostic);

/// "5.1.1" where the text holds an enhanced status (RFC 3463), else "5.0.0" for an SMTP reply of that class, else "".
std::string status_in(std::string_view text);
/// One line, UTF-8, no control characters, at most 500 bytes.
std::string diagnostic_line(std::string_view text);

/// Lower case in Latin, Greek and Cyrillic letters of UTF-8, each as long as it was.
std::string lowered_text(std::string_view utf8);

bool contains_any(std::string_view text, std::initializer_list<std::string_view> phrases);

}  // namespace majlis::recognise
