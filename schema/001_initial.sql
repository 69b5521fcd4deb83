-- Everything that a post needs to travel from a mailbox to the members of a section tree, and everything that must be
-- remembered for it: who is on which list, what arrived, what was decided, what has left and what has not.
-- Times are Unix seconds, UTC. Addresses are kept as given, and beside it as a key: lower case, domain as A-label.

CREATE TABLE site_secret (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- One tick for each change of membership: a delivery remembers its tick, and what anybody was at that tick can be told later.
CREATE TABLE membership_clock (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    tick INTEGER NOT NULL
) STRICT;
INSERT INTO membership_clock (id, tick) VALUES (1, 1);

-- Lists, sections, members ------------------------------------------------------------------------------------------

CREATE TABLE list (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL UNIQUE,           -- lower case; what people type
    address     TEXT NOT NULL,
    address_key TEXT NOT NULL UNIQUE,
    list_id     TEXT NOT NULL UNIQUE,           -- RFC 2919: stable for ever, a rename does not change it
    parent_id   INTEGER REFERENCES list (id) ON DELETE RESTRICT,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX list_parent ON list (parent_id);

CREATE TABLE list_setting (
    list_id INTEGER NOT NULL REFERENCES list (id) ON DELETE CASCADE,
    key     TEXT NOT NULL,
    value   TEXT NOT NULL,
    fixed   INTEGER NOT NULL DEFAULT 0 CHECK (fixed IN (0, 1)),   -- 1: binds every list below
    PRIMARY KEY (list_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE member (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again: bounce tokens name it
    address     TEXT NOT NULL,
    address_key TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL DEFAULT '',
    language    TEXT CHECK (language IN ('fr', 'ar', 'en')),      -- NULL: the list's
    created_at  INTEGER NOT NULL
) STRICT;

-- The primary key is the index that a delivery walks: (list, member) ranges, in the order of members.
CREATE TABLE subscription (
    list_id   INTEGER NOT NULL REFERENCES list (id) ON DELETE RESTRICT,
    member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE RESTRICT,
    mode      TEXT NOT NULL CHECK (mode IN ('each', 'daily', 'weekly', 'none')),
    joined    INTEGER NOT NULL,   -- tick at which the subscription began
    since     INTEGER NOT NULL,   -- tick at which its mode was last set
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (list_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_member ON subscription (member_id, list_id);

-- What a subscription was from tick `since` until just before tick `until`: written when its mode changes or it ends.
CREATE TABLE subscription_past (
    list_id   INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    mode      TEXT NOT NULL,
    since     INTEGER NOT NULL,
    until     INTEGER NOT NULL,
    ended_at  INTEGER NOT NULL,
    PRIMARY KEY (list_id, member_id, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_past_member ON subscription_past (member_id, list_id);
CREATE INDEX subscription_past_ended ON subscription_past (ended_at);

CREATE TABLE role (
    list_id    INTEGER NOT NULL REFERENCES list (id) ON DELETE CASCADE,
    member_id  INTEGER NOT NULL REFERENCES member (id) ON DELETE RESTRICT,
    role       TEXT NOT NULL CHECK (role IN ('owner', 'moderator')),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (list_id, member_id, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX role_member ON role (member_id);

-- Mail as it came --------------------------------------------------------------------------------------------------

-- The bytes of one mail, in chunks so that neither a large one nor its reader needs memory of its size.
CREATE TABLE content (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256     BLOB,                       -- NULL while it is still being written
    size       INTEGER NOT NULL,           -- bytes
    keep       TEXT NOT NULL DEFAULT 'while needed' CHECK (keep IN ('while needed', 'for ever', 'gone')),   -- gone: no chunks
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX content_sha256 ON content (sha256);
CREATE INDEX content_passing ON content (created_at) WHERE keep = 'while needed';

CREATE TABLE content_chunk (
    content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    n          INTEGER NOT NULL,           -- from 0
    bytes      BLOB NOT NULL,
    UNIQUE (content_id, n)
) STRICT;

CREATE TABLE inbox (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,       -- username and host: never a secret
    state      TEXT NOT NULL DEFAULT 'never seen',
    state_at   INTEGER,
    last_ok_at INTEGER,
    last_error TEXT
) STRICT;

CREATE TABLE folder (
    id          INTEGER PRIMARY KEY,
    inbox_id    INTEGER NOT NULL REFERENCES inbox (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,             -- logical name, UTF-8
    uidvalidity INTEGER NOT NULL DEFAULT 0,
    uid_done    INTEGER NOT NULL DEFAULT 0,   -- every uid up to this one has been taken, left or noted
    UNIQUE (inbox_id, name)
) STRICT;

-- A mail that majlis has taken, or has had to leave although it is ours (too large). Other people's mail leaves no row:
-- folder.uid_done passes over it.
CREATE TABLE arrival (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    folder_id   INTEGER REFERENCES folder (id) ON DELETE SET NULL,   -- NULL: injected by the command line
    uidvalidity INTEGER,
    uid         INTEGER,
    content_id  INTEGER REFERENCES content (id),
    size        INTEGER NOT NULL,
    -- where the server's copy stands; gone: the folder's uids were renumbered, it comes again under another one
    place       TEXT NOT NULL CHECK (place IN ('inbox', 'filed', 'gone', 'too large')),
    stage       TEXT NOT NULL CHECK (stage IN ('new', 'done')),                    -- new: not yet judged
    kind        TEXT CHECK (kind IN ('post', 'bounce', 'autoreply', 'command', 'feedback', 'other')),
    note        TEXT NOT NULL DEFAULT '',                                         -- what became of it, for people
    junk        INTEGER NOT NULL DEFAULT 0 CHECK (junk IN (0, 1)),                -- came from a junk folder: at best held
    attempts    INTEGER NOT NULL DEFAULT 0,                                       -- judgements begun after a crash
    arrived_at  INTEGER NOT NULL,
    UNIQUE (folder_id, uidvalidity, uid)
) STRICT;
CREATE INDEX arrival_new ON arrival (id) WHERE stage = 'new';
CREATE INDEX arrival_unfiled ON arrival (folder_id, uidvalidity, uid) WHERE place = 'inbox';
CREATE INDEX arrival_content ON arrival (content_id);

-- Posts and what was decided ---------------------------------------------------------------------------------------

-- Copies of one Message-ID from one sender with the same content are one post.
CREATE TABLE post (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    content_id  INTEGER NOT NULL REFERENCES content (id),
    message_id  TEXT NOT NULL,             -- without its brackets; made from the content where the mail has none
    sender      TEXT NOT NULL,             -- key of the From address, '' where there is none
    sender_name TEXT NOT NULL DEFAULT '',
    digest      BLOB NOT NULL,             -- SHA-256 over From, Subject, Date and the body
    subject     TEXT NOT NULL DEFAULT '',  -- decoded
    size        INTEGER NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX post_identity ON post (message_id, sender, digest);
CREATE INDEX post_sender ON post (sender, id);
CREATE INDEX post_content ON post (content_id);

CREATE TABLE post_list (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,   -- what `majlis held` calls ID
    post_id     INTEGER NOT NULL REFERENCES post (id),
    list_id     INTEGER NOT NULL REFERENCES list (id) ON DELETE CASCADE,
    verdict     TEXT NOT NULL CHECK (verdict IN ('accepted', 'held', 'rejected', 'discarded')),
    rule        TEXT NOT NULL,             -- the rule that spoke first
    reason      TEXT NOT NULL DEFAULT '',  -- for people
    held_at     INTEGER,                   -- NULL: the rules decided at once
    decided_by  TEXT NOT NULL DEFAULT 'rules',
    decided_at  INTEGER NOT NULL,
    delivery_id INTEGER REFERENCES delivery (id),
    UNIQUE (post_id, list_id)
) STRICT;
CREATE INDEX post_list_held ON post_list (id) WHERE verdict = 'held';
CREATE INDEX post_list_list ON post_list (list_id, id);

-- The outbox -------------------------------------------------------------------------------------------------------

-- One row a delivery, however many members it reaches. A post goes to the subscribers found by walking `delivery_list`;
-- a notice to its rows in `delivery_recipient` alone.
CREATE TABLE delivery (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    kind           TEXT NOT NULL CHECK (kind IN ('post', 'notice')),
    post_id        INTEGER REFERENCES post (id),
    content_id     INTEGER NOT NULL REFERENCES content (id),
    list_id        INTEGER REFERENCES list (id) ON DELETE SET NULL,   -- notice: the list in whose name it speaks, NULL: the site
    priority       INTEGER NOT NULL,               -- 0 urgent notices, 1 other notices, 2 posts, 3 digests
    state          TEXT NOT NULL CHECK (state IN ('active', 'held', 'done', 'dropped')),
    reason         TEXT NOT NULL DEFAULT '',       -- why it is held or was dropped
    tick           INTEGER NOT NULL,               -- membership clock when it was accepted
    last_member_id INTEGER NOT NULL,               -- the last member then: later ones are not in
    next_member_id INTEGER NOT NULL DEFAULT 0,     -- ranges have been cut up to and with this member
    accepted       INTEGER NOT NULL DEFAULT 0,     -- recipients whose copy a relay took
    failed         INTEGER NOT NULL DEFAULT 0,     -- recipients given up
    owner_told     INTEGER NOT NULL DEFAULT 0 CHECK (owner_told IN (0, 1)),
    created_at     INTEGER NOT NULL,
    first_sent_at  INTEGER,
    finished_at    INTEGER,
    CHECK ((kind = 'post') = (post_id IS NOT NULL))
) STRICT;
CREATE INDEX delivery_open ON delivery (state, priority, id) WHERE state IN ('active', 'held');
CREATE INDEX delivery_uncut ON delivery (priority, id) WHERE state = 'active' AND next_member_id < last_member_id;
CREATE INDEX delivery_untold ON delivery (id) WHERE owner_told = 0 AND (failed > 0 OR state = 'held');
CREATE INDEX delivery_post ON delivery (post_id);
CREATE INDEX delivery_content ON delivery (content_id);
CREATE INDEX delivery_list_id ON delivery (list_id) WHERE list_id IS NOT NULL;

-- The lists that a delivery goes to, with the trees below them as they stood when it was accepted.
CREATE TABLE delivery_list (
    delivery_id INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    target_id   INTEGER NOT NULL,          -- the list posted to
    list_id     INTEGER NOT NULL,          -- it, or one below it
    parent_id   INTEGER,                   -- parent of list_id within the tree of target_id; NULL for the target itself
    PRIMARY KEY (delivery_id, target_id, list_id)
) STRICT, WITHOUT ROWID;

-- Members after first_id up to and with last_id are one connection's work. Up to and with done_id every outcome is recorded:
-- what stands after it may have been sent when we crashed, and is sent again.
CREATE TABLE delivery_range (
    delivery_id INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    first_id    INTEGER NOT NULL,
    last_id     INTEGER NOT NULL,
    done_id     INTEGER NOT NULL,
    leased      INTEGER NOT NULL DEFAULT 0 CHECK (leased IN (0, 1)),
    relay       TEXT NOT NULL DEFAULT '',
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (delivery_id, first_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_range_open ON delivery_range (delivery_id, first_id) WHERE done_id < last_id;

-- Only who was deferred or not reached has a row, and who is written to by name (a notice: member_id 0 for a stranger).
CREATE TABLE delivery_recipient (
    delivery_id      INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    member_id        INTEGER NOT NULL,
    address          TEXT NOT NULL,
    list_id          INTEGER,              -- the target list whose copy it is
    priority         INTEGER NOT NULL,     -- its delivery's
    -- waiting: deferred, of a delivery that is held; refused: the copy was, and nobody blames the recipient
    state            TEXT NOT NULL CHECK (state IN ('deferred', 'waiting', 'sent', 'failed', 'refused', 'expired', 'dropped')),
    attempts         INTEGER NOT NULL DEFAULT 0,
    first_attempt_at INTEGER,
    last_attempt_at  INTEGER,
    spent            INTEGER NOT NULL DEFAULT 0,   -- seconds that count against retry_for: waiting for quota or a pause does not
    next_attempt_at  INTEGER NOT NULL,
    relay            TEXT NOT NULL DEFAULT '',
    code             INTEGER NOT NULL DEFAULT 0,   -- SMTP reply, 0: we never got one
    status           TEXT NOT NULL DEFAULT '',     -- RFC 3463, where the reply had one
    text             TEXT NOT NULL DEFAULT '',
    updated_at       INTEGER NOT NULL,
    PRIMARY KEY (delivery_id, member_id, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_recipient_due ON delivery_recipient (priority, next_attempt_at) WHERE state = 'deferred';
CREATE INDEX delivery_recipient_open ON delivery_recipient (delivery_id) WHERE state IN ('deferred', 'waiting');

-- Who left, or muted, after a delivery was accepted and before his copy of it: that delivery does not cover him.
CREATE TABLE delivery_skip (
    delivery_id INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    member_id   INTEGER NOT NULL,
    PRIMARY KEY (delivery_id, member_id)
) STRICT, WITHOUT ROWID;

-- Relays -----------------------------------------------------------------------------------------------------------

CREATE TABLE relay (
    name         TEXT PRIMARY KEY,         -- username and host
    paused_until INTEGER NOT NULL DEFAULT 0,
    paused_by    TEXT NOT NULL DEFAULT '' CHECK (paused_by IN ('', 'operator', 'failure')),
    failures     INTEGER NOT NULL DEFAULT 0,       -- in a row
    last_error   TEXT NOT NULL DEFAULT '',
    last_ok_at   INTEGER,
    updated_at   INTEGER NOT NULL
) STRICT;

-- What a relay was asked to take, by minute: the limits are rolling windows over it. Reserved before MAIL FROM.
CREATE TABLE relay_usage (
    relay      TEXT NOT NULL,
    minute     INTEGER NOT NULL,           -- Unix seconds / 60
    recipients INTEGER NOT NULL,
    messages   INTEGER NOT NULL,
    PRIMARY KEY (relay, minute)
) STRICT, WITHOUT ROWID;

-- What happened ----------------------------------------------------------------------------------------------------

CREATE TABLE journal (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    event   TEXT NOT NULL,                 -- verb of the domain: member-added, post-held, delivery-done
    actor   TEXT NOT NULL,                 -- cli:root, majlisd, mail:address
    list_id INTEGER,
    address TEXT NOT NULL DEFAULT '',      -- key of the address concerned
    detail  TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX journal_list ON journal (list_id, id);
CREATE INDEX journal_address ON journal (address, id) WHERE address <> '';

-- What the owner has been told, so that he hears of each trouble once.
CREATE TABLE told (
    subject TEXT PRIMARY KEY,
    at      INTEGER NOT NULL
) STRICT;

-- The running daemon, for `majlis status`.
CREATE TABLE daemon (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    pid        INTEGER NOT NULL,
    version    TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    state      TEXT NOT NULL
) STRICT;
