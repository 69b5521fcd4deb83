"""A copy of the database while everything runs, putting it back, and files that cannot be worked with."""

import collections
import contextlib
import os
import pathlib
import random
import shutil
import sqlite3
import stat
import subprocess
import tempfile
import threading
import time
import unittest

from harness import mail, process, world
from harness.case import SinkCase
from harness.majlis import Majlis, program

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "schema"
SAVED = pathlib.Path(__file__).resolve().parents[1] / "unit" / "store" / "saved"
NEWEST = len(list(SCHEMA.glob("[0-9]*.sql")))


def of_copy(majlis, copy, *words, **options):
    """`majlis WORDS` with a copy in the place of the database."""
    config = majlis.folder / (copy.name + ".toml")
    config.write_text(majlis.file.read_text().replace(str(majlis.database), str(copy)))
    config.chmod(0o600)
    return majlis.run("--config", config, *words, **options)


class Backup(SinkCase):
    members = 1500

    def subjects(self):
        with self.out.lock:
            return collections.Counter((str(mail.parse(transaction.data)["Subject"]), recipient)
                                       for transaction in self.out.accepted for recipient in transaction.recipients)

    def test_a_backup_while_mail_leaves_and_an_import_runs_is_whole_and_stops_neither(self):
        self.install(relay={"connections": 2, "personal": "always"}, sink_options={"delay": 0.001})
        self.majlis.run("list", "create", "agadir", "--address", world.address("agadir"))
        roster = self.roster([f"q{n:06}@members.example" for n in range(20000)])
        self.majlis.start()
        self.post(subject="first")
        self.wait(lambda: self.out.recipients(), "the first copy has left")
        failures = []

        def bring_in():
            for _ in range(3):
                result = self.majlis.run("member", "import", "agadir", roster, "--format", "csv", status=None)
                if result.returncode != 0:
                    failures.append(result.stderr)

        importing = threading.Thread(target=bring_in)
        importing.start()
        copies = []
        while importing.is_alive() or len(copies) < 3:
            copies.append(self.majlis.folder / f"copy{len(copies)}.db")
            self.majlis.run("db", "backup", copies[-1])
        importing.join()
        self.assertEqual(failures, [])
        self.assertLess(len(copies), 200)
        for copy in (copies[0], copies[len(copies) // 2], copies[-1]):
            self.assertEqual(stat.S_IMODE(copy.stat().st_mode), 0o600)
            of_copy(self.majlis, copy, "db", "check")
        self.wait(lambda: len(set(self.out.recipients())) == self.members, "the post has reached everybody", 120)
        self.assertEqual(set(self.subjects().values()), {1})
        self.majlis.run("db", "check")
        self.majlis.stop()
        self.assertNotIn("-failed", self.majlis.log())

    def held(self):
        return [post["subject"] for post in self.majlis.json("held", "list")]

    def move_back(self):
        """Out of Majlis/Done into the INBOX, as a mail program does it."""
        for file in self.world.mailbox.files("Majlis.Done"):
            os.rename(file, self.world.mailbox.path / "new" / file.name.partition(":")[0])

    def test_a_restored_backup_sends_nothing_twice_and_what_came_after_it_is_got_back(self):
        self.members = 3
        self.install()
        copy = self.majlis.folder / "backup.db"
        self.majlis.start()
        self.post(subject="before")
        self.wait(lambda: len(self.subjects()) == 3, "the first post")
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Done")) == 1, "filed")
        self.wait(lambda: not self.majlis.json("queue", "list"), "over")
        self.majlis.run("db", "backup", copy)
        self.post(subject="after")
        self.wait(lambda: len(self.subjects()) == 6, "the second post")
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Done")) == 2, "filed")
        running = self.majlis.run("db", "restore", copy, "--yes", status=1)
        self.assertIn("stop it first", running.stderr)
        self.assertIn("is whole", self.majlis.run("db", "restore", copy, "--dry-run").stdout)
        self.majlis.stop()
        said = self.majlis.run("db", "restore", copy, "--yes").stdout
        self.assertIn("majlis.db.replaced-", said)
        self.assertIn("sending is paused", said)
        kept = next(self.majlis.folder.glob("majlis.db.replaced-*"))
        of_copy(self.majlis, kept, "db", "check")
        # What the manual says: all that comes is held, then the mail is moved back.
        self.majlis.run("list", "set", "rabat", "emergency=on", "held_notice=none")
        self.move_back()
        self.majlis.start()
        self.wait(lambda: self.held() == ["after"], "only what the backup does not know waits")
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Done")) == 2, "filed again")
        # To the author, that his post waits: nobody needs it.
        letters = self.majlis.wait_json(["queue", "list"], lambda rows: [row["kind"] for row in rows] == ["notice"])
        self.majlis.run("queue", "drop", *(str(delivery["id"]) for delivery in letters), "--yes")
        self.majlis.run("held", "discard", str(self.majlis.json("held", "list")[0]["id"]), "--yes")
        self.majlis.run("list", "set", "rabat", "emergency=off")
        self.majlis.run("queue", "resume")
        self.post(subject="new")
        self.wait(lambda: len(self.subjects()) == 9, "life goes on")
        self.assertEqual(set(self.subjects().values()), {1})
        self.majlis.run("db", "check")
        self.majlis.stop()


class Wrong(unittest.TestCase):
    """Neither program works with a file that it cannot work with; both say what to do."""

    def setUp(self):
        home = pathlib.Path(tempfile.mkdtemp(prefix="majlis-wrong-"))
        self.addCleanup(shutil.rmtree, home)
        home.chmod(0o755)
        self.majlis = Majlis(home / "m")
        self.majlis.write_config(inbox=[{"url": "imap://127.0.0.1:1", "username": "a@b.example", "starttls": "never",
                                         "password_file": self.majlis.secret("password", "secret")}],
                                 relay=[{"url": "smtp://127.0.0.1:1"}])
        self.majlis.run("db", "migrate")
        self.majlis.run("list", "create", "rabat", "--address", world.address("rabat"))
        self.file = self.majlis.database
        self.addCleanup(self.majlis.close)

    def refused(self, *words, user=None, daemon=3):
        """Both refuse with all of these words, and leave the file as it is; `daemon`: its exit status, 3 where it needs no start
        before somebody has mended the file."""
        before = self.file.read_bytes() if self.file.is_file() else None
        for command in ([program("majlis"), "list", "tree"], [program("majlisd"), "--once", "--for", "5s"], [program("majlisd")]):
            result = subprocess.run([str(word) for word in command], env=self.majlis.environment, cwd=self.majlis.folder,
                                    capture_output=True, timeout=60 * process.PATIENCE, check=False,
                                    **({"user": user, "extra_groups": []} if user is not None else {}))
            said = result.stderr.decode()
            self.assertEqual(result.returncode, daemon if "majlisd" in str(command[0]) else 1, f"{command}: {said}")
            for word in words:
                self.assertIn(word, said, command)
        if before is not None:
            self.assertEqual(self.file.read_bytes(), before)

    def cut(self, size):
        data = self.file.read_bytes()
        for end in ("-wal", "-shm"):
            pathlib.Path(f"{self.file}{end}").unlink(missing_ok=True)
        self.file.write_bytes(data[:size])

    def test_a_truncated_file(self):
        self.cut(self.file.stat().st_size // 2)
        self.refused("is damaged", "majlis db restore")

    def test_a_file_cut_within_its_first_page(self):
        self.cut(1000)
        self.refused("majlis.db")

    def test_an_empty_file(self):
        self.cut(0)
        self.refused("is empty", "majlis init", daemon=1)

    def test_no_file(self):
        self.file.unlink()
        self.refused("does not exist", "majlis init", daemon=1)

    def test_no_folder(self):
        self.majlis.database = self.majlis.folder / "nowhere" / "majlis.db"
        self.majlis.write_config()
        for words in (["--once", "--for", "5s"], []):
            result = subprocess.run([str(program("majlisd")), *words], env=self.majlis.environment, cwd=self.majlis.folder,
                                    capture_output=True, timeout=60 * process.PATIENCE, check=False)
            self.assertIn("there is no folder", result.stderr.decode())
            self.assertEqual(result.returncode, 1)

    def test_a_database_that_lacks_a_table(self):
        copy = self.majlis.folder / "copy.db"
        with contextlib.closing(sqlite3.connect(self.file)) as database:
            database.execute("DROP TABLE bounce")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.file, copy)
        self.assertIn("table bounce is missing", self.majlis.run("db", "check", status=1).stderr)
        self.assertIn("no copy was kept", self.majlis.run("db", "backup", "other.db", status=1).stderr)
        self.assertIn("is not whole", self.majlis.run("db", "restore", copy, "--dry-run", status=1).stderr)
        for words in (["--once", "--for", "5s"], []):
            result = subprocess.run([str(program("majlisd")), *words], env=self.majlis.environment, cwd=self.majlis.folder,
                                    capture_output=True, timeout=60 * process.PATIENCE, check=False)
            self.assertIn("is not whole: table bounce is missing", result.stderr.decode())
            self.assertEqual(result.returncode, 3)

    def test_a_file_that_is_no_database(self):
        self.file.write_text("Dear sir, this is a letter and not a database. " * 400)
        self.refused("is not a database of majlis", "correct 'database'")

    def test_another_programs_database(self):
        self.file.unlink()
        with contextlib.closing(sqlite3.connect(self.file)) as other:
            other.execute("CREATE TABLE recipe (id)")
            other.execute("PRAGMA user_version = 3")
        self.refused("belongs to another program")

    def test_a_database_of_a_newer_majlis(self):
        with contextlib.closing(sqlite3.connect(self.file)) as database:
            database.execute("PRAGMA user_version = 999")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.refused("newer majlis", "install the newer majlis")

    def overwrite(self, page):
        """One page of 4,096 bytes, from 1; what stood in the WAL is in the file before."""
        with contextlib.closing(sqlite3.connect(self.file)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with self.file.open("r+b") as file:
            file.seek(4096 * (page - 1))
            file.write(b"\x5a" * 4096)

    def root_of(self, name):
        with contextlib.closing(sqlite3.connect(self.file)) as database:
            return database.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)).fetchone()[0]

    def test_damage_that_every_reader_meets(self):
        self.overwrite(self.root_of("list"))
        self.overwrite(self.root_of("delivery_range"))
        for command in ([program("majlis"), "list", "tree"], [program("majlisd"), "--once", "--for", "5s"], [program("majlisd")]):
            result = subprocess.run([str(word) for word in command], env=self.majlis.environment, cwd=self.majlis.folder,
                                    capture_output=True, timeout=60 * process.PATIENCE, check=False)
            said = result.stderr.decode()
            self.assertEqual(result.returncode, 3 if "majlisd" in str(command[0]) else 1, said)
            self.assertIn("is damaged", said)
            self.assertIn("majlis db restore", said)

    @unittest.skipUnless(shutil.which("sqlite3"), "needs sqlite3")
    def test_without_a_backup_what_can_be_read_is_saved_as_the_manual_says(self):
        roster = self.majlis.folder / "roster.csv"
        roster.write_text("address\n" + "".join(f"m{n}@members.example\n" for n in range(20000)))
        self.majlis.run("member", "import", "rabat", roster)
        with contextlib.closing(sqlite3.connect(self.file)) as database:
            leaf = database.execute("SELECT pageno FROM dbstat WHERE name = 'member' AND pagetype = 'leaf' LIMIT 1 OFFSET 20").fetchone()[0]
        self.overwrite(leaf)
        self.majlis.run("db", "check", status=1)
        saved = self.majlis.folder / "saved.db"
        manual = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "OPERATIONS.md").read_text()
        said = manual.partition("### Without a backup")[2].partition("\n## ")[0]
        dump, name, *_, purge = [line.strip() for line in said.splitlines() if line.startswith("    sqlite3")]
        for line in (dump, name):
            subprocess.run(["sh", "-c", line], cwd=self.majlis.folder, check=True, stderr=subprocess.DEVNULL)
        self.assertIn("is not sound: table subscription", self.majlis.run("db", "restore", saved, "--dry-run", status=1).stderr)
        subprocess.run(["sh", "-c", purge], cwd=self.majlis.folder, check=True)
        self.majlis.run("db", "restore", saved, "--yes")
        self.majlis.run("db", "check")
        self.assertGreater(len(self.majlis.json("member", "list", "rabat")), 19000)

    def test_damage_that_nobody_has_met_yet_is_found_and_not_backed_up(self):
        self.overwrite(self.root_of("journal_address"))
        checked = self.majlis.run("db", "check", status=1)
        self.assertIn("pages: ", checked.stderr)
        self.assertIn("db restore", checked.stderr)
        found = self.majlis.json("db", "check", status=1)
        self.assertFalse(found["sound"])
        self.assertEqual({"kind", "message", "mend"}, set(found["problems"][0]))
        self.assertIn("damaged", self.majlis.run("db", "backup", "copy.db", status=1).stderr)
        self.assertEqual([f.name for f in self.majlis.folder.glob("copy.db*")], [])

    def test_damage_that_the_daemon_meets_at_work_ends_it(self):
        self.majlis.start()
        with contextlib.closing(sqlite3.connect(self.file)) as database:
            root = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'daemon'").fetchone()[0]
            database.execute("PRAGMA writable_schema = ON")
            database.execute("UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'daemon'")  # not a page of that table
            database.execute("PRAGMA schema_version = 9999")
            database.commit()
        self.assertNotEqual(root, 3)
        self.majlis.process.wait(60 * process.PATIENCE)
        self.assertEqual(self.majlis.process.returncode, 3)
        self.assertIn("is damaged", self.majlis.log())
        self.assertIn("majlis db restore", self.majlis.log())

    @unittest.skipUnless(os.geteuid() == 0, "needs another user")
    def test_a_file_of_another_user_and_one_that_cannot_be_written(self):
        self.majlis.file.chmod(0o644)
        (self.majlis.folder / "password").chmod(0o644)
        self.majlis.folder.chmod(0o777)
        nobody = 65534
        self.file.chmod(0o600)
        self.refused("cannot be read", "as the user that owns it", user=nobody, daemon=1)
        self.file.chmod(0o444)
        for end in ("-wal", "-shm"):
            pathlib.Path(f"{self.file}{end}").unlink(missing_ok=True)
        lock = self.majlis.folder / "majlis.db.lock"
        lock.unlink(missing_ok=True)
        daemon = subprocess.run([str(program("majlisd"))], env=self.majlis.environment, cwd=self.majlis.folder, user=nobody,
                                extra_groups=[], capture_output=True, timeout=60 * process.PATIENCE, check=False)
        self.assertEqual(daemon.returncode, 1)
        self.assertIn("needs to write it", daemon.stderr.decode())

    @unittest.skipUnless(os.geteuid() == 0, "needs another user")
    def test_what_root_restores_can_be_opened_by_the_service(self):
        copy = self.majlis.folder / "copy.db"
        self.majlis.run("db", "backup", copy)
        nobody = 65534
        for path in (self.majlis.folder, self.file):
            os.chown(path, nobody, nobody)
        for existed in (True, False):
            if not existed:
                for file in self.majlis.folder.glob("majlis.db*"):
                    file.unlink()
            self.majlis.run("db", "restore", copy, "--yes")
            for name in ("majlis.db", "majlis.db.lock"):
                self.assertEqual((self.majlis.folder / name).stat().st_uid, nobody, name)

    def test_what_is_paused_after_a_restore_stays_so_under_another_name(self):
        copy = self.majlis.folder / "copy.db"
        self.majlis.run("db", "backup", copy)
        self.majlis.run("db", "restore", copy, "--yes")
        self.majlis.write_config(relay=[{"url": "smtp://127.0.0.1:1", "name": "renamed"}, {"url": "smtp://127.0.0.1:2"}])
        state = lambda: [relay["state"] for relay in self.majlis.json("status")["relays"]]  # noqa: E731
        self.assertEqual(state(), ["paused", "paused"])
        self.majlis.run("queue", "resume", "renamed")
        self.assertEqual(state(), ["working", "paused"])
        self.majlis.run("queue", "resume")
        self.assertEqual(state(), ["working", "working"])

    def test_a_restore_that_asks_and_one_that_only_looks(self):
        copy = self.majlis.folder / "copy.db"
        self.majlis.run("db", "backup", copy)
        self.assertIn("exists already", self.majlis.run("db", "backup", copy, status=1).stderr)
        self.majlis.run("db", "backup", copy, "--yes")
        self.assertIn("--yes", self.majlis.run("db", "restore", copy, status=2).stderr)
        self.assertIn("is whole", self.majlis.run("db", "restore", copy, "--dry-run").stdout)
        self.assertEqual(list(self.majlis.folder.glob("majlis.db.re*")), [])
        copy.write_bytes(copy.read_bytes()[:50000])
        self.assertIn("damaged", self.majlis.run("db", "restore", copy, "--dry-run", status=1).stderr)
        self.assertIn("damaged", self.majlis.run("db", "restore", copy, "--yes", status=1).stderr)
        self.assertEqual(list(self.majlis.folder.glob("majlis.db.re*")), [])


