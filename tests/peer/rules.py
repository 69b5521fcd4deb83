"""What a peer does wrong, and when: rules shared by the SMTP and the IMAP peer. See README.md for the language."""
import argparse
import asyncio
import os
import re
import shlex
import signal
import socket
import ssl
import struct
import sys

ACTIONS = {"reply", "delay", "drip", "close", "reset", "half", "silent", "extra", "garbage", "endless", "literal", "size"}
CONDITIONS = {"match", "after", "times", "connection"}


class Closed(Exception):
    """The connection ends here, as a rule says or because the client left."""


class Rule:
    def __init__(self, text):
        words = shlex.split(text)
        self.event = words[0].upper()
        options = dict(word.split("=", 1) for word in words[1:])
        unknown = set(options) - ACTIONS - CONDITIONS
        if unknown:
            raise ValueError(f"rule {text!r}: unknown {', '.join(sorted(unknown))}")
        self.match = re.compile(options["match"], re.IGNORECASE) if "match" in options else None
        self.after = int(options.get("after", 0))
        self.times = int(options.get("times", sys.maxsize))
        self.connection = int(options.get("connection", 0))
        self.actions = {key: value for key, value in options.items() if key in ACTIONS}

    def fits(self, event, argument, connection):
        if self.event not in ("*", event) or self.connection not in (0, connection):
            return False
        if self.match and not self.match.search(argument):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times == 0:
            return False
        self.times -= 1
        return True


class Rules:
    def __init__(self, texts):
        self.rules = [Rule(text) for text in texts]

    def actions(self, event, argument, connection):
        for rule in self.rules:
            if rule.fits(event, argument, connection):
                return rule.actions
        return {}


class Wire:
    """One connection, with the ways to say something wrongly."""

    def __init__(self, reader, writer, number):
        self.reader, self.writer, self.number = reader, writer, number

    async def line(self, limit=1 << 20):
        try:
            line = await self.reader.readuntil(b"\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ssl.SSLError):
            raise Closed from None
        if len(line) > limit:
            raise Closed
        return line.rstrip(b"\r\n")

    async def exactly(self, count):
        try:
            return await self.reader.readexactly(count)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            raise Closed from None

    def pending(self):
        return len(self.reader._buffer) > 0  # what the client sent ahead

    async def write(self, data, drip=0.0):
        try:
            if drip > 0:
                for byte in data:
                    self.writer.write(bytes([byte]))
                    await self.writer.drain()
                    await asyncio.sleep(1 / drip)
            else:
                self.writer.write(data)
                await self.writer.drain()
        except (ConnectionError, ssl.SSLError):
            raise Closed from None

    def reset(self):
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        raise Closed

    async def read_to_the_end(self):
        while await self.reader.read(1 << 16):
            pass

    async def hang_up(self):
        """Closes so that what was said arrives: closing over unread input has the kernel send a reset, which overtakes it."""
        try:
            if self.writer.can_write_eof():  # not through TLS: there the client has to leave by itself
                self.writer.write_eof()
            await asyncio.wait_for(self.read_to_the_end(), 5)
        except (ConnectionError, asyncio.TimeoutError):
            pass  # the client is not obliged to read or to leave
        raise Closed

    def will_say(self, actions):
        """Whether the reply will reach the client whole."""
        return not any(key in actions for key in ("silent", "half", "garbage", "endless")) and \
            actions.get("close") != "before" and actions.get("reset") != "before"

    async def say(self, data, actions):
        """Says `data` (with its line ends) as `actions` tell."""
        if "delay" in actions:
            await asyncio.sleep(float(actions["delay"]))
        if actions.get("reset") == "before":
            self.reset()
        if actions.get("close") == "before":
            raise Closed
        if "garbage" in actions:
            data = os.urandom(int(actions["garbage"]))
        if "endless" in actions:
            while True:
                await self.write(b"250-" + b"x" * 60 + b"\r\n")
        if "half" in actions:
            await self.write(data[: len(data) // 2])
            raise Closed
        if "silent" not in actions:
            if "extra" in actions:
                data += actions["extra"].replace("\\n", "\r\n").encode() + b"\r\n"
            await self.write(data, float(actions.get("drip", 0)))
        if actions.get("reset") == "after":
            self.reset()
        if actions.get("close") == "after":
            await self.hang_up()


def parser(description):
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--on", action="append", default=[], metavar="RULE")
    options.add_argument("--script", metavar="FILE")
    options.add_argument("--offer", metavar="WORDS")
    options.add_argument("--auth", metavar="USER:PASSWORD")
    options.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    options.add_argument("--implicit", action="store_true", help="TLS from the first byte")
    return options


def rules_of(options):
    texts = list(options.on)
    if options.script:
        with open(options.script, encoding="utf-8") as lines:
            texts += [line for line in map(str.strip, lines) if line and not line.startswith("#")]
    return Rules(texts)


def tls_of(options):
    if not options.tls:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*options.tls)
    return context


async def serve(options, talk):
    """Runs `talk(wire)` for each connection until a signal comes."""
    connections = 0
    tasks = set()

    async def connected(reader, writer):
        nonlocal connections
        connections += 1
        wire = Wire(reader, writer, connections)
        tasks.add(asyncio.current_task())
        try:
            await talk(wire)
        except (Closed, ConnectionError, asyncio.CancelledError):
            pass  # how the rule, the client, or the end of the test wanted it
        finally:
            tasks.discard(asyncio.current_task())
            wire.writer.close()

    context = tls_of(options) if options.implicit else None
    server = await asyncio.start_server(connected, options.host, options.port, ssl=context, limit=1 << 18)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    print("listening %s:%d" % server.sockets[0].getsockname()[:2], flush=True)
    await stop.wait()
    server.close()
    for task in list(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
