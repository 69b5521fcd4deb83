"""From a mail's arrival to its first and last reader; a backlog; what an idle program holds."""

import random
import time

from harness import mail, process, world
from harness.proxy import Proxy
from peers import PER_MESSAGE

from .base import addresses, look, memory, raw, say
from .fanout import follow
from .sinks import LightSink

IN_BULK = {"personal": "never", "recipients_per_message": PER_MESSAGE}


def ingest(bench):
    count, rates = bench.size["ingest"], []
    rand = random.Random(1)
    for _ in range(bench.size["runs"]):
        bench.scene.wipe()
        majlis = bench.installed(1, {"name": "nowhere"})
        majlis.run("member", "add", "rabat", "p0000000@members.example")
        majlis.run("queue", "pause")
        for number in range(count):
            body = "x" * 70 + "\r\n"
            text = mail.make("p0000000@members.example", world.address("rabat"), subject=f"number {number}",
                             body=body * (rand.randint(4_000, 50_000) // len(body)))
            bench.scene.mailbox.deliver(b"Delivered-To: rabat@maimc.example\r\n" + text)
        with bench.scene.dovecot.connect(world.MAILBOX) as person:  # Dovecot's own first look at them is not ours
            person.select(readonly=True)
        begun = time.monotonic()
        majlis.start()
        process.wait_until(lambda m=majlis: look(m, "SELECT count(*) FROM arrival")[0] >= count, "all taken in", 300)
        rates.append(count / (time.monotonic() - begun))
        majlis.stop(30)
    bench.note(f"a backlog of {count:,} mails over TLS, 4-50 KB each", "posts/s", rates, posts=count)


class _Seen:
    """Milliseconds from a post's arrival, to the first RCPT and to the last message taken."""

    def __init__(self):
        self.first, self.last = [], []

    def add(self, arrived, counters):
        self.first.append(counters["first"] / 1000 - arrived * 1000)
        self.last.append(counters["last"] / 1000 - arrived * 1000)


def _ours(bench, readers, posts):
    """Arrival: the server's announcement ("* 1 EXISTS"), as a proxy sees it pass."""
    seen, announced = _Seen(), []

    def down(piece, _):
        if b" EXISTS" in piece:
            announced.append(time.monotonic())
        return piece

    proxy = Proxy(bench.scene.dovecot.imap_port).start()
    proxy.on_bytes = down
    bench.scene.wipe()
    with LightSink(bench.folder("sink"), "--no-chunking") as sink:
        majlis = bench.installed(sink.port, IN_BULK)
        majlis.write_config(inbox=[bench.scene.inbox(majlis, url=f"imap://127.0.0.1:{proxy.port}", starttls="never")])
        majlis.run("member", "import", "rabat", bench.roster(readers))
        try:
            majlis.start()
            time.sleep(1.5)
            idle = memory(majlis.process.pid)
            for number in range(posts):
                announced.clear()
                sink.zero()
                bench.scene.mailbox.deliver(b"Delivered-To: rabat@maimc.example\r\n" + raw(f"number {number}"))
                process.wait_until(lambda s=sink: announced and s.counters()["recipients"] == readers, "all reached", 30, every=0.01)
                seen.add(announced[0], sink.counters())
                time.sleep(0.3)
            majlis.stop()
        finally:
            proxy.stop()
    return seen, idle


def _theirs(bench, peer, readers, posts):
    """Arrival: the mail server begins to hand the post over."""
    seen = _Seen()
    with LightSink(bench.folder("sink"), "--no-chunking") as sink, peer.opened(bench.folder("peer"), sink.port, "bulk") as running:
        running.fill(addresses(readers))
        time.sleep(5)
        idle = running.memory()
        for number in range(posts):
            sink.zero()
            arrived = time.monotonic()
            running.post(raw(f"number {number}"))
            if follow(lambda s=sink: s.counters()["recipients"], readers, 60) == readers:
                seen.add(arrived, sink.counters())
            time.sleep(0.3)
    return seen, idle


def latency(bench):
    readers, posts = bench.size["latency"], bench.size["posts"]
    ones, _ = _ours(bench, 1, posts)
    bench.note("from the mailbox's announcement (IDLE) to the first RCPT, 1 reader", "ms", ones.first)
    ours, idle = _ours(bench, readers, posts)
    theirs = {}
    for peer in bench.peers:
        seen = bench.attempt(peer, lambda p=peer: _theirs(bench, p, readers, posts))
        if seen and seen[0].first:
            theirs[peer.name] = seen
        elif seen:
            say(f"  {peer.name}: no post reached all within 60 s")
    bench.note(f"from arrival to the first of {readers:,} readers, in bulk", "ms", ours.first,
               [(who, seen.first) for who, (seen, _) in theirs.items()])
    bench.note(f"from arrival to the last of {readers:,} readers, in bulk", "ms", ours.last,
               [(who, seen.last) for who, (seen, _) in theirs.items()])
    bench.note("idle memory", "MB", [idle], [(who, [held]) for who, (_, held) in theirs.items() if held])
