"""What majlisd does with a mailbox: whose mail it takes, how it files it, and what it survives."""

import contextlib
import os
import re
import sqlite3
import statistics
import time
import unittest

from harness import mail, world
from harness.case import SinkCase
from harness.peer import ImapPeer
from harness.proxy import Proxy


class Mailbox(SinkCase):
    members = 3

    def settled(self):
        """A post has gone the whole way: what lay before it in the mailbox has been looked at."""
        before = len(self.out.recipients())
        self.post(subject="marker")
        self.out.wait_for(before + 3)

    def test_other_people_s_mail_is_left_untouched(self):
        self.install()
        for number in range(5):
            self.world.mailbox.deliver(mail.make("bank@elsewhere.example", "karim@maimc.example", f"private {number}"))
        self.majlis.start()
        self.settled()
        self.wait(lambda: len(self.world.mailbox.files()) == 5, "five private mails left")
        self.assertFalse(any("S" in flags for flags in self.world.mailbox.flags()))
        with self.world.dovecot.connect(world.MAILBOX) as person:
            person.select(readonly=True)
            self.assertEqual(len(person.search(None, "UNSEEN")[1][0].split()), 5)
        self.assertEqual(self.majlis.json("held", "list"), [])

    def test_what_is_left_is_read_once_and_only_its_header(self):
        proxy = Proxy(self.world.dovecot.imap_port).start()
        self.addCleanup(proxy.stop)
        self.install(inboxes=[])
        self.majlis.write_config(inbox=[self.world.inbox(self.majlis, url=f"imap://127.0.0.1:{proxy.port}", starttls="never")])
        seen = []
        proxy.on_bytes = lambda piece, _: seen.append(piece) or piece
        self.world.mailbox.deliver(mail.make("bank@elsewhere.example", "karim@maimc.example", body="SECRET-BODY\r\n",
                                             subject="LOOK-ONCE"))
        self.majlis.start()
        self.settled()
        self.majlis.stop()
        self.majlis.start()
        self.settled()
        self.majlis.stop()
        conversation = b"".join(seen)
        self.assertNotIn(b"SECRET-BODY", conversation)
        self.assertLessEqual(conversation.count(b"LOOK-ONCE"), 1)

    def test_in_a_mailbox_for_lists_only_the_rest_is_moved_aside(self):
        self.install()
        self.majlis.write_config(inbox=[self.world.inbox(self.majlis, unknown="move:Majlis/Unknown")])
        self.world.mailbox.deliver(mail.make("bank@elsewhere.example", "karim@maimc.example"))
        self.majlis.start()
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Unknown")) == 1, "moved to Majlis/Unknown")
        self.assertEqual(self.world.mailbox.flags("Majlis.Unknown"), [""])

    def test_delete_instead_of_move(self):
        self.install()
        self.majlis.write_config(inbox=[self.world.inbox(self.majlis, after="delete")])
        self.majlis.start()
        self.settled()
        self.wait(lambda: not self.world.mailbox.mails(), "an empty INBOX")
        self.assertEqual(self.world.mailbox.mails("Majlis.Done"), [])

    def test_a_backlog_comes_in_order_and_whole(self):
        self.install()
        for number in range(120):
            self.post(subject=f"number {number:03}")
        self.majlis.start()
        self.out.wait_for(360, seconds=60)
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Done")) == 120, "all filed")
        self.majlis.stop()
        subjects = [str(mail.parse(copy)["Subject"]) for copy in self.out.mail_for(self.people[0])]
        self.assertCountEqual(subjects, [f"number {number:03}" for number in range(120)])
        self.assertEqual(self.rows("SELECT subject FROM post ORDER BY id"), [f"number {number:03}" for number in range(120)])

    def rows(self, query):
        with contextlib.closing(sqlite3.connect(self.majlis.database, timeout=30)) as database:
            return [row[0] for row in database.execute(query)]

    def test_a_backlog_of_days_is_no_flood_and_as_many_at_once_are(self):
        self.install()
        self.majlis.run("list", "set", "rabat", "flood=5/10m")
        now = int(time.time())
        for number in range(12):
            self.post(subject=f"of the weekend {number:02}")
        for number, file in enumerate(sorted(self.world.mailbox.files(), key=lambda file: file.stat().st_mtime_ns)):
            os.utime(file, (now, now - (12 - number) * 3600))  # Dovecot's INTERNALDATE
        self.majlis.start()
        self.out.wait_for(36, seconds=60)
        self.assertEqual(self.majlis.json("held", "list"), [])
        self.assertEqual(self.rows("SELECT count(DISTINCT received_at) FROM post"), [12])
        for number in range(12):
            self.post(subject=f"of a minute {number:02}")
        self.majlis.wait_json(["held", "list"], lambda held: len(held) == 7)
        self.out.wait_for(51)

    def test_a_new_uidvalidity_is_not_a_new_mailbox_of_old_posts(self):
        self.install(relay={})
        self.majlis.write_config(inbox=[self.world.inbox(self.majlis, unknown="leave")])
        self.world.mailbox.deliver(mail.make("bank@elsewhere.example", "karim@maimc.example"))
        self.majlis.start()
        self.settled()
        self.majlis.stop()
        self.world.dovecot.stop()
        for file in self.world.mailbox.path.glob("dovecot*"):
            file.unlink()
        uidlist = self.world.mailbox.path / "dovecot-uidlist"
        uidlist.write_text("3 V1893456000 N100 G0123456789abcdef0123456789abcdef\n")
        self.world.mailbox._make(self.world.mailbox.path)
        os.chown(uidlist, self.world.mailbox.uid, self.world.mailbox.gid)
        self.world.dovecot.start()
        self.majlis.start()
        self.settled()
        self.wait(lambda: len(self.world.mailbox.files()) == 1, "all but the bank's mail filed")
        self.majlis.stop()
        self.assertEqual(len(self.out.recipients()), 6)
        self.assertEqual(len(self.world.mailbox.files()), 1)

    def test_the_special_use_junk_folder_is_found_and_what_it_holds_is_held(self):
        self.install()
        self.majlis.write_config(inbox=[self.world.inbox(self.majlis, folders=["INBOX", "\\Junk"])])
        with self.world.dovecot.connect(world.MAILBOX) as person:
            person.append("Spam", None, None,
                          b"Delivered-To: rabat@maimc.example\r\n" + mail.make(self.people[0], world.address("rabat")))
        self.majlis.start()
        held = self.majlis.wait_json(["held", "list"], lambda answer: len(answer) == 1)
        self.assertIn("junk", (held[0]["rule"] + held[0]["reason"]).lower())
        self.assertEqual(self.out.recipients(), [])

    def test_a_folder_that_is_missing_is_made(self):
        self.install()
        self.majlis.write_config(inbox=[self.world.inbox(self.majlis, after="move:Listes/Traité/اليوم")])
        self.majlis.start()
        self.settled()
        self.wait(lambda: len(self.world.mailbox.mails("Listes.Trait&AOk-.&BicGRAZKBkgGRQ-")) == 1
                  or any(self.world.mailbox.path.glob(".Listes*/cur/*")), "filed in the folder with a name of two scripts")

    def test_a_folder_to_watch_that_is_missing_is_told_and_the_others_go_on(self):
        self.install()
        self.majlis.write_config(inbox=[self.world.inbox(self.majlis, folders=["INBOX", "Nowhere"])])
        self.majlis.start()
        self.settled()

    def test_a_mail_above_the_limit_is_left_and_told_once(self):
        self.install(delivery={"max_size": "200KB"})
        big = mail.make(self.people[0], world.address("rabat"), body=("z" * 76 + "\r\n") * 4000)
        self.world.mailbox.deliver(b"Delivered-To: rabat@maimc.example\r\n" + big)
        self.majlis.start()
        self.wait(self.out.notices, "the owner is told")
        self.settled()
        self.majlis.stop()
        self.majlis.start()
        self.settled()
        self.wait(lambda: len(self.world.mailbox.files()) == 1, "all but the big one filed")
        self.majlis.stop()
        self.assertEqual(len(self.out.notices()), 1)

    def test_a_mail_of_fifty_megabytes_arrives_whole_in_bounded_memory(self):
        self.install(delivery={"max_size": "70MB"})
        self.majlis.run("list", "set", "rabat", "max_size=70MB")
        raw = self.post(body="".join(f"{line:075}\r\n" for line in range(680_000)))
        self.assertGreater(len(raw), 49 * 2**20)  # the relay takes 50
        self.majlis.start()
        self.out.wait_for(3, seconds=120)
        self.assertEqual(mail.body_hash(self.out.mail_for(self.people[0])[0]), mail.body_hash(raw))
        with open(f"/proc/{self.majlis.process.pid}/status") as status:
            peak = int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1]) // 1024
        print(f"at most {peak} MB in memory", flush=True)
        if not os.environ.get("MAJLIS_SANITIZE"):
            self.assertLess(peak, 300)

    def test_idle_brings_new_mail_at_once(self):
        """Dovecot itself waits half a second before it announces."""
        self.install()
        self.majlis.start()
        self.settled()
        delays = []
        for _ in range(5):
            before = len(self.out.accepted)
            begun = time.monotonic()
            self.post()
            self.wait(lambda: len(self.out.accepted) > before, "a copy at the relay", 10)
            delays.append(self.out.accepted[before].at - begun)
            self.out.wait_for(before + 3)
        self.assertLess(statistics.median(delays), 2.0)

    def test_a_list_made_while_the_daemon_runs_is_known_at_once(self):
        self.install()
        self.majlis.start()
        self.settled()
        self.majlis.run("list", "create", "fes", "--address", world.address("fes"))
        self.majlis.run("member", "add", "fes", "karim@members.example")
        self.deliver("karim@members.example", "fes")
        self.out.wait_for(4)
        self.assertIn("karim@members.example", self.out.recipients())


