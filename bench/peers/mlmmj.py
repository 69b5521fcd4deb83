"""mlmmj: no daemon, no database; each post is a process that sends as it goes."""

import pathlib
import shutil
import subprocess

from harness import process

from . import PER_MESSAGE, end_all, missing

BIN = pathlib.Path("/usr/bin")  # it wants to be called by its whole path
TEXTS = pathlib.Path("/usr/share/mlmmj/text.skel/en")
name = "mlmmj"


def available():
    return missing(*(BIN / f"mlmmj-{program}" for program in ("receive", "process", "send", "sub", "list")))


def start_command():
    return [BIN / "mlmmj-list", "-V"]


class opened:
    def __init__(self, folder, port, kind):
        self.list, self.children = folder / "rabat", []
        for part in ("incoming", "queue/discarded", "archive", "subconf", "unsubconf", "bounce", "control", "moderation",
                     "subscribers.d", "digesters.d", "requeue", "nomailsubs.d"):
            (self.list / part).mkdir(parents=True)
        shutil.copytree(TEXTS, self.list / "text")
        (self.list / "index").touch()
        control = {"listaddress": "rabat@maimc.example", "owner": "owner@maimc.example", "relayhost": "127.0.0.1",
                   "smtpport": str(port), "smtphelo": "bench.example", "maxverprecips": str(PER_MESSAGE)}
        if kind == "bulk":
            control["verp"] = ""  # nobody does VERP
        for key, value in control.items():
            (self.list / "control" / key).write_text(value + "\n" if value else "")

    def join(self, addresses):
        """As an operator does it: a run of mlmmj-sub for each."""
        for address in addresses:
            subprocess.run([BIN / "mlmmj-sub", "-L", self.list, "-f", "-q", "-s", "-a", address], check=True, stdout=subprocess.DEVNULL)

    def fill(self, addresses):
        """A file a first letter."""
        files = {}
        for address in addresses:
            files.setdefault(address[0], []).append(address + "\n")
        for letter, lines in files.items():
            (self.list / "subscribers.d" / letter).write_text("".join(lines))

    def post(self, raw):
        child = process.start([BIN / "mlmmj-receive", "-L", self.list, "-F"], stdin=subprocess.PIPE)
        self.children.append(child)
        child.stdin.write(b"Return-Path: <p0000000@members.example>\n" + raw.replace(b"\r\n", b"\n"))  # as the mail server adds it
        child.stdin.close()

    def memory(self):
        return 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in self.children:
            child.kill()
            child.wait()
        end_all(self.list)
