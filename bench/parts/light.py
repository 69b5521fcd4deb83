"""Ours into the light sink, beside a client that has nothing behind it, and beside our own SMTP layer alone: what durable progress and
composing cost, and what the layer does."""

import os
import resource

from .base import over
from .sinks import LightSink, bare_client, sessions

# What the sink does not offer, how the bare client and our sessions go, and which part of the recipients is enough for one connection.
OFFERS = {"with CHUNKING": ([], [], "chunked", 1), "without CHUNKING": (["--no-chunking"], ["--data"], "overlapped", 5)}
MANY = 4_096


def measure(bench):
    for offer, (hidden, bare, pace, part) in OFFERS.items():
        for connections in (4, 1):
            count = bench.size["light"] // (part if connections == 1 else 1)
            ours, theirs, layer, spent, theirs_spent = [], [], [], [], []
            for _ in range(bench.size["runs"]):
                with LightSink(bench.folder("sink"), *hidden) as sink:
                    ours.append(bench.rate(sink, count, {"connections": connections, "personal": "always"}, watch=Spent(spent)))
                    copy = sink.counters()["bytes"] // count  # with the fields of a list: as large are theirs
                    with ChildSpent(theirs_spent):
                        theirs.append(bare_client(sink.port, count, copy, connections, *bare))
                    layer.append(sessions(sink.port, count, copy, connections, pace))
            bench.note(f"personal to {count:,}, {offer}, {over(connections)}", "recipients/s", ours,
                       [("bare client", theirs), ("our SMTP layer alone", layer)], recipients=count)
            if connections == 4:
                note_time(bench, offer, count, spent, theirs_spent)
            if connections == 4 and pace == "chunked":
                more_in_flight(bench, offer, count, theirs)


class Spent:
    """Processor time of a daemon in a delivery: of the thread that speaks SMTP, and of all others together."""

    def __init__(self, results):
        self.results = results

    @staticmethod
    def _now(pid):
        times = {}
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                times[int(thread)] = int(file.read().split()[0]) / 1e9
        return times

    def begin(self, pid):
        self.pid, self.before = pid, self._now(pid)

    def end(self):
        spent = {thread: time - self.before.get(thread, 0) for thread, time in self._now(self.pid).items()}
        speaks = spent.pop(self.pid)
        self.results.append((speaks, sum(spent.values())))


class ChildSpent:
    """Processor time of the programs that ran and ended meanwhile."""

    def __init__(self, results):
        self.results = results

    @staticmethod
    def _now():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def __enter__(self):
        self.before = self._now()

    def __exit__(self, *_):
        self.results.append(self._now() - self.before)


def note_time(bench, offer, count, spent, theirs):
    """What the rates come from, and what does not depend on how many processors there are."""
    def each(times):
        return [time / count * 1e6 for time in times]

    bench.note(f"{offer}, {over(4)}: processor time a recipient, of the thread that speaks SMTP", "µs",
               each(speaks for speaks, _ in spent), [("bare client", each(theirs))], recipients=count)
    bench.note(f"{offer}, {over(4)}: processor time a recipient, of the thread that owns the database", "µs",
               each(others for _, others in spent), recipients=count)


def more_in_flight(bench, offer, count, theirs):
    """What the wait for the disk costs: the same with more recipients that a crash may repeat."""
    ours = []
    for _ in range(bench.size["runs"]):
        with LightSink(bench.folder("sink")) as sink:
            ours.append(bench.rate(sink, count, {"connections": 4, "personal": "always"}, delivery={"max_in_flight": MANY}))
    bench.note(f"personal to {count:,}, {offer}, {over(4)}, max_in_flight = {MANY}", "recipients/s", ours,
               [("bare client", theirs)], recipients=count)
