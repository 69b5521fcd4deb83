"""What all parts share: an installation to measure, a post, and the figures that were seen."""

import contextlib
import pathlib
import smtplib
import sqlite3
import statistics
import subprocess
import time

from harness import mail, process, world
from harness.majlis import program

BODY = ("Chers amis, " + "nous nous retrouvons samedi. " * 2 + "\r\n") * 60  # about 4.7 KB with its header


def say(text):
    print(text, flush=True)


def tool(name):
    """One of the bench's own programs, of the build under test."""
    return program("majlisd").parents[1] / "bench" / name


def raw(subject="bench", to="rabat"):
    return mail.make("p0000000@members.example", world.address(to), subject=subject, body=BODY)


def over(connections):
    return f"{connections} connection{'s' if connections > 1 else ''}"


def addresses(count, domain="members.example"):
    return (f"p{number:07}@{domain}" for number in range(count))


def look(majlis, sql):
    with contextlib.closing(sqlite3.connect(f"file:{majlis.database}?mode=ro", uri=True, timeout=10)) as database:
        return database.execute(sql).fetchone()


def cpu_seconds(pid):
    """User's and system's, of all threads, until now."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100  # USER_HZ


def memory(pid, name="VmRSS"):
    """In MB; VmHWM: at most, so far."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(name + ":"))) / 1024


class Bench:
    """`peers`: what else there is to measure (bench/peers). `figures`: what was seen, in the order of the report."""

    def __init__(self, scene, size, peers):
        self.scene, self.size, self.peers, self.figures, self.part = scene, size, peers, [], ""
        self._folders = 0

    def attempt(self, peer, measure):
        """What measure() returns; None when the peer fails, and then it takes no further part."""
        try:
            return measure()
        except (AssertionError, OSError, RuntimeError, sqlite3.Error, subprocess.SubprocessError, smtplib.SMTPException) as error:
            say(f"  {peer.name} is skipped from here on: {error}")
            self.peers = [other for other in self.peers if other is not peer]
            return None

    def folder(self, name):
        """A new one, which ends with the run."""
        self._folders += 1
        return self.scene.home / f"{name}-{self._folders}"

    def installed(self, port, relay=None, lists=("rabat",), **sections):
        majlis = self.scene.majlis(relays=[{"url": f"smtp://127.0.0.1:{port}", **(relay or {})}], **sections)
        for name in lists:
            majlis.run("list", "create", name, "--address", world.address(name))
            majlis.run("list", "set", name, "flood=off")
        return majlis

    def roster(self, count, domain="members.example"):
        file = self.scene.home / f"roster-{count}-{domain}.csv"
        if not file.exists():
            with file.open("w") as out:
                out.write("address,name\n")
                out.writelines(f"{address},Member {number}\n" for number, address in enumerate(addresses(count, domain)))
        return file

    def delivered(self, majlis, seconds, posts=1, count=0):
        """Waits until the `posts`-th post has left, with each outcome on disk; how many recipients it had. With `count` of them it
        looks seldom before most are done: to look costs time of the processor that is measured."""
        with contextlib.closing(sqlite3.connect(f"file:{majlis.database}?mode=ro", uri=True, timeout=10)) as database:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                state, accepted = database.execute("SELECT state, accepted FROM delivery WHERE kind = 'post' ORDER BY id LIMIT 1 "
                                                   "OFFSET ?", (posts - 1,)).fetchone() or ("", 0)
                if state == "done":
                    return accepted
                time.sleep(0.003 if accepted >= 0.9 * count else 0.03)
        raise AssertionError(f"the delivery did not end within {seconds} s\n{majlis.log()[-2000:]}")

    def fan_out(self, majlis, count, sink, seconds=600):
        """Recipients a second, from the first that the sink saw until everybody's outcome is on disk."""
        majlis.run("post", "rabat", stdin=raw())
        accepted = self.delivered(majlis, seconds, count=count)
        assert accepted == count, (accepted, count)
        return count / (time.monotonic() - sink.first())

    def rate(self, sink, count, relay, port=None, watch=None, **sections):
        """The same for a new installation with `count` members on one list. port: on the way to the sink. watch: is told when the
        daemon begins and has ended its delivery."""
        sink.zero()
        majlis = self.installed(port or sink.port, relay, **sections)
        majlis.run("member", "import", "rabat", self.roster(count), timeout=300)
        majlis.start()
        try:
            if watch:
                watch.begin(majlis.process.pid)
            result = self.fan_out(majlis, count, sink)
            if watch:
                watch.end()
            return result
        finally:
            majlis.stop(30)

    def first_copy(self, majlis, posts):
        """When the first copy of the newest post, the `posts`-th, was recorded."""
        newest = f"SELECT accepted FROM delivery WHERE kind = 'post' ORDER BY id LIMIT 1 OFFSET {posts - 1}"
        process.wait_until(lambda: (look(majlis, newest) or (0,))[0] > 0, "the first copy", 60, every=0.01)
        return time.monotonic()

    def note(self, name, unit, values, beside=(), better="less", **more):
        """`beside`: (who, values, remark) of each peer. A ratio above 1 says that we are better."""
        figure = {"part": self.part, "name": name, "unit": unit, "better": "more" if unit.endswith("/s") else better,
                  "median": statistics.median(values), "runs": values, "beside": [], **more}
        line = f"  {name}: {figure['median']:,.1f} {unit}"
        for who, theirs, *remark in beside:
            if not theirs:
                continue
            other = statistics.median(theirs)
            ratio = figure["median"] / other if figure["better"] == "more" else other / max(figure["median"], 1e-9)
            figure["beside"].append({"name": who, "median": other, "runs": theirs, "ratio": ratio, "remark": "".join(remark)})
            line += f"; {who} {other:,.1f} (ratio {ratio:.2f}){' ' if remark else ''}{''.join(remark)}"
        self.figures.append(figure)
        say(line)
