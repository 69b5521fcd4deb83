"""One installation of majlis in a folder of its own: configuration, command line, daemon."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import time

from . import process

ROOT = pathlib.Path(__file__).resolve().parents[3]


def program(name):
    """majlis or majlisd of the build under test: MAJLIS_BUILD names its folder."""
    build = pathlib.Path(os.environ.get("MAJLIS_BUILD") or ROOT / "build" / "release").resolve()
    return build / ("daemon" if name == "majlisd" else "cli") / name


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(each) for each in value) + "]"
    if isinstance(value, (int, float)):
        return str(value)
    return json.dumps(str(value), ensure_ascii=False)


def _section(head, values):
    lines, below = [head], []
    for key, value in values.items():
        if isinstance(value, dict):
            below.append(_section(f"[{head.strip('[]')}.{key}]", value))
        else:
            lines.append(f"{key} = {toml(value)}")
    return "\n".join(lines) + "\n" + "\n".join(below) + "\n"


class CommandFailed(AssertionError):
    def __init__(self, command, result):
        super().__init__(f"{' '.join(map(str, command))}: status {result.returncode}\n{result.stdout}{result.stderr}")
        self.status, self.output, self.errors = result.returncode, result.stdout, result.stderr


class Majlis:
    """`config` holds the sections as dictionaries, "inbox" and "relay" as lists of them; change it, then write_config()."""

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.file = folder / "majlis.toml"
        self.database = folder / "majlis.db"
        self.config = {"site": {"name": "MAIMC", "domain": "maimc.example", "owner": "admin@maimc.example",
                                "language": "fr"}, "inbox": [], "relay": []}
        self.process, self.notify, self.starts = None, None, 0
        self.environment = {**os.environ, "MAJLIS_CONFIG": str(self.file), "TZ": "UTC", "NO_COLOR": "1",
                            "ASAN_OPTIONS": "abort_on_error=0:exitcode=99:detect_leaks=1",
                            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=99"}

    # Configuration ---------------------------------------------------------------------------------------------------

    def write_config(self, **sections):
        self.config.update(sections)
        text = f"database = {toml(self.database)}\n\n"
        for name, value in self.config.items():
            if isinstance(value, list):
                text += "".join(_section(f"[[{name}]]", each) for each in value)
            else:
                text += _section(f"[{name}]", value)
        self.file.write_text(text)
        os.chmod(self.file, 0o600)
        if not self.database.exists():
            self.run("db", "migrate", status=None)  # what `majlis init` would have made; a wrong file is the test's own matter
        return self

    def secret(self, name, text):
        file = self.folder / name
        file.write_text(text + "\n")
        os.chmod(file, 0o600)
        return file

    # Command line ----------------------------------------------------------------------------------------------------

    def run(self, *words, stdin=None, status=0, timeout=120):
        """The result of `majlis WORDS`. status: what it must end with, None for anything."""
        command = [program("majlis"), *map(str, words)]
        result = subprocess.run([str(word) for word in command], env=self.environment, cwd=self.folder,
                                input=stdin if stdin is not None else b"", capture_output=True,
                                timeout=timeout * process.PATIENCE)
        result.stdout = result.stdout.decode("utf-8", "replace")
        result.stderr = result.stderr.decode("utf-8", "replace")
        if status is not None and result.returncode != status:
            raise CommandFailed(command, result)
        return result

    def json(self, *words, **options):
        result = self.run(*words, "--json", **options)
        try:
            return json.loads(result.stdout)
        except json.JSONDecodeError:
            raise CommandFailed(words, result) from None

    # Daemon ----------------------------------------------------------------------------------------------------------

    @property
    def log_file(self):
        return self.folder / "majlisd.log"

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def start(self, *words, ready=True):
        """Starts majlisd; returns once it has told systemd's protocol that it is ready."""
        self.starts += 1
        if self.notify:
            self.notify.close()
        path = self.folder / f"notify.{self.starts}"
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(path))
        self.notify.setblocking(False)
        environment = {**self.environment, "NOTIFY_SOCKET": str(path)}
        with self.log_file.open("ab") as log:
            self.process = process.start([program("majlisd"), "--config", self.file, *words], stdout=log, stderr=log,
                                         stdin=subprocess.DEVNULL, env=environment, cwd=self.folder)
        if ready:
            self.wait_ready()
        return self

    def notifications(self):
        """What the daemon has told so far, since the last call: ["READY=1", ...]."""
        told = []
        while True:
            try:
                told += self.notify.recv(4096).decode().splitlines()
            except BlockingIOError:
                return told

    def wait_ready(self):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"majlisd ended with status {self.process.returncode}:\n{self.log()[-4000:]}")
            return "READY=1" in self.notifications()

        process.wait_until(ready, lambda: "majlisd is ready\n" + self.log()[-4000:], 20, every=0.005)

    def wait_log(self, text, seconds=20.0):
        process.wait_until(lambda: text in self.log(), lambda: f"{text!r} in the log:\n{self.log()[-4000:]}", seconds)

    def wait_json(self, words, condition, seconds=20.0):
        """Runs a command with --json until condition(answer); returns that answer."""
        last = []

        def look():
            last[:] = [self.json(*words)]
            return condition(last[0])

        process.wait_until(look, lambda: f"{' '.join(map(str, words))}; last: {last}\n{self.log()[-3000:]}", seconds, 0.1)
        return last[0]

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self, seconds=15.0):
        """SIGTERM; it must end by itself, with status 0, within the 10 s that it promises."""
        if self.process is None:
            return 0.0
        begun = time.monotonic()
        self.process.terminate()
        try:
            self.process.wait(seconds * process.PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"majlisd did not stop within {seconds} s\n{self.log()[-4000:]}") from None
        status, self.process = self.process.returncode, None
        if status != 0:
            raise AssertionError(f"majlisd stopped with status {status}\n{self.log()[-6000:]}")
        return time.monotonic() - begun

    def kill(self):
        """kill -9: what a power cut looks like to the programs."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def once(self, seconds="20s", status=0):
        """One round, as cron has it."""
        result = subprocess.run([str(program("majlisd")), "--config", str(self.file), "--once", "--for", seconds],
                                env=self.environment, cwd=self.folder, capture_output=True,
                                timeout=90 * process.PATIENCE)
        with self.log_file.open("ab") as log:
            log.write(result.stdout + result.stderr)
        if status is not None and result.returncode != status:
            raise AssertionError(f"majlisd --once: status {result.returncode}\n{self.log()[-4000:]}")
        return result

    def age(self, seconds):
        """Simulated time: everything in the database happened, and is due, so much earlier. (A faked clock would have to be
        Dovecot's and Postfix's too, and gets in the way of sanitizers.)"""
        with contextlib.closing(sqlite3.connect(self.database, timeout=30)) as database, database:
            tables = [row[0] for row in database.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%'")]
            for table in tables:
                for _, column, kind, *_ in database.execute(f"PRAGMA table_info({table})").fetchall():
                    if kind == "INTEGER" and (column in ("at", "paused_until") or column.endswith("_at")):
                        database.execute(f"UPDATE {table} SET {column} = {column} - ? WHERE {column} > 1000000000", (seconds,))
            database.execute("UPDATE bounce_state SET since = max(0, since - ?1), day = day - ?1 / 86400", (seconds,))

    def close(self):
        """At the end of a test, also a failed one. A sanitizer's report is a failure of its own."""
        self.kill()
        if self.notify:
            self.notify.close()
        for sign in ("AddressSanitizer", "LeakSanitizer", "runtime error:"):
            if sign in self.log():
                raise AssertionError(f"a sanitizer spoke:\n{self.log()[-8000:]}")
