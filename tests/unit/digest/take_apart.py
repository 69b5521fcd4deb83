#!/usr/bin/env python3
"""Takes a digest apart as a reader's program would: MIME with Python's email, plain text by the letter of RFC 1153.

take_apart.py FILE: a line for each post: its Message-ID, its Subject, SHA-256 of its text without what the digest adds to it.
A last line tells what stands around them. Ends with 1 where the digest is not one.
"""
import email
import email.policy
import hashlib
import re
import sys

NOTES = '\n__________\n'


def own_text(text):
    """The text of the author: without the line that says where it stands, and without the notes below it."""
    text = text.replace('\r\n', '\n')
    place, empty, rest = text.partition('\n\n')
    assert empty and re.match('[\u200e\u200f]?\u2067?\\[\u2068?\\d+\u2069?\\] ', place), place
    above, _, _ = ('\n' + rest).rpartition(NOTES)
    return (above or rest).strip('\n').strip()


def show(header, text):
    shown = [str(header.get(name, '')).strip() for name in ('Message-ID', 'Subject')]
    print('\t'.join(shown + [hashlib.sha256(own_text(text).encode()).hexdigest()]))


def sound(mail):
    assert not mail.defects, mail.defects
    for name, value in mail.items():
        assert not getattr(value, 'defects', ()), (name, value, value.defects)


def split_mime(mail):
    first, posts, last = mail.iter_parts()
    assert first.get_content_type() == last.get_content_type() == 'text/plain'
    assert posts.get_content_type() == 'multipart/digest'
    for part in posts.iter_parts():
        assert part.get_content_type() == 'message/rfc822'
        inner = part.get_content()
        sound(inner)
        show(inner, inner.get_content())
    return first.get_content().rstrip().endswith('-' * 70)


def split_plain(mail):
    preamble, rule, rest = mail.get_content().replace('\r\n', '\n').partition('\n' + '-' * 70 + '\n\n')
    assert rule
    pieces = rest.split('\n\n' + '-' * 30 + '\n\n')
    end, stars = pieces.pop().splitlines()
    assert re.fullmatch('End of .* Digest', end) and stars == '*' * len(end), (end, stars)
    for piece in pieces:
        head, empty, text = piece.partition('\n\n')
        assert empty
        names = [line.split(':')[0] for line in head.splitlines() if not line.startswith(' ')]
        order = ['Date', 'From', 'To', 'Cc', 'Subject', 'Message-ID', 'Keywords']
        assert names == [name for name in order if name in names], names
        show(email.message_from_string(head + '\n\n', policy=email.policy.compat32), text)
    return bool(preamble.strip())


with open(sys.argv[1], 'rb') as file:
    raw = file.read()
assert max(map(len, raw.split(b'\r\n'))) <= 998 and not re.search(rb'[^\r]\n|\r[^\n]|[\x80-\xff\x00]', raw)
whole = email.message_from_bytes(raw, policy=email.policy.default)
sound(whole)
ending = split_mime(whole) if whole.is_multipart() else split_plain(whole)
print('framed' if ending else 'not framed')
