-- What version 5 added: a member who is suspended, and one whose bounces are counted.
UPDATE member SET bouncing = 1 WHERE id = 2;
INSERT INTO bounce (id, member_id, list_id, delivery_id, state, weight, points, cause, status, text, source, at) VALUES
    (1, 1, 2, 1, 'counted', 1, 1, 'mailbox full', '4.2.2', 'over quota', 'report', 130),
    (2, 2, 2, NULL, 'new', 2, 0, 'no such user', '5.1.1', 'unknown', 'relay', 131);
INSERT INTO bounce_state (member_id, state, points, day, day_points, last_at, list_id, warnings, since, next_at) VALUES
    (1, 'counting', 1, 0, 1, 130, 2, 0, 130, 0), (2, 'suspended', 10, 0, 2, 131, 2, 1, 131, 4000000000);
