"""Digests: members over a week of posts, one decision and one mail for each different set of posts, language and form.

Alone: MAJLIS_BUILD=build/release python3 -B bench/parts/digest.py [--members 10000] [--posts 300]"""

import argparse
import contextlib
import json
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "e2e"))

from harness import mail, process  # noqa: E402
from harness.majlis import Majlis, program  # noqa: E402

SECTIONS = 20
DAY = 86_400


def install(folder):
    """Nobody is read and nobody is reached: what is measured is the making of digests."""
    majlis = Majlis(folder)
    majlis.config["inbox"] = [{"url": "imap://127.0.0.1:9", "username": "lists@maimc.example", "starttls": "never",
                               "password_file": majlis.secret("imap.password", "x")}]
    majlis.config["relay"] = [{"url": "smtp://127.0.0.1:9"}]
    majlis.write_config(digest={"max_posts": 0})
    return majlis


def make_tree(majlis):
    """maimc, four countries, twenty sections."""
    majlis.run("list", "create", "maimc", "--address", "maimc@maimc.example", "--title", "MAIMC")
    majlis.run("list", "set", "maimc", "flood=off")
    for country in range(4):
        majlis.run("list", "create", f"pays{country}", "--address", f"pays{country}@maimc.example", "--parent", "maimc")
    for section in range(SECTIONS):
        majlis.run("list", "create", f"ville{section}", "--address", f"ville{section}@maimc.example", "--parent", f"pays{section % 4}")
    return ["maimc", *(f"pays{n}" for n in range(4)), *(f"ville{n}" for n in range(SECTIONS))]


def join(majlis, count):
    """Most in one section, every fifth in two; three languages, every fifth wants plain text."""
    rand = random.Random(5)
    rosters = [[] for _ in range(SECTIONS)]
    for number in range(count):
        line = f"m{number:06}@members.example,{rand.choice(['daily', 'weekly'])},{rand.choice(['fr', 'ar', 'en'])}\n"
        for section in rand.sample(range(SECTIONS), 2 if rand.random() < 0.2 else 1):
            rosters[section].append(line)
    for section, roster in enumerate(rosters):
        file = majlis.folder / f"roster{section}.csv"
        file.write_text("address,mode,language\n" + "".join(roster))
        majlis.run("member", "import", f"ville{section}", file, "--format", "csv", "--mode", "daily")
    with contextlib.closing(sqlite3.connect(majlis.database)) as database, database:
        database.execute("UPDATE member SET digest_format = 'plain' WHERE id % 5 = 0")


def publish(majlis, lists, count, texts):
    """As a week brings them: some to everybody, the others to a section; half of them answers."""
    rand = random.Random(6)
    majlis.run("list", "set", "maimc", "nonmembers=accept")
    for number in range(count):
        where = "maimc" if rand.random() < 0.15 else rand.choice(lists)
        more = [f"In-Reply-To: <{rand.randrange(number)}.week@members.example>"] if number and rand.random() < 0.5 else []
        raw = mail.make(f"m{rand.randrange(50):06}@members.example", f"{where}@maimc.example", subject=f"Sujet {number}",
                        body=rand.choice(texts), message_id=f"{number}.week@members.example", more=more)
        majlis.run("post", where, stdin=raw)


def count(majlis, sql):
    with contextlib.closing(sqlite3.connect(majlis.database, timeout=30)) as database:
        return database.execute(sql).fetchone()[0]


def peak(pid):
    """MB of memory at most, so far."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1000
    return 0.0


def decide(majlis):
    """What `digest send` says, and the MB that it held."""
    command = [program("majlis"), "digest", "send", "--due", "--json"]
    with subprocess.Popen(command, env=majlis.environment, cwd=majlis.folder, stdout=subprocess.PIPE) as child:
        told = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, told
    return json.loads(told), usage.ru_maxrss / 1000


def figures(folder, members, posts):
    """{name: (unit, value)}"""
    rand = random.Random(8)
    words = "réunion samedi prochain الاجتماع القادم the next meeting salle budget vote جمعية association section".split()
    texts = ["\r\n".join(" ".join(rand.choices(words, k=11)) for _ in range(rand.randint(5, 60))) + "\r\n" for _ in range(100)]
    majlis = install(folder)
    try:
        lists = make_tree(majlis)
        join(majlis, members)
        majlis.start()
        publish(majlis, lists, posts, texts)
        process.wait_until(lambda: count(majlis, "SELECT count(*) FROM post") == posts, "all posts judged", 120, 0.2)
        majlis.stop()
        majlis.age(7 * DAY)
        begun = time.monotonic()
        told, held = decide(majlis)
        deciding = time.monotonic() - begun
        assert told["members"] == members, told
        again = time.monotonic()
        assert majlis.json("digest", "send", "--due")["members"] == 0
        idle = time.monotonic() - again
        majlis.start()
        begun = time.monotonic()
        process.wait_until(lambda: not count(majlis, "SELECT count(*) FROM digest_group WHERE state IN ('waiting', 'written')"),
                           "all digests written", 1800, 0.2)
        writing = time.monotonic() - begun
        memory = peak(majlis.process.pid)
        rows = count(majlis, "SELECT count(*) FROM delivery_recipient")
        assert rows == members, rows
        size = count(majlis, "SELECT sum(size) FROM content JOIN delivery ON delivery.content_id = content.id WHERE kind = 'notice'")
        majlis.stop()
    finally:
        majlis.close()
    name = f"digests, {members:,} members, {posts:,} posts of a week"
    return {f"{name}: who gets what": ("s", deciding), f"{name}: a second run": ("s", idle),
            f"{name}: memory of that": ("MB", held),
            f"{name}: different mails": ("", float(told["mails"])),
            f"{name}: writing them all": ("s", writing), f"{name}: their size": ("MB", size / 1e6),
            f"{name}: memory of majlisd": ("MB", memory)}


def measure(bench):
    folder = bench.scene.home / "digest"
    members = bench.size["digest"]
    for name, (unit, value) in figures(folder, members, 300 if members >= 1_000 else 20).items():
        bench.note(name, unit, [value])
    shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--posts", type=int, default=300)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="majlis-digest-", dir=os.environ.get("MAJLIS_TEST_TMP", "/tmp")))
    try:
        for name, (unit, value) in figures(folder / "m", options.members, options.posts).items():
            print(f"{name}: {value:,.2f} {unit}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
