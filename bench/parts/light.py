"""Ours into the light sink, beside a client that has nothing behind it, and beside our own SMTP layer alone: what durable progress and
composing cost, and what the layer does."""

from .base import over
from .sinks import LightSink, bare_client, sessions

# What the sink does not offer, how the bare client and our sessions go, and which part of the recipients is enough for one connection.
OFFERS = {"with CHUNKING": ([], [], "chunked", 1), "without CHUNKING": (["--no-chunking"], ["--data"], "overlapped", 5)}
MANY = 4_096


def measure(bench):
    for offer, (hidden, bare, pace, part) in OFFERS.items():
        for connections in (4, 1):
            count = bench.size["light"] // (part if connections == 1 else 1)
            ours, theirs, layer = [], [], []
            for _ in range(bench.size["runs"]):
                with LightSink(bench.folder("sink"), *hidden) as sink:
                    ours.append(bench.rate(sink, count, {"connections": connections, "personal": "always"}))
                    copy = sink.counters()["bytes"] // count  # with the fields of a list: as large are theirs
                    theirs.append(bare_client(sink.port, count, copy, connections, *bare))
                    layer.append(sessions(sink.port, count, copy, connections, pace))
            bench.note(f"personal to {count:,}, {offer}, {over(connections)}", "recipients/s", ours,
                       [("bare client", theirs), ("our SMTP layer alone", layer)], recipients=count)
            if connections == 4 and pace == "chunked":
                more_in_flight(bench, offer, count, theirs)


def more_in_flight(bench, offer, count, theirs):
    """What the wait for the disk costs: the same with more recipients that a crash may repeat."""
    ours = []
    for _ in range(bench.size["runs"]):
        with LightSink(bench.folder("sink")) as sink:
            ours.append(bench.rate(sink, count, {"connections": 4, "personal": "always"}, delivery={"max_in_flight": MANY}))
    bench.note(f"personal to {count:,}, {offer}, {over(4)}, max_in_flight = {MANY}", "recipients/s", ours,
               [("bare client", theirs)], recipients=count)
