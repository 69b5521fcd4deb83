#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"

/// Meeting reports on their way into the repository.
namespace majlis::store {

enum class ReportMark { report, reply };

/// The post is a report of this list, or a reply to one, once the list has accepted it. Inside the caller's transaction.
void note_report(Database& db, std::int64_t post_id, std::int64_t list_id, ReportMark mark, std::int64_t now);

struct PendingReport {
    std::int64_t id = 0, post_id = 0, list_id = 0, content_id = 0;
    ReportMark mark = ReportMark::report;
    std::string sender, sender_name;  ///< key of the author, his name as the mail gives it
    std::int64_t received_at = 0;
};
/// The oldest after `after_id` that an accepted post made; what was refused in the meantime is put aside.
std::optional<PendingReport> next_report(Database& db, std::int64_t after_id);

struct KeptReport {
    std::int64_t id = 0, post_id = 0, list_id = 0;
    std::string list, state, section, folder, title, author, date, note, sender, message_id;
    std::int64_t text_bytes = 0, kept_at = 0;
};
/// The report of this list that one of these Message-IDs belongs to, or that a correction of it took over.
std::optional<KeptReport> find_report(Database& db, std::int64_t list_id, std::span<const std::string> message_ids);
/// Of one section's folder, by date: what its indexes show.
std::vector<KeptReport> reports_of_section(Database& db, std::string_view section);
/// Newest first; of one list, or of all.
std::vector<KeptReport> list_reports(Database& db, std::optional<std::int64_t> list_id, std::size_t limit);

/// It stands in the repository; `replaced` (0: none) is the one whose place it took.
void report_kept(Database& db, const KeptReport& report, std::int64_t replaced, const By& by);
void not_a_report(Database& db, std::int64_t id, std::string_view why);
/// It could not be kept this time.
void report_failed(Database& db, std::int64_t id, std::string_view why);

struct PushState {
    bool waiting = false;
    std::int64_t failures = 0, try_at = 0, pushed_at = 0;
    std::string last_error;
};
PushState push_state(Database& db);
void push_done(Database& db, std::int64_t now);
void push_failed(Database& db, std::string_view error, std::int64_t try_at);
/// The operator wants it tried now.
void push_now(Database& db);

}  // namespace majlis::store