class Migration(unittest.TestCase):
    """`majlis db migrate` killed at random moments, on the file of each earlier version: it is old or new, and goes on."""

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="majlis-migration-"))
        self.addCleanup(shutil.rmtree, self.home)
        self.majlis = Majlis(self.home / "m")
        self.majlis.write_config(inbox=[{"url": "imap://127.0.0.1:1", "username": "a@b.example", "starttls": "never",
                                         "password_file": self.majlis.secret("password", "secret")}],
                                 relay=[{"url": "smtp://127.0.0.1:1"}])
        self.seed = int(os.environ.get("MAJLIS_SEED", random.randrange(1 << 30)))
        print(f"{self.id()}: MAJLIS_SEED={self.seed}", flush=True)

    def make(self, version):
        """A site of this version with 20,000 members, so that a migration takes its time."""
        for file in self.majlis.folder.glob("majlis.db*"):
            file.unlink()
        with contextlib.closing(sqlite3.connect(self.majlis.database)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            for number in range(1, version + 1):
                database.executescript(next(SCHEMA.glob(f"{number:03}_*.sql")).read_text())
                saved = SAVED / f"{number:03}.sql"
                if saved.exists():
                    database.executescript(saved.read_text())
            database.execute("INSERT INTO member (address, address_key, created_at) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL "
                             "SELECT i + 1 FROM n WHERE i < 20000) SELECT i || '@x.example', i || '@x.example', 1 FROM n")
            database.execute("INSERT INTO subscription (list_id, member_id, mode, joined, since, joined_at) "
                             "SELECT 1, id, 'each', 1, 1, 1 FROM member WHERE id > 2")
            database.execute(f"PRAGMA application_id = {0x6d616a6c}")
            database.execute(f"PRAGMA user_version = {version}")
            database.commit()

    def look(self, file):
        with contextlib.closing(sqlite3.connect(file)) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(database.execute("PRAGMA foreign_key_check").fetchall(), [])
            self.assertEqual(database.execute("SELECT count(*) FROM member").fetchone(), (20002,))
            return database.execute("PRAGMA user_version").fetchone()[0]

    def test_killed_at_random_moments(self):
        chance = random.Random(self.seed)
        for version in range(1, NEWEST):
            self.make(version)
            begun = time.monotonic()
            self.majlis.run("db", "migrate")
            whole = time.monotonic() - begun
            for _ in range(3):
                self.make(version)
                command = process.start([program("majlis"), "db", "migrate"], env=self.majlis.environment,
                                        cwd=self.majlis.folder, stdout=subprocess.DEVNULL)
                time.sleep(chance.uniform(0, whole))
                command.kill()
                command.wait()
                now = self.look(self.majlis.database)
                self.assertIn(now, range(version, NEWEST + 1))
                copy = self.majlis.folder / f"majlis.db.before-{version + 1}"
                if now > version or copy.exists():
                    self.assertEqual(self.look(copy), version)
                self.majlis.run("db", "migrate")
                self.assertEqual(self.look(self.majlis.database), NEWEST)
                self.majlis.run("db", "check")


if __name__ == "__main__":
    unittest.main()
