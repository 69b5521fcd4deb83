-- The archive: accepted posts kept as they came, once for all lists, their threads, and an index of their words that can be made
-- anew from the posts at any time.

-- NULL: `bytes` are the mail's own. Else they are one zstd frame that holds this many bytes of it.
ALTER TABLE content_chunk ADD COLUMN size INTEGER;

-- waiting: an accepted post that nobody has looked at for the archive; out: its list keeps none, or it was removed
ALTER TABLE post_list ADD COLUMN archive TEXT NOT NULL DEFAULT 'waiting' CHECK (archive IN ('waiting', 'in', 'out'));
CREATE INDEX post_list_unarchived ON post_list (id) WHERE verdict = 'accepted' AND archive = 'waiting';

CREATE TABLE archive_thread (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    root_id INTEGER NOT NULL,              -- the node that nothing stands above
    nodes   INTEGER NOT NULL
) STRICT;

-- A mail that is there, or that others name in References.
CREATE TABLE archive_node (
    id        INTEGER PRIMARY KEY,         -- 63 bits of a SHA-256 of the Message-ID (and of the post, where an earlier one bears it)
    parent_id INTEGER,
    thread_id INTEGER NOT NULL REFERENCES archive_thread (id),
    post_id   INTEGER                      -- NULL: named only
) STRICT;
CREATE INDEX archive_node_thread ON archive_node (thread_id);

CREATE TABLE archive_post (
    post_id     INTEGER PRIMARY KEY REFERENCES post (id),
    node_id     INTEGER NOT NULL REFERENCES archive_node (id),
    sent_at     INTEGER NOT NULL,          -- its Date where that can be true, else when it came
    attachments INTEGER NOT NULL DEFAULT 0,
    tags        TEXT NOT NULL DEFAULT '',  -- as they were indexed: to take the words out again
    words       INTEGER,                   -- how its words were read when they were indexed; NULL: they are not
    to_pack     INTEGER,                   -- number of the next chunk to be packed; NULL: all are
    redacted_at INTEGER
) STRICT;
CREATE INDEX archive_post_sent ON archive_post (sent_at);
CREATE INDEX archive_post_unread ON archive_post (post_id) WHERE words IS NULL AND redacted_at IS NULL;
CREATE INDEX archive_post_unpacked ON archive_post (post_id) WHERE to_pack IS NOT NULL;

-- On which lists it stands: the order in which a list is read.
CREATE TABLE archive_list (
    list_id INTEGER NOT NULL REFERENCES list (id) ON DELETE CASCADE,
    sent_at INTEGER NOT NULL,
    post_id INTEGER NOT NULL REFERENCES archive_post (post_id) ON DELETE CASCADE,
    subject INTEGER NOT NULL,              -- 63 bits of a SHA-256 of the subject without "Re:" and tags; 0: there is none
    reply   INTEGER NOT NULL CHECK (reply IN (0, 1)),   -- 1: "Re:" stood before it
    PRIMARY KEY (list_id, sent_at, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX archive_list_post ON archive_list (post_id);
CREATE INDEX archive_list_subject ON archive_list (list_id, subject, sent_at);

-- Posts that have lost a list: where it was the last one, the post goes too.
CREATE TABLE archive_loose (
    post_id INTEGER PRIMARY KEY
) STRICT;
CREATE TRIGGER archive_list_gone AFTER DELETE ON archive_list BEGIN
    INSERT OR IGNORE INTO archive_loose (post_id) VALUES (old.post_id);
END;

-- Words as core/archive folds them, rowid: the post. Contentless: the texts are in the posts.
CREATE VIRTUAL TABLE archive_word USING fts5 (subject, author, files, body, quoted, tags, content = '', tokenize = 'ascii');

-- How far the import of a file has come.
CREATE TABLE archive_import (
    list_id  INTEGER NOT NULL REFERENCES list (id) ON DELETE CASCADE,
    source   TEXT NOT NULL,                -- absolute path
    head     BLOB NOT NULL,                -- SHA-256 of its first bytes: another file of this name is read from its start
    position INTEGER NOT NULL,             -- of the first byte (file of a folder) that is not taken yet
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (list_id, source)
) STRICT, WITHOUT ROWID;
