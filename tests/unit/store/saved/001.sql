-- A site as version 1 left it: lists with settings, members with a past, a post on its way, one held, one rejected.
INSERT INTO site_secret (name, value) VALUES ('seal', x'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff');
UPDATE membership_clock SET tick = 9;
INSERT INTO list (id, name, address, address_key, list_id, parent_id, created_at) VALUES
    (1, 'maroc', 'maroc@maimc.org', 'maroc@maimc.org', 'maroc.maimc.org', NULL, 100),
    (2, 'rabat', 'rabat@maimc.org', 'rabat@maimc.org', 'rabat.maimc.org', 1, 101);
INSERT INTO list_setting (list_id, key, value, fixed) VALUES (1, 'posting', 'moderated', 1), (2, 'title', 'Rabat', 0);
INSERT INTO member (id, address, address_key, name, language, created_at) VALUES
    (1, 'Anna@Example.org', 'anna@example.org', 'Anna', 'fr', 102), (2, 'bob@example.org', 'bob@example.org', '', NULL, 103);
INSERT INTO subscription (list_id, member_id, mode, joined, since, joined_at) VALUES
    (2, 1, 'each', 2, 3, 104), (2, 2, 'none', 4, 5, 105), (1, 2, 'daily', 6, 7, 106);
INSERT INTO subscription_past (list_id, member_id, mode, since, until, ended_at) VALUES (2, 1, 'daily', 2, 3, 104);
INSERT INTO role (list_id, member_id, role, created_at) VALUES (1, 2, 'moderator', 107);
INSERT INTO content (id, sha256, size, created_at) VALUES (1, x'2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', 5, 108), (2, x'486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7', 5, 109);
INSERT INTO content_chunk (content_id, n, bytes) VALUES (1, 0, CAST('hello' AS BLOB)), (2, 0, CAST('world' AS BLOB));
INSERT INTO inbox (id, name) VALUES (1, 'listes@imap.example.org');
INSERT INTO folder (id, inbox_id, name, uidvalidity, uid_done) VALUES (1, 1, 'INBOX', 7, 42);
INSERT INTO arrival (id, folder_id, uidvalidity, uid, content_id, size, place, stage, kind, arrived_at) VALUES
    (1, 1, 7, 41, 1, 5, 'filed', 'done', 'post', 110), (2, 1, 7, 42, 2, 5, 'inbox', 'new', NULL, 111);
INSERT INTO post (id, content_id, message_id, sender, sender_name, digest, subject, size, received_at) VALUES
    (1, 1, '1@x', 'anna@example.org', 'Anna', x'00', 'Hello', 5, 112), (2, 2, '2@x', 'eve@example.net', '', x'01', 'Spam', 5, 113);
INSERT INTO delivery (id, kind, post_id, content_id, list_id, priority, state, tick, last_member_id, next_member_id, accepted,
                      created_at) VALUES (1, 'post', 1, 1, NULL, 2, 'active', 9, 2, 2, 1, 114);
INSERT INTO delivery_list (delivery_id, target_id, list_id, parent_id) VALUES (1, 2, 2, NULL);
INSERT INTO delivery_range (delivery_id, first_id, last_id, done_id, updated_at) VALUES (1, 0, 2, 1, 115);
INSERT INTO delivery_recipient (delivery_id, member_id, address, list_id, priority, state, next_attempt_at, updated_at) VALUES
    (1, 1, 'Anna@Example.org', 2, 2, 'deferred', 116, 116);
INSERT INTO post_list (id, post_id, list_id, verdict, rule, reason, held_at, decided_by, decided_at, delivery_id) VALUES
    (1, 1, 2, 'accepted', 'default', '', NULL, 'rules', 117, 1),
    (2, 1, 1, 'held', 'moderated', 'every post is read first', 117, 'rules', 117, NULL),
    (3, 2, 2, 'rejected', 'stranger', 'no member', 118, 'cli:root', 119, NULL);
INSERT INTO delivery (id, kind, post_id, content_id, list_id, priority, state, tick, last_member_id, created_at)
    VALUES (2, 'notice', NULL, 2, 2, 1, 'active', 9, 0, 114);
INSERT INTO delivery_recipient (delivery_id, member_id, address, list_id, priority, state, next_attempt_at, updated_at) VALUES
    (2, 0, 'eve@example.net', 2, 1, 'deferred', 116, 116);
INSERT INTO delivery_skip (delivery_id, member_id) VALUES (1, 2);
INSERT INTO told (subject, at) VALUES ('relay:out', 120);
INSERT INTO daemon (id, pid, version, started_at, seen_at, state) VALUES (1, 42, '0.1.0', 100, 121, 'stopped');
INSERT INTO relay (name, updated_at) VALUES ('out', 120);
INSERT INTO relay_usage (relay, minute, recipients, messages) VALUES ('out', 2, 3, 4);
INSERT INTO journal (at, event, actor, list_id, address, detail) VALUES (121, 'member-added', 'cli:root', 2, 'anna@example.org', 'each');
