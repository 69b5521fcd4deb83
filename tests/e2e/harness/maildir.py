"""Maildirs read and written as files: what a test puts into one, or finds in one, is bytes."""

import itertools
import os
import shutil
import time

_serial = itertools.count()


class Maildir:
    def __init__(self, path, uid, gid):
        self.path, self.uid, self.gid = path, uid, gid
        self._make(path)

    def _make(self, path):
        for folder in ("", "new", "cur", "tmp"):
            (path / folder).mkdir(parents=True, exist_ok=True)
            os.chown(path / folder, self.uid, self.gid)

    def deliver(self, raw):
        """As a delivery agent does it: written under tmp/, there at once under new/."""
        name = f"{int(time.time())}.M{next(_serial):06d}P{os.getpid()}.test"
        temporary = self.path / "tmp" / name
        temporary.write_bytes(raw.replace(b"\r\n", b"\n"))
        os.chown(temporary, self.uid, self.gid)
        os.rename(temporary, self.path / "new" / name)

    def files(self, folder=""):
        """Paths of the mails of a folder, "" for INBOX, else its Maildir++ name ("Majlis.Done")."""
        root = self.path / f".{folder}" if folder else self.path
        found = []
        for place in ("new", "cur"):
            if (root / place).is_dir():
                found += [file for file in (root / place).iterdir() if file.is_file()]
        return sorted(found, key=lambda file: file.name)

    def mails(self, folder=""):
        mails = []
        for file in self.files(folder):
            try:
                mails.append(file.read_bytes())
            except FileNotFoundError:  # moved from new/ to cur/ between the two looks
                return self.mails(folder)
        return mails

    def flags(self, folder=""):
        """The Maildir flags of each mail ("S" is \\Seen, "T" \\Deleted); those in new/ have none."""
        return [file.name.partition(":2,")[2] for file in self.files(folder)]

    def wipe(self):
        shutil.rmtree(self.path, ignore_errors=True)
        self._make(self.path)
