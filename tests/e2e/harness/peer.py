"""tests/peer as servers of a test: an IMAP server and a name server that fail as they are told."""

import re
import subprocess
import sys
import tempfile

from . import process
from .majlis import ROOT


class ImapPeer:
    def __init__(self, folder, mails, rules=(), offer="", user="lists@maimc.example", password="secret"):
        """mails: bytes that lie in INBOX. rules: of tests/peer/README.md."""
        folder.mkdir(parents=True)
        for number, raw in enumerate(mails):
            (folder / f"{number:05}.eml").write_bytes(raw)
        self.user, self.password = user, password
        command = [sys.executable, "-B", ROOT / "tests" / "peer" / "imap.py", "--mail", folder, "--auth", f"{user}:{password}"]
        for rule in rules:
            command += ["--on", rule]
        if offer:
            command += ["--offer", offer]
        self.process = process.start(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.port = int(re.search(rb":(\d+)", self.process.stdout.readline())[1])

    def stop(self):
        self.process.stdout.close()
        process.stop(self.process, 2)


class DnsPeer:
    def __init__(self, lines=()):
        """lines: records and faults of tests/peer/README.md. What none names does not exist."""
        command = [sys.executable, "-B", ROOT / "tests" / "peer" / "dns.py"]
        for line in lines:
            command += ["--record", line]
        self.output = tempfile.NamedTemporaryFile()  # no pipe: nobody may be reading while it tells
        self.process = process.start(command, stdout=self.output, stderr=subprocess.DEVNULL)
        self.server = process.wait_until(lambda: self._told() and self._told()[0].split()[1], "a name server")

    def _told(self):
        with open(self.output.name, encoding="utf-8") as output:
            return output.read().splitlines()

    def asked(self):
        """Every name that was asked for so far, in order."""
        return [line.split()[1] for line in self._told()[1:]]

    def stop(self):
        process.stop(self.process, 2)
        self.output.close()
