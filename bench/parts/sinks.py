"""Where measured mail goes: Postfix's smtp-sink, our own lighter one, and a long way to either."""

import os
import re
import socket
import subprocess
import threading
import time

from harness import process

from .base import tool


def _listening(command, log):
    """Starts a program of the bench; (process, the port that it names)."""
    with log.open("w") as out:
        child = process.start(command, stdout=out)
    process.wait_until(lambda: "listening" in log.read_text(), f"{command[0]} listens", 10, every=0.01)
    return child, int(re.search(r"listening \S+:(\d+)", log.read_text()).group(1))


class PostfixSink:
    """Takes everything and forgets it; tells how many messages it has taken."""

    def __init__(self, folder):
        folder.mkdir()
        self.port, self.told = process.free_port(), folder / "told"
        # Not by its own -u: a process that changes its user does not end with its parent.
        user = "postfix" if os.getuid() == 0 else None
        environment = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"}
        with self.told.open("wb") as out:
            self.process = process.start(["smtp-sink", "-c", f"127.0.0.1:{self.port}", "1024"], user=user, stdout=out,
                                         env=environment)
        process.wait_for_port(self.port, self.process, "smtp-sink")
        self.zero()

    def zero(self):
        """The next message will be the first."""
        self._before, self._first = self.messages(), None
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self):
        while self._first is None and self.process.poll() is None:
            if self.messages() > self._before:
                self._first = time.monotonic()
            time.sleep(0.001)

    def first(self):
        """When it took its first message, which it has."""
        return process.wait_until(lambda: self._first, "smtp-sink's first message", 5, every=0.001)

    def messages(self):
        with self.told.open("rb") as told:
            told.seek(max(0, os.fstat(told.fileno()).st_size - 200))
            counts = re.findall(rb"mesg=(\d+)", told.read())
        return int(counts[-1]) if counts else 0

    def stop(self):
        process.stop(self.process, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class LightSink:
    """Ours: a tenth of the work, CHUNKING where wanted, and it tells recipients and moments."""

    def __init__(self, folder, *options):
        folder.mkdir()
        self.process, self.port = _listening([tool("bench_sink"), *options], folder / "sink")

    def _ask(self, command):
        with socket.create_connection(("127.0.0.1", self.port), 10) as peer, peer.makefile("rwb") as lines:
            lines.readline()
            lines.write(command + b"\r\n")
            lines.flush()
            return lines.readline().decode()

    def counters(self):
        return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", self._ask(b"XCOUNT"))}

    def zero(self):
        self._ask(b"XZERO")

    def first(self):
        """When it heard of its first recipient."""
        return self.counters()["first"] / 1e6

    def stop(self):
        process.stop(self.process, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Link:
    """`milliseconds` away from a server, there and back."""

    def __init__(self, folder, port, milliseconds):
        folder.mkdir()
        self.process, self.port = _listening([tool("bench_link"), str(port), "--delay", str(milliseconds // 2)], folder / "link")

    def stop(self):
        process.stop(self.process, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def smtp_source(port, messages, recipients, size, connections):
    """Postfix's load generator: no list, no database, nothing kept. Recipients a second."""
    environment = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"}
    begun = time.monotonic()
    subprocess.run(["smtp-source", "-s", str(connections), "-m", str(messages), "-r", str(recipients), "-l", str(size),
                    "-f", "a@members.example", "-t", "b@members.example", f"127.0.0.1:{port}"], check=True,
                   stdout=subprocess.DEVNULL, env=environment, timeout=600)
    return messages * recipients / (time.monotonic() - begun)


def bare_client(port, messages, size, connections, *pace):
    """Ours, pipelined, with nothing behind it. Messages a second."""
    out = subprocess.run([tool("bench_bare"), str(port), "--connections", str(connections), "--messages", str(messages), "--size",
                          str(size), *pace], check=True, capture_output=True, text=True, timeout=600).stdout
    return float(re.match(r"(\d+) messages/s", out).group(1))


def sessions(port, messages, size, connections, pace):
    """The SMTP layer of majlis with nothing behind it. Messages a second."""
    out = subprocess.run([tool("bench_smtp_sessions"), str(port), "--connections", str(connections), "--messages", str(messages),
                          "--size", str(size), "--pace", pace], check=True, capture_output=True, text=True, timeout=600).stdout
    return float(re.search(r"(\d+) messages/s", out).group(1))
