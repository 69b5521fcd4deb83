"""Ours into the light sink, beside a client that has nothing behind it: what durable progress and composing cost."""

from .base import over, raw
from .sinks import LightSink, bare_client

# What the sink does not offer, how the bare client goes, and which part of the recipients is enough.
OFFERS = {"with CHUNKING": ([], [], 1), "without CHUNKING": (["--no-chunking"], ["--data"], 5)}


def measure(bench):
    for offer, (hidden, pace, part) in OFFERS.items():
        count = bench.size["light"] // part
        for connections in (4, 1):
            ours, theirs = [], []
            for _ in range(bench.size["runs"]):
                with LightSink(bench.folder("sink"), *hidden) as sink:
                    theirs.append(bare_client(sink.port, count, len(raw()), connections, *pace))
                    ours.append(bench.rate(sink, count, {"connections": connections, "personal": "always"}))
            bench.note(f"personal to {count:,}, {offer}, {over(connections)}", "recipients/s", ours, [("bare client", theirs)],
                       recipients=count)
