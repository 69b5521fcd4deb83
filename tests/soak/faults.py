"""What goes wrong, and how it is put right again: at most a few at a time, drawn by the seed."""

import subprocess
import sys
import threading
import time

from harness import process


class Faults:
    def __init__(self, home, rng, told):
        self.home, self.rng, self.told = home, rng, told
        self.active = {}  # where: (until, how to end it)
        self.counts = {}
        self.disk_trouble_until = 0.0

    @property
    def commands_may_fail(self):
        """The disk is, or was a moment ago, bad; or the clock runs wild under a command."""
        return "disk" in self.active or time.monotonic() < self.disk_trouble_until

    def begin(self):
        places = {"daemon": self.daemon, "imap": self.imap, "relay wire": self.relay_wire, "relay": self.relay, "lock": self.lock,
                  "kill": self.kill, "stop": self.stop}
        if self.home.disk:
            places["disk"] = self.disk
        if self.home.clock:
            places["clock"] = self.clock
        weights = {"kill": 3, "stop": 0.3}
        free = [place for place in places if place not in self.active]
        place, = self.rng.choices(free, [weights.get(place, 1) for place in free])
        name = places[place]()
        self.counts[name] = self.counts.get(name, 0) + 1
        self.told(f"fault: {place}: {name}")

    def during(self, place, longest, end):
        self.active[place] = (time.monotonic() + self.rng.uniform(0.2, longest), end)

    def tick(self):
        now = time.monotonic()
        for place, (until, _) in list(self.active.items()):
            if now >= until:
                self.end(place)

    def end(self, place):
        _, end = self.active.pop(place)
        end()
        if place == "disk":
            self.disk_trouble_until = time.monotonic() + 1.0
        self.told(f"over: {place}")

    def end_all(self):
        for place in list(self.active):
            self.end(place)

    # Each --------------------------------------------------------------------------------------------------------------

    def kill(self):
        self.home.kill()
        time.sleep(self.rng.choice((0.0, 0.0, 0.1, 0.5)))
        self.home.start()
        return "kill -9"

    def stop(self):
        """A clean restart, whatever else is wrong at the moment."""
        if "daemon" in self.active:
            return self.kill()
        self.home.stop()
        self.home.start()
        return "SIGTERM"

    def daemon(self):
        """It may hold the database as it freezes, and we wait for that too: so it thaws by itself."""
        seconds = self.rng.uniform(0.2, 1.5)
        self.home.freeze()
        thaw = threading.Timer(seconds, self.home.thaw)
        thaw.start()

        def end():
            thaw.cancel()
            self.home.thaw()
        self.active["daemon"] = (time.monotonic() + seconds, end)
        return "SIGSTOP"

    def imap(self):
        way = self.rng.choice(self.home.imap.ways())
        way()
        self.during("imap", 2.0, self.home.imap.good)
        return f"imap {self.home.imap.bad}"

    def relay_wire(self):
        way = self.rng.choice(self.home.smtp.ways())
        way()
        self.during("relay wire", 2.0, self.home.smtp.good)
        return f"smtp {self.home.smtp.bad}"

    def relay(self):
        temper = self.rng.choice(self.home.relay.tempers())
        self.told(self.home.relay.rage(temper))
        self.during("relay", 2.0, self.home.relay.calm)
        return f"relay says {temper}"

    def lock(self):
        """Somebody else writes, and takes his time. A process of its own: SQLite's locks are a process's."""
        code = ("import sqlite3, sys, time\n"
                "db = sqlite3.connect(sys.argv[1], timeout=2, isolation_level=None)\n"
                "db.execute('BEGIN EXCLUSIVE')\ntime.sleep(float(sys.argv[2]))\n")
        seconds = self.rng.uniform(0.2, 3.0)
        holder = process.start([sys.executable, "-c", code, self.home.majlis.database, seconds], stderr=subprocess.DEVNULL)
        self.active["lock"] = (time.monotonic() + seconds, lambda: process.stop(holder))
        return "database locked"

    def disk(self):
        if self.rng.random() < 0.6:
            self.home.disk.fill(self.rng.choice((0, 0, 5_000, 50_000)))
            self.during("disk", 2.0, self.home.disk.free)
            return "disk full"
        self.home.kill()  # a disk with files open for writing cannot be made read-only
        if not self.home.disk.read_only():
            self.home.start()
            return "kill -9"
        self.home.start()
        self.during("disk", 1.5, self.home.disk.writable)
        return "disk read-only"

    def clock(self):
        jump = self.rng.choice((-86_400, -3_600, -30, 30, 3_600, 86_400))
        self.home.set_clock(jump)
        self.during("clock", 3.0, lambda: self.home.set_clock(0))
        return "clock jump"
