"""The bytes of a post: the body identical, header fields in their order, only what a list must change is changed."""

import base64
import pathlib
import unittest

from harness import mail, world
from harness.case import SinkCase

# What a list writes itself, or takes away.
OURS = {"list-id", "list-post", "list-help", "list-subscribe", "list-unsubscribe", "list-unsubscribe-post", "list-owner",
        "list-archive", "precedence", "sender", "x-loop", "errors-to", "reply-to", "received", "return-path",
        "archived-at", "x-majlis-delivery", "delivered-to", "x-original-to", "auto-submitted"}


class Bytes(SinkCase):
    members = 2

    def through(self, raw):
        """One copy of it as it leaves."""
        self.world.mailbox.deliver(b"Delivered-To: rabat@maimc.example\r\n" + raw)
        self.out.wait_for(2)
        return self.out.mail_for(self.people[1])[0]

    def unchanged(self, raw, copy):
        self.assertEqual(mail.body_hash(copy), mail.body_hash(raw))
        before = [field for field in mail.fields(raw) if field[0].lower() not in OURS]
        after = [field for field in mail.fields(copy) if field[0].lower() not in OURS]
        self.assertEqual(after, before)

    def start(self, *settings):
        self.install()
        if settings:
            self.majlis.run("list", "set", "rabat", *settings)
        self.majlis.start()

    def test_plain_text_in_eight_bits(self):
        self.start()
        raw = mail.make(self.people[0], world.address("rabat"), body="Été à Rabat: السلام عليكم\r\n.\r\nfin  \r\n\r\n\r\n")
        self.unchanged(raw, self.through(raw))

    def test_odd_but_legal_header_fields_keep_their_folds_and_case(self):
        self.start()
        raw = mail.make(self.people[0], world.address("rabat"), more=[
            "DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=members.example;\r\n\ts=x; h=From:Subject;\r\n        bh=abc=;\r\n b=def",
            "x-OdD:   spaces   kept  ", "X-Empty:", "X-Long: " + "word " * 150,
            "In-Reply-To: <a@b.example>\r\n\t<c@d.example>"])
        self.unchanged(raw, self.through(raw))

    def test_a_signed_multipart_survives(self):
        self.start()
        body = ("preamble\r\n--B1\r\nContent-Type: multipart/mixed; boundary=B2\r\n\r\n--B2\r\nContent-Type: text/plain\r\n\r\n"
                "signed text  \r\n--B2\r\nContent-Type: image/png; name=\"=?utf-8?Q?=C3=A9t=C3=A9.png?=\"\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(bytes(range(256)) * 20).decode()
                .replace("\n", "\r\n") + "--B2--\r\n\r\n--B1\r\nContent-Type: application/pgp-signature\r\n\r\n"
                "-----BEGIN PGP SIGNATURE-----\r\n\r\niQ==\r\n-----END PGP SIGNATURE-----\r\n--B1--\r\nepilogue\r\n")
        raw = (f"From: {self.people[0]}\r\nTo: rabat@maimc.example\r\nSubject: signed\r\nMessage-ID: <s1@members.example>\r\n"
               "MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=B1;\r\n micalg=pgp-sha256;\r\n"
               " protocol=\"application/pgp-signature\"\r\n\r\n" + body).encode()
        self.unchanged(raw, self.through(raw))

    def test_what_must_not_pass_is_removed(self):
        self.start()
        raw = mail.make(self.people[0], world.address("rabat"), more=[
            "Return-Receipt-To: spy@members.example", "Disposition-Notification-To: spy@members.example",
            "Approved: secret", "Bcc: hidden@members.example", "List-Id: <other.list.example>",
            "List-Unsubscribe: <mailto:leave@other.example>", "Errors-To: a@b.example"])
        copy = self.through(raw)
        for gone in (b"spy@", b"Approved", b"hidden@", b"other.list.example", b"leave@other", b"Errors-To"):
            self.assertNotIn(gone, copy)
        self.assertEqual(len(mail.parse(copy).get_all("List-Id")), 1)
        self.assertEqual(mail.body_hash(copy), mail.body_hash(raw))

    def test_nothing_of_the_mailbox_s_way_leaks(self):
        self.start()
        raw = mail.make(self.people[0], world.address("rabat"))
        copy = self.through(b"X-Original-To: rabat@maimc.example\r\nReturn-Path: <x@y.example>\r\n" + raw)
        for name in ("Delivered-To", "X-Original-To", "Return-Path"):
            self.assertIsNone(mail.parse(copy)[name], name)

    def test_a_subject_tag_is_there_once_also_in_a_reply(self):
        self.start("subject_tag=[Rabat]")
        copy = self.through(mail.make(self.people[0], world.address("rabat"), subject="Re: [Rabat] اجتماع"))
        subject = str(mail.parse(copy)["Subject"])
        self.assertEqual(subject.count("[Rabat]"), 1)
        self.assertIn("اجتماع", subject)

    def test_a_footer_of_plain_text_is_appended(self):
        self.start("footer=-- MAIMC Rabat --")
        raw = mail.make(self.people[0], world.address("rabat"), body="Été\r\n")
        text = mail.parse(self.through(raw)).get_content().replace("\r\n", "\n")
        self.assertTrue(text.startswith("Été\n"), text)
        self.assertIn("-- MAIMC Rabat --", text)

    def test_a_footer_of_a_signed_mail_leaves_the_signed_part_alone(self):
        self.start("footer=-- MAIMC Rabat --")
        signed = "--B\r\nContent-Type: text/plain\r\n\r\nsigned  \r\n--B\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--B--\r\n"
        raw = (f"From: {self.people[0]}\r\nTo: rabat@maimc.example\r\nSubject: s\r\nMessage-ID: <s2@m.example>\r\nMIME-Version: 1.0\r\n"
               "Content-Type: multipart/signed; boundary=B\r\n\r\n" + signed).encode()
        self.assertIn(b"--B\r\nContent-Type: text/plain\r\n\r\nsigned  \r\n--B\r\n", self.through(raw))

    def test_reply_to_as_the_list_says(self):
        self.start("reply_to=list")
        copy = self.through(mail.make(self.people[0], world.address("rabat"), more=["Reply-To: me@elsewhere.example"]))
        self.assertIn("rabat@maimc.example", mail.parse(copy)["Reply-To"])

    def test_bare_line_ends_and_long_lines_do_not_reach_the_relay(self):
        self.start()
        raw = mail.make(self.people[0], world.address("rabat"), body="a" * 5000 + "\r\n")
        copy = self.through(raw)
        self.assertLessEqual(max(len(line) for line in copy.split(b"\r\n")), 998)
        self.assertNotRegex(copy, rb"(?<!\r)\n")

    def test_what_the_list_does_not_want_is_taken_out_and_told(self):
        self.start("attachments=deny .exe", "html=to-text", "language=fr", "footer=-- \n{title}")
        picture = "--B\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n"
        body = ("--B\r\nContent-Type: multipart/alternative; boundary=A\r\n\r\n--A\r\n\r\nRegardez.\r\n"
                "--A\r\nContent-Type: text/html\r\n\r\n<p>Regardez.</p>\r\n--A--\r\n" + picture +
                "--B\r\nContent-Type: image/png; name=Photo.EXE\r\nContent-Transfer-Encoding: base64\r\n\r\nTVqQAAMA\r\n--B--\r\n")
        raw = (f"From: {self.people[0]}\r\nTo: rabat@maimc.example\r\nSubject: x\r\nMessage-ID: <f1@members.example>\r\n"
               f"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n{body}").encode()
        copy = self.through(raw)
        parts = [part for part in mail.parse(copy).walk() if not part.is_multipart()]
        self.assertEqual([part.get_content_type() for part in parts], ["text/plain", "image/png", "text/plain"])
        self.assertIn(picture.encode(), copy)
        self.assertNotIn(b"TVqQ", copy)
        told = parts[-1].get_content().replace("\r\n", "\n")
        self.assertIn("Retiré de ce message, comme le veut la liste rabat\xa0:\n- Photo.EXE (image/png, 1 Ko)\n-- \nRabat", told)
        self.assertIn("majlis", mail.parse(copy)["X-Content-Filtered-By"])

    def test_no_sample_mail_stops_the_daemon(self):
        """What fuzzing has found worth keeping, as mail."""
        self.start()
        folder = pathlib.Path(__file__).resolve().parents[1] / "fuzz" / "corpus"
        samples = [path for kind in ("message", "classify", "commands", "moderation", "filter") for path in sorted((folder / kind).iterdir())]
        self.assertGreater(len(samples), 40)
        for sample in samples:
            self.world.mailbox.deliver(b"Delivered-To: rabat@maimc.example\r\n" + sample.read_bytes())
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Done")) == len(samples), "all filed", 60)
        raw = mail.make(self.people[0], world.address("rabat"), subject="after them")
        self.world.mailbox.deliver(b"Delivered-To: rabat@maimc.example\r\n" + raw)
        self.wait(lambda: any(b"after them" in transaction.data for transaction in self.out.accepted), "the post after them", 60)


if __name__ == "__main__":
    unittest.main()
