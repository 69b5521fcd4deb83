"""Moderators decide by answering a mail, or by moving a message in the mailbox; nobody else does."""

import re
import unittest

from harness import mail, world
from harness.case import ServerCase

MODERATOR = "leila@members.example"
SECOND = "omar@members.example"
TOKEN = re.compile(rb"rabat\+mod-([a-z2-7]{26})@", re.IGNORECASE)
READERS = {"amina@members.example", "youssef@members.example", "claire@members.example"}


class Answers(ServerCase):
    trusted = ()

    def setUp(self):
        super().setUp()
        sections = {"authentication": {"trusted_servers": list(self.trusted)}} if self.trusted else {}
        self.install(**sections)
        self.majlis.config["inbox"][0]["poll"] = "1s"
        self.majlis.write_config()
        world.make_tree(self.majlis)
        self.majlis.run("role", "add", "maroc", MODERATOR, "moderator")

    # What people do --------------------------------------------------------------------------------------------------

    def held(self, subject="May I?", sender=world.OUTSIDER, **options):
        """A post that waits; the notice to the moderator."""
        before = len(self.world.mails(MODERATOR))
        self.deliver(sender, "rabat", subject=subject, **options)
        self.wait(lambda: len(self.world.mails(MODERATOR)) > before, "a notice to the moderator")
        return self.notices(MODERATOR)[-1]

    def notices(self, person):
        return sorted(self.world.mails(person), key=lambda raw: mail.parse(raw)["Date"] or "")

    def token(self, notice):
        return TOKEN.search(notice).group(1).decode()

    def answer(self, notice, body="", sender=MODERATOR, more=()):
        """A plain reply, by way of Postfix."""
        parsed = mail.parse(notice)
        to = f"rabat+mod-{self.token(notice)}@{world.DOMAIN}"
        raw = mail.make(sender, to, subject="Re: " + str(parsed["Subject"]), body=body,
                        more=[f"In-Reply-To: {parsed['Message-ID']}", *more])
        self.world.postfix.send(sender, to, raw)

    def verdict(self, number=1):
        return self.majlis.json("held", "show", number)["verdict"]

    def judged(self):
        self.wait(lambda: not self.world.mailbox.files(), "everything filed")
        self.majlis.wait_json(["status"], lambda answer: answer["mails_to_judge"] == 0)

    def decided(self, verdict, number=1):
        self.wait(lambda: self.verdict(number) == verdict, f"held {number} to be {verdict}")

    def texts(self, person):
        found = []
        for raw in self.world.mails(person):
            body = mail.parse(raw).get_body(("plain",))
            found.append(body.get_content() if body else "")
        return found


