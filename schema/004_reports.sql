-- Meeting reports on their way into the common git repository. One row a post and section; also of a post that is still held.
CREATE TABLE report (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    post_id    INTEGER NOT NULL REFERENCES post (id),
    list_id    INTEGER NOT NULL REFERENCES list (id) ON DELETE CASCADE,
    state      TEXT NOT NULL CHECK (state IN ('new', 'kept', 'replaced', 'not a report')),
    note       TEXT NOT NULL DEFAULT '',      -- why it is not one, or why it has not been kept yet
    reply      INTEGER NOT NULL CHECK (reply IN (0, 1)),   -- the tag stood behind a "Re:"
    section    TEXT NOT NULL DEFAULT '',      -- folder of the section, as it was when it was kept
    folder     TEXT NOT NULL DEFAULT '',      -- in the repository
    title      TEXT NOT NULL DEFAULT '',
    author     TEXT NOT NULL DEFAULT '',
    date       TEXT NOT NULL DEFAULT '',      -- YYYY-MM-DD
    text_bytes INTEGER NOT NULL DEFAULT 0,    -- of the author's own words
    created_at INTEGER NOT NULL,
    kept_at    INTEGER,
    UNIQUE (post_id, list_id)
) STRICT;
CREATE INDEX report_new ON report (id) WHERE state = 'new';
CREATE INDEX report_section ON report (section, folder) WHERE state = 'kept';
CREATE INDEX report_list ON report (list_id, id);

CREATE VIEW report_row AS
SELECT report.id, report.post_id, report.list_id, coalesce(list.name, '') AS list, report.state, report.section, report.folder,
       report.title, report.author, report.date, report.note, post.sender, post.message_id, report.text_bytes,
       coalesce(report.kept_at, 0) AS kept_at
FROM report JOIN post ON post.id = report.post_id LEFT JOIN list ON list.id = report.list_id;

-- What has been committed and not yet pushed, and how that goes.
CREATE TABLE report_push (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    waiting    INTEGER NOT NULL DEFAULT 0 CHECK (waiting IN (0, 1)),
    failures   INTEGER NOT NULL DEFAULT 0,    -- in a row
    try_at     INTEGER NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '',
    pushed_at  INTEGER
) STRICT;
INSERT INTO report_push (id) VALUES (1);
