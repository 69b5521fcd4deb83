"""One majlisd and three Postfix relays as one pool: weights, a relay that dies in the middle, and its return."""

import collections
import unittest

from harness import farm, world
from harness.case import ServerCase

IN_FLIGHT = 64
WEIGHTS = {"one": 3, "two": 2, "three": 1}
IMPOSSIBLE = farm.impossible()


@unittest.skipIf(IMPOSSIBLE, IMPOSSIBLE or "")
class Farm(ServerCase):
    postfix = False
    few, many = 12, 900  # members of the short list and of the long one

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.relays = {}
        for number, name in enumerate(WEIGHTS):
            relay = farm.FarmRelay(number, cls.world.home, cls.world.dovecot, cls.world.authority)
            cls.addClassCleanup(relay.close)
            cls.relays[name] = relay.start()

    def setUp(self):
        super().setUp()
        self.install(delivery={"max_in_flight": IN_FLIGHT},
                     relays=[relay.config(name=name, weight=WEIGHTS[name]) for name, relay in self.relays.items()])
        self.people = {}
        for name, count in (("rabat", self.few), ("fes", self.many)):
            self.majlis.run("list", "create", name, "--address", world.address(name))
            self.majlis.run("list", "set", name, "flood=off")
            self.people[name] = [f"{name}{number:04}@members.example" for number in range(count)]
            file = self.world.home / f"{name}.csv"
            file.write_text("address\n" + "".join(person + "\n" for person in self.people[name]))
            self.majlis.run("member", "import", name, file, "--format", "csv")
        self.majlis.start()

    def post(self, name, subject):
        self.deliver(self.people[name][0], name, subject=subject)

    def got(self, subject):
        return {name: relay.recipients(subject) for name, relay in self.relays.items()}

    def arrived(self, subject):
        return sum(self.got(subject).values(), collections.Counter())

    def wait_all(self, name, subject, seconds=60.0):
        self.wait(lambda: set(self.arrived(subject)) == set(self.people[name]),
                  lambda: f"{subject} at all: {len(self.arrived(subject))}\n{self.majlis.log()[-3000:]}", seconds)

    def relay_status(self, name):
        return next(relay for relay in self.majlis.json("status")["relays"] if relay["name"] == name)

    def short_posts(self, count, prefix):
        """One after the other, so that all connections are free; who carried how many copies."""
        load = collections.Counter()
        for number in range(count):
            subject = f"{prefix} {number}"
            self.post("rabat", subject)
            self.wait_all("rabat", subject)
            for name, recipients in self.got(subject).items():
                load[name] += sum(recipients.values())
        return load

    def test_a_pool_shares_by_weight_loses_a_relay_in_the_middle_and_takes_it_back(self):
        load = self.short_posts(12, "short")
        self.assertEqual(load, {"one": 6 * self.few, "two": 4 * self.few, "three": 2 * self.few})

        before = self.relays["one"].count()
        self.post("fes", "long")
        self.wait(lambda: self.relays["one"].count() >= before + 20, "the first relay is at work on the long post")
        self.relays["one"].kill()
        self.wait(lambda: self.relay_status("one")["state"] == "resting after a failure", "its death is noticed")
        sick = self.relay_status("one")
        self.assertTrue(sick["last_error"])
        self.assertGreater(sick["failures"], 0)
        self.wait_all_but_queue("long")
        for name in ("two", "three"):
            self.assertEqual(self.relay_status(name)["state"], "working")
        load = self.short_posts(3, "without it")
        self.assertEqual(load["one"], 0)

        self.relays["one"].start()  # what it had accepted is in its queue, and arrives now
        self.wait_all("fes", "long")
        copies = self.arrived("long")
        twice = sum(copies.values()) - len(copies)
        print(f"of {self.many} recipients {twice} got the post twice; in flight were at most {IN_FLIGHT}")
        self.assertLessEqual(twice, IN_FLIGHT)

        # Its pause of half a minute ends by itself; then a few recipients show whether it works.
        self.wait(lambda: self.relay_status("one")["state"] != "resting after a failure", "the pause ends", 90)
        load = self.short_posts(4, "with it again")
        self.assertGreater(load["one"], 0)
        self.wait(lambda: self.relay_status("one")["state"] == "working", "it is well again")
        self.majlis.stop()

    def wait_all_but_queue(self, subject):
        """Everybody has the post, or the dead relay has accepted it and will deliver it when it lives again."""
        def look():
            rows = [row for row in self.majlis.json("queue", "list", "--all") if row["subject"] == subject]
            return rows and rows[0]["state"] == "done"

        self.wait(look, lambda: f"the delivery is done\n{self.majlis.log()[-3000:]}", 120)


if __name__ == "__main__":
    unittest.main()
