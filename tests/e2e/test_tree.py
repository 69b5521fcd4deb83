"""A post travels out of a real IMAP mailbox, over real SMTP, into the mailboxes of the members of a section tree."""

import unittest

from harness import mail, world
from harness.case import ServerCase


class Tree(ServerCase):
    def setUp(self):
        super().setUp()
        self.install()
        world.make_tree(self.majlis)

    def post(self, sender, lists, raw=None, **options):
        """As a member does: to Postfix, which puts it into the lists' mailbox."""
        raw = raw or mail.make(sender, [world.address(name) for name in lists], **options)
        self.world.postfix.send(sender, [world.address(name) for name in lists], raw)

    def expect(self, readers):
        """These people get one copy each, and nobody else any; known for sure once the delivery is done and the daemon stopped."""
        self.wait(lambda: all(any(not mail.is_letter(raw) for raw in self.world.mails(reader)) for reader in readers),
                  lambda: f"copies for {readers}; there are mails for {self.world.arrived()}")
        self.majlis.stop()
        self.wait(self.world.postfix.drained, "Postfix has delivered")
        copies = {user: sum(not mail.is_letter(raw) for raw in self.world.mails(user)) for user in self.world.arrived()}
        self.assertEqual({user: count for user, count in copies.items() if count}, {reader: 1 for reader in readers})

    def test_reaches_the_members_of_the_list_and_of_every_section_below_once(self):
        self.majlis.start()
        self.post("leila@members.example", ["maroc"])
        self.expect(world.readers_of("maroc"))

    def test_a_post_to_a_leaf_stays_there(self):
        self.majlis.start()
        self.post("pierre@members.example", ["paris"])
        self.expect(world.readers_of("paris"))

    def test_a_post_to_the_root_reaches_everybody_once(self):
        self.majlis.start()
        self.post("omar@members.example", ["maimc"])
        self.expect({member[0] for member in world.MEMBERS})

    def test_a_cross_post_in_one_mail_is_one_copy_a_person(self):
        self.majlis.start()
        self.post("claire@members.example", ["rabat", "paris", "france"])
        self.expect(world.readers_of("rabat", "france"))

    def test_a_cross_post_in_two_copies_is_one_copy_a_person(self):
        raw = mail.make("claire@members.example", [world.address("rabat"), world.address("paris")])
        self.majlis.start()
        self.post("claire@members.example", ["rabat"], raw)
        self.world.wait_arrived(world.readers_of("rabat"))
        self.post("claire@members.example", ["paris"], raw)
        self.expect(world.readers_of("rabat", "paris"))

    def test_muted_members_and_other_branches_get_nothing(self):
        self.majlis.run("member", "add", "maroc", "omar@members.example", "--mode", "none")
        self.majlis.start()
        self.post("leila@members.example", ["maroc"])
        self.expect(world.readers_of("maroc") - {"omar@members.example"})

    def test_the_copy_says_which_list_it_came_from(self):
        self.majlis.start()
        self.post("amina@members.example", ["rabat"], subject="اجتماع يوم السبت")
        self.world.wait_arrived(world.readers_of("rabat"))
        copy = self.world.mails("youssef@members.example")[0]
        parsed = mail.parse(copy)
        self.assertIn("rabat", parsed["List-Id"])
        self.assertEqual(parsed["Precedence"], "list")
        self.assertEqual(str(parsed["Subject"]), "اجتماع يوم السبت")
        self.assertIn("mailto:rabat+unsubscribe", parsed["List-Unsubscribe"].replace("\n", "").replace(" ", ""))
        self.assertIn("mailto:rabat@maimc.example", parsed["List-Post"])
        self.assertIsNone(parsed["Errors-To"])
        self.assertIn(b"Return-Path: <rabat+bounce-", copy)

    def test_the_mail_is_filed_and_not_taken_twice(self):
        self.majlis.start()
        self.post("amina@members.example", ["rabat"])
        self.world.wait_arrived(world.readers_of("rabat"))
        self.wait(lambda: len(self.world.mailbox.mails("Majlis.Done")) == 1, "the mail in Majlis/Done")
        self.wait(lambda: not self.world.mailbox.mails(), "none left in the INBOX")
        self.majlis.stop()
        self.majlis.start()
        self.majlis.stop()
        self.assertEqual(self.world.arrived(), {reader: 1 for reader in world.readers_of("rabat")})

    def test_the_right_to_post_comes_from_below(self):
        """A member of rabat may post to maimc; a member of maimc alone may not post to rabat."""
        self.majlis.start()
        self.post("nadia@members.example", ["rabat"])
        held = self.majlis.wait_json(["held", "list"], lambda answer: len(answer) == 1)
        self.assertEqual(held[0]["sender"], "nadia@members.example")
        self.post("amina@members.example", ["maimc"])
        self.expect({member[0] for member in world.MEMBERS})


if __name__ == "__main__":
    unittest.main()
