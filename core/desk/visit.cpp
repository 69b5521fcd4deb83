#include "core/desk/visit.hpp"

#include <algorithm>
#include <chrono>

#include "core/compose/post_copy.hpp"
#include "core/store/aliases.hpp"
#include "core/store/journal.hpp"
#include "core/store/spent.hpp"
#include "core/store/tokens.hpp"
#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"

namespace majlis::desk {
namespace {

constexpr std::int64_t hour = 3'600;

struct Limit {
    std::string what, who;
    store::Allowance allowance;
};

/// Those who have shown who they are are bounded for themselves alone: nobody else can use up what is theirs.
std::vector<Limit> limits_of(const Visit& visit, std::string_view kind, std::string_view key)
{
    const auto list = std::to_string(visit.list.id);
    const auto one = std::string{kind} + " " + list + " " + std::string{key};
    const bool himself = key == visit.key;
    if (himself && visit.proven()) return {{"ask-one", one, {5, day}}, {"ask-person", std::string{key}, {20, day}}};
    const std::string domain{key.substr(std::min(key.rfind('@'), key.size()))};
    // Members have allowances that strangers cannot use up; yet whoever forges their addresses one after the other is stopped.
    if (himself && visit.person)
        return {{"ask-one", one, {3, day}},
                {"ask-person", std::string{key}, {10, day}},
                {"ask-members-of-domain", domain, {200, hour}},
                {"ask-members-of-list", list, {300, hour}}};
    std::vector<Limit> all{{"ask-one", one, {1, day}}, {"ask-person", std::string{key}, {3, day}}};
    all.push_back({"ask-domain", domain, {60, hour}});
    all.push_back({"ask-list", list, {200, hour}});
    // Who asks in others' names.
    if (!himself) all.push_back({"ask-others", visit.key, {3, day}});
    return all;
}

}  // namespace

std::string Visit::say(std::string_view phrase, const Values& values) const
{
    auto all = values;
    all.try_emplace("list", list.name);
    all.try_emplace("list_address", list.address);
    all.try_emplace("address", address());
    all.try_emplace("request_address", command_address(list.address, "request"));
    return render_phrase(phrase, language, all, site.templates);
}

Result Visit::here(std::string_view line, std::string_view phrase, const Values& values) const
{
    return {std::string{line}, {say(phrase, values)}, Result::Told::here};
}

void Visit::noted(std::string_view what)
{
    if (note.size() < 500) note.append(note.empty() ? "" : "; ").append(what);
}

void Visit::write(Letter letter)
{
    letter.list = list;
    send_letter(db, site, letter, now);
    wrote = true;
}

std::optional<Visit> open_visit(const Caller& caller, std::int64_t list_id)
{
    auto list = store::find_list(caller.db, list_id);
    const auto from = find_fields(caller.message.root().fields, "From");
    // Several authors, or several fields of which each reader believes another: nobody can tell who asks.
    if (!list || from.size() != 1) return std::nullopt;
    const auto boxes = parse_mailboxes(from.front()->body);
    if (boxes.size() != 1 || boxes.front().address.domain.empty()) return std::nullopt;
    const auto address = parse_address(boxes.front().address.text());
    if (!address) return std::nullopt;
    Visit visit{.caller = caller,
                .db = caller.db,
                .site = caller.site,
                .now = caller.now,
                .list = *list,
                .settings = store::settings_of(caller.db, list_id),
                .sender = *address,
                .key = address->key(),
                .name = boxes.front().name,
                .person = {},
                .language = {},
                .note = {},
                .readable = {}};
    visit.person = store::find_person(caller.db, visit.key);
    // As he gave it to us, however the mail spells it: what is his goes to no other spelling.
    if (visit.person && visit.person->address_key == visit.key)
        if (const auto given = parse_address(visit.person->address)) visit.sender = *given;
    visit.language = language_of(caller.db, caller.site, visit.address(), visit.list);
    return visit;
}

std::string day_of(std::int64_t unix_time)
{
    const std::chrono::year_month_day date{
        std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{std::chrono::seconds{unix_time}})};
    const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return std::to_string(static_cast<int>(date.year())) + "-" + two(static_cast<unsigned>(date.month())) + "-" +
           two(static_cast<unsigned>(date.day()));
}

std::string pack(const Values& values)
{
    std::string text;
    for (const auto& [key, value] : values)
        if (!value.empty()) text += key + "=" + text::printable(value, 500) + "\n";
    return text;
}

Values unpack(std::string_view text)
{
    Values values;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        if (const auto equals = line.find('='); equals != std::string_view::npos)
            values.emplace(line.substr(0, equals), line.substr(equals + 1));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return values;
}

