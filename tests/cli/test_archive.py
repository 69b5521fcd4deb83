import contextlib
import mailbox
import os
import pty
import re
import select
import sqlite3
import subprocess
import time

from site_ import MAJLIS, Site

THREAD = b"""From anna@example.org Thu Jan  1 10:00:00 2026
From: Anna <anna@example.org>
Subject: =?utf-8?q?R=C3=A9union_de_mars?=
Message-ID: <a@x>
Date: Thu, 1 Jan 2026 10:00:00 +0000
Content-Type: text/plain; charset=utf-8

L'assembl\xc3\xa9e g\xc3\xa9n\xc3\xa9rale se tient samedi.
>From now on, three lines:
>>From quoted
last

From badr@example.org Fri Jan  2 10:00:00 2026
From: Badr <badr@example.org>
Subject: Re: =?utf-8?q?R=C3=A9union_de_mars?=
Message-ID: <b@x>
References: <a@x>
Date: Fri, 2 Jan 2026 10:00:00 +0000
Content-Type: text/plain; charset=utf-8

> L'assembl\xc3\xa9e
3lach machi l7ad? \xd8\xa7\xd9\x84\xd8\xa3\xd8\xad\xd8\xaf \xd8\xa3\xd9\x81\xd8\xb6\xd9\x84

From chama@example.org Sat Jan  3 10:00:00 2026
From: Chama <chama@example.org>
Subject: Budget
Message-ID: <c@x>
Date: Sat, 3 Jan 2026 10:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Voir le fichier.
--b
Content-Type: text/csv; name="budget.csv"
Content-Disposition: attachment; filename="budget.csv"

a,b
--b--

"""


HEAD = b"From: Anna <anna@example.org>\nSubject: odd\nDate: Thu, 1 Jan 2026 10:00:00 +0000\n"
ODD = [
    HEAD + b"Message-ID: <o1@x>\n\nFrom the start\n>From quoted\n>>From twice\n From with a space\n",
    HEAD + b"Message-ID: <o2@x>\n\nno line end",
    HEAD + b"Message-ID: <o3@x>\n\nempty lines\n\n\n\n",
    HEAD + b"Message-ID: <o4@x>\n",
    HEAD + b"Message-ID: <o5@x>\n\n",
    HEAD.replace(b"\n", b"\r\n") + b"Message-ID: <o6@x>\r\n\r\nDOS\r\n\r\nFrom here\r\n",
    HEAD + b"Message-ID: <o7@x>\n\na bare \r return, a \0 and \xe9\xff bytes\n",
    HEAD + b"Message-ID: <o8@x>\n\n" + b"long " * 20_000 + b"\n",
    b"From one@example.org Thu Jan  1 10:00:00 2026\n>From two@example.org Thu Jan  1 10:00:00 2026\n" + HEAD + b"Message-ID: <o9@x>\n\nx\n",
    b">From sendmail@example.org Thu Jan  1 10:00:00 2026\n" + HEAD + b"Message-ID: <o10@x>\n\nx\n",
    HEAD.replace(b"2026", b"1970") + b"\nneither an id nor a date that can be\n",
    HEAD.replace(b"2026", b"2999") + b"Message-ID: <o1@x>\n\nthe id of another, and a date to come\n",
    HEAD + b"Message-ID: <o12@x>\n\nFrom anna@example.org Thu Jan  1 10:00:00 2026\nnot after an empty line\n",
    b"Subject: nobody\nMessage-ID: <o13@x>\n\nx\n",
]


