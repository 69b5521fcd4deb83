-- What members and moderators do by mail: what they prefer, what they have asked for, what they answer, whom a list trusts.

-- Preferences of a person, over all lists.
ALTER TABLE member ADD COLUMN own_posts INTEGER NOT NULL DEFAULT 1 CHECK (own_posts IN (0, 1));     -- 0: no copy of his own posts
ALTER TABLE member ADD COLUMN duplicates INTEGER NOT NULL DEFAULT 1 CHECK (duplicates IN (0, 1));   -- 0: no copy where To or Cc names him
ALTER TABLE member ADD COLUMN away_until INTEGER;        -- no copies of posts until then; NULL: he is there
-- As a moderator: how he hears of held posts; NULL: as the list says.
ALTER TABLE member ADD COLUMN held_notice TEXT CHECK (held_notice IN ('each', 'daily', 'none'));
ALTER TABLE member ADD COLUMN held_told_at INTEGER;      -- when his last daily summary was made

-- Another address of the same person that may post and command. He has shown that it is his.
CREATE TABLE member_alias (
    address_key TEXT PRIMARY KEY,
    address     TEXT NOT NULL,
    member_id   INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX member_alias_member ON member_alias (member_id);

-- What becomes of a member's own posts on one list; 'default': what the list says.
ALTER TABLE subscription ADD COLUMN moderation TEXT NOT NULL DEFAULT 'default'
    CHECK (moderation IN ('default', 'hold', 'accept', 'reject', 'discard'));

-- Something that waits for somebody's word: a confirmation by the person, then perhaps a moderator's. One row a step.
CREATE TABLE request (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,             -- join, leave, set, alias, invite, challenge, command
    step        TEXT NOT NULL CHECK (step IN ('person', 'moderator')),
    list_id     INTEGER REFERENCES list (id) ON DELETE CASCADE,   -- NULL: of the person, over all lists
    address     TEXT NOT NULL,             -- whom it concerns
    address_key TEXT NOT NULL,
    detail      TEXT NOT NULL DEFAULT '',  -- what exactly, for the code of this kind
    state       TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'refused', 'expired')),
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    ended_by    TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX request_address ON request (address_key, list_id, kind) WHERE state = 'open';
CREATE INDEX request_list ON request (list_id) WHERE list_id IS NOT NULL;
CREATE INDEX request_expiry ON request (expires_at) WHERE state = 'open';

-- Tokens that we have sent: only their hash is kept. One stands for one person and one thing, and works once.
CREATE TABLE token (
    hash         BLOB PRIMARY KEY,         -- SHA-256 of the token
    purpose      TEXT NOT NULL CHECK (purpose IN ('confirm', 'moderate')),
    request_id   INTEGER REFERENCES request (id) ON DELETE CASCADE,
    post_list_id INTEGER REFERENCES post_list (id) ON DELETE CASCADE,
    member_id    INTEGER REFERENCES member (id) ON DELETE CASCADE,   -- the moderator to whom it was sent; NULL: the person of the request
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    used_at      INTEGER,
    CHECK ((request_id IS NULL) <> (post_list_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX token_request ON token (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX token_post ON token (post_list_id) WHERE post_list_id IS NOT NULL;
CREATE INDEX token_member ON token (member_id) WHERE member_id IS NOT NULL;
CREATE INDEX token_expiry ON token (expires_at);

-- How often something was done for or to somebody: answers to one address, requests of one domain. Windows of `unit` seconds.
CREATE TABLE spent (
    what       TEXT NOT NULL,              -- answer, join-address, join-domain, join-list, ...
    who        TEXT NOT NULL,
    began_at   INTEGER NOT NULL,           -- of the window
    count      INTEGER NOT NULL,
    PRIMARY KEY (what, who)
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_age ON spent (began_at);

-- What a list or the site (list_id NULL) decides about senders and headers: bans, those always allowed, patterns.
CREATE TABLE list_rule (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    list_id    INTEGER REFERENCES list (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL CHECK (kind IN ('ban', 'allow', 'header')),
    field      TEXT NOT NULL DEFAULT '',   -- header: the field's name
    pattern    TEXT NOT NULL,              -- an address key, a domain "@example.org", or a regular expression (RE2)
    action     TEXT NOT NULL DEFAULT 'hold' CHECK (action IN ('hold', 'reject', 'discard', 'accept')),
    note       TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX list_rule_once ON list_rule (coalesce(list_id, 0), kind, field, pattern);
CREATE INDEX list_rule_list ON list_rule (list_id);

-- Every rule that spoke about a post on a list, in the order in which it was asked.
CREATE TABLE post_hit (
    post_list_id INTEGER NOT NULL REFERENCES post_list (id) ON DELETE CASCADE,
    n            INTEGER NOT NULL,
    rule         TEXT NOT NULL,
    verdict      TEXT NOT NULL,
    reason       TEXT NOT NULL,            -- English
    detail       TEXT NOT NULL DEFAULT '', -- JSON object: the values of the reason, to say it in another language
    PRIMARY KEY (post_list_id, n)
) STRICT, WITHOUT ROWID;

-- Whether the moderators and the author have been told of a held post; what its mirror in the mailbox is.
ALTER TABLE post_list ADD COLUMN told_at INTEGER;        -- moderators; NULL: not yet (or not held)
ALTER TABLE post_list ADD COLUMN sender_told_at INTEGER;
ALTER TABLE post_list ADD COLUMN trust TEXT NOT NULL DEFAULT '';   -- passed, failed, unknown: whether the From was proven
CREATE INDEX post_list_recent ON post_list (list_id, decided_at) WHERE verdict = 'accepted' AND held_at IS NULL;
CREATE INDEX post_list_untold ON post_list (id) WHERE verdict = 'held' AND told_at IS NULL;
CREATE INDEX post_list_unanswered ON post_list (id) WHERE verdict = 'rejected' AND sender_told_at IS NULL;
CREATE INDEX post_list_expiry ON post_list (list_id, held_at) WHERE verdict = 'held';

-- Copies of held posts in the mailbox's folder Majlis/Held. Only a mirror: what is settled leaves it.
CREATE TABLE held_mirror (
    post_list_id INTEGER NOT NULL REFERENCES post_list (id) ON DELETE CASCADE,
    inbox_id     INTEGER NOT NULL REFERENCES inbox (id) ON DELETE CASCADE,
    uidvalidity  INTEGER NOT NULL DEFAULT 0,   -- 0: where the server did not say (no UIDPLUS)
    uid          INTEGER NOT NULL DEFAULT 0,
    token_hash   BLOB NOT NULL,
    appended_at  INTEGER NOT NULL,
    PRIMARY KEY (post_list_id, inbox_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_mirror_token ON held_mirror (token_hash);

-- DMARC policies of author domains (RFC 7489), as the DNS gave them.
CREATE TABLE dmarc_policy (
    domain     TEXT PRIMARY KEY,           -- A-labels, lower case
    policy     TEXT NOT NULL CHECK (policy IN ('none', 'quarantine', 'reject', 'unknown')),   -- unknown: the DNS failed
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dmarc_policy_age ON dmarc_policy (expires_at);

-- Members whom To or Cc of a post names: who wants no duplicates has his copy already.
CREATE TABLE post_named (
    post_id   INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE,
    member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_named_member ON post_named (member_id);
