-- Digests: how far each kind has come, who gets which posts in which run, and which mails are still to be written.

ALTER TABLE member ADD COLUMN digest_format TEXT NOT NULL DEFAULT 'mime' CHECK (digest_format IN ('mime', 'plain'));

-- Who has a digest in sight, in the order of members; whose digest mode ended lately.
CREATE INDEX subscription_digest ON subscription (member_id) WHERE mode IN ('daily', 'weekly');
CREATE INDEX subscription_past_digest ON subscription_past (until) WHERE mode IN ('daily', 'weekly');

-- Every delivery up to this one has been looked at for the digests of its kind; full: for those who have too much waiting. A new or upgraded site begins with what comes now.
CREATE TABLE digest_clock (
    kind        TEXT PRIMARY KEY CHECK (kind IN ('daily', 'weekly', 'full')),
    delivery_id INTEGER NOT NULL,
    due_at      INTEGER NOT NULL          -- the moment for which that was done
) STRICT, WITHOUT ROWID;
INSERT INTO digest_clock (kind, delivery_id, due_at)
    SELECT column1, (SELECT coalesce(max(id), 0) FROM delivery), unixepoch() FROM (VALUES ('daily'), ('weekly'), ('full'));

-- Who has had one between times: for him both kinds have come so far.
CREATE TABLE digest_mark (
    member_id   INTEGER PRIMARY KEY REFERENCES member (id) ON DELETE CASCADE,
    delivery_id INTEGER NOT NULL
) STRICT;
CREATE INDEX digest_mark_delivery ON digest_mark (delivery_id);

-- Who left the mode "each" while a mail was on its way to him, when digests had been through it already: for his own it is as
-- late as this delivery, the first that came after. 0: it stands at its own place.
ALTER TABLE delivery_skip ADD COLUMN digest_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX delivery_skip_digest ON delivery_skip (digest_id) WHERE digest_id > 0;

-- One decision to send digests. open: members up to next_member_id have been given theirs; planned: all have.
CREATE TABLE digest_run (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    reason         TEXT NOT NULL CHECK (reason IN ('due', 'full', 'asked')),
    state          TEXT NOT NULL CHECK (state IN ('open', 'planned')),
    daily_at       INTEGER,               -- due: the moment for which it is; NULL: not of this kind
    weekly_at      INTEGER,
    lists          TEXT NOT NULL DEFAULT '',   -- asked: ids of the lists, separated by spaces
    max_posts      INTEGER NOT NULL,      -- full: who has more waiting than this
    max_bytes      INTEGER NOT NULL,
    delivery_id    INTEGER NOT NULL,      -- the last delivery that is in
    next_member_id INTEGER NOT NULL DEFAULT 0,
    created_at     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX digest_run_open ON digest_run (state) WHERE state = 'open';

-- One mail: the same posts, language and form. posts: "LIST:POST,POST;LIST:POST", in the order of the tree.
CREATE TABLE digest_group (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id           INTEGER NOT NULL REFERENCES digest_run (id) ON DELETE CASCADE,
    language         TEXT NOT NULL,
    format           TEXT NOT NULL CHECK (format IN ('mime', 'plain')),
    posts            TEXT NOT NULL,
    key              BLOB NOT NULL,       -- SHA-256 of posts
    state            TEXT NOT NULL CHECK (state IN ('waiting', 'written', 'queued', 'over', 'dropped')),   -- over: its bytes are gone
    delivery_id      INTEGER REFERENCES delivery (id),
    queued_member_id INTEGER NOT NULL DEFAULT 0,   -- written: recipients up to this one are in the outbox
    note             TEXT NOT NULL DEFAULT '',     -- why it was dropped
    UNIQUE (run_id, language, format, key)
) STRICT;
CREATE INDEX digest_group_open ON digest_group (id) WHERE state IN ('waiting', 'written');
CREATE INDEX digest_group_queued ON digest_group (id) WHERE state = 'queued';
CREATE INDEX digest_group_delivery ON digest_group (delivery_id) WHERE delivery_id IS NOT NULL;

CREATE TABLE digest_recipient (
    member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    run_id    INTEGER NOT NULL REFERENCES digest_run (id) ON DELETE CASCADE,
    group_id  INTEGER NOT NULL REFERENCES digest_group (id) ON DELETE CASCADE,
    PRIMARY KEY (member_id, run_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX digest_recipient_group ON digest_recipient (group_id, member_id);
CREATE INDEX digest_recipient_run ON digest_recipient (run_id);

-- The running year of a root list's digests, and the number within it.
CREATE TABLE digest_volume (
    list_id INTEGER PRIMARY KEY REFERENCES list (id) ON DELETE CASCADE,
    year    INTEGER NOT NULL,
    volume  INTEGER NOT NULL,
    issue   INTEGER NOT NULL
) STRICT;
CREATE TABLE digest_issue (
    run_id  INTEGER NOT NULL REFERENCES digest_run (id) ON DELETE CASCADE,
    list_id INTEGER NOT NULL REFERENCES list (id) ON DELETE CASCADE,
    volume  INTEGER NOT NULL,
    issue   INTEGER NOT NULL,
    PRIMARY KEY (run_id, list_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX digest_issue_list ON digest_issue (list_id);