class Archive(Site):
    def prepare(self):
        super().prepare()
        self.tree()
        self.write("old.mbox", THREAD)

    def imported(self, file="old.mbox"):
        self.assertEqual(self.done("archive", "import", "rabat", file), "3 added to the archive of rabat\n")

    def found(self, *words):
        return [hit["message_id"] for hit in self.json("archive", "search", *words)]

    def bytes_of(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def test_old_mails_are_imported_once_and_found(self):
        self.imported()
        self.assertEqual(self.done("archive", "import", "rabat", "old.mbox"),
                         "0 added to the archive of rabat; went on where an earlier import ended (--again reads all)\n")
        self.assertEqual(self.done("archive", "import", "rabat", "old.mbox", "--again"),
                         "0 added to the archive of rabat, 3 there already\n")
        self.assertEqual(self.found("assemblee", "generale"), ["a@x"])
        self.assertEqual(self.found("3lach"), ["b@x"])
        self.assertEqual(self.found("احد"), ["b@x"])
        self.assertEqual(self.found("reunion -3lach"), ["a@x"])
        self.assertEqual(self.found("has:attachment"), ["c@x"])
        self.assertEqual(self.found("budget.csv"), ["c@x"])
        self.assertEqual(self.found("from:badr"), ["b@x"])
        self.assertEqual(self.found("--list", "maroc", "budget"), [])
        self.assertEqual(self.found("--list", "maroc", "--below", "budget"), ["c@x"])
        self.assertEqual(self.json("queue", "list", "--all"), [])

    def test_a_search_shows_date_author_subject_and_the_words(self):
        self.imported()
        self.assertEqual(self.done("archive", "search", "générale"),
                         "2026-01-01  Anna  Réunion de mars  [1] rabat\n"
                         "    L'assemblée générale se tient samedi. From now on, three lines: last\n")
        self.assertEqual(self.done("archive", "search", "nowhere"), "nothing was found\n")
        result = self.text("archive", "search", "budget", "before:soon")
        self.assertEqual(result.err, "majlis: before: wants a date such as 2026-01-31, 2026-01 or 2026\n")
        self.assertEqual(result.code, 0)
        for limit in ("0", "-1", "many"):
            self.refused(2, f"majlis: archive search: --limit cannot be \"{limit}\": give a number from 1 to 1000",
                         "archive", "search", "budget", "--limit", limit)

    def test_a_thread_is_shown_as_a_tree(self):
        self.imported()
        self.assertEqual(self.done("archive", "thread", "<b@x>"),
                         "2026-01-01  Anna  Réunion de mars  [1]\n"
                         "2026-01-02  └─ Badr  Re: Réunion de mars  [2]\n")
        self.assertEqual([(line["id"], line["depth"]) for line in self.json("archive", "thread", "1")], [(1, 0), (2, 1)])

    def test_a_post_is_shown_to_people_and_as_it_came(self):
        self.imported()
        text = self.done("archive", "show", "1")
        self.assertIn("L'assemblée générale se tient samedi.\nFrom now on, three lines:\n>From quoted\nlast\n", text)
        shown = self.json("archive", "show", "c@x")
        self.assertEqual(shown["files"], [{"name": "budget.csv", "type": "text/csv", "size": 3}])
        raw = self.run_majlis("archive", "show", "1", "--raw").out
        entry = THREAD.split(b"\nFrom badr")[0].partition(b"\n")[2]
        self.assertEqual(raw, entry.replace(b">From now", b"From now").replace(b">>From", b">From"))
        self.refused(1, "majlis: archive show: no post 99 in the archive: \"majlis archive search\" finds posts and their ids",
                     "archive", "show", "99")

    def test_an_export_that_is_imported_again_is_exported_the_same(self):
        self.imported()
        self.done("archive", "export", "rabat", "one.mbox")
        self.done("archive", "import", "maimc", "one.mbox")  # the same posts, on another list too
        self.done("archive", "export", "maimc", "two.mbox", "--below")
        self.assertEqual(self.bytes_of("one.mbox"), THREAD)
        self.assertEqual(self.bytes_of("two.mbox"), THREAD)
        self.assertEqual(self.run_majlis("archive", "export", "maimc", "-").out, THREAD)
        with contextlib.closing(mailbox.mbox(self.path("one.mbox"))) as read:
            self.assertEqual(len(read), 3)
        self.assertEqual(os.stat(self.path("one.mbox")).st_mode & 0o777, 0o600)
        self.refused(1, "majlis: archive export: one.mbox exists already: name another file", "archive", "export", "rabat", "one.mbox")

    def test_a_maildir_goes_out_and_comes_in_again(self):
        self.imported()
        self.assertEqual(self.done("archive", "export", "rabat", "md", "--format", "maildir"), "wrote 3 posts of rabat to md\n")
        self.assertEqual(len(mailbox.Maildir(self.path("md"), create=False)), 3)
        self.start_anew()
        self.assertEqual(self.done("archive", "import", "rabat", "md"), "3 added to the archive of rabat\n")
        self.done("archive", "export", "rabat", "md2", "--format", "maildir")
        files = {name: self.bytes_of(f"md/cur/{name}") for name in os.listdir(self.path("md/cur"))}
        self.assertEqual(files, {name: self.bytes_of(f"md2/cur/{name}") for name in os.listdir(self.path("md2/cur"))})
        self.done("archive", "export", "rabat", "again.mbox")
        self.assertEqual(self.bytes_of("again.mbox"), THREAD)

    def test_an_export_into_a_folder_that_is_there_leaves_its_permissions_alone(self):
        self.imported()
        os.mkdir(self.path("shared"))
        os.chmod(self.path("shared"), 0o1777)
        self.done("archive", "export", "rabat", "shared", "--format", "maildir")
        self.done("archive", "export", "rabat", "mine/md", "--format", "maildir")
        modes = [os.stat(self.path(name)).st_mode & 0o7777 for name in ("shared", "shared/cur", "mine/md")]
        self.assertEqual(modes, [0o1777, 0o700, 0o700])
        self.refused(1, "majlis: archive export: cannot make the folder old.mbox: Not a directory",
                     "archive", "export", "rabat", "old.mbox", "--format", "maildir")

    def start_anew(self):
        for name in [name for name in os.listdir(self.folder) if name.startswith("majlis.db")]:
            os.remove(self.path(name))
        self.done("db", "migrate")
        self.tree()

    def test_odd_mails_go_round_too_as_mbox_and_as_maildir(self):
        """The first export may write line ends anew; from then on nothing changes any more."""
        os.makedirs(self.path("odd"))
        for number, raw in enumerate(ODD, 1):
            self.write(f"odd/{number}", raw)
        self.assertEqual(self.json("archive", "import", "rabat", "odd")["added"], len(ODD))
        self.done("archive", "export", "rabat", "one.mbox")
        self.done("archive", "export", "rabat", "one.md", "--format", "maildir")
        one = self.bytes_of("one.mbox")
        self.assertEqual(len(re.findall(rb"(?m)^From ", one)), len(ODD))
        for source in ("one.mbox", "one.md"):
            with self.subTest(source):
                self.start_anew()
                self.assertEqual(self.json("archive", "import", "rabat", source)["added"], len(ODD))
                self.done("archive", "export", "rabat", source + ".two.mbox")
                self.done("archive", "export", "rabat", source + ".two.md", "--format", "maildir")
                two = self.bytes_of(source + ".two.mbox")
                if source == "one.md":  # whose file names do not say which of two mails of one second came first
                    self.assertEqual(sorted(re.split(rb"(?m)^(?=From )", two)), sorted(re.split(rb"(?m)^(?=From )", one)))
                else:
                    self.assertEqual(two, one)
                self.assertEqual({name: self.bytes_of(f"{source}.two.md/cur/{name}") for name in os.listdir(self.path(f"{source}.two.md/cur"))},
                                 {name: self.bytes_of(f"one.md/cur/{name}") for name in os.listdir(self.path("one.md/cur"))})

    def test_an_import_that_is_killed_again_and_again_takes_each_mail_once(self):
        count = 4_000
        mbox = b"".join(
            b"From anna@example.org Thu Jan  1 10:00:00 2026\nFrom: anna@example.org\nSubject: %d\nMessage-ID: <%d@x>\n"
            b"Date: Thu, 1 Jan 2026 %02d:%02d:%02d +0000\n\nText %d\n\n" % (n, n, 10 + n // 3600, n // 60 % 60, n % 60, n) for n in range(count))
        self.write("big.mbox", mbox)

        kills = 0
        while self.sql("SELECT count(*) FROM archive_post") < count and kills < 50:
            process = subprocess.Popen([MAJLIS, "archive", "import", "rabat", "big.mbox"], cwd=self.folder, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, env={**os.environ, "MAJLIS_CONFIG": self.path("majlis.toml")})
            before = self.sql("SELECT count(*) FROM archive_post")
            while process.poll() is None and self.sql("SELECT count(*) FROM archive_post") < before + count // 8:
                time.sleep(0.005)
            if process.poll() is None:
                kills += 1
                process.kill()
            process.wait()
        self.assertGreaterEqual(kills, 3)
        self.assertEqual(self.json("archive", "import", "rabat", "big.mbox", "--again"),
                         {"read": count, "added": 0, "listed": 0, "already": count, "redacted": 0, "broken": 0, "problems": []})
        self.done("archive", "export", "rabat", "out.mbox")
        self.assertEqual(self.bytes_of("out.mbox"), mbox)

    def sql(self, question):
        with contextlib.closing(sqlite3.connect(self.path("majlis.db"), timeout=30)) as database:
            return database.execute(question).fetchone()[0]

    def test_an_export_takes_days_into_account(self):
        self.imported()
        self.assertEqual(self.json("archive", "export", "rabat", "x", "--after", "2026-01-02", "--before", "2026-01-03")["posts"], 1)
        self.refused(2, "majlis: archive export: --after soon: give a date such as 2026-01-31, 2026-01 or 2026",
                     "archive", "export", "rabat", "y", "--after", "soon")

    def test_broken_mails_are_named_by_their_place_and_the_others_taken(self):
        self.write("bad.mbox", b"rubbish\n\nFrom x Thu Jan  1 10:00:00 2026\nno header here\n\n" + THREAD)
        result = self.text("archive", "import", "rabat", "bad.mbox")
        self.assertEqual(result.out, "3 added to the archive of rabat, 2 broken\n")
        self.assertEqual(result.err.splitlines(),
                         ["majlis: bad.mbox, byte 0: no line such as \"From anna@example.org Thu Jan  1 10:00:00 2015\" begins it: "
                          "this is no mbox", "majlis: bad.mbox, byte 9: no header: this is no mail"])
        self.refused(1, "majlis: archive import: cannot read none: No such file or directory", "archive", "import", "rabat", "none")

    def test_a_file_that_is_no_mbox_fails_each_time_and_can_be_mended(self):
        self.write("mails", b"Subject: no line before it\n\nbody\n")
        for _ in range(2):
            result = self.text("archive", "import", "rabat", "mails")
            self.assertEqual((result.code, result.out), (1, "0 added to the archive of rabat, 1 broken\n"))
            self.assertIn("this is no mbox", result.err)
        self.assertEqual(self.run_majlis("archive", "import", "rabat", "mails", "--json").code, 1)
        self.write("mails", THREAD)
        self.imported("mails")
        self.write("nothing", b"")
        self.assertEqual(self.done("archive", "import", "rabat", "nothing"), "0 added to the archive of rabat\n")

    def test_a_file_that_has_grown_is_read_from_where_it_ended(self):
        first, second = THREAD.split(b"From badr", 1)
        self.write("grows.mbox", first)
        self.done("archive", "import", "rabat", "grows.mbox")
        self.write("grows.mbox", first + b"From badr" + second)
        self.assertEqual(self.json("archive", "import", "rabat", "grows.mbox")["read"], 2)

    def test_the_folders_of_mlmmj_and_sympa_and_standard_input_are_read(self):
        os.makedirs(self.path("archive/2026-01"))
        for number, entry in enumerate(re.split(rb"(?m)^From .*\n", THREAD)[1:], 9):
            self.write(f"archive/2026-01/{number}", entry)
        self.assertEqual(self.done("archive", "import", "rabat", "archive", "--dry-run"),
                         "dry run, nothing changed: 3 added to the archive of rabat\n")
        self.assertEqual(self.json("archive", "import", "rabat", "archive")["added"], 3)
        self.assertEqual(self.done("archive", "import", "maroc", "-", stdin=THREAD), "3 added to the archive of maroc\n")

    def test_a_pipe_with_a_name_is_read_as_standard_input_is(self):
        self.assertEqual(self.done("archive", "import", "rabat", "/dev/stdin", stdin=THREAD), "3 added to the archive of rabat\n")
        self.assertEqual(self.done("archive", "import", "rabat", "/dev/stdin", stdin=THREAD),
                         "0 added to the archive of rabat, 3 there already\n")

    def test_what_is_removed_is_gone_and_what_is_redacted_leaves_its_place(self):
        self.imported()
        self.refused(2, "majlis: archive remove: remove for good 3 \"Budget\" of Chama, 2026-01-03: nobody here to answer; "
                        "say --yes to do it", "archive", "remove", "3")
        self.assertIn("dry run, nothing changed", self.done("archive", "remove", "3", "--dry-run"))
        self.assertEqual(self.done("archive", "remove", "3", "--yes", "--reason", "asked"), "removed 3 \"Budget\" of Chama, 2026-01-03\n")
        self.assertEqual(self.found("budget"), [])
        self.done("archive", "redact", "--from", "anna@example.org", "--yes")
        self.assertEqual(self.found("generale"), [])
        self.assertEqual(self.done("archive", "thread", "2"),
                         "2026-01-01  (redacted)  (redacted)  [1]\n2026-01-02  └─ Badr  Re: Réunion de mars  [2]\n")
        self.assertEqual(self.json("archive", "import", "rabat", "old.mbox", "--again")["redacted"] +
                         self.json("archive", "import", "rabat", "old.mbox", "--again")["already"], 3)  # the removed one is back
        events = [line["event"] for line in self.json("log")]
        self.assertEqual(events.count("archive-removed"), 1)
        self.assertEqual(events.count("archive-redacted"), 1)
        self.assertEqual(events.count("archive-imported"), 2)

    def test_a_post_that_is_removed_from_one_list_says_from_which(self):
        self.imported()
        self.done("archive", "import", "maroc", "old.mbox")
        self.refused(2, "majlis: archive remove: remove for good from rabat: 3 \"Budget\" of Chama, 2026-01-03: nobody here to "
                        "answer; say --yes to do it", "archive", "remove", "3", "--list", "rabat")
        self.assertEqual(self.done("archive", "remove", "3", "--yes", "--list", "rabat"),
                         "removed from rabat: 3 \"Budget\" of Chama, 2026-01-03\n")
        self.assertEqual(self.json("archive", "show", "3")["lists"], ["maroc"])

    def test_a_word_that_was_redacted_is_in_no_file_of_the_database(self):
        self.imported()
        self.write("secret.mbox", THREAD.split(b"\nFrom badr")[0].replace(b"<a@x>", b"<s@x>").replace(b"samedi", b"zsecretmot") + b"\n")
        self.done("archive", "import", "rabat", "secret.mbox")
        self.assertEqual(self.found("zsecretmot"), ["s@x"])

        def holding():
            return [name for name in os.listdir(self.folder) if name.startswith("majlis.db") and b"zsecretmot" in self.bytes_of(name)]

        self.assertNotEqual(holding(), [])
        self.done("archive", "redact", "s@x", "--yes")
        self.assertEqual(holding(), [])
        self.assertEqual(self.found("samedi"), ["a@x"])

    def test_the_index_is_made_anew(self):
        self.imported()
        self.assertEqual(self.done("archive", "reindex"), "read 3 posts\n")
        self.assertEqual(self.found("3lach"), ["b@x"])

    def on_a_terminal(self, *words, **env):
        """What the program writes when standard output is a terminal."""
        master, slave = pty.openpty()
        environment = {**os.environ, "MAJLIS_CONFIG": self.path("majlis.toml"), "TERM": "xterm", "LC_ALL": "C.UTF-8", **env}
        environment = {name: value for name, value in environment.items() if value}
        with subprocess.Popen([MAJLIS, *words], stdin=subprocess.DEVNULL, stdout=slave, cwd=self.folder, env=environment) as process:
            os.close(slave)
            out = b""
            while select.select([master], [], [], 30)[0]:
                try:
                    piece = os.read(master, 65536)
                except OSError:
                    break
                if not piece:
                    break
                out += piece
            process.wait(30)
        os.close(master)
        return out.decode()

    def test_there_are_colours_on_a_terminal_alone(self):
        self.imported()
        self.assertIn("\x1b[1;33mgénérale\x1b[0m", self.on_a_terminal("archive", "search", "generale", NO_COLOR=""))
        self.assertNotIn("\x1b", self.on_a_terminal("archive", "search", "generale", NO_COLOR="1"))
        self.assertNotIn("\x1b", self.on_a_terminal("archive", "search", "generale", NO_COLOR="", TERM="dumb"))
