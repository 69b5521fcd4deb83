#!/usr/bin/env python3
"""An IMAP server over a folder of .eml files kept in memory, that fails as its rules say. See README.md."""
import asyncio
import base64
import pathlib
import re
import shlex

import rules

OFFER = "IMAP4rev1 IDLE UIDPLUS MOVE NAMESPACE LITERAL+ SASL-IR"


class Message:
    def __init__(self, uid, data):
        self.uid, self.data, self.flags = uid, data, set()


class Mailbox:
    def __init__(self, uidvalidity):
        self.uidvalidity, self.next_uid, self.messages = uidvalidity, 1, []

    def add(self, data):
        self.messages.append(Message(self.next_uid, data))
        self.next_uid += 1
        return self.next_uid - 1


def numbers(text, messages):
    """Messages whose uid is in a set like 1,3:5,8:*"""
    last = messages[-1].uid if messages else 0
    wanted = []
    for part in text.split(","):
        ends = [last if end == "*" else int(end) for end in part.split(":")]
        wanted.append((min(ends), max(ends)))
    return [m for m in messages if any(low <= m.uid <= high for low, high in wanted)]


class Imap:
    def __init__(self, wire, options, rule_set, boxes):
        self.wire, self.options, self.rules, self.boxes, self.box = wire, options, rule_set, boxes, None
        self.untagged, self.literal, self.size = [], 0, None

    async def command(self):
        """One command, its literals put in place as quoted words."""
        line = await self.wire.line()
        whole = ""
        while True:
            found = re.search(rb"\{(\d+)(\+?)\}$", line)
            if not found:
                return whole + line.decode("utf-8", "surrogateescape")
            if not found[2]:
                await self.wire.say(b"+ go on\r\n", {})
            literal = (await self.wire.exactly(int(found[1]))).decode("latin-1")
            whole += line[: found.start()].decode("utf-8", "surrogateescape") + shlex.quote(literal)
            line = await self.wire.line()

    async def run(self):
        actions = self.rules.actions("CONNECT", "", self.wire.number)
        await self.wire.say(f"* {actions.get('reply', 'OK ready')}\r\n".encode(), actions)
        while True:
            tag, _, rest = (await self.command()).partition(" ")
            verb, _, argument = rest.partition(" ")
            by_uid = verb.upper() == "UID"
            if by_uid:
                verb, _, argument = argument.partition(" ")
            event = verb.upper()
            actions = self.rules.actions(event, argument, self.wire.number)
            self.untagged, self.literal, self.size = [], int(actions.get("literal", 0)), actions.get("size")
            handler = getattr(self, "on_" + verb.lower(), None)
            if "reply" in actions:
                status = actions["reply"].replace("\\n", "\r\n")
            else:
                status = await handler(argument) if handler else "BAD unknown command"
            data = b"".join(self.untagged) + f"{tag} {status}\r\n".encode()
            await self.wire.say(data, actions)
            if event == "LOGOUT":
                raise rules.Closed

    def tell(self, text):
        self.untagged.append(f"* {text}\r\n".encode())

    async def on_capability(self, _):
        self.tell("CAPABILITY " + self.options.offer)
        return "OK done"

    async def on_noop(self, _):
        self.tell(f"{len(self.box.messages)} EXISTS") if self.box else None
        return "OK done"

    async def on_logout(self, _):
        self.tell("BYE")
        return "OK done"

    async def on_login(self, argument):
        return self.welcome(":".join(shlex.split(argument)))

    async def on_authenticate(self, argument):
        _, _, initial = argument.partition(" ")
        if not initial:
            await self.wire.say(b"+ \r\n", {})
            initial = (await self.wire.line()).decode()
        return self.welcome(":".join(base64.b64decode(initial).decode().split("\0")[1:]))

    def welcome(self, given):
        return "OK welcome" if self.options.auth in (None, given) else "NO [AUTHENTICATIONFAILED] wrong password"

    async def on_namespace(self, _):
        self.tell('NAMESPACE (("" "/")) NIL NIL')
        return "OK done"

    async def on_list(self, _):
        for name in self.boxes:
            self.tell(f'LIST () "/" "{name}"')
        return "OK done"

    async def on_create(self, argument):
        self.boxes.setdefault(shlex.split(argument)[0], Mailbox(self.options.uidvalidity))
        return "OK done"

    async def on_select(self, argument):
        self.box = self.boxes.get(shlex.split(argument)[0])
        if self.box is None:
            return "NO [NONEXISTENT] no such mailbox"
        self.tell(f"{len(self.box.messages)} EXISTS")
        self.tell(f"OK [UIDVALIDITY {self.box.uidvalidity}] .")
        self.tell(f"OK [UIDNEXT {self.box.next_uid}] .")
        return "OK [READ-WRITE] done"

    on_examine = on_select

    async def on_search(self, argument):
        found = re.search(r"UID ([\d:*,]+)", argument)
        messages = numbers(found[1], self.box.messages) if found else self.box.messages
        self.tell(" ".join(["SEARCH"] + [str(m.uid) for m in messages]))
        return "OK done"

    async def on_fetch(self, argument):
        which, _, items = argument.partition(" ")
        for message in numbers(which, self.box.messages):
            number = self.box.messages.index(message) + 1
            said = f"* {number} FETCH (UID {message.uid} FLAGS ({' '.join(sorted(message.flags))})"
            said += f" RFC822.SIZE {self.size or len(message.data)}"
            data = self.wanted(items.upper(), message.data)
            if data is None:
                self.untagged.append((said + ")\r\n").encode())
            else:
                label, content = data
                self.untagged.append(f"{said} {label} {{{len(content) + self.literal}}}\r\n".encode() + content + b")\r\n")
        return "OK done"

    def wanted(self, items, data):
        """Label and bytes of the body section that was asked for."""
        found = re.search(r"BODY(?:\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?", items)
        if not found:
            return None
        if found[1].startswith("HEADER"):
            end = data.find(b"\r\n\r\n")
            data = data if end < 0 else data[: end + 4]
        if not found[2]:
            return f"BODY[{found[1]}]", data
        begin = int(found[2])
        return f"BODY[{found[1]}]<{begin}>", data[begin : begin + int(found[3])]

    async def on_store(self, argument):
        which, mode, flags = re.match(r"(\S+) (\S+) \(?([^)]*)\)?", argument).groups()
        for message in numbers(which, self.box.messages):
            if mode.startswith("+"):
                message.flags |= set(flags.split())
            elif mode.startswith("-"):
                message.flags -= set(flags.split())
        return "OK done"

    async def on_expunge(self, argument):
        chosen = numbers(argument, self.box.messages) if argument else self.box.messages
        self.drop([m for m in chosen if "\\Deleted" in m.flags])
        return "OK done"

    def drop(self, messages):
        for message in messages:
            self.tell(f"{self.box.messages.index(message) + 1} EXPUNGE")
            self.box.messages.remove(message)

    async def on_copy(self, argument):
        which, _, name = argument.partition(" ")
        target = self.boxes.get(shlex.split(name)[0])
        if target is None:
            return "NO [TRYCREATE] no such mailbox"
        chosen = numbers(which, self.box.messages)
        uids = [target.add(message.data) for message in chosen]
        code = f"COPYUID {target.uidvalidity} {which} {','.join(map(str, uids))}"
        return f"OK [{code}] done" if uids else "OK done"

    async def on_move(self, argument):
        status = await self.on_copy(argument)
        if status.startswith("OK"):
            self.tell(status)
            self.drop(numbers(argument.partition(" ")[0], self.box.messages))
        return status

    async def on_idle(self, _):
        await self.wire.say(b"+ idling\r\n", {})
        seen = len(self.box.messages)
        done = asyncio.ensure_future(self.wire.line())
        try:
            while not done.done():
                await asyncio.wait([done], timeout=0.05)
                if len(self.box.messages) != seen:
                    seen = len(self.box.messages)
                    await self.wire.say(f"* {seen} EXISTS\r\n".encode(), {})
            done.result()
        finally:
            done.cancel()
        return "OK done"

    async def on_append(self, argument):
        words = shlex.split(argument)
        if words[0] not in self.boxes:
            return "NO [TRYCREATE] no such mailbox"
        self.boxes[words[0]].add(words[-1].encode("latin-1"))
        return "OK done"

    async def on_unselect(self, _):
        self.box = None
        return "OK done"


def main():
    options = rules.parser(__doc__)
    options.add_argument("--mail", metavar="FOLDER", help="*.eml for INBOX, in the order of their names")
    options.add_argument("--uidvalidity", type=int, default=1)
    options = options.parse_args()
    options.offer = OFFER if options.offer is None else options.offer
    inbox = Mailbox(options.uidvalidity)
    for path in sorted(pathlib.Path(options.mail).glob("*.eml")) if options.mail else []:
        inbox.add(path.read_bytes())
    boxes = {"INBOX": inbox}
    rule_set = rules.rules_of(options)
    asyncio.run(rules.serve(options, lambda wire: Imap(wire, options, rule_set, boxes).run()))


if __name__ == "__main__":
    main()
