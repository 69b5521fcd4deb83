"""Mailman 3: the core alone (no web, no archiver), with its own SQLite database."""

import os
import pathlib
import smtplib
import sqlite3
import subprocess
import uuid

from harness import process

from . import PER_MESSAGE, end_all, missing, processes_of, proportional_memory

USER = "list"  # Mailman will not run as root
BIN = pathlib.Path("/usr/lib/mailman3/bin")
LIST = "rabat@maimc.example"
name = "Mailman 3"

CONFIG = """[mailman]
site_owner: owner@maimc.example
layout: bench
[paths.bench]
var_dir: {folder}
bin_dir: {bin}
[mta]
incoming: mailman.mta.null.NullMTA
smtp_host: 127.0.0.1
smtp_port: {smtp}
lmtp_host: 127.0.0.1
lmtp_port: {lmtp}
max_recipients: {per_message}
verp_delivery_interval: {verp}
[webservice]
hostname: 127.0.0.1
port: {rest}
"""


def _as_list_user():
    return ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups"] if os.getuid() == 0 else []


def available():
    return missing("mailman") or ("" if (BIN / "master").exists() else f"{BIN / 'master'} is not there")


def start_command():
    return [*_as_list_user(), "mailman", "--version"]


class opened:
    def __init__(self, folder, port, kind):
        self.folder, self.port, self.kind = folder, port, kind

    def __enter__(self):
        self.folder.mkdir()
        self.lmtp, self.config = process.free_port(), self.folder / "mailman.cfg"
        self.config.write_text(CONFIG.format(folder=self.folder, bin=BIN, smtp=self.port, lmtp=self.lmtp, rest=process.free_port(),
                                             per_message=PER_MESSAGE, verp=1 if self.kind == "personal" else 0))
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", f"{USER}:{USER}", self.folder], check=True)
        self.master = None
        try:
            self._run("create", "-q", LIST)
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self):
        with (self.folder / "master.out").open("ab") as out:
            self.master = process.start([BIN / "master", "-C", self.config], user=USER if os.getuid() == 0 else None, stdout=out,
                                        stderr=out, stdin=subprocess.DEVNULL, env=self._environment(), cwd=self.folder)
        process.wait_for_port(self.lmtp, self.master, "Mailman's LMTP", lambda: (self.folder / "master.out").read_text()[-2000:],
                              seconds=90)

    def _environment(self):
        return {**os.environ, "HOME": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}

    def _run(self, *words, stdin=None, timeout=900):
        done = subprocess.run([*_as_list_user(), "mailman", "-C", self.config, *words], env=self._environment(), cwd=self.folder,
                              input=stdin, capture_output=True, text=True, timeout=timeout, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"mailman {' '.join(words)}: {done.stderr[-500:]}")

    def join(self, addresses):
        self._run("addmembers", "-W", "-", LIST, stdin="".join(address + "\n" for address in addresses))

    def fill(self, addresses):
        """Its own way takes 8 ms a member. So it adds the first, and the others become rows like his."""
        first, *others = addresses
        self.join([first])
        with sqlite3.connect(self.folder / "data" / "mailman.db", timeout=60) as database:
            database.row_factory = sqlite3.Row
            address = dict(database.execute("SELECT * FROM address WHERE email = ?", (first,)).fetchone())
            member = dict(database.execute("SELECT * FROM member WHERE address_id = ?", (address["id"],)).fetchone())
            user = dict(database.execute("SELECT * FROM user WHERE id = ?", (address["user_id"],)).fetchone())
            kept = dict(database.execute("SELECT * FROM preferences WHERE id = ?", (member["preferences_id"],)).fetchone())
            for row, email in enumerate(others, start=1_000):
                _insert(database, "preferences", {**kept, "id": 3 * row})
                _insert(database, "preferences", {**kept, "id": 3 * row + 1})
                _insert(database, "preferences", {**kept, "id": 3 * row + 2})
                _insert(database, "user", {**user, "id": row, "_user_id": uuid.UUID(int=2 * row).hex, "preferences_id": 3 * row,
                                           "_preferred_address_id": None})
                _insert(database, "address", {**address, "id": row, "email": email, "user_id": row, "preferences_id": 3 * row + 1})
                _insert(database, "member", {**member, "id": row, "_member_id": uuid.UUID(int=2 * row + 1).hex, "address_id": row,
                                             "user_id": member["user_id"] and row, "preferences_id": 3 * row + 2})

    def post(self, raw):
        with smtplib.LMTP("127.0.0.1", self.lmtp) as peer:
            peer.sendmail("p0000000@members.example", [LIST], raw)

    def memory(self):
        return proportional_memory(processes_of(self.folder))

    def __exit__(self, *_):
        if self.master:
            self.master.terminate()
            process.stop(self.master, 5)
        end_all(self.folder)


def _insert(database, table, row):
    database.execute(f'INSERT INTO "{table}" ({", ".join(row)}) VALUES ({", ".join("?" * len(row))})', tuple(row.values()))
