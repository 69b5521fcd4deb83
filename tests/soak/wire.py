"""What a network or a server may do to a conversation, by a proxy in front of the real one."""

import re
import time

from harness.proxy import Proxy


class Wire:
    """One proxy; `self.proxy.port` is where majlisd connects. Each way to be bad holds until good()."""

    def __init__(self, target, rng, protocol):
        self.rng, self.protocol = rng, protocol
        self.proxy = Proxy(target).start()
        self.bad = None  # what is wrong now

    def ways(self):
        ways = [self.cut, self.away, self.drip, self.silence, self.garbage, self.endless, self.half]
        return [*ways, self.wrong_counts, self.wrong_literals, self.refuse] if self.protocol == "imap" else ways

    def good(self):
        self.bad = None
        self.proxy.on_bytes = self.proxy.on_line = None
        if self.proxy.listener is None:
            self.proxy.start()

    def stop(self):
        self.good()
        self.proxy.stop()

    def _begin(self, name, on_bytes=None, on_line=None):
        self.bad = name
        self.proxy.on_bytes, self.proxy.on_line = on_bytes, on_line

    # Ways ------------------------------------------------------------------------------------------------------------

    def cut(self):
        """Every conversation ends in the middle of what the server says, at a random place."""
        left = [self.rng.randrange(1, 3000)]

        def on_bytes(piece, _):
            left[0] -= len(piece)
            return piece if left[0] > 0 else Proxy.CUT

        self._begin("cut", on_bytes)

    def away(self):
        """Nobody listens, and who was connected is cut off."""
        self._begin("away")
        self.proxy.stop()

    def drip(self):
        """One byte a second."""
        def slowly(piece):
            for position in range(len(piece)):
                if self.bad != "drip":
                    yield piece[position:]
                    return
                yield piece[position:position + 1]
                time.sleep(1)

        self._begin("drip", lambda piece, _: slowly(piece))

    def silence(self):
        """It takes everything and says nothing."""
        def held(piece):
            while self.bad == "silence":
                time.sleep(0.05)
            yield piece

        self._begin("silence", lambda piece, _: held(piece))

    def garbage(self):
        self._begin("garbage", lambda piece, _: self.rng.randbytes(self.rng.randrange(1, 4000)))

    def endless(self):
        """Lines without end, or one line without end."""
        word, end = {"imap": (b"* OK still here", b"\r\n"), "smtp": (b"250-still here", b"\r\n")}[self.protocol]
        block = (word + end) * 500 if self.rng.random() < 0.5 else word * 1000

        def forever():
            while self.bad == "endless":
                yield block

        self._begin("endless", lambda piece, _: forever())

    def half(self):
        """Half of what it wanted to say, then the end."""
        def broken(piece):
            yield piece[:len(piece) // 2]
            raise OSError

        self._begin("half", lambda piece, _: broken(piece))

    def wrong_counts(self):
        def lie(match):
            return b"* %d %s" % (self.rng.choice((0, 1, 7, 4_000_000_000, int(match[1]) + 1)), match[2])

        self._begin("wrong counts", lambda piece, _: re.sub(rb"\* (\d+) (EXISTS|EXPUNGE|RECENT)", lie, piece))

    def wrong_literals(self):
        def lie(match):
            return b"{%d}\r\n" % max(0, int(match[1]) + self.rng.choice((-7, -1, 1, 5, 100_000)))

        self._begin("wrong literals", lambda piece, _: re.sub(rb"\{(\d+)\}\r\n", lie, piece))

    def refuse(self):
        """NO, BAD or BYE to each command at random."""
        answers = (b"NO [UNAVAILABLE] later", b"BAD what", b"NO [OVERQUOTA] full", b"NO [INUSE] busy")

        def on_line(line, _):
            tag = line.split(b" ", 1)[0]
            if not re.fullmatch(rb"[A-Za-z]+[0-9]+|[0-9]+", tag) or self.rng.random() < 0.5:
                return line
            if self.rng.random() < 0.1:
                return Proxy.ANSWER, b"* BYE going down\r\n"
            return Proxy.ANSWER, tag + b" " + self.rng.choice(answers) + b"\r\n"

        self._begin("refuse", on_line=on_line)
