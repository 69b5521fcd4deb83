"""What people and the operator do. Each deed is told to the model when it begins and when it was seen to be done."""

import concurrent.futures
import email.utils
import itertools
import re
import sqlite3
import time

import community
from harness import mail, world
from model import EVER, Post

MODERATOR = world.MEMBERS[-1][0]
OPERATOR_WORDS = (("status",), ("queue", "list"), ("held", "list"), ("list", "tree"), ("bounce", "list"), ("log",),
                  ("archive", "search", "soak"), ("member", "list", "maimc", "--below"), ("digest", "send", "--due", "--dry-run"))


def report(to, person, status="5.1.1"):
    """What a provider's server writes about a copy that it could not deliver."""
    return (f"Return-Path: <>\r\nDelivered-To: {to}\r\nFrom: MAILER-DAEMON@mx.example.net\r\nTo: {to}\r\n"
            f"Subject: Undelivered Mail Returned to Sender\r\nMessage-ID: <{time.time_ns()}@mx.example.net>\r\n"
            "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
            "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n"
            f"Final-Recipient: rfc822; {person}\r\nAction: failed\r\nStatus: {status}\r\n"
            f"Diagnostic-Code: smtp; 550 {status} no such user\r\n\r\n--b--\r\n").encode()


class People:
    def __init__(self, seed, home, model, bag, rng):
        self.seed, self.home, self.model, self.bag, self.rng = seed, home, model, bag, rng
        self.community = model.community
        self.serial = itertools.count(1)
        self.pool = concurrent.futures.ThreadPoolExecutor(4)
        self.running = []  # (future, what to do with its result)
        self.asked = {}  # who waits for a question by mail: (his change, place)
        self.failures = []  # commands that failed where they should not have
        self.troubled = lambda: False  # whether commands may fail now
        self.mails = self.reports = 0
        self.returned = set()

    # Deeds by mail ---------------------------------------------------------------------------------------------------

    def deliver(self, raw):
        self.home.world.mailbox.deliver(raw)
        self.mails += 1

    def write(self, sender, targets, held=False):
        """A post, as the mails that the provider puts into the mailbox; and what the model must know of it."""
        number = next(self.serial)
        tag = f"soak-{self.seed}-{number}-x"
        size = self.rng.choice((1, 1, 1, 10, 1000))
        body = "".join(f"{tag} line {line} {self.rng.randbytes(30).hex()}\r\n" for line in range(size)) + f"end {tag}\r\n"
        raw = mail.make(sender, [community.address(name) for name in targets], f"Sujet {tag}", body,
                        message_id=f"{tag}@soak.example")
        self.model.posts[tag] = Post(tag, f"{tag}@soak.example", sender, set(targets), mail.body_hash(raw), time.monotonic(),
                                     held=held)
        return self.model.posts[tag], raw

    def writer_and_targets(self):
        writer = self.rng.choice(self.community.writers)
        chains = [self.community.above(place) for place in self.community.people[writer]]
        targets = [self._one_of(self.rng.choice(chains))]
        if self.rng.random() < 0.3:  # a cross-post, perhaps to lists that lie in each other
            targets.append(self._one_of(self.rng.choice(chains)))
        return writer, list(dict.fromkeys(targets))

    def _one_of(self, chain):
        """A list of one's own, or one that it lies in; seldom the one of all."""
        return self.rng.choices(chain, [1 if place == community.ROOT else 6 for place in chain])[0]

    def post(self):
        writer, targets = self.writer_and_targets()
        _, raw = self.write(writer, targets)
        copies = targets if self.rng.random() < 0.6 else targets * 2  # of one Message-ID
        for name in copies:
            self.deliver(f"Delivered-To: {community.address(name)}\r\n".encode() + raw)

    def post_by_command(self):
        writer, targets = self.writer_and_targets()
        post, raw = self.write(writer, targets[:1])
        post.targets = set(targets[:1])

        def told(result):
            if result is None or result.returncode != 0:
                post.certain = False
        self.command(["post", targets[0]], told, stdin=raw)

    def stranger(self):
        number = next(self.serial)
        _, raw = self.write(f"stranger{self.seed}x{number}@elsewhere.example", [self.rng.choice(list(self.community.lists))], held=True)
        self.deliver(b"Delivered-To: " + re.search(rb"To: (\S+)", raw)[1] + b"\r\n" + raw)

    def join(self):
        """By mail: he asks, gets a question, replies."""
        who = f"new{self.seed}x{next(self.serial)}@new{self.rng.randrange(9)}.example"
        place = self.rng.choice(list(self.community.lists))
        self.asked[who] = self.model.change(who, place, "each", time.monotonic())
        self._command_mail(who, f"{place}+subscribe@{world.DOMAIN}")

    def leave(self):
        """By mail too. Who leaves a list above his own would mute it: another story, so he leaves the lowest."""
        if person := self.idle_mover():
            places = self.model.places(person, EVER)
            place = self.rng.choice([place for place in places if not (self.community.reachable[place] - {place}) & set(places)])
            self.asked[person] = self.model.change(person, place, None, time.monotonic())
            self._command_mail(person, f"{place}+unsubscribe@{world.DOMAIN}")

    def _command_mail(self, who, to, more=()):
        self.deliver(f"Delivered-To: {to}\r\n".encode() + mail.make(who, to, "", "", more=more))

    def come_back(self):
        """A copy of somebody dead returns."""
        for sender, recipient in reversed(self.bag.returnable):
            if recipient in self.community.dead and "+bounce-" in sender and (sender, recipient) not in self.returned:
                self.returned.add((sender, recipient))
                self.reports += 1
                self.deliver(report(sender, recipient))
                return

    def answer_questions(self):
        """Whoever got one replies to it."""
        for who in list(self.asked):
            for raw in self.bag.letters.pop(who, ()):
                letter = mail.parse(raw)
                to = email.utils.parseaddr(str(letter["Reply-To"] or letter["From"]))[1]
                if "confirm-" in to:
                    self._command_mail(who, to, [f"In-Reply-To: {letter['Message-ID']}"])

    def ask_again(self):
        """Whoever hears nothing for days writes again: the relay may have refused him the question for good."""
        for who, change in self.asked.items():
            verb = "unsubscribe" if change.mode is None else "subscribe"
            self._command_mail(who, f"{change.place}+{verb}@{world.DOMAIN}")

    # Deeds by command ------------------------------------------------------------------------------------------------

    def command(self, words, then=None, stdin=None):
        troubled = self.troubled()

        def run():
            return self.home.majlis.run(*words, status=None, stdin=stdin, timeout=60)

        def done(future):
            result = future.result() if not future.exception() else None
            if (result is None or result.returncode != 0) and not troubled and not self.troubled():
                self.failures.append(f"{' '.join(words)}: {result.stderr if result else future.exception()}")
            if then:
                then(result)
        self.running.append((self.pool.submit(run), done))

    def finish_commands(self):
        running, self.running = self.running, []
        for future, done in running:
            if future.done():
                done(future)
            else:
                self.running.append((future, done))

    def idle_mover(self):
        """Somebody who has no change under way."""
        people = self.rng.sample(self.community.movers, 20)
        return next((person for person in people if not self.model.open_changes(person, EVER, EVER)
                     and self.model.places(person, EVER)), None)

    def _change(self, person, place, mode, words):
        change = self.model.change(person, place, mode, time.monotonic())

        def told(result):
            if result is not None and result.returncode == 0:
                change.ended = time.monotonic()
        self.command(words, told)

    def set_mode(self):
        if person := self.idle_mover():
            place = self.rng.choice(list(self.model.places(person, EVER)))
            mode = self.rng.choice(("each", "daily", "weekly", "none"))
            self._change(person, place, mode, ["member", "set", person, f"mode={mode}", "--list", place])

    def add(self):
        person = f"added{self.seed}x{next(self.serial)}@people.example"
        place = self.rng.choice(list(self.community.lists))
        self._change(person, place, "each", ["member", "add", place, person])

    def remove(self):
        if person := self.idle_mover():
            place = self.rng.choice(list(self.model.places(person, EVER)))
            self._change(person, place, None, ["member", "remove", place, person])

    def approve(self):
        """The oldest post that waits."""
        waiting = [post for post in self.model.posts.values() if post.held and not post.released and post.ended < EVER]
        if not waiting:
            return
        post = waiting[0]
        try:
            rows = self.home.rows("SELECT post_list.id FROM post_list JOIN post ON post.id = post_id "
                                  "WHERE verdict = 'held' AND message_id = ?", post.message_id)
        except sqlite3.Error:
            return  # the disk, or somebody's lock: another time
        if not rows:
            return
        post.released, post.begun, post.ended = True, time.monotonic(), EVER

        def told(result):
            if result is None or result.returncode != 0:
                post.certain = False
        self.command(["held", "approve", str(rows[0][0])], told)

    def look_around(self):
        self.command([*self.rng.choice(OPERATOR_WORDS), "--json"])

    def send_digests(self):
        self.command(["digest", "send", "--due"])

    def hour(self):
        """Time passes; what is due comes due."""
        try:
            self.home.age(self.rng.choice((600, 3600, 3600, 86_400)))
        except sqlite3.Error:
            pass  # the disk, or somebody's lock: another time

    # What is seen of it ----------------------------------------------------------------------------------------------

    def watch(self):
        """Looks into the database for what has been decided and done meanwhile."""
        now = time.monotonic()
        try:
            verdicts = self.home.rows(
                "SELECT message_id, verdict, coalesce((SELECT state FROM delivery WHERE id = delivery_id), '') "
                "FROM post_list JOIN post ON post.id = post_id")
            members = self._memberships() if self.asked else set()
        except sqlite3.Error as error:
            if not self.troubled() and "locked" not in str(error):
                raise
            return
        told = {}
        for message_id, verdict, state in verdicts:
            told.setdefault(message_id, []).append((verdict, state))
        for post in self.model.posts.values():
            self._note(post, told.get(post.message_id, ()), now)
        for who, change in list(self.asked.items()):
            if ((who, change.place) in members) == (change.mode is not None):
                change.ended = now
                del self.asked[who]

    def _memberships(self):
        return set(self.home.rows("SELECT member.address_key, list.name FROM subscription JOIN member ON member.id = member_id "
                                  "JOIN list ON list.id = subscription.list_id"))

    def _note(self, post, rows, now):
        wanted = "accepted" if post.released or not post.held else "held"
        if post.ended == EVER and sum(verdict == wanted for verdict, _ in rows) >= len(post.targets):
            post.ended = now
        if post.finished == EVER and post.ended < EVER and wanted == "accepted" and \
                all(state in ("done", "dropped") for _, state in rows):
            post.finished = now

    DEEDS = ((post, 40), (post_by_command, 6), (stranger, 8), (approve, 8), (join, 8), (leave, 6), (come_back, 10),
             (set_mode, 8), (add, 4), (remove, 4), (look_around, 10), (send_digests, 4), (hour, 4))

    def act(self):
        deed, = self.rng.choices([deed for deed, _ in self.DEEDS], [weight for _, weight in self.DEEDS])
        deed(self)