class ByMail(Answers):
    def test_an_empty_reply_with_a_phone_footer_delivers(self):
        self.majlis.start()
        notice = self.held(body="Puis-je demander ?\r\n")
        text = self.texts(MODERATOR)[0]
        self.assertIn("Puis-je demander ?", text)
        self.assertIn(world.OUTSIDER, text)
        quoted = "".join(f"> {line}\r\n" for line in text.splitlines())
        self.answer(notice, "Envoyé de mon iPhone\r\n\r\nLe 3 nov. 2026 à 10:00, Rabat <rabat@maimc.example> a écrit :\r\n\r\n" + quoted)
        self.decided("accepted")
        self.world.wait_arrived(READERS)
        copy = mail.parse(self.world.mails("claire@members.example")[0])
        self.assertEqual(copy["Subject"], "May I?")

    def test_reject_with_a_reason_tells_the_sender(self):
        self.majlis.start()
        notice = self.held()
        self.answer(notice, "reject pas sur cette liste\r\n-- \r\nLeila\r\n")
        self.decided("rejected")
        self.world.wait_arrived([world.OUTSIDER])
        told = mail.parse(self.world.mails(world.OUTSIDER)[0])
        self.assertIn("pas sur cette liste", told.get_body(("plain",)).get_content())
        self.assertTrue(told["Auto-Submitted"])
        self.majlis.stop()
        self.assertFalse(READERS & set(self.world.arrived()))

    def test_a_vacation_reply_approves_nothing_and_is_not_answered(self):
        self.majlis.start()
        notice = self.held()
        self.answer(notice, "", more=["Auto-Submitted: auto-replied"])
        self.answer(notice, "", more=["Precedence: bulk"])
        self.answer(notice, "Merci, bonne question.\r\n")  # when this one is answered, the others would have been
        self.wait(lambda: len(self.world.mails(MODERATOR)) == 2, "help")
        self.judged()
        self.assertEqual(self.verdict(), "held")
        self.majlis.stop()
        self.assertEqual(len(self.world.mails(MODERATOR)), 2)

    def test_a_reply_of_somebody_else_with_the_token_does_nothing(self):
        self.majlis.run("role", "add", "rabat", SECOND, "moderator")
        self.majlis.start()
        notice = self.held()
        for somebody in (world.OUTSIDER, SECOND, "amina@members.example"):
            self.answer(notice, sender=somebody)
        self.judged()
        self.assertEqual(self.verdict(), "held")
        self.answer(notice)
        self.decided("accepted")

    def test_the_second_moderator_hears_who_decided(self):
        self.majlis.run("role", "add", "rabat", SECOND, "moderator")
        self.majlis.start()
        first = self.held()
        self.wait(lambda: self.world.mails(SECOND), "the other notice")
        second = self.world.mails(SECOND)[0]
        self.answer(first, "discard\r\n")
        self.decided("discarded")
        self.answer(second, sender=SECOND)
        self.wait(lambda: len(self.world.mails(SECOND)) == 2, "word of who decided")
        self.assertTrue(any(MODERATOR in text for text in self.texts(SECOND)))
        self.assertEqual(self.verdict(), "discarded")

    def test_allow_and_ban_hold_for_the_next_posts(self):
        self.majlis.start()
        self.answer(self.held(), "ban\r\n")
        self.decided("discarded")
        self.deliver(world.OUTSIDER, "rabat", subject="again")
        self.judged()
        self.assertEqual(self.majlis.json("held", "list"), [])
        self.answer(self.held(sender="friend@elsewhere.example"), "سماح\r\n")
        self.world.wait_arrived(READERS)

    def test_the_command_line_tells_the_sender_and_bans_him(self):
        self.majlis.start()
        self.held()
        said = self.majlis.run("held", "reject", 1, "--reason", "no advertising", "--ban").stdout
        self.assertIn("banned", said)
        self.world.wait_arrived([world.OUTSIDER])
        self.assertIn("no advertising", self.texts(world.OUTSIDER)[0])
        self.deliver(world.OUTSIDER, "rabat", subject="again")
        self.judged()
        self.assertEqual(self.majlis.json("held", "list"), [])
        self.deliver("friend@elsewhere.example", "rabat", subject="friend")
        self.majlis.wait_json(["held", "list"], lambda posts: len(posts) == 1)
        friend = self.majlis.json("held", "list")[0]["id"]
        self.majlis.run("held", "approve", friend, "--allow-sender")
        self.deliver("friend@elsewhere.example", "rabat", subject="friend again")
        self.wait(lambda: len(self.world.mails("claire@members.example")) == 2, "both posts of the friend")

    def test_a_stranger_hears_nothing_while_he_waits(self):
        self.majlis.start()
        self.held()
        self.judged()
        self.majlis.stop()
        self.assertEqual(self.world.mails(world.OUTSIDER), [])


class Authenticated(Answers):
    trusted = ("mx.maimc.example",)

    def answer(self, notice, body="", sender=MODERATOR, more=()):
        """Into the mailbox, as the provider puts it there after its checks."""
        parsed = mail.parse(notice)
        to = f"rabat+mod-{self.token(notice)}@{world.DOMAIN}"
        raw = mail.make(sender, to, subject="Re: " + str(parsed["Subject"]), body=body, more=more)
        self.world.mailbox.deliver(f"Delivered-To: {to}\r\n".encode() + raw)

    def test_a_forged_from_does_nothing(self):
        self.majlis.start()
        notice = self.held(more=["Authentication-Results: mx.maimc.example; dkim=pass header.d=elsewhere.example"])
        self.world.wait_arrived([world.OUTSIDER])  # he is who he says: he hears that his post waits
        self.answer(notice, more=["Authentication-Results: mx.maimc.example; dmarc=fail header.from=members.example"])
        self.judged()
        self.assertEqual(self.verdict(), "held")
        self.answer(notice, more=["Authentication-Results: mx.maimc.example; dmarc=pass header.from=members.example"])
        self.decided("accepted")


