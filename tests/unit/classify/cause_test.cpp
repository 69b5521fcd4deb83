#include "core/classify/recognisers.hpp"

#include <doctest/doctest.h>

using namespace majlis;
using recognise::cause_of;
using recognise::status_in;

TEST_CASE("causes are told from codes and words together")
{
    static constexpr struct {
        std::string_view status, words, cause;
    } table[] = {
        {"5.1.1", "smtp; 550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in local recipient table",
         "no_such_user"},
        {"5.1.1", "550-5.1.1 The email account that you tried to reach does not exist.", "no_such_user"},
        {"5.0.0", "smtp;550 Requested action not taken: mailbox unavailable", "no_such_user"},
        {"5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "no_such_user"},
        {"5.2.1", "550 5.2.1 The email account that you tried to reach is disabled.", "no_such_user"},
        {"5.5.0", "554 delivery error: dd This user doesn't have a big.example account", "no_such_user"},
        {"5.2.2", "552 5.2.2 The email account that you tried to reach is over quota", "mailbox_full"},
        {"4.2.2", "452-4.2.2 The recipient's inbox is out of storage space.", "mailbox_full"},
        {"5.0.0", "550 Mailbox full", "mailbox_full"},
        {"5.1.2", "Host or domain name not found. Name service error for name=gone.example type=MX", "host_unknown"},
        {"5.4.4", "Host not found", "host_unknown"},
        {"5.7.27", "Sender address has null MX", "authentication"},
        {"4.4.1", "connect to mx.slow.example[192.0.2.1]:25: Connection timed out", "network"},
        {"4.4.7", "Message expired", "network"},
        {"5.4.6", "too many hops, this message is looping", "loop"},
        {"5.3.4", "552 5.3.4 Message size exceeds fixed limit", "too_large"},
        {"5.2.3", "message too large", "too_large"},
        {"5.7.1", "550 5.7.1 Unable to relay", "policy"},
        {"5.7.133", "RESOLVER.RST.SenderNotAuthenticatedForGroup", "authentication"},
        {"5.7.1",
         "554 5.7.1 Service unavailable; Client host [192.0.2.80] blocked using zen.spamhaus.org; https://www.spamhaus.org/query",
         "spam"},
        {"5.1.1", "550 5.1.1 Mail appears to be unsolicited", "spam"},
        {"5.7.1", "550 5.7.1 Message contains spam or virus", "spam"},
        {"5.6.0", "552 5.7.0 This message was blocked because its content presents a potential virus", "content"},
        {"5.7.26", "550-5.7.26 This mail has been blocked because the sender is unauthenticated.", "authentication"},
        {"5.7.1", "550 5.7.1 Unauthenticated email from example.org is not accepted due to domain's DMARC policy.",
         "authentication"},
        {"5.7.25", "The IP address sending this message does not have a PTR record", "authentication"},
        {"4.7.0", "421 4.7.0 Our system has detected an unusual rate of unsolicited mail", "spam"},
        {"4.7.28", "421-4.7.28 Gmail has detected an unusual rate of mail originating from your IP address", "quota_of_ours"},
        {"5.4.5", "550 5.4.5 Daily user sending limit exceeded.", "quota_of_ours"},
        {"4.2.1", "450 4.2.1 The user you are trying to contact is receiving mail too quickly", "quota_of_ours"},
        {"5.0.0", "553 sorry, that domain isn't in my list of allowed rcpthosts", "policy"},
        {"5.0.0", "mx1.spamfilter.example.org said: 550 user unknown", "no_such_user"},
        {"5.0.0", "host mail.relay.example.org said: 550 <nospam@b.example>: user unknown", "no_such_user"},
        {"5.0.0", "it failed", "other"},
    };
    for (const auto& row : table) {
        CAPTURE(row.words);
        CHECK(cause_name(cause_of(row.status, row.words)) == row.cause);
    }
}

TEST_CASE("what somebody's mail, our name or our rate brought about is never the member's fault")
{
    for (const auto cause :
         {Cause::policy, Cause::content, Cause::spam, Cause::authentication, Cause::quota_of_ours, Cause::too_large, Cause::loop})
        CHECK_FALSE(blames_member(cause));
    for (const auto cause : {Cause::no_such_user, Cause::mailbox_full, Cause::host_unknown, Cause::network, Cause::other})
        CHECK(blames_member(cause));
}

TEST_CASE("a status is found in words, and not in versions, addresses and durations")
{
    static constexpr struct {
        std::string_view words, status;
    } table[] = {
        {"550 5.1.1 user unknown", "5.1.1"},
        {"(#5.1.1)", "5.1.1"},
        {"#550 5.4.310 DNS domain does not exist ##", "5.4.310"},
        {"smtp;550-5.7.26 unauthenticated", "5.7.26"},
        {"said: 451 try later", "4.0.0"},
        {"550: no", "5.0.0"},
        {"553. No", "5.0.0"},
        {"Internet Mail Service (5.5.2653.19)", ""},
        {"Lotus Domino Release 5.0.8", ""},
        {"(Exim 4.6.3)", ""},
        {"192.5.1.1 refused", ""},
        {"5.1.1.7", ""},
        {"after 480 minutes", ""},
        {"of 512 bytes", ""},
        {"a550@b.example", ""},
        {"", ""},
    };
    for (const auto& row : table) {
        CAPTURE(row.words);
        CHECK(status_in(row.words) == row.status);
    }
}

TEST_CASE("a diagnostic is one short line of UTF-8")
{
    CHECK(recognise::diagnostic_line(" 550 no\r\n\tsuch \x01 user\n") == "550 no such user");
    CHECK(recognise::diagnostic_line("bo\xeete pleine") == "bo\xc3\xaete pleine");
    const auto cut = recognise::diagnostic_line(std::string(499, 'x') + "\xc3\xa9");
    CHECK(cut == std::string(499, 'x'));
    CHECK(recognise::diagnostic_line(std::string(5'000, 'x')).size() == 500);
}
