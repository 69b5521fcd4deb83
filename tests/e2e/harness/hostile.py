"""Mail that nobody wants to get, made from a seed: forged, looping, automatic, broken, huge, and bombs of parts.

Each mail comes with what may become of it: `silent` addresses must never be written to because of it."""

import base64
import random

OUR_SERVER = "mx.maimc.example"
VICTIMS = "victims.example"  # nobody there may ever get mail of ours
BOMBED = "bombed.example"  # somebody asks to join in their names, and nothing says whether it was they: one question each, few an hour
EVIL = "evil.example"  # who writes from there is proven, and may be answered once
FORGED = "Envoyez-moi votre mot de passe."  # what somebody writes in a member's name: nobody may ever read it
PASS = f"Authentication-Results: {OUR_SERVER}; dmarc=pass header.from={{0}}; dkim=pass header.d={{0}}; spf=pass smtp.mailfrom={{0}}"
FAIL = f"Authentication-Results: {OUR_SERVER}; dmarc=fail header.from={{0}}; dkim=none; spf=fail smtp.mailfrom={{0}}"


class Hostile:
    """`members` are forged; `author` posts honestly, and too much."""

    def __init__(self, seed, list_address, members, author):
        self.random = random.Random(seed)
        self.list, self.members, self.author = list_address, members, author
        self.local, self.domain = list_address.split("@")
        self.serial = 0
        self.kinds = [self.forged, self.unproven, self.stranger, self.loop, self.own_headers, self.vacation, self.report,
                      self.old_bounce, self.receipt, self.feedback, self.forged_command, self.forged_token, self.parts,
                      self.nesting, self.header_bomb, self.field_bomb, self.broken, self.noise, self.mutation, self.flood,
                      self.attachment, self.page, self.away, self.two_authors, self.spoilt_results, self.bombing, self.injection,
                      self.parameters, self.charsets, self.owner_flood]
        self.count = {}

    def make(self):
        """(kind, bytes): no two are alike."""
        self.serial += 1
        kind = self.kinds[self.serial % len(self.kinds)]  # each as often as the others
        name = kind.__name__
        self.count[name] = self.count.get(name, 0) + 1
        return name, kind().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    # Pieces ----------------------------------------------------------------------------------------------------------

    def pick(self, *choices):
        return self.random.choice(choices)

    def victim(self):
        return f"v{self.serial}@{VICTIMS}"

    def any_address(self):
        """The list, or one of its commands, with a token where one belongs."""
        token = "".join(self.random.choices("abcdefghijklmnopqrstuvwxyz234567", k=26))
        command = self.pick("", "", "", "subscribe", "subscribe-digest", "unsubscribe", "help", "request", "owner",
                            f"confirm-{token}", f"mod-{token}", f"bounce-{token}", f"unsubscribe-{token}")
        return f"{self.local}{self.pick('+', '-')}{command}@{self.domain}" if command else self.list

    def mail(self, sender, to=None, fields=(), body="Bonjour.\n", results=None, subject="Bonjour", top=(), more=""):
        to = to or self.list
        domain = sender.rpartition("@")[2].rstrip(">")
        lines = [f"Delivered-To: {to}", *top]
        if results:
            lines.append(results.format(domain))
        lines += [f"Received: from x by {OUR_SERVER}; Tue, 03 Nov 2026 10:00:00 +0100", f"From: {sender}", f"To: {to}",
                  f"Subject: {subject}", "Date: Tue, 03 Nov 2026 10:00:00 +0100",
                  f"Message-ID: <h{self.serial}@hostile.example>", *fields]
        return ("\n".join(lines) + f"\n\n{body}\n-- \n{self.serial}\n{more}").encode("utf-8", "surrogateescape")

    def bytes(self, size):
        return self.random.randbytes(size)

    def somebody(self):
        """The author, proven, or somebody whose address was taken: who is proven may be told what became of his post."""
        return self.pick({"sender": self.victim(), "results": FAIL}, {"sender": self.author, "results": PASS})

    # Forged and strange ----------------------------------------------------------------------------------------------

    def forged(self):
        return self.mail(self.pick(*self.members), results=FAIL, body=f"{FORGED}\n")

    def unproven(self):
        """No verdict of the provider; or one that the author wrote himself, below the line."""
        false = ["Received: from y by relay.z.example; Tue, 03 Nov 2026 09:00:00 +0100", PASS.format("members.example")]
        return self.mail(self.pick(*self.members), fields=self.pick([], false), body=f"{FORGED}\n")

    def two_authors(self):
        """A member's address beside the author's own, which is all that the provider vouches for."""
        member, evil = self.pick(*self.members), f"evil{self.serial}@{EVIL}"
        sender = self.pick(f"{member}, {evil}", f"{evil}, {member}", f"Friends: {member}, {evil};", f"{member}\nFrom: {evil}",
                           f"{evil}\nFrom: {member}", f"<{member}> <{evil}>", f"\"{member}\" <{evil}>", f"{member} <{evil}>",
                           f"=?utf-8?Q?{member.replace('@', '=40')}=0D=0A?= <{evil}>", f"{evil} ({member})",
                           f"{member.replace('m', chr(0x217f), 1)}", f"{member}\0 <{evil}>", f"{evil}\nSender: {member}",
                           f"{evil}\nReply-To: {member}", f"{evil}\nResent-From: {member}")
        return self.mail(sender, to=self.pick(self.list, self.list, f"{self.local}+unsubscribe@{self.domain}",
                                              f"{self.local}+request@{self.domain}"),
                         results=PASS.format(EVIL), subject=self.pick("Bonjour", "leave"),
                         body=self.pick(f"{FORGED}\n", "set mail off\nleave\n"))

    def spoilt_results(self):
        """The provider's field cannot be read, as it repeats what the author wrote; his own stands below it."""
        spoilt = self.pick("spf=fail smtp.helo=x(", "spf=fail smtp.mailfrom=\"x", "dkim=fail (((", "; ; =", "dmarc", "\\", "none (")
        own = [PASS.format("members.example"), f"Authentication-Results: {OUR_SERVER} 1; dmarc=pass header.from=members.example"]
        return self.mail(self.pick(*self.members), top=[f"Authentication-Results: {OUR_SERVER}; {spoilt}"],
                         fields=self.random.sample(own, self.random.randint(1, 2)), body=f"{FORGED}\n")

    def stranger(self):
        return self.mail(f"Somebody <{self.victim()}>", to=self.any_address(), results=FAIL,
                         fields=[f"Reply-To: {self.victim()}", f"Disposition-Notification-To: {self.victim()}",
                                 f"Return-Receipt-To: {self.victim()}", f"Errors-To: {self.victim()}"])

    def loop(self):
        mark = self.pick([f"X-Loop: {self.list}"], [f"List-Id: <{self.local}.{self.domain}>"], [f"X-BeenThere: {self.list}"],
                         ["Received: from a by b; Tue, 03 Nov 2026 09:00:00 +0100"] * 120)
        return self.mail(self.pick(self.victim(), self.author), fields=mark, results=PASS)

    def own_headers(self):
        """As if it were our own, come back."""
        fields = [f"List-Id: Rabat <{self.local}.{self.domain}>", f"List-Post: <mailto:{self.list}>", "Precedence: list",
                  f"Sender: {self.local}+bounce@{self.domain}", "Auto-Submitted: auto-generated", "Approved: secret",
                  f"References: <{'a' * 26}.majlis@maimc.example>", "X-Majlis-Token: " + "a" * 26,
                  f"In-Reply-To: <confirm-{'b' * 26}.{'c' * 26}.majlis@maimc.example>"]
        return self.mail(self.pick(self.list, self.victim(), f"{self.local}+owner@{self.domain}"), to=self.any_address(),
                         fields=self.random.sample(fields, self.random.randint(2, len(fields))), results=FAIL)

    # Automatic -------------------------------------------------------------------------------------------------------

    def vacation(self):
        mark = self.pick(["Auto-Submitted: auto-replied"], ["Auto-Submitted: auto-replied (vacation)", "Precedence: bulk"],
                         ["X-Autoreply: yes"], ["X-Autorespond: out"], ["Precedence: auto_reply"], ["X-Auto-Response-Suppress: All"],
                         ["X-Autoresponder: on"], ["Return-Path: <>"], ["X-Autogenerated: Reply"], ["Auto-Submitted: auto-generated"])
        return self.mail(self.victim(), to=self.any_address(), fields=mark, results=PASS,
                         subject=self.pick("Out of office", "Réponse automatique : Bonjour", "Absence", "Re: Bonjour"),
                         body=self.pick("I am away.\n", "confirm\n", "ok\n", "\n", "subscribe\n", "help\n"))

    def away(self):
        """What programs write for people who are away, for tickets, calendars and gatekeepers, in the shapes of many; some have no
        mark but their words, or come from an address that nobody reads."""
        subject, body, fields = self.pick(
            ("Automatic reply: Bonjour", "I am out of the office.\n", ["X-MS-Exchange-Inbox-Rules-Loop: x@y", "Auto-Submitted: auto-generated"]),
            ("Réponse automatique : Bonjour", "Je suis absent.\n", ["X-Auto-Response-Suppress: All", "Auto-Submitted: auto-generated"]),
            ("رد تلقائي: مرحبا", "أنا خارج المكتب.\n", []), ("Out of Office: Bonjour", "confirm\n", []),
            ("Abwesenheitsnotiz: Bonjour", "Ich bin nicht da.\n", []), ("Respuesta automática: Bonjour", "ok\n", []),
            ("Automatisch antwoord: Bonjour", "\n", []), ("AutoReply: Bonjour", "\n", []), ("Absence du bureau : Bonjour", "\n", []),
            ("Re: Bonjour", "Je suis en congé.\n", ["X-Mailer: vacation 3.14", "Precedence: bulk"]),
            ("Bonjour", "Away.\n", ["Delivered-To: Autoresponder"]), ("Bonjour", "\n", ["X-Autoreply-From: x@y.example"]),
            ("Accepted: Réunion", "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n",
             ["Content-Type: text/calendar; method=REPLY", "Auto-Submitted: auto-generated"]),
            ("[Ticket #4711] Bonjour", "Your request has been received.\n", ["Auto-Submitted: auto-generated", "Precedence: bulk"]),
            ("Please confirm your message", "Click to prove that you are no robot.\n", ["X-TMDA-Fingerprint: x"]),
            ("Read: Bonjour", "Your message was read.\n", ["Auto-Submitted: auto-replied", "X-MS-Exchange-Organization-x: y"]),
            ("Undeliverable: Bonjour", "Your message did not reach some recipients.\n", ["Auto-Submitted: auto-replied"]),
            ("Delivery delayed: Bonjour", "Will retry.\n", ["Auto-Submitted: auto-replied", "Return-Path: <>"]))
        sender = self.pick(self.victim(), f"no-reply@{VICTIMS}", f"noreply+{self.serial}@{VICTIMS}")
        return self.mail(sender, to=self.any_address(), fields=[*fields, f"In-Reply-To: <{'a' * 26}.majlis@maimc.example>"],
                         results=PASS, subject=subject, body=body)

    def report(self):
        """A delivery report, of nothing that we sent."""
        recipient = self.pick(*self.members)
        boundary = f"r{self.serial}"
        body = (f"--{boundary}\n\nIt failed.\n--{boundary}\nContent-Type: message/delivery-status\n\n"
                f"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n\n"
                f"--{boundary}\nContent-Type: message/rfc822\n\nFrom: {self.list}\nMessage-ID: <x@{self.domain}>\n\nx\n--{boundary}--\n")
        return self.mail(f"MAILER-DAEMON@{VICTIMS}", to=self.any_address(), body=body, top=["Return-Path: <>"],
                         fields=[f"Content-Type: multipart/report; report-type=delivery-status; boundary={boundary}"])

    def old_bounce(self):
        return self.mail(self.pick(f"MAILER-DAEMON@{VICTIMS}", f"postmaster@{VICTIMS}"), to=self.any_address(),
                         subject="Undelivered Mail Returned to Sender", top=["Return-Path: <>"],
                         body=f"<{self.pick(*self.members)}>: 550 5.1.1 no such user\n")

    def receipt(self):
        boundary = f"m{self.serial}"
        return self.mail(self.victim(), to=self.any_address(), subject="Read: Bonjour", results=PASS,
                         fields=[f"Content-Type: multipart/report; report-type=disposition-notification; boundary={boundary}"],
                         body=f"--{boundary}\n\nread\n--{boundary}\nContent-Type: message/disposition-notification\n\n"
                              f"Final-Recipient: rfc822;{self.victim()}\nDisposition: automatic-action/MDN-sent-automatically; displayed\n"
                              f"\n--{boundary}--\n")

    def feedback(self):
        boundary = f"f{self.serial}"
        return self.mail(f"abuse@{VICTIMS}", to=self.any_address(),
                         fields=[f"Content-Type: multipart/report; report-type=feedback-report; boundary={boundary}"],
                         body=f"--{boundary}\n\nspam\n--{boundary}\nContent-Type: message/feedback-report\n\n"
                              f"Feedback-Type: abuse\nUser-Agent: x\nVersion: 1\n\n--{boundary}\nContent-Type: message/rfc822\n\n"
                              f"From: {self.list}\nTo: {self.pick(*self.members)}\n\nx\n--{boundary}--\n")

    # Commands for others ---------------------------------------------------------------------------------------------

    def forged_command(self):
        words = self.pick("subscribe", "leave", "unsubscribe", "help", "whoami", "lists", "set language ar", "set mail off",
                          "inscription", "aide", "اشتراك", "subscribe digest\nhelp\nhelp\nhelp")
        command = self.pick("request", "subscribe", "unsubscribe", "help")
        return self.mail(self.pick(self.victim(), *self.members), to=f"{self.local}+{command}@{self.domain}",
                         results=FAIL, subject=self.pick(words.split("\n")[0], ""), body=words + "\n")

    def forged_token(self):
        token = "".join(self.random.choices("abcdefghijklmnopqrstuvwxyz234567", k=self.random.randint(1, 60)))
        verb = self.pick("confirm", "mod", "bounce", "unsubscribe")
        return self.mail(self.pick(self.victim(), *self.members), to=f"{self.local}+{verb}-{token}@{self.domain}",
                         results=FAIL, subject=f"Re: {verb} {token}",
                         body=self.pick("", "ok", "discard", "reject go away", "ban", "allow", f"confirm {token}") + "\n")

    def bombing(self):
        """Nothing says who wrote it."""
        command = self.pick("subscribe", "subscribe-digest", "request")
        return self.mail(f"b{self.serial}@{BOMBED}", to=f"{self.local}+{command}@{self.domain}", subject="subscribe")

    def injection(self):
        """Commands, fields and letters hidden in words that decode to line ends."""
        evil = self.pick("x=0D=0ABcc:_{0}=0D=0A=0D=0Asubscribe", "=0Aset_mail_off=0Aleave=0A", "x=00=1B[31m{{{{site}}}}=0D.=0D",
                         "confirm_{1}=0D=0Amod-{1}", "=E2=80=AEunsubscribe=E2=80=AC", "=EF=BD=8C=EF=BD=85ave")
        word = f"=?utf-8?Q?{evil.format(self.victim(), 'a' * 26)}?="
        return self.mail(f"{word} <{self.pick(self.victim(), *self.members)}>", to=self.any_address(), results=FAIL, subject=word,
                         fields=[f"X-{word}: {word}", f"Comments: {word}"], body=f"{FORGED}\n")

    def owner_flood(self):
        """For the people who run the list: they hear of some."""
        return self.mail(self.victim(), to=f"{self.local}+owner@{self.domain}", fields=self.pick([], [f"X-Loop: {self.list}"]))

    # Bombs -----------------------------------------------------------------------------------------------------------

    def parts(self):
        piece = self.pick("--b\n", "--b\n\nx\n", "--b\nContent-Type: image/png; name=a.exe\n\nx\n",
                          "--b\nContent-Type: message/rfc822\n\nSubject: x\n\nx\n", "--b\nContent-Type: text/html\n\n<p>x\n")
        return self.mail(**self.somebody(), fields=["Content-Type: multipart/mixed; boundary=b"],
                         body=piece * self.random.randint(500, 12_000) + self.pick("--b--\n", ""))

    def nesting(self):
        depth = self.random.randint(50, 400)
        if self.pick(0, 1):
            body = "".join(f"Content-Type: multipart/mixed; boundary=n{n}\n\n--n{n}\n" for n in range(depth))
        else:
            body = "Content-Type: message/rfc822\n\n" * depth
        return self.mail(**self.somebody(), fields=["Content-Type: multipart/mixed; boundary=b"],
                         body="--b\n" + body + "\nx\n")

    def header_bomb(self):
        fields = self.pick([f"X-{n}: y" for n in range(self.random.randint(1_500, 6_000))],
                           ["X: " + "x" * self.random.randint(50_000, 400_000)],
                           ["References: " + " ".join(f"<{n}@x.example>" for n in range(4_000))],
                           ["Cc: " + ", ".join(f"c{n}@{VICTIMS}" for n in range(3_000))],
                           ["Subject: " + "=?utf-8?Q?=C3=A9?= " * 8_000], ["From: a@b.example"] * 500)
        return self.mail(**self.somebody(), fields=fields)

    def field_bomb(self):
        deep = self.pick("(" * 30_000, "\"" * 30_001, "<" * 30_000, "a:" * 20_000 + ";", ",;" * 20_000, "=?utf-8?B?" * 4_000,
                         "\\" * 30_000, "@" * 30_000)
        name = self.pick("From", "To", "Content-Type", "Content-Disposition", "Subject", "Message-ID", "Date",
                         "Authentication-Results", "List-Id", "References", "Received")
        return self.mail(**self.somebody(), fields=[f"{name}: {deep}"])

    def parameters(self):
        """RFC 2231 pieces, quotes and comments without end."""
        pieces = "".join(f"; name*{n}*=%{n % 256:02x}" for n in range(self.random.randint(500, 9_000)))
        value = self.pick(pieces, "; name=\"" + "\\\"" * 20_000, "; x=(" * 9_000, "; boundary=" + "b" * 60_000, ";" * 60_000)
        return self.mail(**self.somebody(), fields=[f"Content-Type: multipart/mixed{value}", f"Content-Disposition: attachment{value}"],
                         body="--b\n\nx\n--b--\n")

    def charsets(self):
        """Text whose charset or encoding is a trap."""
        charset, body = self.pick(("utf-7", "+ADw-script+AD4-" * 2_000), ("iso-2022-jp", "\x1b$B" * 20_000), ("hz", "~{" * 20_000),
                                  ("utf-32", "\udcff\udcfe\0\0" * 5_000), ("windows-1256", "\udce3\udcd1" * 20_000),
                                  ("x" * 5_000, "x"), ("utf-8", "\u0301" * 30_000), ("utf-8", "\u2067\u202e" * 20_000))
        encoding = self.pick("8bit", "base64", "quoted-printable", "uuencode", "=?utf-8?Q?base64?=")
        return self.mail(**self.somebody(), body=body,
                         fields=[f"Content-Type: text/plain; charset=\"{charset}\"", f"Content-Transfer-Encoding: {encoding}"])

    # Broken ----------------------------------------------------------------------------------------------------------

    def broken(self):
        content, body = self.pick(("multipart/mixed", "no boundary\n"), ("multipart/mixed; boundary=never", "x\n"),
                                  ("multipart/mixed; boundary=b", "--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nx"),
                                  ("text/plain; charset=x-klingon", "\udcff\udcfe\n"), ("text/plain; charset=utf-16", "\udcff\n"),
                                  ("/", "x"), ("text/plain; charset*0*=utf-8''%;charset*1=8;;;=", "x"),
                                  ("application/ms-tnef", "eJ8+IgEBAhCAAQAJAAAA"), ("text/html; charset=\"utf-8", "<a href=\"<<<>" * 500))
        encoding = self.pick("base64", "quoted-printable", "8bit", "x-uuencode", "binary", "")
        return self.mail(**self.somebody(), body=body,
                         fields=[f"Content-Type: {content}", f"Content-Transfer-Encoding: {encoding}"])

    def noise(self):
        """Anything at all behind the line that the provider adds; often NULs and bare CRs."""
        junk = self.pick(self.bytes(self.random.randint(0, 20_000)), b"\0" * 5_000, b"\r" * 5_000, b"\n" * 5_000,
                         b"From: \0\0" + self.bytes(500), b"\x80\xff: x\n\n", b":\n:\n: x\n", b"")
        # The second line takes what begins as a continuation: without a readable Delivered-To it would be nobody's mail.
        return f"Delivered-To: {self.list}\nX-Noise: \n".encode() + junk.replace(b"\r\n", b"\n") + f"\n\n{self.serial}\n".encode()

    def mutation(self):
        """A sound mail with some bytes changed; not in the lines that say for whom it is, whose, and that he did not write it."""
        sound = self.pick(self.report, self.attachment, self.page, self.forged, self.vacation)()
        lines = sound.split(b"\n")
        kept = b"".join(line + b"\n" for line in lines[:20] if line.startswith(b"Delivered-To: "))
        kept += FAIL.format(VICTIMS).encode() + f"\nFrom: {self.victim()}\n".encode()
        ours = (b"Delivered-To: ", b"Authentication-Results: ", b"From: ")
        rest = bytearray(b"\n".join(line for number, line in enumerate(lines) if number >= 20 or not line.startswith(ours)))
        for _ in range(self.random.randint(1, 60)):
            at = self.random.randrange(len(rest))
            rest[at:at + self.random.randint(0, 3)] = self.bytes(self.random.randint(0, 3))
        return kept + bytes(rest) + f"\n{self.serial}\n".encode()

    # Honest, but too much --------------------------------------------------------------------------------------------

    def flood(self):
        fields = self.pick([], ["Message-ID: <same@members.example>"])
        return self.mail(self.author, results=PASS, fields=fields, body=f"Encore {self.serial} fois.\n")

    def attachment(self):
        program = base64.b64encode(b"MZ\x90" + self.bytes(self.random.randint(10, 30_000))).decode()
        name = self.pick("evil.exe", "EVIL.EXE", "photo.jpg.exe", "=?utf-8?B?ZXZpbC5leGU=?=")
        return self.mail(self.author, results=PASS, fields=["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b"],
                         body=f"--b\n\nRegardez.\n--b\nContent-Type: image/png; name=\"{name}\"\n"
                              f"Content-Transfer-Encoding: base64\n\n{program}\n--b--\n")

    def page(self):
        piece = self.pick("<div>", "<table><tr><td>x", "<blockquote>", "<a href='javascript:x'>y</a>", "<script>", "<!--", "&#x", "<ul><li>")
        return self.mail(self.author, results=PASS, fields=["MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8"],
                         body="<p>Bonjour</p>" + piece * self.random.randint(1, 5_000))