class Polling(SinkCase):
    members = 3
    dovecot_options = {"capability": "IMAP4rev1 UIDPLUS MOVE NAMESPACE"}

    def test_a_server_without_idle_is_polled(self):
        self.install()
        self.majlis.write_config(inbox=[self.world.inbox(self.majlis, poll="1s")])
        self.majlis.start()
        self.post()
        self.out.wait_for(3)
        self.post()
        self.out.wait_for(6)


class Bare(SinkCase):
    """A server of 1996: no IDLE, MOVE, UIDPLUS, NAMESPACE, LITERAL+."""

    members = 3
    dovecot_options = {"capability": "IMAP4rev1"}

    def test_posts_are_taken_and_filed_and_other_mail_is_not_expunged(self):
        self.install()
        self.majlis.write_config(inbox=[self.world.inbox(self.majlis, poll="1s")])
        self.world.mailbox.deliver(mail.make("bank@elsewhere.example", "karim@maimc.example", "private"))
        self.majlis.start()
        with self.world.dovecot.connect(world.MAILBOX) as person:  # a person has marked his own mail, and not yet expunged it
            person.select()
            person.store("1", "+FLAGS", "\\Deleted")
        self.post()
        self.out.wait_for(3)
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Done")) == 1, "filed")
        self.post()
        self.out.wait_for(6)
        self.majlis.stop()
        self.assertEqual(len(self.out.recipients()), 6)
        self.assertTrue(any(b"private" in raw for raw in self.world.mailbox.mails()))


