-- What version 6 added: a run of digests that is planned, with a mail that is delivered and one that waits.
UPDATE member SET digest_format = 'plain' WHERE id = 2;
UPDATE delivery_skip SET digest_id = 2;
INSERT INTO digest_mark (member_id, delivery_id) VALUES (2, 1);
INSERT INTO digest_run (id, reason, state, daily_at, max_posts, max_bytes, delivery_id, created_at) VALUES
    (1, 'due', 'planned', 132, 100, 1000000, 1, 132);
INSERT INTO digest_group (id, run_id, language, format, posts, key, state, delivery_id) VALUES
    (1, 1, 'fr', 'mime', '2:1', x'dd', 'queued', 2), (2, 1, 'fr', 'plain', '2:1', x'dd', 'waiting', NULL);
INSERT INTO digest_recipient (member_id, run_id, group_id) VALUES (1, 1, 1), (2, 1, 2);
INSERT INTO digest_volume (list_id, year, volume, issue) VALUES (1, 2024, 1, 3);
INSERT INTO digest_issue (run_id, list_id, volume, issue) VALUES (1, 1, 1, 3);
