"""A relay that remembers every recipient it accepted, and says or does whatever a test asks of it.

A hook returns None (go on as usual), a reply ("450 4.2.1 later"), DROP (close the connection) or SILENCE (never answer)."""

import base64
import re
import socket
import ssl
import threading
import time

from . import mail, process

DROP, SILENCE = object(), object()
OWNER = "admin@maimc.example"
ALL = ("PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "DSN", "CHUNKING", "ENHANCEDSTATUSCODES")


class Accepted:
    """One transaction that ended in 250."""

    def __init__(self, sender, parameters, recipients, data, session, verb):
        self.sender, self.parameters, self.recipients = sender, parameters, recipients
        self.data, self.session, self.verb, self.at = data, session, verb, time.monotonic()
        self.letter = mail.is_letter(data)


class Gone(Exception):
    pass


class Session(threading.Thread):
    def __init__(self, sink, connection, number):
        super().__init__(daemon=True)
        self.sink, self.socket, self.number = sink, connection, number
        self.buffer, self.replies = b"", []
        self.tls, self.user, self.helo, self.commands, self.transactions = False, None, None, [], 0
        self.ended = False  # with QUIT
        self._forget()

    def _forget(self):
        self.sender, self.parameters, self.recipients, self.chunks = None, "", [], b""

    # Replies are written when nothing more has been read: so a pipelining client gets them in a group.
    def reply(self, text):
        self.replies.append(text.encode() + b"\r\n")
        if not self.buffer:
            self.flush()

    def flush(self):
        if self.replies:
            self.socket.sendall(b"".join(self.replies))
            self.replies = []

    def receive(self):
        self.flush()
        piece = self.socket.recv(1 << 16)
        if not piece:
            raise Gone
        self.buffer += piece

    def line(self):
        while (end := self.buffer.find(b"\n")) < 0:
            self.receive()
        line, self.buffer = self.buffer[:end], self.buffer[end + 1:]
        return line.rstrip(b"\r").decode("utf-8", "surrogateescape")

    def exactly(self, size):
        pieces, have = [self.buffer], len(self.buffer)
        self.buffer = b""
        while have < size:
            self.receive()
            pieces.append(self.buffer)
            have += len(self.buffer)
            self.buffer = b""
        whole = b"".join(pieces)
        self.buffer = whole[size:]
        return whole[:size]

    def until_dot(self):
        data, self.buffer = bytearray(self.buffer), b""
        start = 0
        while True:
            if data.startswith(b".\r\n"):
                end, skip = 0, 3
            else:
                end, skip = data.find(b"\r\n.\r\n", start), 5
            if end >= 0:
                self.buffer = bytes(data[end + skip:])
                return re.sub(rb"(?m)^\.", b"", bytes(data[:end + 2])) if skip == 5 else b""
            start = max(0, len(data) - 4)
            self.receive()
            data += self.buffer
            self.buffer = b""

    def run(self):
        try:
            self.serve()
        except (Gone, OSError, ssl.SSLError):
            pass
        finally:
            self.socket.close()
            self.sink.broken += not self.ended and self.transactions > 0
            self.sink.sessions.discard(self)

    def ask(self, name, *arguments):
        """Runs a hook; True when it has answered in place of us."""
        hook = getattr(self.sink, name)
        answer = hook(self, *arguments) if hook else None
        if answer is None:
            return False
        if answer is DROP:
            self.flush()
            self.socket.shutdown(socket.SHUT_RDWR)
            raise Gone
        if answer is SILENCE:
            self.flush()
            while self.socket.recv(1 << 16):
                pass
            raise Gone
        self.reply(answer)
        if answer.startswith("421"):
            self.hang_up()
        return True

    def hang_up(self):
        """Closes so that what was said arrives: closing over unread input has the kernel send a reset, which overtakes it."""
        self.flush()
        self.socket.shutdown(socket.SHUT_WR)
        self.socket.settimeout(5)  # the client is not obliged to leave
        while self.socket.recv(1 << 16):
            pass
        raise Gone

    def serve(self):
        if self.sink.implicit_tls:
            self.secure()
        if not self.ask("on_connect"):
            self.reply("220 sink.example ESMTP")
        while True:
            line = self.line()
            self.commands.append(line)
            verb, _, argument = line.partition(" ")
            method = getattr(self, "do_" + verb.lower(), None)
            if method is None:
                self.reply("502 5.5.1 unknown")
            elif method(argument) == "end":
                self.ended = True
                self.flush()
                return

    def secure(self):
        self.socket = self.sink.tls.wrap_socket(self.socket, server_side=True)
        self.tls, self.buffer = True, b""

    def do_ehlo(self, argument):
        self.helo = argument
        self._forget()
        if self.ask("on_ehlo", argument):
            return
        offers = list(self.sink.extensions)
        if self.sink.tls and not self.tls and not self.sink.implicit_tls:
            offers.append("STARTTLS")
        if self.sink.users and (self.tls or not self.sink.tls):
            offers.append("AUTH PLAIN LOGIN")
        lines = ["sink.example", *offers]
        self.reply("\r\n".join(f"250{' ' if n == len(lines) - 1 else '-'}{text}" for n, text in enumerate(lines)))

    def do_helo(self, argument):
        self.helo = argument
        self.reply("250 sink.example")

    def do_starttls(self, _):
        self.reply("220 go ahead")
        self.flush()
        self.secure()

    def do_auth(self, argument):
        mechanism, _, initial = argument.partition(" ")
        if mechanism.upper() == "PLAIN":
            if not initial:
                self.reply("334 ")
                initial = self.line()
            _, user, password = base64.b64decode(initial).decode().split("\0")
        else:
            self.reply("334 VXNlcm5hbWU6")
            user = base64.b64decode(self.line()).decode()
            self.reply("334 UGFzc3dvcmQ6")
            password = base64.b64decode(self.line()).decode()
        if self.sink.users.get(user) != password:
            self.reply("535 5.7.8 wrong user or password")
            return
        self.user = user
        self.reply("235 2.7.0 welcome")

    def do_mail(self, argument):
        if self.sink.users and not self.user:
            self.reply("530 5.7.0 log in first")
            return
        address, parameters = _path(argument)
        if self.sender is not None:
            self.reply("503 5.5.1 nested MAIL")
            return
        if self.ask("on_mail", address, parameters):
            return
        self.sender, self.parameters = address, parameters
        self.reply("250 2.1.0 ok")

    def do_rcpt(self, argument):
        address, parameters = _path(argument)
        if self.sender is None:
            self.reply("503 5.5.1 MAIL first")
            return
        if self.ask("on_rcpt", address, parameters):
            return
        self.recipients.append(address)
        self.reply("250 2.1.5 ok")

    def do_data(self, _):
        if not self.recipients:
            self.reply("554 5.5.1 no valid recipients")
            return
        if self.ask("on_data"):
            return
        self.reply("354 go")
        self.end(self.until_dot(), "DATA")

    def do_bdat(self, argument):
        size, _, last = argument.partition(" ")
        self.chunks += self.exactly(int(size))
        if not self.recipients:
            self.reply("503 5.5.1 no valid recipients")
            if last:
                self._forget()
        elif last.upper() == "LAST":
            self.end(self.chunks, "BDAT")
        else:
            self.reply("250 2.0.0 more")

    def end(self, data, verb):
        self.transactions += 1
        transaction = Accepted(self.sender, self.parameters, list(self.recipients), data, self.number, verb)
        self._forget()
        if self.sink.delay:
            time.sleep(self.sink.delay)
        if self.ask("on_end", transaction):
            return
        # Remembered before the reply: what the client never heard of is accepted all the same.
        with self.sink.lock:
            self.sink.accepted.append(transaction)
        if not self.ask("on_reply", transaction):
            self.reply("250 2.0.0 taken")

    def do_rset(self, _):
        self._forget()
        self.reply("250 2.0.0 ok")

    def do_noop(self, _):
        self.reply("250 2.0.0 ok")

    def do_quit(self, _):
        self.reply("221 2.0.0 bye")
        return "end"


def _path(argument):
    match = re.match(r"(?:FROM|TO):\s*<([^>]*)>\s*(.*)$", argument, re.I)
    return (match[1], match[2]) if match else ("", argument)


class SmtpSink:
    def __init__(self, extensions=ALL, users=None, certificate=None, implicit_tls=False, delay=0.0):
        self.extensions, self.users, self.delay, self.implicit_tls = extensions, users or {}, delay, implicit_tls
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*certificate)
        self.on_connect = self.on_ehlo = self.on_mail = self.on_rcpt = None
        self.on_data = self.on_end = self.on_reply = None
        self.accepted, self.sessions, self.lock = [], set(), threading.Lock()
        self.broken = 0  # connections that took something and ended without QUIT: what they were told last, nobody knows
        self.port, self.listener, self.connections = process.free_port(), None, 0

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()
        return self

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            session = Session(self, connection, self.connections)
            self.sessions.add(session)
            session.start()

    def stop(self):
        """Closes the port and every connection: the relay is down. start() brings it back, with its memory."""
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
        for session in list(self.sessions):
            try:
                session.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        process.wait_until(lambda: not self.sessions, "the sink's connections to end", 5)

    def recipients(self):
        """Every recipient of every copy of a post that was accepted, in order; with repetitions. Letters are no copies."""
        with self.lock:
            return [recipient for transaction in self.accepted if not transaction.letter
                    for recipient in transaction.recipients]

    def letters(self, recipient):
        """The bytes of each letter of ours to this recipient."""
        return [data for data in self.mail_for(recipient) if mail.is_letter(data)]

    def notices(self):
        """The bytes of each notice to the owner."""
        return self.mail_for(OWNER)

    def wait_for(self, count, seconds=30.0):
        process.wait_until(lambda: len(self.recipients()) >= count,
                           lambda: f"{count} recipients at the sink; there are {len(self.recipients())}", seconds)
        return self.recipients()

    def mail_for(self, recipient):
        """The bytes of each copy that named this recipient."""
        with self.lock:
            return [transaction.data for transaction in self.accepted if recipient in transaction.recipients]

    def clear(self):
        with self.lock:
            self.accepted = []
