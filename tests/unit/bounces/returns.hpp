#pragma once
#include <string>
#include <vector>

#include "core/bounces/consequence.hpp"
#include "core/store/bounces.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/outcomes.hpp"
#include "core/store/recipients.hpp"
#include "core/token/token.hpp"
#include "tests/unit/desk/desk_site.hpp"

namespace majlis {

constexpr std::int64_t one_day = 86'400;

/// A site whose posts come back.
struct Returns : Desk {
    static constexpr bounces::Breaker breaker{.share = 20, .members = 10};

    std::int64_t post_to(std::int64_t list)
    {
        static int count = 0;
        auto judged = post("post" + std::to_string(++count) + "@example.org");
        judged.subject = "Post " + std::to_string(count);
        const store::ListVerdict verdict{list, store::Verdict::accepted, "default", "", "", {}};
        return store::record_verdicts(db, judged, {&verdict, 1}, now).delivery_id.value();
    }
    std::string token(std::int64_t delivery, std::int64_t member)
    {
        return token::seal_bounce(store::site_secret(db), {delivery, member});
    }

    /// A report as Postfix writes it.
    std::string report(const std::string& to, const std::string& recipient, const std::string& status,
                       const std::string& action = "failed", const std::string& words = "")
    {
        return "From: MAILER-DAEMON@mx.example.net\r\nTo: " + to +
               "\r\nSubject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
               "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
               "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
               "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n"
               "Final-Recipient: rfc822; " +
               recipient + "\r\nAction: " + action + "\r\nStatus: " + status + "\r\nDiagnostic-Code: smtp; " +
               (words.empty() ? "550 " + status + " no" : words) +
               "\r\n\r\n"
               "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: a@example.org\r\nSubject: x\r\n\r\n--b--\r\n";
    }
    std::string bounce(std::int64_t delivery, std::int64_t member, const std::string& recipient,
                       const std::string& status = "5.1.1", const std::string& action = "failed", const std::string& words = "")
    {
        return take(report("rabat+bounce-" + token(delivery, member) + "@maimc.org", recipient, status, action, words));
    }
    /// The same with the header of a letter of ours inside, as it came back.
    std::string bounce_letter(std::int64_t delivery, const Sent& letter)
    {
        auto raw = report("rabat+bounce-" + token(delivery, 0) + "@maimc.org", letter.to, "5.1.1");
        const std::string before = "Subject: x\r\n";
        raw.insert(raw.rfind(before), "Message-ID: <" + letter.message_id + ">\r\n");
        return take(raw);
    }
    bounces::Step step() { return bounces::step(db, context.site, breaker, now + 61, 100); }
    /// One post a day that comes back, for so many days.
    void days(int count, std::int64_t member, const std::string& recipient, const std::string& status = "5.1.1")
    {
        for (int i = 0; i < count; ++i) {
            now += one_day;
            bounce(post_to(rabat), member, recipient, status);
            step();
        }
    }
    /// Five days of bounces, then the probe comes back: his mail is off. The letters are thrown away.
    void suspend(std::int64_t member, const std::string& recipient)
    {
        days(5, member, recipient);
        mails();
        bounce(*store::bounce_state(db, member)->probe_delivery, 0, recipient);
        step();
    }
    /// To whom letters went since the last call.
    std::vector<std::string> readers()
    {
        std::vector<std::string> told;
        for (const auto& letter : mails()) told.push_back(letter.to);
        return told;
    }
    std::string stage(std::int64_t member)
    {
        const auto state = store::bounce_state(db, member);
        return state ? std::string{store::stage_name(state->stage)} : "";
    }
    int points(std::int64_t member)
    {
        const auto state = store::bounce_state(db, member);
        return state ? state->points : 0;
    }
    bool reached(std::int64_t member, std::int64_t delivery)
    {
        store::RecipientWalk walk{db};
        const auto scope = store::load_scope(db, delivery);
        for (const auto& recipient : walk.step(scope, 0, 1'000'000, 1'000).recipients)
            if (recipient.member_id == member) return true;
        return false;
    }
};

}  // namespace majlis
