#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/desk/desk.hpp"
#include "core/judge/judge.hpp"
#include "core/message/message.hpp"
#include "core/store/content.hpp"
#include "core/store/list_rules.hpp"
#include "core/store/requests.hpp"
#include "core/text/ascii.hpp"
#include "tests/unit/store/site.hpp"

namespace majlis {

/// A letter that majlis has queued.
struct Sent {
    std::string to, from, subject, text, message_id, language, bytes;
    std::string token() const  ///< of its From address
    {
        for (const auto* mark : {"+confirm-", "+mod-"})
            if (const auto at = from.find(mark); at != std::string::npos) {
                const auto begin = at + std::string_view{mark}.size();
                return from.substr(begin, from.find('@', begin) - begin);
            }
        return {};
    }
};

/// A site with the lists of store::Site, to which people write. English, so that tests can be read.
struct Desk : store::Site {
    JudgeContext context;
    std::int64_t now = 1'800'000'000;
    std::int64_t seen = 0;  // deliveries that mails() has returned

    Desk()
    {
        context.site_domain = "maimc.org";
        context.own_addresses = {"listes@maimc.org"};
        context.site = {
            .name = "MAIMC", .domain = "maimc.org", .owner = "admin@maimc.org", .language = "en", .templates = {}, .relays = {}};
        set(maimc, "language", "en");
    }
    void set(std::int64_t list, std::string_view key, std::string_view value)
    {
        REQUIRE(store::set_setting(db, list, key, value, Fixed::no, store::admin));
    }
    /// From now on the provider's word counts; mails with proven() pass.
    void trust_provider() { context.authentication.trusted_servers = {"mx.example.org"}; }
    static std::string proven(const std::string& domain)
    {
        return "Authentication-Results: mx.example.org; dkim=pass header.d=" + domain + "; spf=pass smtp.mailfrom=" + domain +
               "\r\n";
    }
    static std::string forged(const std::string& domain)
    {
        return "Authentication-Results: mx.example.org; dmarc=fail header.from=" + domain + "; spf=fail smtp.mailfrom=" + domain +
               "\r\n";
    }

    /// Judges a mail as it came; the note.
    std::string take(const std::string& raw)
    {
        const auto id = store::inject_arrival(db, raw, {"majlisd", now});
        const auto mails = store::next_new(db, 100);
        const auto mail = std::ranges::find(mails, id, &store::NewMail::arrival_id);
        REQUIRE(mail != mails.end());
        const auto read = read_mail(raw, context.site_domain);
        const auto judgement = judge_mail(db, *read, store::Junk::no, context, now);
        return record_judgement(db, *mail, *read, judgement, context, now).note;
    }
    std::string write(const std::string& from, const std::string& to, const std::string& subject = "",
                      const std::string& body = "", const std::string& header = "")
    {
        static int count = 0;
        return take(header + "From: " + from + "\r\nTo: " + to + "\r\nSubject: " + subject +
                    "\r\nDate: Mon, 02 Mar 2026 10:00:00 +0000\r\n" + "Message-ID: <m" + std::to_string(++count) +
                    "@example.org>\r\n\r\n" + body + "\r\n");
    }
    /// A reply as mail programs write it.
    std::string reply(const Sent& to, const std::string& from, const std::string& body = "", const std::string& header = "")
    {
        return write(from, to.from, "Re: " + to.subject, body + "\r\n\r\n> " + to.subject,
                     header + "In-Reply-To: <" + to.message_id + ">\r\n");
    }
    /// Letters since the last call.
    std::vector<Sent> mails()
    {
        std::vector<std::pair<std::int64_t, std::pair<std::int64_t, std::string>>> rows;
        {
            auto all = db.prepared(
                "SELECT d.id, d.content_id, r.address FROM delivery d JOIN delivery_recipient r ON r.delivery_id = d.id "
                "WHERE d.kind = 'notice' AND d.id > :seen ORDER BY d.id, r.address");
            all.bind(":seen", seen);
            while (all.step()) rows.push_back({all.integer(0), {all.integer(1), all.text(2)}});
        }
        std::vector<Sent> found;
        for (const auto& [id, letter] : rows) {
            seen = std::max(seen, id);
            const auto bytes = store::load_content(db, letter.first);
            const auto message = scan_message(bytes);
            const auto& fields = message.root().fields;
            const auto from = parse_mailboxes(find_field(fields, "From")->body);
            found.push_back({letter.second, from.empty() ? "" : from.front().address.text(), field_text(fields, "Subject"),
                             readable_text(message), message_id(find_field(fields, "Message-ID")->body),
                             field_text(fields, "Content-Language"), bytes});
        }
        return found;
    }
    /// The one letter since the last call.
    Sent mail()
    {
        const auto all = mails();
        REQUIRE(all.size() == 1);
        return all.front();
    }
    bool on(std::int64_t list, std::string_view who)
    {
        const auto member = store::find_member(db, who);
        if (!member) return false;
        const auto rows = store::subscriptions_of(db, member->id);
        return std::ranges::find(rows, list, &store::Subscription::list_id) != rows.end();
    }
    std::string mode(std::int64_t list, std::string_view who)
    {
        const auto member = store::find_member(db, who);
        if (member)
            for (const auto& row : store::subscriptions_of(db, member->id))
                if (row.list_id == list) return std::string{store::mode_name(row.mode)};
        return "";
    }
    std::int64_t open() { return number("SELECT count(*) FROM request WHERE state = 'open'"); }
    /// Joins by mail and throws the letters away.
    void join_by_mail(std::string_view list, const std::string& who)
    {
        mails();
        write(who, std::string{list} + "+subscribe@maimc.org");
        reply(mail(), who);
        mails();
        now += 1;
    }
};

inline bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace majlis
