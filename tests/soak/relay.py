"""The relay's temper: replies that refuse, hang up or are no replies at all, at each command of SMTP."""

from harness.smtp_sink import ALL, DROP, SILENCE, SmtpSink

HOOKS = ("on_connect", "on_ehlo", "on_mail", "on_rcpt", "on_data", "on_end", "on_reply")
LATER = ("421 4.3.2 going down", "450 4.2.1 mailbox busy", "451 4.3.0 later", "452 4.3.1 no room", "454 4.7.0 try again", "432 nothing more")
NEVER = ("550 5.1.1 no such user", "550 5.7.1 policy", "552 5.2.2 mailbox full", "553 5.1.3 bad address", "554 5.6.0 no", "521 no mail here")
ODD = ("250", "354 what", "999 9.9.9 huh", "1", "", "\x00\x01\x02", "2000 2.0.0 too long", "25O 2.0.0 letter O", "334 more")


class Relay:
    """A scripted relay. calm(): it takes all. Temper is at one hook or at all, for one kind of answer, as the seed has it."""

    def __init__(self, rng):
        offers = list(ALL)
        for word in ("CHUNKING", "PIPELINING", "DSN"):
            if rng.random() < 0.3:
                offers.remove(word)
        self.rng = rng
        self.sink = SmtpSink(extensions=offers, delay=rng.choice((0.0, 0.0, 0.002))).start()

    def tempers(self):
        return ("later", "never", "drop", "silence", "odd")

    def rage(self, temper):
        answers = {"later": LATER, "never": NEVER, "drop": (DROP,), "silence": (SILENCE,), "odd": ODD}[temper]
        share = self.rng.choice((0.03, 0.3, 1.0)) if temper != "never" else self.rng.choice((0.02, 0.1))
        hooks = HOOKS if self.rng.random() < 0.3 else (self.rng.choice(HOOKS),)
        if temper == "odd":  # after a message was taken, a wrong yes or no is a lie about it that nobody can find out
            hooks = [hook for hook in hooks if hook != "on_reply"] or ["on_rcpt"]
        if temper in ("later", "never"):
            hooks = [hook for hook in hooks if hook != "on_reply"] or ["on_end"]

        def hook(*_):
            return self.rng.choice(answers) if self.rng.random() < share else None

        for name in hooks:
            setattr(self.sink, name, hook)
        return f"{temper} at {'all' if len(hooks) > 2 else ' '.join(hooks)} ({share:.0%})"

    def calm(self):
        for name in HOOKS:
            setattr(self.sink, name, None)