class Courier(SinkCase):
    """Folders below INBOX, with a dot between levels."""

    members = 3
    dovecot_options = {"prefix": "INBOX.", "separator": "."}

    def test_folder_names_are_looked_up(self):
        self.install()
        self.majlis.start()
        self.post()
        self.out.wait_for(3)
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Done")) == 1, "filed in INBOX.Majlis.Done")


class Trouble(SinkCase):
    """Connections that break, servers that lie: through a proxy."""

    members = 2

    def setUp(self):
        super().setUp()
        self.proxy = Proxy(self.world.dovecot.imap_port).start()
        self.addCleanup(self.proxy.stop)
        self.install()
        self.majlis.write_config(inbox=[self.world.inbox(self.majlis, url=f"imap://127.0.0.1:{self.proxy.port}",
                                                         starttls="never", poll="2s")])

    def survives(self, **options):
        self.post(subject="after the trouble", **options)
        self.wait(lambda: any(b"after the trouble" in transaction.data for transaction in self.out.accepted),
                  lambda: f"the post after the trouble\n{self.majlis.log()[-3000:]}", 60)

    def test_a_connection_cut_at_any_command_is_made_again(self):
        for command in (b"LOGIN", b"AUTHENTICATE", b"CAPABILITY", b"SELECT", b"FETCH", b"MOVE", b"IDLE"):
            with self.subTest(command=command):
                cuts = []

                def cut(line, _, command=command, cuts=cuts):
                    if command in line.upper() and not cuts:
                        cuts.append(line)
                        return Proxy.CUT
                    return line

                self.proxy.on_line = cut
                self.out.clear()
                self.majlis.start()
                self.post()
                self.out.wait_for(2, seconds=60)
                self.survives()
                self.majlis.stop()
                self.assertEqual(len(self.out.recipients()), 4, "each copy once")

    def test_a_connection_cut_in_the_middle_of_an_answer_is_made_again(self):
        cut = []

        def down(piece, _):
            if b"FETCH (" in piece and not cut and len(piece) > 200:
                cut.append(piece)
                return Proxy.CUT
            return piece

        self.proxy.on_bytes = down
        self.majlis.start()
        self.post()
        self.out.wait_for(2, seconds=60)
        self.assertTrue(cut)
        self.survives()
        self.majlis.stop()
        self.assertEqual(len(self.out.recipients()), 4)

    def test_a_server_that_offers_move_and_refuses_it(self):
        def refuse(line, _):
            if b" MOVE " in line.upper():
                return (None, line.split()[0] + b" NO [CANNOT] not today\r\n")
            return line

        self.proxy.on_line = refuse
        self.majlis.start()
        self.post()
        self.out.wait_for(2)
        self.survives()
        self.majlis.stop()
        self.assertEqual(len(self.out.recipients()), 4, "each copy once, although the mail could not be filed by MOVE")

    def test_a_server_that_is_away_is_waited_for(self):
        self.world.dovecot.stop()
        self.majlis.start()
        status = self.majlis.wait_json(["status"], lambda answer: answer["inboxes"][0].get("last_error"))
        self.assertTrue(status["inboxes"][0]["last_error"])
        self.world.dovecot.start()
        self.survives()


