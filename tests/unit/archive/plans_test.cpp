#include <algorithm>
#include <array>

#include "tests/unit/archive/archive_site.hpp"

using namespace majlis;
using namespace majlis::store;

namespace {

/// Indexes over rows that wait for work, which are few, and tables of such rows.
constexpr std::array<std::string_view, 4> short_ones{"post_list_unarchived", "archive_post_unread", "archive_post_unpacked",
                                                     "archive_loose"};

/// Every function of the archive once, so that each statement has been prepared.
void use_everything(Archive& site)
{
    const auto post = site.archived(mail("a@x", "Budget"), {site.rabat, site.france});
    site.archived(mail("b@x", "Re: Budget", "b", "References: <a@x>\r\n"));
    site.archived(mail("c@x", "Re: Budget", "c"));
    site.archived(mail("d@x", "Re: Vote", "d"));
    site.archived(mail("e@x", "Vote", "e", "In-Reply-To: <z@x>\r\n"));
    site.import(mail("f@x", "Ancien"), site.maroc);
    site.import(mail("f@x", "Ancien"), site.rabat);
    ArchiveImport{site.db, site.rabat, "x", "y"}.note(5, admin.at);
    const auto anna = readable_by(site.db, site.join(site.rabat, "anna@example.org"));
    site.find("budget from:anna after:2020 list:rabat -vote", anna);
    archived_post(site.db, "a@x", anna);
    archived_by(site.db, "anna@example.org", 0, 10);
    thread_of(site.db, post, anna);
    const ExportQuery query{{site.rabat, site.france}, {}, {}};
    each_archived(site.db, query, [](const ArchivedPost&) { return true; });
    count_archived(site.db, query);
    redact_archived(site.db, post, "", admin).value();
    remove_archived(site.db, post, site.france, "", admin).value();
    remove_archived(site.db, post, {}, "", admin).value();
    tidy_words(site.db, 10);
}

}  // namespace

TEST_CASE("no statement of the archive reads a growing table whole or sorts it")
{
    Archive site;
    use_everything(site);
    std::size_t seen = 0;
    for (const auto sql : site.db.known_sql()) {
        if (sql.find("archive") == std::string_view::npos) continue;
        ++seen;
        SQLite::Statement plan{site.db.connection(), "EXPLAIN QUERY PLAN " + std::string{sql}};
        while (plan.executeStep()) {
            const auto step = plan.getColumn(3).getString();
            INFO(sql);
            INFO(step);
            const auto names = [&](std::string_view name) { return step.find(name) != std::string::npos; };
            const bool by_words = names("VIRTUAL TABLE INDEX");  // FTS5 asks its own index
            const bool in_order = sql.find("ORDER BY sent_at") != std::string_view::npos && names("archive_post_sent");
            const bool few = std::ranges::any_of(short_ones, names) || names("SCAN CONSTANT ROW") || in_order;
            const bool scans = step.starts_with("SCAN ") && !by_words && !few && !names("SCAN (subquery");
            CHECK_FALSE(scans);
            // A post stands on few lists.
            CHECK_FALSE((names("USE TEMP B-TREE") && sql.find("ORDER BY l.name") == std::string_view::npos));
        }
    }
    CHECK(seen > 40);
}
