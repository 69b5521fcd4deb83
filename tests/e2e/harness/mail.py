"""Mails for the tests, as bytes, and looking into those that arrived."""

import base64
import email
import email.policy
import hashlib
import itertools
import secrets

_serial = itertools.count(1)
_run = secrets.token_hex(4)


def make(sender, to, subject="Réunion", body="Bonjour à tous.\r\n", message_id=None, delivered_to=(), more=()):
    """A mail as a mail program of a member writes it. `more`: further field lines, in order, before the others."""
    number = next(_serial)
    subject_bytes = subject if subject.isascii() else _word(subject)
    fields = [*(f"Delivered-To: {address}" for address in delivered_to), *more,
              f"From: {sender}", f"To: {to if isinstance(to, str) else ', '.join(to)}", f"Subject: {subject_bytes}",
              "Date: Tue, 03 Nov 2026 10:00:00 +0100",
              f"Message-ID: <{message_id or f'{number}.{_run}@members.example'}>",
              "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    return ("\r\n".join(fields) + "\r\n\r\n" + body).encode()


def _word(text):
    return "=?utf-8?B?" + base64.b64encode(text.encode()).decode() + "?="


def is_letter(raw):
    """Whether majlis wrote it itself: a notice, an answer, a digest. Posts keep their own fields."""
    header = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return b"\nAuto-Submitted: auto-" in header and b".majlis@" in header


def parse(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def split(raw):
    """(header, body) of bytes with either line end, as CRLF."""
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    header, _, body = raw.partition(b"\r\n\r\n")
    return header + b"\r\n", body


def body_hash(raw):
    """DKIM's "simple" body hash (RFC 6376, 3.4.3): equal when no byte of the body was changed."""
    body = split(raw)[1]
    while body.endswith(b"\r\n\r\n"):
        body = body[:-2]
    return hashlib.sha256(body if body.endswith(b"\r\n") else body + b"\r\n").hexdigest()


def fields(raw):
    """[(name, raw field with its folds)] in their order."""
    found = []
    for line in split(raw)[0].split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and found:
            found[-1][1].append(line)
        elif line:
            found.append((line.partition(b":")[0].decode("latin-1"), [line]))
    return [(name, b"\r\n".join(lines)) for name, lines in found]
