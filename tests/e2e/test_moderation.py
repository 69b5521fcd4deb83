"""Held posts: who is held, and what approve, reject and discard do."""

import unittest

from harness import mail, world
from harness.case import SinkCase


class Moderation(SinkCase):
    members = 3

    def held(self, count=1):
        return self.majlis.wait_json(["held", "list"], lambda answer: len(answer) == count)

    def test_a_stranger_is_held_until_somebody_approves(self):
        self.install().start()
        self.post(world.OUTSIDER, body="May I?\r\n")
        held = self.held()[0]
        self.assertEqual(held["sender"], world.OUTSIDER)
        self.assertEqual(held["list"], "rabat")
        self.assertTrue(held["reason"])
        self.assertEqual(self.out.recipients(), [])
        self.assertIn("May I?", self.majlis.run("held", "show", held["id"]).stdout)
        self.majlis.run("held", "approve", held["id"])
        self.assertCountEqual(self.out.wait_for(3), self.people)
        self.assertEqual(self.majlis.json("held", "list"), [])

    def test_approving_is_noticed_within_a_second_or_two(self):
        self.install().start()
        self.post(world.OUTSIDER)
        held = self.held()[0]
        self.majlis.run("held", "approve", held["id"])
        self.out.wait_for(3, seconds=3)

    def test_approved_twice_is_sent_once(self):
        self.install().start()
        self.post(world.OUTSIDER)
        held = self.held()[0]
        self.majlis.run("held", "approve", held["id"])
        self.out.wait_for(3)
        self.majlis.run("held", "approve", held["id"], status=1)
        self.majlis.stop()
        self.assertCountEqual(self.out.recipients(), self.people)

    def test_rejected_and_discarded_posts_go_nowhere_and_only_the_refusal_is_told(self):
        self.install().start()
        self.post(world.OUTSIDER, subject="one")
        self.post(world.OUTSIDER, subject="two")
        one, two = self.held(2)
        self.majlis.run("held", "reject", one["id"], "--reason", "not for us")
        self.majlis.run("held", "discard", two["id"], "--yes")
        self.assertEqual(self.majlis.json("held", "list"), [])
        self.wait(lambda: self.out.letters(world.OUTSIDER), "the refusal")
        self.post(self.people[0])  # when this one is out, the others would have been
        self.out.wait_for(3)
        self.majlis.stop()
        self.assertCountEqual(self.out.recipients(), self.people)
        told = b"".join(self.out.letters(world.OUTSIDER))
        self.assertIn(b"not for us", told)
        self.assertNotIn(b"two", told)

    def test_on_a_moderated_list_a_member_is_held(self):
        self.install()
        self.majlis.run("list", "set", "rabat", "posting=moderated")
        self.majlis.start()
        self.post()
        self.majlis.run("held", "approve", self.held()[0]["id"])
        self.assertCountEqual(self.out.wait_for(3), self.people)

    def test_a_moderator_of_the_country_posts_to_a_moderated_section(self):
        self.install()
        self.majlis.run("list", "create", "maroc", "--address", world.address("maroc"))
        self.majlis.run("list", "create", "fes", "--address", world.address("fes"), "--parent", "maroc")
        self.majlis.run("member", "add", "fes", "karim@members.example")
        self.majlis.run("role", "add", "maroc", "karim@members.example", "moderator")
        self.majlis.run("list", "set", "fes", "posting=moderated")
        self.majlis.start()
        self.deliver("karim@members.example", "fes")
        self.assertEqual(self.out.wait_for(1), ["karim@members.example"])

    def test_nonmembers_can_be_rejected_discarded_or_accepted_by_setting(self):
        self.install()
        self.majlis.run("list", "set", "rabat", "nonmembers=discard")
        self.majlis.start()
        self.post(world.OUTSIDER, subject="gone")
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Done")) == 1, "filed")
        self.majlis.wait_json(["status"], lambda answer: answer["mails_to_judge"] == 0)
        self.majlis.run("list", "set", "rabat", "nonmembers=accept")
        self.post(world.OUTSIDER, subject="welcome")
        self.out.wait_for(3)
        self.majlis.stop()
        self.assertCountEqual(self.out.recipients(), self.people)
        self.assertEqual(mail.parse(self.out.accepted[0].data)["Subject"], "welcome")

    def test_a_loop_is_discarded(self):
        """A post that has been through this list does not go through it again."""
        self.install().start()
        self.post()
        self.out.wait_for(3)
        copy = self.out.mail_for(self.people[1])[0]
        self.world.mailbox.deliver(b"Delivered-To: rabat@maimc.example\r\n" + copy)
        changed = copy.replace(b"Message-ID: <", b"Message-ID: <again.").replace(b"Message-Id: <", b"Message-Id: <again.")
        self.world.mailbox.deliver(b"Delivered-To: rabat@maimc.example\r\n" + changed)
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Done")) == 3, "all three filed")
        self.majlis.stop()
        self.assertCountEqual(self.out.recipients(), self.people)
        self.assertEqual(self.majlis.json("held", "list"), [])

    def test_the_same_post_again_is_sent_once(self):
        self.install().start()
        raw = self.post()
        self.out.wait_for(3)
        self.world.mailbox.deliver(b"Delivered-To: rabat@maimc.example\r\n" + raw)
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Done")) == 2, "both filed")
        self.majlis.stop()
        self.assertCountEqual(self.out.recipients(), self.people)

    def test_the_same_message_id_with_other_content_is_held(self):
        self.install().start()
        self.post(message_id="same@members.example", body="one\r\n")
        self.out.wait_for(3)
        self.post(message_id="same@members.example", body="two\r\n")
        self.held()
        self.assertCountEqual(self.out.recipients(), self.people)

    def test_automatic_mail_is_not_distributed(self):
        self.install().start()
        self.post(more=["Auto-Submitted: auto-replied"], subject="Absent du bureau")
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Done")) == 1, "filed")
        self.post(subject="a real one")
        self.out.wait_for(3)
        self.majlis.stop()
        self.assertCountEqual(self.out.recipients(), self.people)

    def test_a_post_above_the_list_s_size_is_rejected_or_held_and_never_sent(self):
        self.install()
        self.majlis.run("list", "set", "rabat", "max_size=10KB")
        self.majlis.start()
        self.post(body="x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 300)
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Done")) == 1, "filed")
        self.post(subject="small")
        self.out.wait_for(3)
        self.majlis.stop()
        self.assertCountEqual(self.out.recipients(), self.people)

    def test_no_from_at_all_is_held_and_harms_nobody(self):
        self.install().start()
        self.world.mailbox.deliver(b"Delivered-To: rabat@maimc.example\r\nSubject: who am I\r\n\r\nhello\r\n")
        self.world.mailbox.deliver(b"Delivered-To: rabat@maimc.example\r\n\r\n")
        self.world.mailbox.deliver(b"Delivered-To: rabat@maimc.example\r\n" + bytes(range(256)) * 20)
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Done")) == 3, "filed")
        self.post()
        self.out.wait_for(3)
        self.majlis.stop()
        self.assertCountEqual(self.out.recipients(), self.people)


if __name__ == "__main__":
    unittest.main()
