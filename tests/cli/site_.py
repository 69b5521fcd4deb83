"""A site of its own for each test: a folder with a configuration, a password and a database."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest

MAJLIS = os.environ.get("MAJLIS", "majlis")

CONFIG = """\
database = "majlis.db"

[site]
name     = "MAIMC"
domain   = "maimc.org"
owner    = "admin@maimc.org"
language = "fr"
resolver = "127.0.0.1:1"

[[inbox]]
url           = "imap://127.0.0.1:1"
username      = "listes@maimc.org"
password_file = "password"

[[relay]]
url    = "smtp://127.0.0.1:1"
name   = "out"
limits = ["60 recipients/minute"]
"""


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def json(self):
        return json.loads(self.out)


class Site(unittest.TestCase):
    maxDiff = None
    config = CONFIG

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="majlis-cli-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.write("majlis.toml", self.config)
        self.write("password", "secret\n", mode=0o600)
        self.prepare()

    def prepare(self):
        self.done("db", "migrate")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o600):
        data = text if isinstance(text, bytes) else text.encode()
        with open(self.path(name), "wb") as file:
            file.write(data)
        os.chmod(self.path(name), mode)
        return name

    def run_majlis(self, *words, stdin=b"", **env):
        """Standard input is a pipe: nobody is there to answer."""
        if isinstance(stdin, str):
            stdin = stdin.encode()
        environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "MAJLIS_CONFIG": self.path("majlis.toml"),
                       "LC_ALL": "C.UTF-8", **env}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                environment[name] = os.environ[name]
        return Result(subprocess.run([MAJLIS, *words], input=stdin, capture_output=True, cwd=self.folder,
                                     env=environment, timeout=120, check=False))

    def text(self, *words, stdin=b""):
        result = self.run_majlis(*words, stdin=stdin)
        return Result(subprocess.CompletedProcess(words, result.code, result.out.decode(), result.err.decode()))

    def done(self, *words, stdin=b""):
        """It works, and complains of nothing; what it printed."""
        result = self.text(*words, stdin=stdin)
        self.assertEqual((result.err, result.code), ("", 0), words)
        return result.out

    def json(self, *words, stdin=b""):
        return json.loads(self.done(*words, "--json", stdin=stdin))

    def refused(self, code, message, *words, stdin=b""):
        """It prints nothing but this complaint, whole."""
        result = self.text(*words, stdin=stdin)
        self.assertEqual((result.out, result.err, result.code), ("", message + "\n", code), words)

    def tree(self):
        self.done("list", "create", "maimc", "--address", "maimc@maimc.org")
        self.done("list", "create", "maroc", "--address", "maroc@maimc.org", "--parent", "maimc")
        self.done("list", "create", "rabat", "--address", "rabat@maimc.org", "--parent", "maroc@maimc.org")
