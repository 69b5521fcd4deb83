-- What version 2 added: preferences, another address, a request with its token, rules, a held post that moderators know of.
UPDATE member SET duplicates = 0, away_until = 4000000000, held_notice = 'daily', held_told_at = 125 WHERE id = 2;
UPDATE subscription SET moderation = 'hold' WHERE list_id = 2 AND member_id = 1;
UPDATE post_list SET told_at = 126, trust = 'passed' WHERE id = 2;
INSERT INTO member_alias (address_key, address, member_id, created_at) VALUES ('bob@work.example', 'Bob@Work.example', 2, 122);
INSERT INTO request (id, kind, step, list_id, address, address_key, created_at, expires_at) VALUES
    (1, 'join', 'person', 2, 'New@Example.org', 'new@example.org', 123, 4000000000);
INSERT INTO token (hash, purpose, request_id, post_list_id, member_id, created_at, expires_at) VALUES
    (x'aa', 'confirm', 1, NULL, NULL, 123, 4000000000), (x'bb', 'moderate', NULL, 2, 2, 124, 4000000000);
INSERT INTO spent (what, who, began_at, count) VALUES ('answer', 'new@example.org', 123, 1);
INSERT INTO list_rule (id, list_id, kind, pattern, created_at, created_by) VALUES (1, 2, 'ban', '@example.com', 124, 'cli:root');
INSERT INTO post_hit (post_list_id, n, rule, verdict, reason) VALUES (2, 0, 'moderated', 'held', 'every post is read first');
INSERT INTO held_mirror (post_list_id, inbox_id, uidvalidity, uid, token_hash, appended_at) VALUES (2, 1, 8, 3, x'bb', 125);
INSERT INTO dmarc_policy (domain, policy, expires_at) VALUES ('example.org', 'reject', 4000000000);
INSERT INTO post_named (post_id, member_id) VALUES (1, 2);
