#include "core/store/person.hpp"

#include <array>

namespace majlis::store {
namespace {

struct Question {
    std::string_view part;
    std::string_view sql;  // a literal, with :key
};

constexpr std::array questions{
    Question{"member", R"(SELECT id, address, name, language, own_posts, duplicates, away_until, digest_format, held_notice, created_at FROM member WHERE member.address_key = :key)"},
    Question{"subscriptions", R"(
        SELECT list.name AS list, mode, joined_at FROM member
        JOIN subscription ON subscription.member_id = member.id JOIN list ON list.id = subscription.list_id
        WHERE member.address_key = :key ORDER BY list.name)"},
    Question{"past_subscriptions", R"(
        SELECT list.name AS list, mode, ended_at FROM member
        JOIN subscription_past AS past ON past.member_id = member.id LEFT JOIN list ON list.id = past.list_id
        WHERE member.address_key = :key ORDER BY ended_at)"},
    Question{"roles", R"(
        SELECT list.name AS list, role, role.created_at FROM member
        JOIN role ON role.member_id = member.id JOIN list ON list.id = role.list_id
        WHERE member.address_key = :key ORDER BY list.name)"},
    Question{"other_addresses", R"(
        SELECT member_alias.address, member_alias.created_at FROM member
        JOIN member_alias ON member_alias.member_id = member.id WHERE member.address_key = :key ORDER BY member_alias.address)"},
    Question{"requests", R"(
        SELECT kind, step, list.name AS list, state, detail, request.created_at, expires_at, ended_at
        FROM request LEFT JOIN list ON list.id = request.list_id WHERE request.address_key = :key ORDER BY request.id)"},
    Question{"rules", R"(
        SELECT list.name AS list, kind, note, list_rule.created_at FROM list_rule LEFT JOIN list ON list.id = list_rule.list_id
        WHERE list_rule.pattern = :key AND kind IN ('ban', 'allow') ORDER BY list_rule.id)"},
    Question{"posts", R"(
        SELECT post.id, message_id, sender_name, subject, size, received_at, list.name AS list, verdict, rule, reason, decided_by
        FROM post LEFT JOIN post_list ON post_list.post_id = post.id LEFT JOIN list ON list.id = post_list.list_id
        WHERE sender = :key ORDER BY post.id)"},
    Question{"undelivered", R"(
        SELECT delivery_id, delivery_recipient.address, state, attempts, code, status, text, updated_at
        FROM member JOIN delivery_recipient ON delivery_recipient.member_id = member.id
        WHERE member.address_key = :key ORDER BY delivery_id)"},
    Question{"digests", R"(
        SELECT digest_run.created_at, digest_run.reason, digest_group.format, digest_group.state FROM member
        JOIN digest_recipient ON digest_recipient.member_id = member.id JOIN digest_run ON digest_run.id = digest_recipient.run_id
        JOIN digest_group ON digest_group.id = digest_recipient.group_id
        WHERE member.address_key = :key ORDER BY digest_run.id)"},
    Question{"journal", R"(
        SELECT at, event, actor, list.name AS list, detail FROM journal LEFT JOIN list ON list.id = journal.list_id
        WHERE journal.address = :key AND journal.address <> '' ORDER BY journal.id)"},
};

PersonValue value_of(SQLite::Statement& row, int column)
{
    const SQLite::Column cell = row.getColumn(column);
    if (cell.isNull()) return nullptr;
    if (cell.isInteger()) return cell.getInt64();
    return cell.getString();
}

}  // namespace

std::vector<PersonPart> person_record(Database& db, std::string_view address_key)
{
    Transaction one_view{db, Begin::deferred};
    std::vector<PersonPart> out;
    for (const Question& question : questions) {
        PersonPart& part = out.emplace_back(PersonPart{std::string{question.part}, {}});
        Prepared rows = db.prepared(question.sql);
        rows.bind(":key", address_key);
        while (rows.step()) {
            PersonRow& row = part.rows.emplace_back();
            for (int i = 0; i < rows->getColumnCount(); ++i) row.emplace_back(rows->getColumnName(i), value_of(*rows, i));
        }
    }
    return out;
}

}  // namespace majlis::store