class ByFolder(Answers):
    def box(self):
        connection = self.world.dovecot.connect(world.MAILBOX)
        self.addCleanup(connection.logout)
        return connection

    def shown(self, count=1):
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Held")) == count, f"{count} posts in Held")
        return self.world.mailbox.mails("Majlis.Held")

    def drag(self, target):
        """As a mail program does it."""
        box = self.box()
        box.select("Majlis/Held")
        status, answer = box.uid("MOVE", "1:*", target)
        self.assertEqual(status, "OK", answer)

    def test_moving_to_approve_delivers(self):
        self.majlis.start()
        self.held(body="Bonjour\r\n")
        copy = mail.parse(self.shown()[0])
        self.assertEqual(copy["Subject"], "May I?")
        self.assertRegex(copy["X-Majlis-Token"], "^[a-z2-7]{26}$")
        self.drag("Majlis/Approve")
        self.decided("accepted")
        self.world.wait_arrived(READERS)
        self.shown(0)
        self.wait(lambda: not self.world.mailbox.mails("Majlis.Approve"), "Approve to be empty")

    def test_moving_to_reject_and_discard(self):
        self.majlis.start()
        self.held()
        self.shown()
        self.drag("Majlis/Reject")
        self.decided("rejected")
        self.world.wait_arrived([world.OUTSIDER])
        self.shown(0)
        self.held(subject="two")
        self.shown()
        self.drag("Majlis/Discard")
        self.decided("discarded", 2)

    def test_what_is_settled_elsewhere_leaves_held(self):
        self.majlis.start()
        self.held()
        self.shown()
        self.majlis.run("held", "discard", 1, "--yes")
        self.shown(0)

    def test_a_message_without_a_valid_token_is_left_alone(self):
        self.majlis.start()
        self.held()
        copy = self.shown()[0]
        box = self.box()
        forged = re.sub(rb"X-Majlis-Token: .", b"X-Majlis-Token: z", copy)
        self.assertEqual(box.append("Majlis/Approve", None, None, mail.make("x@elsewhere.example", "y@z"))[0], "OK")
        self.assertEqual(box.append("Majlis/Approve", None, None, forged.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))[0], "OK")
        self.majlis.wait_json(["log"], lambda lines: sum(line["event"] == "folder-ignored" for line in lines) == 2)
        self.assertEqual(self.verdict(), "held")
        self.assertEqual(len(self.world.mailbox.mails("Majlis.Approve")), 2)
        self.drag("Majlis/Approve")
        self.decided("accepted")
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Approve")) == 2, "only ours to be taken away")

    def test_what_is_deleted_from_held_still_waits(self):
        self.majlis.start()
        self.held()
        self.shown()
        box = self.box()
        box.select("Majlis/Held")
        box.store("1:*", "+FLAGS", "\\Deleted")
        box.expunge()
        self.held(subject="two")
        self.shown(1)
        self.assertEqual(len(self.majlis.json("held", "list")), 2)

    def test_a_large_post_is_shown_whole_and_a_round_of_once_does_all(self):
        self.majlis.run("list", "set", "rabat", "max_size=5MB")
        lines = "".join(f"{number:070}\r\n" for number in range(15_000))
        self.deliver(world.OUTSIDER, "rabat", subject="large", body=lines)
        self.majlis.once()
        copy = self.shown()[0]
        self.assertEqual(mail.body_hash(copy), mail.body_hash(mail.make("a@b", "c@d", body=lines)))
        self.drag("Majlis/Approve")
        self.majlis.once()
        self.world.wait_arrived(READERS)
        self.majlis.once()
        self.shown(0)

    def test_no_folders_where_they_are_switched_off(self):
        self.majlis.config["inbox"][0]["held_folder"] = ""
        self.majlis.write_config()
        self.majlis.start()
        self.held()
        self.majlis.stop()
        self.assertEqual(self.world.mailbox.mails("Majlis.Held"), [])


if __name__ == "__main__":
    unittest.main()
