#include "core/store/person.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/context.hpp"
#include "cli/verbs.hpp"

namespace majlis::cli {
namespace {

/// Columns that hold a time are named so.
Value value_of(const std::string& column, const store::PersonValue& value)
{
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number == nullptr) return {};
    return column == "at" || column.ends_with("_at") ? time_value(*number) : Value{*number};
}

Array rows_of(const store::PersonPart& part)
{
    Array out;
    for (const store::PersonRow& row : part.rows) {
        Record record;
        for (const auto& [column, value] : row) record.push_back({column, value_of(column, value)});
        out.emplace_back(std::move(record));
    }
    return out;
}

Exit run_export(Context& context)
{
    const Address address = context.address(context.args().get("ADDRESS"));
    Record record{{"address", address.text()}};
    const auto parts = store::person_record(context.database(), address.key());
    for (const store::PersonPart& part : parts) record.push_back({part.name, rows_of(part)});
    const bool known = std::any_of(parts.begin(), parts.end(), [](const auto& part) { return !part.rows.empty(); });
    if (!known) throw context.failure("nothing is kept about " + address.text());
    show(context.out(), Format::json, record);
    return Exit::done;
}

Exit run_erase(Context& context)
{
    const Address address = context.address(context.args().get("ADDRESS"));
    store::Database& db = context.database(store::Open::read_write);
    const store::By by = context.by();
    const auto parts = store::person_record(db, address.key());
    const bool known = std::any_of(parts.begin(), parts.end(), [](const auto& part) { return !part.rows.empty(); });
    if (!known) throw context.failure("nothing is kept about " + address.text());
    context.confirm("erase everything about " + address.text() + ", his posts' texts included");
    store::Transaction transaction{db};
    const auto erased = store::erase_person(db, address.key(), by);
    context.finish(transaction, fmt::format("erased {}: {}, {}", address.text(), counted(erased.subscriptions, "subscription"),
                                            counted(erased.posts, "post")));
    return Exit::done;
}

constexpr std::array erase_params{Param{"ADDRESS", Take::word, "whose"}, yes_flag, dry_run_flag};

constexpr std::array params{Param{"ADDRESS", Take::word, "whose"}, json_flag};  // it is JSON in any case

}  // namespace

const Verb person_export{"person", "export",   "print everything kept about one address, as JSON",
                         params,   run_export, "Mails are named by their Message-ID, not copied."};

const Verb person_erase{
    "person",
    "erase",
    "remove everything kept about one address",
    erase_params,
    run_erase,
    "Member, subscriptions, roles, requests, the texts of his posts; what the journal says of him loses its name.\n"
    "A ban stays, or it would not hold. Copies that members received, and backups, are not in majlis's hands."};

}  // namespace majlis::cli
