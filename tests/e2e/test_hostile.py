"""Thousands of hostile mails through the daemon: it lives, accounts for each, writes to nobody whom it should not, and stays small.

MAJLIS_HOSTILE says how many (1000); MAJLIS_SEED makes the same ones again."""

import collections
import os
import random
import re
import secrets
import sqlite3
import time
import unittest

from harness import hostile, mail, process, world
from harness.case import SinkCase
from harness.smtp_sink import OWNER

MANY = int(os.environ.get("MAJLIS_HOSTILE", "1000"))
SEED = os.environ.get("MAJLIS_SEED") or secrets.token_hex(4)
BATCH = 250
SANITIZED = bool(os.environ.get("MAJLIS_SANITIZE"))

MODERATOR, AUTHOR, READER = "mod@members.example", "author@members.example", "reader@members.example"
ASKER, PROVEN = "asker@elsewhere.example", "proven@elsewhere.example"  # strangers who ask politely, again and again


class HostileMail(SinkCase):
    members = 0

    def setUp(self):
        super().setUp()
        print(f"\n{MANY} mails, MAJLIS_SEED={SEED}", flush=True)
        self.install(authentication={"trusted_servers": [hostile.OUR_SERVER]})
        self.forged = [f"forged{n}@members.example" for n in range(5)]
        self.majlis.run("member", "add", "rabat", AUTHOR, READER, *self.forged)
        self.majlis.run("role", "add", "rabat", MODERATOR, "moderator")
        self.majlis.run("list", "set", "rabat", "attachments=deny .exe", "html=to-text", "footer=-- \n{title} <{address}>",
                        "max_size=10MB", "held_notice=daily", "flood=off")
        self.majlis.start()
        self.began = time.time()
        self.pid = self.majlis.process.pid
        self.hostile = hostile.Hostile(SEED, world.address("rabat"), self.forged, AUTHOR)
        self.sent, self.honest, self.memory = 0, [], []
        self.echoes = random.Random(SEED)  # not the generator's: what was sent when is not the same twice
        self.returned = 0  # mails of the daemon's own that were put back into its mailbox

    def query(self, sql):
        database = sqlite3.connect(f"file:{self.majlis.database}?mode=ro", uri=True, timeout=30)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def resident(self):
        """Bytes in memory of the daemon, which must be the one that was started."""
        self.assertIsNone(self.majlis.process.poll(), f"the daemon has ended:\n{self.majlis.log()[-4000:]}")
        self.assertEqual(self.majlis.process.pid, self.pid)
        with open(f"/proc/{self.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1]) * 1024

    def put(self, raw):
        self.world.mailbox.deliver(raw)
        self.sent += 1

    def honest_post(self):
        """What a member writes among all that must reach everybody."""
        raw = self.hostile.mail(READER, results=hostile.PASS, subject=f"honest {len(self.honest)}", body="Bonjour à tous.\n",
                                top=[], fields=["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"])
        raw = raw.replace(b"<h", f"<honest{len(self.honest)}.".encode(), 1)
        self.honest.append(f"honest {len(self.honest)}")
        self.put(raw)

    def echo(self):
        """What the daemon has just sent comes back, as if forwarded by somebody: none of it may go out again."""
        fresh = self.out.accepted[self.returned:]
        self.returned = len(self.out.accepted)
        for each in self.echoes.sample(fresh, min(10, len(fresh))):
            to = self.echoes.choice((self.hostile.list, "rabat+request@maimc.example", "rabat+owner@maimc.example"))
            serial = f"X-Serial: {self.sent}\r\n"  # the same bytes are filed unread
            self.put(f"Delivered-To: {to}\r\n{serial}".encode() + each.data)

    def settled(self):
        row = self.query("SELECT (SELECT count(*) FROM arrival WHERE stage = 'done' AND place <> 'inbox'), "
                         "(SELECT count(*) FROM delivery WHERE state = 'active')")[0]
        return row[0] >= self.sent and row[1] == 0

    def batch(self, size):
        self.echo()
        for _ in range(size):
            self.put(self.hostile.make()[1])
        self.honest_post()
        for asker, results in ((ASKER, None), (PROVEN, hostile.PASS)):
            self.put(self.hostile.mail(asker, to="rabat+help@maimc.example", results=results, subject=f"help {asker[0]}"))
        self.hostile.serial += 1
        self.wait(self.settled, lambda: f"all {self.sent} to be judged, filed and sent on: "
                  f"{self.query('SELECT stage, place, count(*) FROM arrival GROUP BY 1, 2')}\n{self.majlis.log()[-3000:]}",
                  120 + size / 5)
        self.memory.append(self.resident())

    def test_it_lives_and_says_nothing_that_it_should_not(self):
        left = MANY
        while left > 0:
            self.batch(min(BATCH, left))
            left -= BATCH
        self.hours = 1 + int((time.time() - self.began) // 3600)
        self.days = 1 + self.hours // 24
        self.check_accounts()
        self.check_answers()
        self.check_copies()
        self.check_memory()
        self.assertEqual(self.world.mailbox.mails(), [], "mail that was left in the mailbox")
        self.majlis.stop()

    def check_accounts(self):
        rows = self.query("SELECT kind, count(*), sum(note = ''), max(attempts), sum(content_id IS NULL) FROM arrival GROUP BY kind")
        print("arrivals:", {kind: count for kind, count, *_ in rows}, flush=True)
        self.assertEqual(sum(count for _, count, *_ in rows), self.sent)
        for kind, _, unexplained, attempts, _ in rows:
            self.assertIsNotNone(kind)
            self.assertEqual(unexplained, 0, f"arrivals of kind {kind} without a note")
            self.assertLessEqual(attempts, 1, "a mail was judged again: the daemon crashed over it")
        self.assertGreaterEqual(len(rows), 4, "the generator makes mail of one kind only")
        # Whatever is a post of its own has its verdict.
        self.assertEqual(self.query("SELECT count(*) FROM post WHERE id NOT IN (SELECT post_id FROM post_list)")[0][0], 0)

    def check_answers(self):
        """By recipient: copies of posts go to members, notices to those who watch over the list, and one answer to who asked; who
        was asked to join in his own name gets one question."""
        notices = collections.Counter()
        unknown, bombed = collections.Counter(), collections.Counter()
        readers = {AUTHOR, READER, *self.forged}
        for each in self.out.accepted:
            automatic = b"\nauto-submitted: auto-" in each.data[:20_000].lower().replace(b"\r\n", b"\n").partition(b"\n\n")[0]
            for recipient in each.recipients:
                if recipient in readers and not automatic:
                    continue
                if recipient.endswith(("@" + hostile.BOMBED, "@" + hostile.EVIL)):
                    bombed[recipient] += 1
                    continue
                (notices if recipient in {*readers, OWNER, MODERATOR, ASKER, PROVEN} else unknown)[recipient] += 1
        print("notices:", dict(notices), flush=True)
        asked = sum(count for recipient, count in bombed.items() if recipient.endswith(hostile.BOMBED))
        print(f"questions to those who were bombed: {asked}; letters that should not be: {sum(unknown.values())}", flush=True)
        self.assertLessEqual(max(bombed.values(), default=0), 1, "somebody was written to twice a day")
        self.assertLessEqual(asked, 60 * self.hours, "a domain is asked sixty times an hour")
        self.assertLessEqual(notices[OWNER], 10 * self.days, "he hears of challenges alone, a few a day")
        self.assertEqual(dict(unknown), {}, "somebody was written to who never asked")
        for person in self.forged:
            self.assertEqual(notices[person], 0, f"{person} was told of mail that others forged")
        self.assertEqual(notices[READER], 0)
        self.assertLessEqual(notices[ASKER], 1, "a stranger gets one answer a day")
        self.assertLessEqual(notices[PROVEN], 20, "who has shown who he is gets twenty")
        self.assertLessEqual(notices[AUTHOR], 24, "what became of a flood is told a few times a day")

    def check_copies(self):
        """The honest posts reached everybody, the programs nobody."""
        readers = sorted({AUTHOR, READER, *self.forged})
        got = collections.defaultdict(list)
        for each in self.out.accepted:
            self.assertNotIn(b"TVqQ", each.data, "a program passed")
            self.assertNotIn(b"\0", each.data)
            if MODERATOR not in each.recipients and not mail.is_letter(each.data):
                self.assertNotIn(hostile.FORGED.encode(), each.data, "what was written in somebody else's name passed")
            subject = re.search(rb"(?mi)^Subject: (honest \d+)\r?$", each.data)
            if subject:
                got[subject[1].decode()] += each.recipients
        for subject in self.honest:
            self.assertEqual(sorted(got[subject]), readers, subject)

    def check_memory(self):
        megabytes = [round(each / 2**20) for each in self.memory]
        print("memory after each batch, MB:", megabytes, flush=True)
        if len(megabytes) < 3:
            return
        # A sanitizer keeps what was freed for a while, up to 256 MB.
        self.assertLessEqual(megabytes[-1], megabytes[0] * 1.3 + (300 if SANITIZED else 40), "memory grows with the mail")


if __name__ == "__main__":
    unittest.main()
