#!/usr/bin/env python3
"""An SMTP server that takes mail, logs it, and fails as its rules say. See README.md."""
import asyncio
import base64
import hashlib
import json
import re

import rules

OFFER = "PIPELINING SIZE=52428800 8BITMIME SMTPUTF8 DSN CHUNKING ENHANCEDSTATUSCODES"


class Envelope:
    def __init__(self):
        self.sender, self.parameters, self.recipients, self.chunks, self.broken = None, [], [], [], False


class Smtp:
    def __init__(self, wire, options, rule_set, log):
        self.wire, self.options, self.rules, self.log = wire, options, rule_set, log
        self.mail = Envelope()
        self.authenticated = not options.auth
        self.secured = options.implicit

    async def answer(self, event, argument, reply):
        """Says `reply`, or what a rule wants. Returns the code that was meant."""
        return await self.carry_out(self.rules.actions(event, argument, self.wire.number), reply)

    async def carry_out(self, actions, reply):
        text = actions.get("reply", reply).replace("\\n", "\n")
        lines = text.split("\n")
        code = lines[0][:3]
        whole = [line if line[:3].isdigit() else f"{code} {line}" for line in lines]
        whole = [line[:3] + ("-" if i + 1 < len(whole) else line[3:4]) + line[4:] for i, line in enumerate(whole)]
        await self.wire.say("\r\n".join(whole).encode("utf-8", "surrogateescape") + b"\r\n", actions)
        return int(code)

    async def run(self):
        await self.answer("CONNECT", "", "220 peer.test ESMTP")
        while True:
            line = (await self.wire.line()).decode("utf-8", "surrogateescape")
            verb, _, rest = line.partition(" ")
            handler = getattr(self, "on_" + verb.lower(), None)
            if handler is None:
                await self.answer(verb.upper(), rest, "500 5.5.2 unknown command")
            elif self.options.strict and verb.upper() in ("EHLO", "DATA", "NOOP", "QUIT") and self.wire.pending():
                await self.wire.say(b"554 5.5.0 SMTP synchronization error\r\n", {"close": "after"})
            else:
                await handler(rest)

    async def on_ehlo(self, rest):
        words = self.options.offer.split()
        if self.options.tls and not self.secured:
            words.append("STARTTLS")
        if self.options.auth:
            words.append("AUTH=PLAIN LOGIN".replace("=", " "))
        await self.answer("EHLO", rest, "\n".join(["250 peer.test"] + ["250 " + word.replace("SIZE=", "SIZE ") for word in words]))

    async def on_starttls(self, rest):
        if await self.answer("STARTTLS", rest, "220 2.0.0 go") != 220:
            return
        loop = asyncio.get_running_loop()
        protocol = self.wire.writer.transport.get_protocol()
        context = rules.tls_of(self.options)
        transport = await loop.start_tls(self.wire.writer.transport, protocol, context, server_side=True)
        self.wire.writer = asyncio.StreamWriter(transport, protocol, self.wire.reader, loop)
        self.wire.reader._transport = transport
        self.secured = True

    async def on_auth(self, rest):
        mechanism, _, initial = rest.partition(" ")
        if mechanism.upper() == "PLAIN":
            if not initial:
                await self.wire.say(b"334 \r\n", {})
                initial = (await self.wire.line()).decode()
            given = ":".join(base64.b64decode(initial).decode().split("\0")[1:])
        else:
            await self.wire.say(b"334 VXNlcm5hbWU6\r\n", {})
            user = base64.b64decode(await self.wire.line()).decode()
            await self.wire.say(b"334 UGFzc3dvcmQ6\r\n", {})
            given = user + ":" + base64.b64decode(await self.wire.line()).decode()
        right = given == self.options.auth
        code = await self.answer("AUTH", rest, "235 2.7.0 welcome" if right else "535 5.7.8 wrong password")
        self.authenticated = code == 235

    async def on_mail(self, rest):
        path = re.match(r"FROM:<([^>]*)>\s*(.*)", rest, re.IGNORECASE)
        if not path:
            return await self.answer("MAIL", rest, "501 5.5.4 syntax")
        if not self.authenticated:
            return await self.answer("MAIL", path[1], "530 5.7.0 authentication required")
        if self.mail.sender is not None:
            return await self.answer("MAIL", path[1], "503 5.5.1 nested MAIL")
        if await self.answer("MAIL", path[1], "250 2.1.0 ok") < 300:
            self.mail.sender, self.mail.parameters = path[1], path[2].split()

    async def on_rcpt(self, rest):
        path = re.match(r"TO:<(.*?)>(\s.*)?$", rest, re.IGNORECASE)
        if not path or self.mail.sender is None:
            return await self.answer("RCPT", rest, "503 5.5.1 need MAIL" if path else "501 5.5.4 syntax")
        if await self.answer("RCPT", path[1], "250 2.1.5 ok") < 300:
            self.mail.recipients.append(path[1])

    async def on_data(self, rest):
        default = "354 go on" if self.mail.recipients else "554 5.5.1 no valid recipients"
        if await self.answer("DATA", rest, default) != 354:
            return
        lines = []
        while True:
            line = await self.wire.line()
            if line == b".":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        await self.taken(b"".join(line + b"\r\n" for line in lines))

    async def on_bdat(self, rest):
        size, _, last = rest.partition(" ")
        self.mail.chunks.append(await self.wire.exactly(int(size)))
        if not self.mail.recipients:
            self.mail.broken = True
        if last.upper() == "LAST":
            return await self.taken(b"".join(self.mail.chunks))
        await self.answer("BDAT", rest, "554 5.5.1 no valid recipients" if self.mail.broken else "250 2.0.0 ok")

    async def taken(self, data):
        mail, self.mail = self.mail, Envelope()
        actions = self.rules.actions("MESSAGE", mail.recipients[0] if mail.recipients else "", self.wire.number)
        reply = actions.get("reply", "250 2.0.0 taken" if mail.recipients else "554 5.5.1 no valid recipients")
        if reply.startswith("2") and mail.recipients and self.log:
            entry = {"connection": self.wire.number, "from": mail.sender, "from_parameters": mail.parameters, "to": mail.recipients,
                     "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "replied": self.wire.will_say(actions)}
            if not self.options.no_data:
                entry["data"] = data.decode("latin-1")
            self.log.write(json.dumps(entry) + "\n")
            self.log.flush()
        await self.carry_out(actions, reply)

    async def on_rset(self, rest):
        self.mail = Envelope()
        await self.answer("RSET", rest, "250 2.0.0 ok")

    async def on_noop(self, rest):
        await self.answer("NOOP", rest, "250 2.0.0 ok")

    async def on_quit(self, rest):
        await self.answer("QUIT", rest, "221 2.0.0 bye")
        raise rules.Closed


def main():
    options = rules.parser(__doc__)
    options.add_argument("--log", metavar="FILE", help="accepted messages as JSON lines; - for standard output")
    options.add_argument("--no-data", action="store_true")
    options.add_argument("--strict", action="store_true", help="refuse what RFC 2920 does not let run ahead")
    options = options.parse_args()
    options.offer = OFFER if options.offer is None else options.offer
    log = None
    if options.log:
        log = open("/dev/stdout" if options.log == "-" else options.log, "a", encoding="utf-8")
    rule_set = rules.rules_of(options)
    asyncio.run(rules.serve(options, lambda wire: Smtp(wire, options, rule_set, log).run()))


if __name__ == "__main__":
    main()
