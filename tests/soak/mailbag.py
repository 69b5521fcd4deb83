"""What arrived at the relay, read as it comes: copies of posts and digests by their tags, letters by whom they are for."""

import collections
import re

from harness import mail

TAG = re.compile(rb"soak-\d+-\d+-x")


class Mailbag:
    def __init__(self, sink):
        self.sink, self.read = sink, 0
        self.copies = collections.defaultdict(set)  # tag: who got the post by itself
        self.digests = collections.defaultdict(collections.Counter)  # tag: {who: digests that hold it}
        self.times = collections.Counter()  # (Message-ID, recipient): how often
        self.bodies = collections.defaultdict(set)  # tag: hashes of the bodies
        self.letters = collections.defaultdict(list)  # recipient: letters that nobody has looked at yet
        self.returnable = []  # (VERP sender, recipient) of copies
        self.seen_digests = set()

    def look(self):
        """Takes in what is new."""
        with self.sink.lock:
            fresh = self.sink.accepted[self.read:]
            self.read += len(fresh)
        for transaction in fresh:
            self._take(transaction)

    def _take(self, transaction):
        header = transaction.data.partition(b"\r\n\r\n")[0]
        found = re.search(rb"(?im)^message-id:\s*(\S+)", header)
        message_id = found[1] if found else b"none"
        letter = mail.is_letter(transaction.data)
        for recipient in transaction.recipients:
            self.times[message_id, recipient] += 1
            if letter:
                self.letters[recipient].append(transaction.data)
        tags = set(TAG.findall(transaction.data))
        if not letter:
            for tag in tags & set(TAG.findall(header)):
                self.copies[tag.decode()].update(transaction.recipients)
                self.bodies[tag.decode()].add(mail.body_hash(transaction.data))
            self.returnable += [(transaction.sender, recipient) for recipient in transaction.recipients[:1]
                                if len(transaction.recipients) == 1]
        elif b"multipart/digest" in transaction.data:
            for recipient in set(transaction.recipients):
                if (message_id, recipient) in self.seen_digests:
                    continue
                self.seen_digests.add((message_id, recipient))
                for tag in tags:
                    self.digests[tag.decode()][recipient] += 1

    def repeats(self):
        """Copies beyond the first, over all recipients."""
        return sum(count - 1 for count in self.times.values())
