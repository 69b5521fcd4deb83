#!/usr/bin/env python3
"""A name server with the records that it is told, on UDP and TCP, and with the faults that it is told. See README.md."""
import argparse
import asyncio
import socket
import struct

TYPES = {"TXT": 16, "MX": 15, "CNAME": 5, "A": 1}
FAULTS = {"SERVFAIL": 2, "REFUSED": 5}


def wire_name(name):
    labels = [label.encode("latin-1") for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def read_name(packet, at):
    labels = []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1"))
        at += 1 + packet[at]
    return ".".join(labels), at + 1


class Zone:
    """Lines "NAME TYPE VALUE", "NAME TYPE/TTL VALUE", or "NAME FAULT [SECONDS]"; names in any case, "*" for all others."""

    def __init__(self, lines):
        self.records, self.faults, self.asked = {}, {}, []
        for line in lines:
            name, kind, *value = line.split(" ", 2)
            kind, _, ttl = kind.upper().partition("/")
            if kind in TYPES:
                self.records.setdefault(name.lower(), []).append((kind, int(ttl or 3600), value[0]))
            else:
                self.faults[name.lower()] = (kind, float(value[0]) if value else 0)

    def data(self, kind, value):
        if kind == "TXT":
            raw = value.encode("latin-1")
            pieces = [raw[i:i + 255] for i in range(0, len(raw), 255)] or [b""]
            return b"".join(bytes([len(piece)]) + piece for piece in pieces)
        if kind == "MX":
            preference, host = value.split()
            return struct.pack(">H", int(preference)) + wire_name(host)
        return socket.inet_aton(value) if kind == "A" else wire_name(value)

    def answers(self, name, wanted):
        """The records of a name, its aliases followed as a server would; None for a loop."""
        found, seen = [], set()
        while name.lower() not in seen:
            seen.add(name.lower())
            here = self.records.get(name.lower(), [])
            found += [(name, kind, ttl, value) for kind, ttl, value in here if TYPES[kind] == wanted or kind == "CNAME"]
            aliases = [value for kind, _, value in here if kind == "CNAME"]
            if not aliases:
                return found
            name = aliases[0]
        return None

    def known(self, name):
        return any(each == name or each.endswith("." + name) for each in self.records)

    async def reply(self, query, over_tcp):
        """The whole answer to a packet, or None for silence."""
        number, flags, questions = struct.unpack(">HHH", query[:6])
        name, end = read_name(query, 12)
        wanted, _ = struct.unpack(">HH", query[end:end + 4])
        self.asked.append(name)
        print(f"asked {name} {'tcp' if over_tcp else 'udp'}", flush=True)
        question = query[12:end + 4]
        fault, number_of = self.faults.get(name.lower(), self.faults.get("*", ("", 0)))
        if fault == "SILENT":
            return None
        if fault == "DELAY":
            await asyncio.sleep(number_of)
        if fault == "GARBAGE":
            return query[:2] + b"\x81\x80\xff\xff\xff\xff" + b"\xff" * 40
        if fault == "TRUNCATED" and not over_tcp:
            return struct.pack(">HHHHHH", number, 0x8380, 1, 0, 0, 0) + question
        if fault in FAULTS:
            return struct.pack(">HHHHHH", number, 0x8180 | FAULTS[fault], 1, 0, 0, 0) + question
        found = self.answers(name, wanted)
        if found is None:
            return struct.pack(">HHHHHH", number, 0x8182, 1, 0, 0, 0) + question
        code = 0 if found or self.known(name.lower()) else 3
        body = b""
        for owner, kind, ttl, value in found:
            data = self.data(kind, value)
            body += wire_name(owner) + struct.pack(">HHIH", TYPES[kind], 1, ttl, len(data)) + data
        return struct.pack(">HHHHHH", number, 0x8180 | code, 1, len(found), 0, 0) + question + body


class Udp(asyncio.DatagramProtocol):
    def __init__(self, zone):
        self.zone, self.tasks = zone, set()

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        task = asyncio.ensure_future(self.answer(data, address))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def answer(self, data, address):
        reply = await self.zone.reply(data, False)
        if reply is not None:
            self.transport.sendto(reply, address)


async def serve(options):
    lines = list(options.record)
    if options.zone:
        with open(options.zone, encoding="utf-8") as file:
            lines += [line.rstrip("\n") for line in file if line.strip() and not line.startswith("#")]
    zone = Zone(lines)

    async def on_tcp(reader, writer):
        try:
            while True:
                size, = struct.unpack(">H", await reader.readexactly(2))
                reply = await zone.reply(await reader.readexactly(size), True)
                if reply is not None:
                    writer.write(struct.pack(">H", len(reply)) + reply)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(on_tcp, "127.0.0.1", options.port)
    port = server.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: Udp(zone), local_addr=("127.0.0.1", port))
    print(f"listening 127.0.0.1:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--zone", help="file of lines as --record has them")
    parser.add_argument("--record", action="append", default=[], metavar="LINE", help=Zone.__doc__)
    try:
        asyncio.run(serve(parser.parse_args()))
    except KeyboardInterrupt:
        pass
