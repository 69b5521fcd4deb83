"""Personal copies over a way of 50 ms there and back."""

from .base import over, raw
from .sinks import LightSink, Link, bare_client, smtp_source

ROUND_TRIP = 50  # ms
SOURCE_A_SECOND = 4  # what one connection of smtp-source does there, about

# What the sink does not offer, how the bare client goes, and what one connection does a second, about.
OFFERS = {"without CHUNKING": (["--no-chunking"], ["--data"], 20), "with CHUNKING": ([], [], 300)}


def measure(bench):
    for offer, (hidden, pace, about) in OFFERS.items():
        for connections in (4, 1):
            count = about * connections * bench.size["link_seconds"]
            with LightSink(bench.folder("sink"), *hidden) as sink, Link(bench.folder("link"), sink.port, ROUND_TRIP) as link:
                ours = bench.rate(sink, count, {"connections": connections, "personal": "always"}, link.port)
                bare = bare_client(link.port, count, len(raw()), connections, *pace)
                few = SOURCE_A_SECOND * connections * bench.size["link_seconds"]
                source = [smtp_source(link.port, few, 1, len(raw()), connections)] if hidden else []  # it knows no CHUNKING
            name = f"personal, {offer}, {over(connections)}"
            bench.note(name, "recipients/s", [ours], [("bare client", [bare]), ("smtp-source", source)], recipients=count)
            trips = {who: [connections * 1000 / ROUND_TRIP / rate] for who, rate in
                     [("majlis", ours), ("bare client", bare), *(("smtp-source", rate) for rate in source)]}
            bench.note(f"{name}: round trips a message", "", trips.pop("majlis"), list(trips.items()))
