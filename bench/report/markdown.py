"""Tables: one a part, a column for each peer, and how many times better we are."""

INTRODUCTION = """Written by `bench/run`. Medians; every single run is in `results/`. Absolute rates move with the machine and its neighbours,
so peers ran in turns with majlis, into the same sink, and behind each of their figures stands how many times better (×) majlis is;
below 1 it is worse. Figures of majlis include durable progress: each recipient's outcome is committed to disk."""

PARTS = {
    "fanout": ("One post to many", """Into Postfix's `smtp-sink`, from the first copy on; majlis until the last outcome is on disk, the others until the sink has taken the last.
Personal: an envelope and a message for each recipient; bulk: 100 recipients a message. smtp-source is Postfix's load generator: no list, no database, nothing kept. mlmmj
and Mailman use one connection, however many majlis has. Who did not reach all in the seconds of a run (`peer_seconds` in `results/`) was stopped, and his figure is the pace so far; a
longer list was not tried with him then. The receiver of the last two rows is `bench_sink` without CHUNKING, which acknowledges each packet at once: mlmmj writes in small pieces
and waits 40 ms for the acknowledgement of most other receivers. majlis has 4 connections there."""),
    "light": ("Into a light sink", """Into `bench_sink`, which does a tenth of smtp-sink's work, beside a client with nothing behind it: no database, no composing, no recovery,
sockets and epoll alone (`bench/bare`), and its messages are as large as the copies of majlis; and beside the SMTP sessions of majlis without the rest of it. No more than max_in_flight (256)
recipients are out and not yet on disk: with CHUNKING and 4 connections it is the disk's wait for a commit that bounds majlis then; with
4,096 it is the processors, where there are fewer than the three threads that want one: the sink's, and of majlis the one that speaks SMTP
and the one that owns the database. The bare client has one thread. So its processor time a recipient is told too, beside that of the
thread that does the same in majlis. On one connection all three mostly wait: 16 messages are out at most, and more go when the sink's
answers come; the bare client is no ceiling there."""),
    "link": ("50 ms away", """The same through `bench_link`, 25 ms in each direction, which limits nothing else. Round trips a message: of one connection."""),
    "latency": ("Arrival", """majlis: from the moment at which the IMAP server announces the mail; the others: from the moment at which a mail server begins to hand it
over. Idle memory is of the running daemons; what several processes share counts once. mlmmj has none."""),
    "ingest": ("Intake", "Out of a mailbox of Dovecot, until each mail is committed."),
    "import": ("Import", "One command for a file; mlmmj has one for a member."),
    "cli": ("Command line", "Each a start of the program, to its end. The database has 10,000 members."),
    "million": ("A million", "Into Postfix's `smtp-sink`, 4 connections; 30 % of the members are on two or three lists, and each gets one copy."),
    "archive": ("The archive", """Posts in threads, made of the manuals and translations that Debian carries in French, Arabic and English. Each search is a run of the
program, its start and the snippets of 20 posts included; notmuch (Xapian) searches the same mails with the same words."""),
    "digest": ("Digests", "Members over a week of posts, one mail for each different set of posts, language and form."),
}

# What the README shows: (part, how the figure's name begins, what it is called there).
HEADLINE = [
    ("fanout", "personal to 10,000, 4", "10,000 personal copies, 4 connections"),
    ("fanout", "personal to 100,000, 4", "100,000 personal copies, 4 connections"),
    ("fanout", "bulk to 10,000, 4", "10,000 recipients in bulk"),
    ("fanout", "bulk to 100,000, 4", "100,000 recipients in bulk"),
    ("latency", "from arrival to the last of 1,000", "from arrival to the last of 1,000 readers"),
    ("link", "personal, with CHUNKING, 4 connections", "personal copies over a link of 50 ms"),
    ("import", "import of 10,000", "import"),
    ("cli", "the program says", "start of the program"),
    ("latency", "idle memory", "idle memory"),
]


def number(value):
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}"


def _peers(figures):
    """The names of all peers, in the order of their first figure."""
    return list(dict.fromkeys(beside["name"] for figure in figures for beside in figure["beside"]))


def _peer_cell(figure, name, ratio=True):
    for beside in figure["beside"]:
        if beside["name"] == name:
            cell = number(beside["median"])
            if not ratio:
                return cell + (" *" if beside["remark"] else "")
            cell += f" (×{beside['ratio']:.3g})" if beside["ratio"] < 100 else f" (×{beside['ratio']:,.0f})"
            return f"{cell}; {beside['remark']}" if beside["remark"] else cell
    return ""


def _table(rows, peers, ratio=True):
    """rows: (what it is called, figure)"""
    lines = ["| " + " | ".join(["", "majlis", *peers]) + " |", "| " + " | ".join(["---", *["---:"] * (1 + len(peers))]) + " |"]
    for name, figure in rows:
        cells = [f"{name}, {figure['unit']}" if figure["unit"] else name, f"**{number(figure['median'])}**"]
        lines.append("| " + " | ".join(cells + [_peer_cell(figure, peer, ratio) for peer in peers]) + " |")
    return "\n".join(lines) + "\n"


def section(name, record, figures):
    title, text = PARTS[name]
    rows = [(figure["name"], figure) for figure in figures]
    size = record["size"]
    measured = f"*{record['date'][:10]}, {record['version']}, runs: {size['runs']}, {record['machine']}*"
    return f"## {title}\n\n{text}\n\n{_table(rows, _peers(figures))}\n{measured}\n"


def document(parts, picture):
    shown = [section(name, *parts[name]) for name in PARTS if name in parts]
    head = f"# What was measured\n\n{INTRODUCTION}\n"
    if picture:
        head += f"\n![majlis beside its peers]({picture})\n"
    return head + "\n" + "\n".join(shown)


def find(parts, part, begins):
    for figure in parts.get(part, (None, []))[1]:
        if figure["name"].startswith(begins):
            return figure
    return None


def headline(parts):
    found = [(called, find(parts, part, begins)) for part, begins, called in HEADLINE]
    rows = [(called, figure) for called, figure in found if figure]
    if not any(figure["part"] == "fanout" for _, figure in rows):
        return ""
    peers = [name for name in _peers([figure for _, figure in rows]) if name != "bare client"]
    remarked = any(beside["remark"] for _, figure in rows for beside in figure["beside"])
    note = "\n\\* RESULTS.md says over how many.\n" if remarked else ""
    return _table(rows, peers, ratio=False) + note
