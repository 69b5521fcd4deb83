"""The command line: how long it takes to begin, and to take many members in."""

import subprocess
import time

from harness.majlis import program

from .base import addresses


def _milliseconds(command, environment=None):
    begun = time.monotonic()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.monotonic() - begun) * 1000


def cli(bench):
    majlis = bench.installed(1)
    majlis.run("member", "import", "rabat", bench.roster(min(bench.size["import"], 10_000)))
    ours, theirs = [], {peer.name: [] for peer in bench.peers}
    for run in range(bench.size["starts"]):
        ours.append(_milliseconds([program("majlis"), "--version"]))
        for peer in bench.peers if run < 5 else ():
            theirs[peer.name].append(_milliseconds(peer.start_command()))
    bench.note("the program says its version", "ms", ours, list(theirs.items()))
    for words in (["list", "tree"], ["list", "show", "rabat"], ["member", "show", "p0000001@members.example"], ["queue", "list"],
                  ["status"]):
        times = [_milliseconds([program("majlis"), *words], majlis.environment) for _ in range(bench.size["starts"])]
        bench.note(f"majlis {' '.join(words[:2])}", "ms", times)


def _import(bench, count):
    majlis = bench.installed(1)
    file = bench.roster(count)
    begun = time.monotonic()
    majlis.run("member", "import", "rabat", file, timeout=600)
    return count / (time.monotonic() - begun)


def _join(bench, peer, count):
    with peer.opened(bench.folder("peer"), 1, "bulk") as running:
        begun = time.monotonic()
        running.join(addresses(count))
        return count / (time.monotonic() - begun)


def import_members(bench):
    theirs = []
    for peer in bench.peers:
        count = bench.size["peer_import"][peer.name]
        rate = bench.attempt(peer, lambda p=peer, c=count: _join(bench, p, c))
        theirs.append((peer.name, [rate] if rate else [], f"{count:,} members"))
    runs = range(bench.size["runs"])
    bench.note("import of 10,000 members", "members/s", [_import(bench, 10_000) for _ in runs], theirs)
    many = bench.size["import"]
    rates = [_import(bench, many) for _ in runs]
    bench.note(f"import of {many:,} members", "members/s", rates)
