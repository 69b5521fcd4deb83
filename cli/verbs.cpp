#include "cli/verbs.hpp"

#include <array>
#include <utility>

namespace majlis::cli {
namespace {

constexpr std::array verbs{
    &init,           &check,           &status,                                                          //
    &list_create,    &list_show,       &list_set,       &list_rename,     &list_remove,  &list_tree,     //
    &member_add,     &member_remove,   &member_show,    &member_set,      &member_find,  &member_list,   //
    &member_import,  &member_export,                                                                     //
    &role_add,       &role_remove,     &role_list,                                                       //
    &held_list,      &held_show,       &held_approve,   &held_reject,     &held_discard,                 //
    &rule_list,      &rule_add,        &rule_remove,    &rule_test,                                      //
    &request_list,   &request_approve, &request_refuse,                                                  //
    &queue_list,     &queue_show,      &queue_retry,    &queue_drop,      &queue_pause,  &queue_resume,  //
    &post,           &explain,         &classify_mail,  &log_show,                                       //
    &digest_send,    &bounce_list,     &bounce_show,    &bounce_reset,    &bounce_judge,                 //
    &report_list,    &report_push,                                                                       //
    &archive_search, &archive_show,    &archive_thread, &archive_export,                                 //
    &archive_import, &archive_remove,  &archive_redact, &archive_reindex,                                //
    &person_export,  &person_erase,    &db_migrate,     &db_check,        &db_backup,    &db_restore,    //
    &complete,
};

using Noun = std::pair<std::string_view, std::string_view>;
constexpr auto nouns = std::to_array<Noun>({
    {"list", "lists and sections"},
    {"member", "members and what they receive"},
    {"role", "owners and moderators"},
    {"held", "posts that wait for a moderator"},
    {"rule", "bans, allowed senders, patterns"},
    {"request", "people who wait for a moderator to let them join"},
    {"queue", "what is on its way out"},
    {"digest", "many posts in one mail, by the day or the week"},
    {"bounce", "members whose mail comes back"},
    {"report", "meeting reports in the git repository"},
    {"archive", "posts that were accepted, and old ones"},
    {"person", "what is kept about one address"},
    {"db", "care of the database"},
});

}  // namespace

std::span<const Verb* const> all_verbs() { return verbs; }
std::span<const std::pair<std::string_view, std::string_view>> all_nouns() { return nouns; }

}  // namespace majlis::cli
