-- What version 4 added: a report that is kept, and a push that has failed.
INSERT INTO report (id, post_id, list_id, state, reply, section, folder, title, author, date, created_at, kept_at) VALUES
    (1, 1, 2, 'kept', 0, 'rabat', 'rabat/2024-01-01-hello', 'Hello', 'Anna', '2024-01-01', 128, 129);
UPDATE report_push SET waiting = 1, failures = 2, try_at = 4000000000, last_error = 'no route';
