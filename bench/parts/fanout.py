"""One post to many: ours beside smtp-source and the other list managers, in turns, into the same smtp-sink."""

import time

from peers import PER_MESSAGE

from .base import addresses, over, raw, say
from .sinks import LightSink, PostfixSink, smtp_source

KINDS = {"personal": (1, {"personal": "always"}),
         "bulk": (PER_MESSAGE, {"personal": "never", "recipients_per_message": PER_MESSAGE})}
FIRST_WITHIN = 60  # s: Mailman looks for all recipients before it writes to one
SOURCE_AT_MOST = 20_000  # messages: its pace does not change with their number


def follow(taken, wanted, seconds):
    """Waits until taken() is `wanted`, or no longer than that. How many then."""
    end = time.monotonic() + seconds
    while True:
        count = taken()
        if count >= wanted or time.monotonic() > end:
            return min(count, wanted)
        time.sleep(0.002)


def _peer(bench, peer, kind, count, sink, taken):
    """(recipients/s from the first on, how many it reached) until taken() says that all were, or time is over."""
    with peer.opened(bench.folder("peer"), sink.port, kind) as running:
        running.fill(addresses(count))
        time.sleep(1)
        running.post(raw())
        if not follow(taken, 1, FIRST_WITHIN):
            return 0, 0
        reached = follow(taken, count, bench.size["peer_seconds"])
        return reached / (time.monotonic() - sink.first()), reached


def _peer_into_postfix(bench, peer, kind, count):
    group = KINDS[kind][0]
    with PostfixSink(bench.folder("sink")) as sink:
        return _peer(bench, peer, kind, count, sink, lambda: min(sink.messages() * group, count))


class _Rates:
    def __init__(self):
        self.of, self.remarks = {}, {}

    def add(self, who, rate, remark=""):
        self.of.setdefault(who, []).append(rate)
        if remark:
            self.remarks[who] = remark

    def beside(self):
        return [(who, rates, self.remarks.get(who, "")) for who, rates in self.of.items() if who != "majlis"]


def _peers(bench, count, kind, slow, rates):
    for peer in bench.peers:
        if (peer.name, kind) in slow or kind not in bench.size["peer_kinds"]:
            continue
        rate, reached = bench.attempt(peer, lambda p=peer: _peer_into_postfix(bench, p, kind, count)) or (0, 0)
        if reached < count:
            slow.add((peer.name, kind))
        if reached == 0:
            say(f"  {peer.name}: nobody was reached")
        else:
            rates.add(peer.name, rate, f"{reached:,} of them, then stopped" if reached < count else "")


def _row(bench, count, kind, connections, slow):
    """`slow`: the peers that were stopped before the end of a shorter list; grows."""
    group, relay = KINDS[kind]
    rates = _Rates()
    for run in range(bench.size["runs"]):
        with PostfixSink(bench.folder("sink")) as sink:
            messages = min(count // group, SOURCE_AT_MOST)
            rates.add("smtp-source", smtp_source(sink.port, messages, group, len(raw()), connections))
        with PostfixSink(bench.folder("sink")) as sink:
            rates.add("majlis", bench.rate(sink, count, {"connections": connections, **relay}))
        if connections > 1 and run == 0:  # the peers have a number of their own
            _peers(bench, count, kind, slow, rates)
    bench.note(f"{kind} to {count:,}, {over(connections)}", "recipients/s", rates.of["majlis"], rates.beside(), recipients=count)


def measure(bench):
    slow = set()
    for count in bench.size["fanout"]:
        for kind in KINDS:
            for connections in (4, 1):
                _row(bench, count, kind, connections, slow)
    acknowledging(bench)


def acknowledging(bench):
    """mlmmj writes a message in small pieces and leaves Nagle's algorithm on: where the receiver's kernel waits with its
    acknowledgements, as most do, each message costs 40 ms. This is its pace without that."""
    peer = next((peer for peer in bench.peers if peer.name == "mlmmj"), None)
    if not peer:
        return
    count = bench.size["fanout"][0]
    for kind, (_, relay) in KINDS.items():
        with LightSink(bench.folder("sink"), "--no-chunking", "--acknowledge") as sink:
            theirs, _ = bench.attempt(peer, lambda s=sink, k=kind: _peer(
                bench, peer, k, count, s, lambda: s.counters()["recipients"])) or (0, 0)
            ours = bench.rate(sink, count, {"connections": 4, **relay})
        bench.note(f"{kind} to {count:,}, to a light receiver that acknowledges at once", "recipients/s", [ours],
                   [("mlmmj", [theirs] if theirs else [])], recipients=count)
