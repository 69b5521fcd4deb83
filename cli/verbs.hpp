#pragma once
#include "cli/verb.hpp"

/// Every verb; each stands in the file of its noun.
namespace majlis::cli {

extern const Verb init, check, status;
extern const Verb list_create, list_show, list_set, list_rename, list_remove, list_tree;
extern const Verb member_add, member_remove, member_show, member_set, member_find, member_list, member_import, member_export;
extern const Verb role_add, role_remove, role_list;
extern const Verb held_list, held_show, held_approve, held_reject, held_discard;
extern const Verb rule_list, rule_add, rule_remove, rule_test;
extern const Verb queue_list, queue_show, queue_retry, queue_drop, queue_pause, queue_resume;
extern const Verb post, explain, classify_mail, log_show;
extern const Verb digest_send;
extern const Verb bounce_list, bounce_show, bounce_reset, bounce_judge;
extern const Verb report_list, report_push;
extern const Verb archive_search, archive_show, archive_thread, archive_export, archive_import, archive_remove, archive_redact,
    archive_reindex;
extern const Verb request_list, request_approve, request_refuse;
extern const Verb person_export, person_erase;
extern const Verb db_migrate, db_check, db_backup, db_restore;
extern const Verb complete;

}  // namespace majlis::cli
