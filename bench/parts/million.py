"""A post to a million on a tree of many lists, alone and while a million lines are imported."""

import random
import time

from harness import world

from .base import cpu_seconds, look, memory, raw, say
from .sinks import PostfixSink


def _tree(bench, majlis, count, lists):
    """A tree of `lists` lists (a root, countries, cities); every member on one, 30 % on two or three."""
    countries = max(1, lists // 10)
    names = ["top", *(f"country{n}" for n in range(countries)), *(f"city{n}" for n in range(lists - countries - 1))]
    for number, name in enumerate(names):
        parent = None if number == 0 else "top" if number <= countries else f"country{number % countries}"
        majlis.run("list", "create", name, "--address", world.address(name), *(["--parent", parent] if parent else []))
    rand = random.Random(2)
    places = {name: [] for name in names}
    for number in range(count):
        more = rand.choice((2, 3)) if rand.random() < 0.3 else 1
        for name in rand.sample(names[1:], min(more, len(names) - 1)):
            places[name].append(number)
    for name, numbers in places.items():
        file = bench.scene.home / "part.csv"
        with file.open("w") as out:
            out.write("address\n" + "".join(f"p{number:07}@members.example\n" for number in numbers))
        majlis.run("member", "import", name, file, timeout=600)


def _post(bench, majlis, count, importing):
    """One post to all; notes what it took."""
    what = f"post to {count:,} on {bench.size['lists']} lists"
    what += f", {count:,} lines imported meanwhile" if importing else ""
    cpu = cpu_seconds(majlis.process.pid)
    majlis.run("post", "top", stdin=raw(f"to all {importing}", "top"))
    begun = bench.first_copy(majlis, 1 + importing)
    taken = meanwhile = None
    if importing:
        import_begun = time.monotonic()
        majlis.run("member", "import", "rabat", bench.roster(count, "late.example"), timeout=600)
        taken = time.monotonic() - import_begun
        meanwhile = look(majlis, "SELECT accepted FROM delivery WHERE kind = 'post' ORDER BY id DESC")[0]
    accepted = bench.delivered(majlis, 3600, posts=1 + importing)
    seconds = time.monotonic() - begun
    assert accepted == count, (accepted, count)
    bench.note(what, "recipients/s", [count / seconds], recipients=count)
    bench.note(f"{what}: peak memory of majlisd", "MB", [memory(majlis.process.pid, "VmHWM")])
    bench.note(f"{what}: majlisd's own work", "CPU s", [cpu_seconds(majlis.process.pid) - cpu])
    if importing:
        bench.note(f"{what}: the import", "s", [taken])
        bench.note(f"{what}: sent while it ran", "recipients", [meanwhile], better="more")


def measure(bench):
    count = bench.size["million"]
    if not count:
        return
    with PostfixSink(bench.folder("sink")) as sink:
        majlis = bench.installed(sink.port, {"connections": 4}, lists=())
        say("  making the tree...")
        _tree(bench, majlis, count, bench.size["lists"])
        majlis.run("list", "create", "rabat", "--address", world.address("rabat"))
        for importing in (False, True):
            majlis.start()
            _post(bench, majlis, count, importing)
            majlis.stop(30)
