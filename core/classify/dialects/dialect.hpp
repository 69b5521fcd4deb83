#pragma once

#include "core/classify/notice.hpp"

#include <string>
#include <vector>

/// One way in which programs tell a failure in words.
namespace majlis::recognise {

/// A recipient as found, with the words that go with it.
struct Found {
    std::string recipient;
    std::string words{};  ///< what is said about this one
};

struct Dialect {
    std::string_view name;
    /// Recipients that it finds; empty where the notice does not speak it. Never throws; linear in the notice.
    std::vector<Found> (*read)(const Notice& notice);
};

/// Asked in the order of the table in plain_bounce.cpp; the first that finds somebody is believed.
std::vector<Found> read_json(const Notice& notice);             ///< Amazon SES by way of SNS
std::vector<Found> read_bracketed_colon(const Notice& notice);  ///< "<a@b>:" of qmail, Postfix, Courier, Yahoo, GMX...
std::vector<Found> read_transcript(const Notice& notice);       ///< Sendmail's and gateways' SMTP dialogue
std::vector<Found> read_message_router(const Notice& notice);   ///< iPlanet, PMDF: "Recipient address:"
std::vector<Found> read_hops(const Notice& notice);             ///< Sendmail: "Too many hops ...: from a@b via c, to d@e"
std::vector<Found> read_x400(const Notice& notice);             ///< "c=us;a= ;p=x;dda:SMTP=a(a)b"
std::vector<Found> read_screen_name(const Notice& notice);      ///< AOL, CompuServe: names without a domain
std::vector<Found> read_after_opening(const Notice& notice);    ///< sentences of many languages that end in recipients
std::vector<Found> read_after_label(const Notice& notice);      ///< "Recipient: a@b", "RCPT TO: <a@b>"
std::vector<Found> read_leading(const Notice& notice);          ///< any line that an address begins
std::vector<Found> read_sentence(const Notice& notice);         ///< an address within a sentence
std::vector<Found> read_recipient_label(const Notice& notice);  ///< "To: a@b" and nothing better
std::vector<Found> read_original(const Notice& notice);         ///< nobody is named: whom the returned mail was for

/// Whether a sentence in the words says that a mail was not delivered.
bool speaks_of_failure(const Notice& notice);
bool speaks_of_delay(const Notice& notice);

/// Helpers that dialects share.
/// The address that begins a line, after brackets, quotes, bullets or "rfc822;"; empty where none does.
Spot leading_address(std::string_view line);
/// The line's rest behind an address, and the lines up to the next blank one (at most 8).
std::string words_after(const Notice& notice, std::size_t line, std::size_t column);
/// A folded sentence whose next line happens to begin with an address: "if you write to / a@b, say so".
bool continues_sentence(const Notice& notice, std::size_t line, std::size_t behind);
/// Whether it stands there already, or nobody more can be added.
bool is_found(const std::vector<Found>& all, std::string_view address);
/// Joins `found` without repeating an address, most_recipients at most.
void add_found(std::vector<Found>& all, Found found);

}  // namespace majlis::recognise
