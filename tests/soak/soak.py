"""One seed: a while of life and trouble, a clean stop in the middle of it, then peace until all is quiet, and the account."""

import contextlib
import random
import sqlite3
import time

from account import Account
from faults import Faults
from harness import process
from installation import Installation
from mailbag import Mailbag
from model import Model
from people import People

TICK = 0.02
DEEDS_A_SECOND = 12
MOST_PUSHES = 30  # of two hours
ASK_AGAIN = 13  # pushes: a question comes once a day
DRAIN = 90  # seconds in which all must be quiet after the trouble has ended
MEMORY = 64 * 1024  # kB


class Soak:
    def __init__(self, seed, town, people_of, template, folder, seconds, mounts):
        self.seed, self.seconds = seed, seconds
        self.rng = random.Random(seed)
        self.home = Installation(town, template, folder, random.Random(f"{seed} home"), mounts)
        self.story = (folder / "story").open("w")
        self.model = Model(people_of)
        self.bag = Mailbag(self.home.relay.sink)
        self.people = People(seed, self.home, self.model, self.bag, random.Random(f"{seed} people"))
        self.faults = Faults(self.home, random.Random(f"{seed} faults"), self.tell)
        self.people.troubled = lambda: self.faults.commands_may_fail
        self.begun = time.monotonic()

    def tell(self, text):
        self.story.write(f"{time.monotonic() - self.begun:7.2f} {time.strftime('%H:%M:%S')} {text}\n")
        self.story.flush()

    def run(self):
        """The account of it."""
        self.home.start()
        process.wait_until(self._ready, "majlisd is ready", 20)
        self.trouble()
        self.home.thaw()
        self.home.stop()  # with whatever else is wrong
        self.faults.end_all()
        self.tell("peace")
        self.home.start()
        self.peace()
        self.digests()
        self.home.stop()
        self._drained_commands()
        account = Account(self.model, self.bag, self.home, self.people).close()
        account.check_log()
        account.differences += [f"a command failed: {each}" for each in self.people.failures]
        if self.home.memory_kb > MEMORY:
            account.differ(f"majlisd had {self.home.memory_kb} kB")
        return account

    def _ready(self):
        self.home.look(False)
        return self.home.ready

    def trouble(self):
        """Deeds and faults in the order and at the moments that the seed has drawn; a slow machine makes them denser."""
        now = time.monotonic()
        end, next_fault, next_deed = now + self.seconds, now + 0.2, now
        while (now := time.monotonic()) < end:
            while next_deed <= now:
                self.people.act()
                next_deed += self.rng.expovariate(DEEDS_A_SECOND)
            while next_fault <= now and len(self.faults.active) < 3:
                begun = time.monotonic()
                self.faults.begin()
                if (took := time.monotonic() - begun) > 1:  # a stop against a silent server, say: that was no time of trouble
                    end, next_fault, next_deed = end + took, next_fault + took, next_deed + took
                next_fault += self.rng.uniform(0.05, 0.6)
            self.faults.tick()
            self.step()
            time.sleep(TICK)

    def step(self):
        self.home.look(self.faults.commands_may_fail)
        self.bag.look()
        self.people.answer_questions()
        self.people.finish_commands()
        self.people.watch()

    def peace(self):
        """No more trouble. Time passes, so that what was put off comes due; an operator lets go on what waits for a word."""
        self._until_quiet("all to be quiet after the trouble")
        self.tell("quiet")

    def digests(self):
        """A week later everybody's digest is due."""
        with_patience(lambda: self.home.age(8 * 86_400))
        self.home.majlis.run("digest", "send", "--due")
        self._until_quiet("the digests to be sent")
        self.tell("digests are out")

    def _until_quiet(self, what):
        end = time.monotonic() + DRAIN * process.PATIENCE
        self.pushed = 0
        next_push = time.monotonic() + 1
        while not self._quiet():
            if time.monotonic() > end:
                raise process.NotInTime(f"not within {DRAIN * process.PATIENCE:.0f} s: {what}; {self._open()}\n"
                                        f"{self.home.majlis.log()[-3000:]}")
            self.step()
            if time.monotonic() > next_push:
                self.push()
                self.tell(str(self._open()))
                next_push = time.monotonic() + 1
            time.sleep(0.1)

    def push(self):
        """Time passes while something waits for it, but not so much that held posts expire."""
        with contextlib.suppress(sqlite3.Error):
            still = self._open()
            waits = still["deliveries"] or still["recipients"] or still["digests"] or still["asked"]
            if waits and self.pushed < MOST_PUSHES:
                self.home.age(7_200)
                self.pushed += 1
                if self.pushed % ASK_AGAIN == 0 and not still["mailbox"]:
                    self.people.ask_again()
            if self.home.rows("SELECT 1 FROM relay WHERE paused_by <> ''"):
                self.home.majlis.run("queue", "resume")
            for delivery, in self.home.rows("SELECT id FROM delivery WHERE state = 'held'"):
                self.home.majlis.run("queue", "resume", str(delivery), status=None)

    def _open(self):
        return dict(zip(("mailbox", "asked", "running", "arrivals", "deliveries", "recipients", "digests"), (
            len(self.home.world.mailbox.files()), len(self.people.asked), len(self.people.running),
            *self.home.rows("SELECT (SELECT count(*) FROM arrival WHERE stage = 'new' OR place = 'inbox'), "
                            "(SELECT count(*) FROM delivery WHERE state IN ('active', 'held')), "
                            "(SELECT count(*) FROM delivery_recipient WHERE state IN ('deferred', 'waiting')), "
                            "(SELECT count(*) FROM digest_group WHERE state IN ('waiting', 'written'))")[0])))

    def _quiet(self):
        try:
            return not any(self._open().values())
        except sqlite3.Error:
            return False

    def _drained_commands(self):
        process.wait_until(lambda: self.people.finish_commands() or not self.people.running, "the commands to end", 30)
        self.people.watch()

    def close(self):
        self.people.pool.shutdown(cancel_futures=True)
        self.faults.end_all()
        self.home.close()


def with_patience(deed):
    """Somebody else may be writing just now."""
    for _ in range(50):
        try:
            return deed()
        except sqlite3.OperationalError:
            time.sleep(0.1)
    return deed()
