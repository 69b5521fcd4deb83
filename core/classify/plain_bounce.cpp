#include "core/classify/dialects/dialect.hpp"

#include "core/address/address.hpp"
#include "core/text/ascii.hpp"

#include <algorithm>
#include <array>

/// Failure notices without RFC 3464: told by who writes them and what they say, read by the dialects.
namespace majlis::recognise {
namespace {

/// The order matters: from forms that leave no doubt to an address somewhere in a sentence.
// clang-format off
constexpr Dialect dialects[] = {
    {"JSON of a mail service", read_json},
    {"X.400 gateway", read_x400},
    {"names without a domain", read_screen_name},
    {"message router", read_message_router},
    {"too many hops", read_hops},
    {"address and colon", read_bracketed_colon},
    {"recipients behind a sentence", read_after_opening},
    {"SMTP dialogue", read_transcript},
    {"recipients behind a label", read_after_label},
    {"lines that an address begins", read_leading},
    {"address in a sentence", read_sentence},
    {"To", read_recipient_label},
    {"the returned mail", read_original},
};
// clang-format on

constexpr std::size_t sure_dialects = 9;  // those that need not know who else is involved

bool is_daemon(const Mail& mail)
{
    return contains_any(mail.from_local, {"mailer-daemon", "mailerdaemon", "mail-daemon", "maildaemon", "mail.delivery.system",
                                          "mail-delivery"}) ||
           mail.from_local == "mdaemon" || mail.from_local.starts_with("microsoftexchange329e71ec88ae4615bbc36ab6ce41109e") ||
           contains_any(mail.from_name, {"mail delivery system", "mail delivery subsystem", "delivery subsystem", "mailer-daemon",
                                         "mailer daemon", "mail deliver system", "mail delivery service"});
}

/// Machines that carry mail, and speak of failures among other things: they need a subject or words that say so.
bool is_carrier(const Mail& mail)
{
    return mail.null_path || mail.to_bounces || mail.from_local.empty() ||
           contains_any(mail.from_local,
                        {"postmaster", "post_master", "mail_service", "mailgw", "inetgw", "imss", "ndr", "daemon", "bounce",
                         "mailsystem", "mail-system", "mailadmin", "undeliver", "mailgateway", "antivirus"}) ||
           contains_any(mail.from_name,
                        {"postmaster", "system administrator", "mail system", "mailserver", "mail server", "mail administrator",
                         "mail router", "mail gateway", "delivery agent", "delivery service"}) ||
           mail.field("Return-Path").find("mailer-daemon") != std::string::npos || mail.has("X-MS-Embedded-Report") ||
           mail.has("X-DSNContext");
}

/// Any program: shops and trackers speak of deliveries and failures too.
bool is_program(const Mail& mail)
{
    return mail.field("Auto-Submitted").starts_with("auto-") ||
           contains_any(mail.from_local,
                        {"gateway", "administrator", "noreply", "no-reply", "donotreply", "admin", "robot", "system"}) ||
           contains_any(mail.from_name, {"delivery", "mailer", "administrator", "gateway"});
}

bool is_answer(std::string_view subject)
{
    for (const auto* mark : {"re:", "re :", "aw:", "fw:", "fwd:", "tr:", "wg:", "sv:", "rv:", "r:"})
        if (subject.starts_with(mark)) return true;
    return false;
}

/// A person who asks about a failure answers somebody, and bears none of the marks of a machine.
bool may_be_person(const Mail& mail)
{
    if (mail.null_path || mail.to_bounces) return false;
    return is_answer(mail.subject) || (!is_carrier(mail) && (mail.has("In-Reply-To") || mail.has("References")));
}

/// "Delivered: ...", "Successful mail delivery report": good news.
bool tells_success(const Mail& mail)
{
    return mail.subject.starts_with("delivered:") ||
           contains_any(mail.subject, {"successful mail delivery", "return receipt", "(relay)", "(success)"});
}

/// Whether the words name a recipient the way that bounces do, not just anywhere.
bool names_recipient(const Notice& notice)
{
    return std::any_of(std::begin(dialects), std::begin(dialects) + sure_dialects,
                       [&](const Dialect& d) { return !d.read(notice).empty(); });
}

bool came_back(const Notice& notice) { return !notice.original().from.empty() || !notice.original().message_id.empty(); }

/// Written with a program that people write mail with.
bool is_by_hand(const Mail& mail)
{
    return contains_any(mail.field("User-Agent") + " " + mail.field("X-Mailer"),
                        {"thunderbird", "mutt", "apple mail", "iphone", "ipad", "outlook", "evolution", "kmail", "roundcube",
                         "webmail", "gnus", "k-9", "squirrel", "horde"});
}

const char* reason_of(const Mail& mail, const Notice& notice)
{
    if (mail.has("X-Failed-Recipients")) return "X-Failed-Recipients";
    if (reads_like_vacation(mail.subject) && !is_daemon(mail)) return nullptr;
    if (is_daemon(mail)) return "written by a mail system";
    const bool subject = subject_speaks_of_failure(mail.subject);
    if (notice.says("bouncedrecipients") && notice.says("notificationtype")) return "a mail service's notification of a bounce";
    if (may_be_person(mail)) return nullptr;
    if (is_carrier(mail) && subject) return "a mail system's subject that speaks of failure";
    if (!speaks_of_failure(notice)) return nullptr;
    if (mail.null_path || mail.to_bounces) return "a mail system's words that speak of failure";
    if (!subject || !names_recipient(notice)) return nullptr;
    if (!is_program(mail) && (!came_back(notice) || is_by_hand(mail))) return nullptr;
    return "subject and words that speak of failure";
}

std::vector<Found> read_by_table(Notice& notice)
{
    for (const auto& dialect : dialects)
        if (auto found = dialect.read(notice); !found.empty()) return found;
    notice.forgive_involved();
    for (std::size_t i = 0; i < sure_dialects; ++i)
        if (auto found = dialects[i].read(notice); !found.empty()) return found;
    return {};
}

/// X-Failed-Recipients names them all; the words about each are found in the text.
void keep_named(const Mail& mail, std::vector<Found>& found)
{
    std::vector<Found> named;
    for (const Field* field : find_fields(mail.message.root().fields, "X-Failed-Recipients")) {
        for (const auto& box : parse_mailboxes(field->body)) {
            if (box.address.domain.empty()) continue;
            auto address = box.address.text();
            if (is_found(named, address)) continue;
            const auto same = [&](const Found& f) { return text::equal_nocase(f.recipient, address); };
            const auto known = std::find_if(found.begin(), found.end(), same);
            add_found(named, {std::move(address), known == found.end() ? std::string{} : known->words});
        }
    }
    if (!named.empty()) found = std::move(named);
}

/// Where a notice is about one recipient alone, all its words are.
void learn_from_all(const Notice& notice, Failure& failure)
{
    if (!failure.status.ends_with(".0.0")) return;
    const auto status = status_in(notice.all());
    const bool better = !status.empty() && !status.starts_with('2') && (!status.ends_with(".0.0") || failure.diagnostic.empty());
    if (better && (!failure.delayed || status.starts_with('4'))) failure.status = status;
    failure.permanent = !failure.delayed && failure.status.starts_with('5');
    if (failure.cause != Cause::other && failure.cause != Cause::policy) return;
    if (const auto cause = cause_of(failure.status, notice.all()); cause != Cause::other) failure.cause = cause;
}

std::vector<Failure> judged(const Notice& notice, std::vector<Found> found)
{
    const bool delayed = speaks_of_delay(notice);
    std::vector<Failure> failures;
    for (auto& each : found) {
        Failure failure{
            .recipient = std::move(each.recipient), .status = {}, .delayed = delayed, .diagnostic = diagnostic_line(each.words)};
        settle(failure, {});
        if (found.size() == 1) learn_from_all(notice, failure);
        failures.push_back(std::move(failure));
    }
    return failures;
}

}  // namespace

bool speaks_of_delay(const Notice& notice)
{
    const auto& subject = notice.mail().subject;
    if (contains_any(subject,
                     {"delay", "not yet been delivered", "still being retried", "retardé", "verzögert", "verspätet", "retrasad",
                      "ritardat", "vertraag", "atrasad", "задерж", "отложен", "遅延", "延迟", "تأخر", "(tijdelijk)"}))
        return true;
    for (const auto* last :
         {"will not be retried", "no further delivery attempts", "no further attempts", "will not be attempted", "given up",
          "giving up", "retry timeout exceeded", "retry time not reached", "permanent error", "permanent failure",
          "failed permanently", "permanent fatal errors", "could not be delivered for"})
        if (notice.says(last)) return false;
    for (const auto* phrase : {"not yet been delivered",
                               "yet to be delivered",
                               "will continue to attempt",
                               "will continue to try",
                               "will continue to be made",
                               "will keep trying",
                               "will be retried",
                               "still being retried",
                               "will try again",
                               "do not need to resend",
                               "don't need to resend",
                               "need not resend",
                               "no need to resend",
                               "this is a warning message only",
                               "this is only a warning",
                               "just a warning",
                               "warning only",
                               "no action is required",
                               "do not require any action",
                               "delivery has been delayed",
                               "has been delayed",
                               "delivery is delayed",
                               "transient non-fatal",
                               "es wird weiter versucht",
                               "wird weiterhin versucht",
                               "se seguirá intentando",
                               "nous continuerons",
                               "continuerà a",
                               "tentativas continuarão"})
        if (notice.says(phrase)) return true;
    return false;
}

std::vector<Failure> failures_in_text(const Mail& mail, const OriginalMail& original)
{
    Notice notice{mail, original};
    auto found = read_by_table(notice);
    keep_named(mail, found);
    return judged(notice, std::move(found));
}

Answer plain_bounce(const Mail& mail)
{
    const OriginalMail original = returned_mail(mail);
    Notice notice{mail, original};
    const char* reason = reason_of(mail, notice);
    if (reason == nullptr) return std::nullopt;
    if (tells_success(mail)) return Classification{Kind::other, true, "a report of success", {}};
    auto found = read_by_table(notice);
    keep_named(mail, found);
    return Classification{Kind::bounce, true, reason, judged(notice, std::move(found))};
}

}  // namespace majlis::recognise
