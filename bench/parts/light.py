"""Ours into the light sink, beside a client that has nothing behind it, and beside our own SMTP layer alone: what durable progress and
composing cost, and what the layer does."""

from .base import over, raw
from .sinks import LightSink, bare_client, sessions

# What the sink does not offer, how the bare client and our sessions go, and which part of the recipients is enough.
OFFERS = {"with CHUNKING": ([], [], "chunked", 1), "without CHUNKING": (["--no-chunking"], ["--data"], "overlapped", 5)}


def measure(bench):
    for offer, (hidden, bare, pace, part) in OFFERS.items():
        count = bench.size["light"] // part
        for connections in (4, 1):
            ours, theirs, layer = [], [], []
            for _ in range(bench.size["runs"]):
                with LightSink(bench.folder("sink"), *hidden) as sink:
                    theirs.append(bare_client(sink.port, count, len(raw()), connections, *bare))
                    layer.append(sessions(sink.port, count, len(raw()), connections, pace))
                    ours.append(bench.rate(sink, count, {"connections": connections, "personal": "always"}))
            bench.note(f"personal to {count:,}, {offer}, {over(connections)}", "recipients/s", ours,
                       [("bare client", theirs), ("our SMTP layer alone", layer)], recipients=count)
