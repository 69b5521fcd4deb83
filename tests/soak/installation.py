"""majlis for one seed: its database on a small disk, its relay, wires to both servers, and the lives of the daemon."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import time

from disk import Disk
from harness import process
from harness.majlis import Majlis
from relay import Relay
from wire import Wire

MAX_IN_FLIGHT = 32
STOP_WITHIN = 13  # seconds: 10 are promised, and the machine may be busy


def threads_of(pid):
    """What each thread of a process that hangs is at: state, processor time, what the kernel has it wait for."""
    for task in sorted(pathlib.Path(f"/proc/{pid}/task").iterdir()):
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        yield f"{task.name} {fields[0]} {fields[11]} {(task / 'wchan').read_text()} {(task / 'syscall').read_text().strip()}"


class DaemonDied(AssertionError):
    """By itself, which it never may."""


class Installation:
    def __init__(self, town, template, folder, rng, mounts):
        self.world, self.rng = town, rng
        self.majlis = Majlis(folder)
        self.disk = Disk(folder / "disk") if mounts else None
        self.majlis.database = folder / "disk" / "majlis.db"
        self.majlis.database.parent.mkdir(exist_ok=True)
        shutil.copyfile(template, self.majlis.database)
        os.chmod(self.majlis.database, 0o600)
        self.relay = Relay(rng)
        self.imap = Wire(town.dovecot.imap_port, rng, "imap")
        self.smtp = Wire(self.relay.sink.port, rng, "smtp")
        library = template.parent / "clock.so"
        self.clock = self._clock(folder, library) if library.exists() else None
        self.configure()
        self.kills = self.hard_stops = self.lives = self.memory_kb = 0
        self.broken_by_kills = 0
        self.expected_down = False
        self.stopped_for = 0.0

    def configure(self):
        rng, majlis = self.rng, self.majlis
        majlis.config["site"]["resolver"] = self.world.dns.server
        personal = rng.choice(("always", "always", "auto", "never"))
        majlis.write_config(
            inbox=[self.world.inbox(majlis, url=f"imap://127.0.0.1:{self.imap.proxy.port}", starttls="never",
                                    after=rng.choice(("move:Majlis/Done", "move:Majlis/Done", "delete")))],
            relay=[{"url": f"smtp://127.0.0.1:{self.smtp.proxy.port}", "connections": rng.choice((1, 3)), "personal": personal,
                    "recipients_per_message": rng.choice((1, 7, 20)), "window": rng.choice((1, 4, 16))}],
            delivery={"max_in_flight": MAX_IN_FLIGHT, "retry_for": "30d"})

    def _clock(self, folder, library):
        """The daemon's and the command line's clock may jump; what measures spans does not."""
        offset = folder / "clock"
        offset.write_bytes(bytes(8))
        self.majlis.environment.update(LD_PRELOAD=str(library), SOAK_CLOCK=str(offset))
        return offset

    def set_clock(self, seconds):
        with self.clock.open("r+b") as file:
            file.write(struct.pack("q", seconds))

    # Lives -----------------------------------------------------------------------------------------------------------

    @property
    def alive(self):
        return self.majlis.process is not None and self.majlis.process.poll() is None

    def start(self):
        self.lives += 1
        self.majlis.start(ready=False)
        self.ready = False

    def look(self, disk_bad):
        """Whether it lives as it should. On a bad disk it may refuse to start: systemd would try again, and so do we."""
        daemon = self.majlis.process
        if daemon is None:
            return
        self.ready = self.ready or "READY=1" in self.majlis.notifications()
        if daemon.poll() is None:
            self.measure()
            return
        self.majlis.process = None
        if daemon.returncode == 1 and disk_bad and not self.ready:
            self.start()
            return
        raise DaemonDied(f"majlisd ended by itself with status {daemon.returncode}:\n{self.majlis.log()[-3000:]}")

    def measure(self):
        with contextlib.suppress(OSError, TypeError):
            status = pathlib.Path(f"/proc/{self.majlis.process.pid}/status").read_text()
            self.memory_kb = max(self.memory_kb, int(re.search(r"VmHWM:\s+(\d+)", status)[1]))

    def kill(self):
        if not self.alive:
            return
        self.measure()
        before = self.relay.sink.broken
        self.kills += 1
        self.majlis.kill()
        with contextlib.suppress(process.NotInTime):
            process.wait_until(lambda: not self.relay.sink.sessions, "", 0.3)
        self.broken_by_kills += self.relay.sink.broken - before

    def freeze(self):
        if self.alive:
            self.majlis.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        if self.alive:
            self.majlis.process.send_signal(signal.SIGCONT)

    def stop(self):
        """SIGTERM; 10 s are promised, whatever the peers do. Who has hardly begun may be ended by the signal itself, or may have
        refused to begin on a bad disk: nothing was in hand."""
        daemon = self.majlis.process
        if daemon is None:
            return
        self.ready = self.ready or "READY=1" in self.majlis.notifications()
        self.measure()
        seen, begun = self.majlis.log().count("stopping-hard"), time.monotonic()
        daemon.terminate()
        try:
            status = daemon.wait(STOP_WITHIN * process.PATIENCE)
        except subprocess.TimeoutExpired:
            raise DaemonDied(f"majlisd did not stop within {STOP_WITHIN} s; its threads: {list(threads_of(daemon.pid))}\n"
                             f"{self.majlis.log()[-3000:]}") from None
        self.stopped_for = max(self.stopped_for, time.monotonic() - begun)
        self.majlis.process = None
        if status != 0 and (self.ready or status not in (1, -signal.SIGTERM)):
            raise DaemonDied(f"majlisd stopped with status {status}:\n{self.majlis.log()[-3000:]}")
        self.hard_stops += self.majlis.log().count("stopping-hard") - seen

    # What it knows ---------------------------------------------------------------------------------------------------

    def rows(self, sql, *arguments):
        with contextlib.closing(sqlite3.connect(f"file:{self.majlis.database}?mode=ro", uri=True, timeout=5)) as database:
            return database.execute(sql, arguments).fetchall()

    def age(self, seconds):
        self.majlis.age(seconds)

    def allowed_repeats(self):
        """Recipients that the kills, and the connections that were cut, may have had in flight."""
        cuts = max(0, self.relay.sink.broken - self.broken_by_kills)
        return MAX_IN_FLIGHT * (self.kills + self.hard_stops + cuts)

    def close(self):
        self.thaw()
        try:
            self.majlis.close()  # speaks up where a sanitizer did
        finally:
            self.imap.stop()
            self.smtp.stop()
            with contextlib.suppress(process.NotInTime):
                self.relay.sink.stop()
            if self.disk:  # what it held outlives it, for who has to find out
                for file in self.majlis.database.parent.glob("majlis.db*"):
                    shutil.copyfile(file, self.majlis.folder / file.name)
                self.disk.close()
