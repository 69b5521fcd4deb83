-- What came back, and what it means for a member over all lists.

ALTER TABLE member ADD COLUMN bouncing INTEGER NOT NULL DEFAULT 0 CHECK (bouncing IN (0, 1));   -- 1: delivery is off for bounces

-- One failure of one member's copy, from a report or from the relay's own reply.
CREATE TABLE bounce (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    member_id   INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    list_id     INTEGER REFERENCES list (id) ON DELETE SET NULL,       -- whose copy it was
    delivery_id INTEGER REFERENCES delivery (id) ON DELETE SET NULL,
    state       TEXT NOT NULL CHECK (state IN ('new', 'counted', 'not counted')),
    weight      INTEGER NOT NULL CHECK (weight IN (0, 1, 2)),          -- half points: 2 hard, 1 soft, 0 nobody's fault
    points      INTEGER NOT NULL DEFAULT 0,                            -- half points that it added
    cause       TEXT NOT NULL,
    status      TEXT NOT NULL DEFAULT '',      -- RFC 3463
    text        TEXT NOT NULL DEFAULT '',      -- what the other side said, or why it was not counted
    source      TEXT NOT NULL CHECK (source IN ('token', 'report', 'relay')),
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX bounce_new ON bounce (id) WHERE state = 'new';
CREATE INDEX bounce_member ON bounce (member_id, id);
CREATE INDEX bounce_delivery ON bounce (delivery_id, member_id) WHERE delivery_id IS NOT NULL;
CREATE INDEX bounce_list ON bounce (list_id) WHERE list_id IS NOT NULL;
CREATE INDEX bounce_age ON bounce (at);

-- Members who have bounced. No row: nothing is held against them.
CREATE TABLE bounce_state (
    member_id      INTEGER PRIMARY KEY REFERENCES member (id) ON DELETE CASCADE,
    state          TEXT NOT NULL CHECK (state IN ('counting', 'probing', 'suspended')),
    points         INTEGER NOT NULL DEFAULT 0,   -- half points
    day            INTEGER NOT NULL DEFAULT 0,   -- Unix day of the last bounce that counted
    day_points     INTEGER NOT NULL DEFAULT 0,   -- what that day has added: at most one point
    last_at        INTEGER NOT NULL DEFAULT 0,
    list_id        INTEGER REFERENCES list (id) ON DELETE SET NULL,   -- whose settings judge, in whose name we write
    probe_delivery INTEGER,
    warnings       INTEGER NOT NULL DEFAULT 0,   -- sent
    since          INTEGER NOT NULL DEFAULT 0,   -- of the state
    next_at        INTEGER NOT NULL DEFAULT 0    -- when something is due; 0: nothing
) STRICT;
CREATE INDEX bounce_state_due ON bounce_state (next_at) WHERE next_at > 0;
CREATE INDEX bounce_state_probe ON bounce_state (probe_delivery) WHERE probe_delivery IS NOT NULL;
CREATE INDEX bounce_state_list ON bounce_state (list_id) WHERE list_id IS NOT NULL;