bool may_ask(const Visit& visit, std::string_view kind, std::string_view address_key)
{
    const auto limits = limits_of(visit, kind, address_key);
    for (const auto& limit : limits)
        if (!store::may_spend(visit.db, limit.what, limit.who, limit.allowance, visit.now)) {
            store::journal(visit.db, {"majlisd", visit.now},
                           {"request-limited", visit.list.id, std::string{address_key},
                            std::string{kind} + ": " + limit.what + ", asked by " + visit.key});
            return false;
        }
    for (const auto& limit : limits) store::spend(visit.db, limit.what, limit.who, limit.allowance, visit.now);
    return true;
}

Asked ask(Visit& visit, store::RequestKind kind, const Address& address, const Values& detail, std::int64_t within)
{
    const auto key = address.key();
    const auto expires = visit.now + within;
    const auto pending = store::open_request_of(visit.db, key, kind, visit.list.id);
    Asked asked;
    // Other content is another question: an earlier token must never confirm what its letter did not say.
    if (pending && pending->step == store::Step::person && pending->detail == pack(detail)) {
        asked.request_id = pending->id;
        store::renew_request(visit.db, pending->id, expires);
    } else {
        asked.request_id = store::open_request(visit.db,
                                               {.kind = kind,
                                                .list_id = visit.list.id,
                                                .address = address.text(),
                                                .address_key = key,
                                                .detail = pack(detail),
                                                .expires_at = expires},
                                               visit.by());
    }
    asked.token = store::issue_token(visit.db,
                                     {.purpose = store::TokenPurpose::confirm,
                                      .request_id = asked.request_id,
                                      .post_list_id = {},
                                      .member_id = {},
                                      .expires_at = expires},
                                     visit.now);
    return asked;
}

void send_question(Visit& visit, std::string_view name, const Address& address, const Asked& asked, NoticeValues values)
{
    const auto request = store::find_request(visit.db, asked.request_id);
    values.text["address"] = address.text();
    values.text["asked_by"] = address.key() == visit.key ? std::string{} : visit.sender.text();
    values.text["until"] = day_of(request->expires_at);
    values.text["confirm_address"] = command_address(visit.list.address, "confirm-" + asked.token);
    const bool himself = address.key() == visit.key;
    visit.write({.name = std::string{name},
                 .to = address.text(),
                 .list = {},
                 .language = himself ? visit.language : language_of(visit.db, visit.site, address.text(), visit.list),
                 .reply_command = "confirm-" + asked.token,
                 .in_reply_to = himself ? message_id_of(visit.caller.message) : std::string{},
                 .original = {},
                 .values = std::move(values),
                 .priority = store::Priority::urgent});
}

std::string message_id_of(const Message& message)
{
    const auto* id = find_field(message.root().fields, "Message-ID");
    return id == nullptr ? std::string{} : message_id(id->body);
}

void answer(Visit& visit, const std::vector<Result>& results, const std::vector<std::string>& unprocessed)
{
    const bool told = std::ranges::all_of(results, [](const Result& one) { return one.told == Result::Told::by_letter; });
    if (told && (unprocessed.empty() || !results.empty())) return;
    if (!spend_answer(visit.db, visit.key, visit.known(), visit.now)) return visit.noted("not answered: enough for today");
    const auto& fields = visit.caller.message.root().fields;
    NoticeValues values;
    values.text["address"] = visit.sender.text();
    values.text["original_from"] = field_text(fields, "From");
    values.text["original_subject"] = field_text(fields, "Subject");
    values.text["original_date"] = field_text(fields, "Date");
    values.text["original_id"] = message_id_of(visit.caller.message);
    auto& rows = values.rows["results"];
    for (const auto& result : results) {
        if (!result.line.empty()) rows.push_back({{"line", result.line}});
        for (const auto& text : result.says) rows.push_back({{"text", text}});
    }
    for (const auto& line : unprocessed) values.rows["unprocessed"].push_back({{"line", line}});
    if (visit.answers_to != "request") values.text["question"] = "yes";
    if (!unprocessed.empty()) values.text["left_over"] = std::to_string(unprocessed.size());
    visit.write({.name = "command-answer",
                 .to = visit.sender.text(),
                 .list = {},
                 .language = visit.language,
                 .reply_command = visit.answers_to,
                 .in_reply_to = message_id_of(visit.caller.message),
                 .original = {},
                 .values = std::move(values)});
    visit.noted("answered");
}

}  // namespace majlis::desk
