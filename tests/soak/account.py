"""The comparison: what the model says must have arrived, against what arrived and what the database says of the rest."""

import re

from people import MODERATOR


class Account:
    def __init__(self, model, bag, home, people):
        self.model, self.bag, self.home, self.people = model, bag, home, people
        self.differences, self.copies, self.lost, self.explained = [], 0, 0, 0

    def differ(self, text):
        self.differences.append(text)

    def close(self):
        self.bag.look()
        self.reasons, self.set_aside = self._reasons(), self._set_aside()
        for post in self.model.posts.values():
            self._post(post)
        self._strangers_to_the_model()
        self._repeats()
        self._mailbox()
        self._memberships()
        self._bounces()
        return self

    def _reasons(self):
        """{(Message-ID, address)}: a row says why he did not get the post; {address}: his delivery is off."""
        rows = self.home.rows(
            "SELECT post.message_id, lower(delivery_recipient.address) FROM delivery_recipient "
            "JOIN delivery ON delivery.id = delivery_id JOIN post ON post.id = delivery.post_id "
            "WHERE delivery_recipient.state IN ('failed', 'refused', 'expired', 'dropped')")
        digests = self.home.rows(
            "SELECT digest_group.posts, lower(delivery_recipient.address) FROM delivery_recipient "
            "JOIN digest_group USING (delivery_id) "
            "WHERE delivery_recipient.state IN ('failed', 'refused', 'expired', 'dropped')")
        names = dict(self.home.rows("SELECT CAST(id AS TEXT), message_id FROM post"))
        found = set(rows)
        for posts, address in digests:  # "LIST:POST,POST;LIST:POST"
            found |= {(names.get(post), address) for part in posts.split(";") for post in part.partition(":")[2].split(",")}
        self.off = {address for address, in self.home.rows(
            "SELECT DISTINCT address FROM journal WHERE event IN ('bounce-suspended', 'bounce-removed')")}
        return found

    def _set_aside(self):
        """Tags of posts that so many kills met in a row that they count as what killed majlisd: kept, with a note, and told."""
        rows = self.home.rows("SELECT arrival.id, bytes FROM arrival JOIN content_chunk USING (content_id) "
                              "WHERE note LIKE '%majlisd died while it read this mail%' AND n = 0")
        told = {subject for subject, in self.home.rows("SELECT subject FROM told")}
        tags = set()
        for arrival, data in rows:
            if f"arrival:{arrival}" not in told:
                self.differ(f"arrival {arrival} was set aside, and nobody was told")
            tags |= {found.decode() for found in re.findall(rb"Message-ID: <(soak-\d+-\d+-x)@", bytes(data))}
        return tags

    def _post(self, post):
        verdicts = self.home.rows("SELECT verdict, rule FROM post_list JOIN post ON post.id = post_id WHERE message_id = ?",
                                  post.message_id)
        if not verdicts and post.tag in self.set_aside:
            self.explained += len(self.model.audience(post).each)
            return
        wanted = "held" if post.held and not post.released else "accepted"
        if post.certain and (len(verdicts) != len(post.targets) or {verdict for verdict, _ in verdicts} != {wanted}):
            self.differ(f"{post.tag} from {post.sender} to {sorted(post.targets)}: {verdicts or 'no verdict'}, not {wanted}")
        audience = self.model.audience(post)
        got, read = self.bag.copies[post.tag], set(self.bag.digests[post.tag])
        self.copies += len(got)
        for kind, wanting in (("copy", audience.each - got), ("digest", audience.digest - read)):
            for person in sorted(wanting):
                if (post.message_id, person) in self.reasons or person in self.off:
                    self.explained += 1
                else:
                    self.lost += 1
                    self.differ(f"{post.tag} to {sorted(post.targets)}: no {kind} for {person}, and no row says why")
        for kind, too_many in (("copy", got - audience.each - audience.may),
                               ("digest", read - audience.digest - audience.may - {MODERATOR, *self.model.community.dead})):
            if too_many:
                self.differ(f"{post.tag} to {sorted(post.targets)}: a {kind} for {sorted(too_many)}, who must have none")
        if got and self.bag.bodies[post.tag] != {post.body_hash}:
            self.differ(f"{post.tag}: its body was changed")
        twice = {person: count for person, count in self.bag.digests[post.tag].items() if count > 1}
        if twice:
            self.differ(f"{post.tag}: in more than one digest of {twice}")
        if both := (got & read) - audience.may:
            self.differ(f"{post.tag}: by itself and in a digest for {sorted(both)}")

    def _strangers_to_the_model(self):
        unknown = {*self.bag.copies, *self.bag.digests} - {*self.model.posts}
        if unknown:
            self.differ(f"posts that nobody wrote: {sorted(unknown)}")

    def _repeats(self):
        self.repeats, self.allowed = self.bag.repeats(), self.home.allowed_repeats()
        if self.repeats > self.allowed:
            self.differ(f"{self.repeats} sent twice, {self.allowed} allowed")

    def _mailbox(self):
        """What the server has let go of is in the database; nothing of ours is left in the mailbox."""
        left = self.home.world.mailbox.mails()
        if left:
            self.differ(f"{len(left)} mails were left in the mailbox")
        undone, = self.home.rows("SELECT count(*) FROM arrival WHERE stage <> 'done' OR place = 'inbox'")[0]
        if undone:
            self.differ(f"{undone} arrivals are not done")

    def _memberships(self):
        """What was asked by mail and confirmed has happened; what the model knows for sure is so."""
        for who, change in self.people.asked.items():
            self.differ(f"{who} asked to {'leave' if change.mode is None else 'join'} {change.place}, and is waiting still")
        rows = self.home.rows("SELECT member.address_key, list.name, mode FROM subscription JOIN member ON member.id = member_id "
                              "JOIN list ON list.id = subscription.list_id")
        there = {}
        for address, place, mode in rows:
            there.setdefault(address, {})[place] = mode
        for person in self.model.everybody() - self.off:
            if not self.model.open_changes(person, float("inf"), float("inf")):
                wanted = self.model.places(person, float("inf"))
                if there.get(person, {}) != wanted:
                    self.differ(f"{person} is on {there.get(person, {})}, and should be on {wanted}")

    def _bounces(self):
        known, = self.home.rows("SELECT count(*) FROM bounce WHERE source = 'token'")[0]
        if known < self.people.reports:
            self.differ(f"{self.people.reports} reports of failure came, {known} are known")

    def check_log(self):
        for line in self.home.majlis.log().splitlines():
            if re.search(r"terminate called|mail-set-aside", line):
                self.differ(f"the log says: {line[:300]}")
