#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "core/message/message.hpp"
#include "core/moderation/sweep.hpp"
#include "core/store/content.hpp"
#include "tests/unit/store/site.hpp"

namespace majlis::moderation {

/// A letter that lies in the outbox.
struct Sent {
    std::string to, raw, text;
    std::string field(std::string_view name) const
    {
        const auto message = scan_message(raw);
        return field_text(message.root().fields, name);
    }
    /// The token that a reply brings back.
    std::string token() const
    {
        const auto from = raw.find("+mod-");
        return from == std::string::npos ? "" : raw.substr(from + 5, 26);
    }
};

/// A site with the moderator Karim, above all of Morocco, and posts that wait on rabat.
struct HeldSite : store::Site {
    HeldSite()
    {
        store::add_role(db, maroc, store::address("karim@example.org"), store::Role::moderator, store::admin).value();
        store::set_setting(db, maimc, "language", "en", Fixed::no, store::admin).value();
        context.site = {
            .name = "MAIMC", .domain = "maimc.org", .owner = "admin@maimc.org", .language = "en", .templates = {}, .relays = {}};
        context.ourselves = {"maimc.org", {}};
    }

    std::int64_t now = store::admin.at + 100;
    SweepContext context;
    std::int64_t seen = 0;  // last delivery that letters() gave

    std::int64_t hold(std::string_view id, std::string_view sender = "anna@example.org", std::string_view more = {},
                      store::Verdict verdict = store::Verdict::held, std::string rule = "stranger")
    {
        const std::string raw = "From: Anna <" + std::string{sender} +
                                ">\r\nTo: rabat@maimc.org\r\nSubject: Hello\r\nMessage-ID: <" + std::string{id} + ">\r\n" +
                                std::string{more} + "\r\nMay I ask something?\r\nreject\r\n";
        auto judged = post(std::string{id}, raw);
        judged.identity.sender = sender;
        judged.sender_name = "Anna";
        store::ListVerdict one;
        one.list_id = rabat;
        one.verdict = verdict;
        one.rule = std::move(rule);
        one.reason = "she is no member";
        static_cast<void>(store::record_verdicts(db, judged, {&one, 1}, store::admin.at));
        return number("SELECT max(id) FROM post_list");
    }
    void trust(std::int64_t id, std::string_view proof)
    {
        db.prepared("UPDATE post_list SET trust = :trust WHERE id = :id").bind(":trust", proof).bind(":id", id).run();
    }
    /// What has been put into the outbox since the last call.
    std::vector<Sent> letters()
    {
        std::vector<Sent> found;
        auto rows = db.prepared(
            "SELECT d.id, d.content_id, r.address FROM delivery d JOIN delivery_recipient r ON r.delivery_id = d.id "
            "WHERE d.kind = 'notice' AND d.id > :seen ORDER BY d.id");
        rows.bind(":seen", seen);
        while (rows.step()) {
            Sent sent{rows.text(2), store::load_content(db, rows.integer(1)), {}};
            const auto message = scan_message(sent.raw);
            sent.text = readable_text(message);
            seen = rows.integer(0);
            found.push_back(std::move(sent));
        }
        return found;
    }
    std::string verdict(std::int64_t id) { return std::string{store::verdict_name(store::held_post(db, id).value().verdict)}; }
};

inline const Sent* letter_to(const std::vector<Sent>& letters, std::string_view address)
{
    const auto found = std::ranges::find(letters, address, &Sent::to);
    return found == letters.end() ? nullptr : &*found;
}

}  // namespace majlis::moderation
