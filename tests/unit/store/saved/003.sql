-- What version 3 added: a post in the archive, in a thread with one that is named only, and its words; a list's last post gone.
UPDATE post_list SET archive = 'in' WHERE id = 1;
UPDATE content SET keep = 'for ever' WHERE id = 1;
INSERT INTO archive_thread (id, root_id, nodes) VALUES (1, 1001, 2);
INSERT INTO archive_node (id, parent_id, thread_id, post_id) VALUES (1001, NULL, 1, NULL), (1002, 1001, 1, 1);
INSERT INTO archive_post (post_id, node_id, sent_at, tags, words) VALUES (1, 1002, 112, 'l2', 1);
INSERT INTO archive_list (list_id, sent_at, post_id, subject, reply) VALUES (2, 112, 1, 77, 0);
INSERT INTO archive_word (rowid, subject, author, files, body, quoted, tags) VALUES (1, 'hello', 'anna', '', 'hello', '', 'l2');
INSERT INTO archive_loose (post_id) VALUES (2);
INSERT INTO archive_import (list_id, source, head, position, updated_at) VALUES (2, '/tmp/rabat.mbox', x'cc', 42, 127);