class Liar(SinkCase):
    """A server that breaks the protocol, once; afterwards every post must have reached both members, once."""

    members = 2
    LIES = {
        "a literal shorter than told": "FETCH times=1 literal=5",
        "a literal longer than told": "FETCH times=1 literal=-5",
        "half an answer": "FETCH times=1 half=yes",
        "noise instead of an answer": "FETCH times=1 garbage=3000",
        "closed after the answer to MOVE": "MOVE times=1 close=after",
        "closed before the answer to MOVE": "MOVE times=1 close=before",
        "reset at SELECT": "SELECT times=1 reset=before",
        "no greeting": "CONNECT times=1 close=before",
        "BYE at log-in": 'LOGIN times=1 reply="NO [UNAVAILABLE] later"',
        "an unexpected second answer": 'SELECT times=1 extra="a999 OK surprise"',
    }

    def test_each_lie_costs_time_and_no_post(self):
        for name, rule in self.LIES.items():
            with self.subTest(name):
                self.install(inboxes=[])
                mails = [b"Delivered-To: rabat@maimc.example\r\n"
                         + mail.make(self.people[0], world.address("rabat"), subject=f"number {number}") for number in range(20)]
                peer = ImapPeer(self.world.home / f"peer{self.world.installed}", mails, [rule])
                self.addCleanup(peer.stop)
                self.majlis.write_config(inbox=[{
                    "url": f"imap://127.0.0.1:{peer.port}", "starttls": "never", "username": peer.user, "poll": "1s",
                    "password_file": self.majlis.secret("peer.password", peer.password)}])
                self.majlis.start()
                begun = time.monotonic()
                self.out.wait_for(40, seconds=150)
                print(f"  {name}: {time.monotonic() - begun:.1f} s", flush=True)
                self.majlis.stop()
                self.assertEqual(len(self.out.recipients()), 40)

    def test_a_large_mail_that_is_told_to_be_small_costs_no_other(self):
        self.install(inboxes=[])
        self.majlis.run("list", "set", "rabat", "max_size=5MB")
        mails = [b"Delivered-To: rabat@maimc.example\r\n"
                 + mail.make(self.people[0], world.address("rabat"), subject=f"number {number}",
                             body=("x" * 70 + "\r\n") * (30_000 if number in (3, 7) else 10)) for number in range(12)]
        peer = ImapPeer(self.world.home / "sizes", mails, ["FETCH size=900"])
        self.addCleanup(peer.stop)
        self.majlis.write_config(inbox=[{
            "url": f"imap://127.0.0.1:{peer.port}", "starttls": "never", "username": peer.user, "poll": "1s",
            "password_file": self.majlis.secret("peer.password", peer.password)}])
        self.majlis.start()
        self.out.wait_for(24, seconds=60)
        self.majlis.stop()
        self.assertEqual(len(self.out.recipients()), 24, "each copy once")


if __name__ == "__main__":
    unittest.main()
