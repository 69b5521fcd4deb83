"""The test case that the end-to-end tests stand on."""

import unittest

from . import mail, process, world
from .smtp_sink import SmtpSink


class ServerCase(unittest.TestCase):
    """Servers once a class; for each test empty mailboxes and `self.majlis`, made by install()."""

    dovecot_options = {}
    postfix = True
    users = ()
    zone = ()  # of the name server
    header_checks = ()  # of Postfix

    @classmethod
    def setUpClass(cls):
        cls.world = world.World(users=cls.users, postfix=cls.postfix, zone=cls.zone,
                                header_checks=cls.header_checks, **cls.dovecot_options)
        cls.addClassCleanup(cls.world.close)

    def setUp(self):
        self.world.wipe()
        self.majlis = None

    def install(self, **options):
        self.majlis = self.world.majlis(**options)
        self.addCleanup(self.majlis.close)
        self.addCleanup(self._tell, self.majlis)
        return self.majlis

    def _tell(self, majlis):
        """In a failed test, the end of the daemon's log."""
        outcome = getattr(self._outcome, "result", None)
        if outcome and any(test is self for test, _ in [*outcome.failures, *outcome.errors]):
            print(f"--- majlisd of {self.id()}:\n{majlis.log()[-6000:]}")

    def sink(self, **options):
        sink = SmtpSink(**options).start()
        self.addCleanup(sink.stop)
        return sink

    def wait(self, condition, what, seconds=20.0):
        return process.wait_until(condition, what, seconds)

    def deliver(self, sender, lists, **options):
        """Puts one copy of a post for each list into the mailbox, as the provider would: only the envelope differs."""
        lists = [lists] if isinstance(lists, str) else lists
        to = options.pop("to", [world.address(name) for name in lists])
        raw = mail.make(sender, to, **options)
        for name in lists:
            self.world.mailbox.deliver(f"Delivered-To: {world.address(name)}\r\n".encode() + raw)
        return raw


class SinkCase(ServerCase):
    """Dovecot to take mail from, a scripted relay to send it to; one list with as many members as a test wants."""

    postfix = False
    members = 20

    def install(self, relay=None, members=None, sink_options=None, **options):
        self.out = self.sink(**(sink_options or {}))
        if "relays" not in options:
            options["relays"] = [self.relay_to(self.out, **(relay or {}))]
        super().install(**options)
        self.majlis.run("list", "create", "rabat", "--address", world.address("rabat"), "--title", "Rabat")
        self.majlis.run("list", "set", "rabat", "flood=off")  # many posts at once are what these tests are made of
        self.people = [f"p{number:05}@members.example" for number in range(self.members if members is None else members)]
        if self.people:
            self.majlis.run("member", "import", "rabat", self.roster(self.people), "--format", "csv")
        return self.majlis

    def roster(self, people):
        file = self.world.home / f"roster{self.world.installed}.csv"
        file.write_text("address,name\n" + "".join(f"{person},Member {n}\n" for n, person in enumerate(people)))
        return file

    def relay_to(self, sink, **changes):
        return {"url": f"smtp://127.0.0.1:{sink.port}", **changes}

    def post(self, sender=None, **options):
        """A post to rabat, in the mailbox."""
        return self.deliver(sender or self.people[0], "rabat", **options)
