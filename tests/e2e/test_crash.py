"""kill -9 at random points: nothing is lost, and at most what was in flight is sent twice.

MAJLIS_CRASHES says how often (50). The seed of the random points is printed, MAJLIS_SEED sets it."""

import collections
import os
import random
import time
import unittest

from harness import mail, process
from harness.case import SinkCase

CRASHES = int(os.environ.get("MAJLIS_CRASHES", "50"))
SEED = int(os.environ.get("MAJLIS_SEED", random.randrange(1 << 30)))


class Crash(SinkCase):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        print(f"{self.id()}: MAJLIS_SEED={SEED}", flush=True)

    def slowness(self):
        """How many times longer than on a quick machine a start takes here: so much longer each life must be to get to work."""
        begun = time.monotonic()
        self.majlis.start()
        took = time.monotonic() - begun
        self.majlis.stop()
        return min(3.0, max(1.0, took / 0.2))

    def crash_until_done(self, sent, reached, up_to, refill):
        """Starts and kills; each life ends at a moment drawn anew. refill() gives it something to do: posts, named in `sent`. In the
        end reached() copies are what both members have got of them."""
        up_to *= self.slowness()
        for life in range(CRASHES):
            refill(life)
            self.majlis.start(ready=False)
            time.sleep(self.random.uniform(0.0, up_to))
            self.majlis.kill()
        self.majlis.start()
        process.wait_while_it_grows(reached, 2 * len(sent), lambda: f"delivered after the crashes\n{self.majlis.log()[-3000:]}")
        self.majlis.stop()


class Intake(Crash):
    members = 2

    def test_killed_while_taking_mail_in_no_post_is_lost_or_taken_twice(self):
        """Each post reaches both members; it is filed once; copies repeated by a crash during delivery are within the bound."""
        self.install(relay={"connections": 1, "window": 1}, delivery={"max_in_flight": 2})
        sent = []

        def refill(life):
            for number in range(4):
                sent.append(f"life {life} number {number}")
                self.post(subject=sent[-1])

        def subjects():
            with self.out.lock:
                return collections.Counter((str(mail.parse(transaction.data)["Subject"]), recipient)
                                           for transaction in self.out.accepted for recipient in transaction.recipients)

        self.crash_until_done(sent, lambda: len(subjects()), 0.8, refill)
        self.assertEqual(set(subjects()), {(subject, person) for subject in sent for person in self.people})
        self.assertLessEqual(sum(subjects().values()) - 2 * len(sent), 2 * CRASHES)
        self.assertEqual(len(self.world.mailbox.mails("Majlis.Done")) + len(self.world.mailbox.mails()), len(sent))

    def test_killed_while_deleting_from_the_mailbox(self):
        self.install(relay={"connections": 1})
        self.majlis.write_config(inbox=[self.world.inbox(self.majlis, after="delete")])
        sent = []

        def refill(life):
            for number in range(4):
                sent.append(f"life {life} number {number}")
                self.post(subject=sent[-1])

        def seen():
            with self.out.lock:
                return {(str(mail.parse(transaction.data)["Subject"]), recipient)
                        for transaction in self.out.accepted for recipient in transaction.recipients}

        self.crash_until_done(sent, lambda: len(seen()), 0.8, refill)
        self.assertEqual(seen(), {(subject, person) for subject in sent for person in self.people})


class Delivery(Crash):
    def crashes(self, in_flight, delay, **relay):
        """One post to so many members, through a relay so slow, that most lives have work. Each crash may repeat what it had in
        flight, once; when, is open: a life that ends early leaves some of it to the next one."""
        self.install(relay=relay, delivery={"max_in_flight": in_flight}, sink_options={"delay": delay})
        slowness = self.slowness()
        members = int(60 * CRASHES * slowness)
        self.install(members=members, relay=relay, delivery={"max_in_flight": in_flight}, sink_options={"delay": delay})
        self.post()
        at_work = have = 0
        for life in range(1, CRASHES + 1):
            self.majlis.start(ready=life % 2 == 0)  # half of them die at work, however slow the machine has become meanwhile
            time.sleep(self.random.uniform(0.05, 0.8) * slowness)
            self.majlis.kill()
            self.wait(lambda: not self.out.sessions, "the sink to notice", 10)
            sent = self.out.recipients()
            reached = len(set(sent))
            self.assertLessEqual(len(sent) - reached, in_flight * (life - 1), f"life {life}: more than the crashes had in flight")
            at_work += have < reached < members
            have = reached
        self.majlis.start()
        process.wait_while_it_grows(lambda: len(set(self.out.recipients())), members,
                                    lambda: f"members with a copy\n{self.majlis.log()[-3000:]}")
        self.majlis.stop()
        sent = self.out.recipients()
        self.assertEqual(set(sent), set(self.people))
        self.assertLessEqual(len(sent) - members, in_flight * CRASHES)
        print(f"{CRASHES} crashes, {at_work} of them at work, {members} recipients, {len(sent) - members} sent twice in all "
              f"(bound {in_flight} a crash)", flush=True)
        self.assertGreater(at_work, CRASHES // 3, "the crashes hit a daemon at work")

    def test_killed_while_sending_personal_copies(self):
        self.crashes(32, 0.02, connections=4)

    def test_killed_while_sending_in_bulk(self):
        self.crashes(64, 0.1, connections=2, personal="never", recipients_per_message=10)


if __name__ == "__main__":
    unittest.main()
