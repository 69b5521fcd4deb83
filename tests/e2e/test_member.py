"""A member's way through mail alone: join, confirm by reply, post, be held, be let through, reply, read in Arabic, leave."""

import email.message
import email.policy
import email.utils
import unittest

from harness import mail, world
from harness.case import ServerCase

WHO = "salma@members.example"
MODERATOR = "leila@members.example"


def text_of(letter):
    return letter.get_body(("plain",)).get_content()


class Member(ServerCase):
    users = (WHO,)

    def setUp(self):
        super().setUp()
        self.install()
        world.make_tree(self.majlis)
        self.majlis.run("role", "add", "maroc", MODERATOR, "moderator")
        self.majlis.run("list", "set", "casablanca", "first_posts_held=1")
        self.majlis.start()
        self.read = set()

    def send(self, to, subject="", body="", sender=WHO, **fields):
        """As a mail program does it, through Postfix."""
        message = email.message.EmailMessage(policy=email.policy.SMTP)
        message["From"] = f"{sender.partition('@')[0].title()} <{sender}>"
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = email.utils.localtime()
        message["Message-ID"] = email.utils.make_msgid(domain="members.example")
        for name, value in fields.items():
            message[name.replace("_", "-")] = str(value)
        message.set_content(body)
        self.world.postfix.send(sender, [email.utils.parseaddr(to)[1]], message.as_bytes())
        return message

    def letter(self, person=WHO):
        """The next mail in her mailbox, or in another's."""
        def fresh():
            letters = [mail.parse(raw) for raw in self.world.mails(person)]
            return [letter for letter in letters if letter["Message-ID"] not in self.read]

        found = self.wait(fresh, "a letter")
        self.read.add(found[0]["Message-ID"])
        return found[0]

    def answer(self, letter, body="", sender=WHO):
        """What the reply button makes of it."""
        quoted = "".join("> " + line + "\n" for line in text_of(letter).splitlines())
        to = letter["Reply-To"] or letter["From"]
        return self.send(str(to), f"Re: {letter['Subject']}", f"{body}\n\nLe lun. 30 nov. 2026 à 10:00, <{to}> a écrit :\n\n{quoted}",
                         sender, In_Reply_To=letter["Message-ID"], References=letter["Message-ID"])

    def test_join_confirm_post_held_approved_reply_arabic_leave(self):
        self.send("casablanca+subscribe@" + world.DOMAIN)
        question = self.letter()
        self.assertIn("confirm-", question["From"])
        self.assertEqual(question["Auto-Submitted"], "auto-replied")
        self.answer(question)
        welcome = self.letter()
        self.assertIn("Bienvenue", welcome["Subject"])
        self.assertTrue(self.majlis.json("member", "show", WHO)["subscriptions"])

        post = self.send("casablanca@" + world.DOMAIN, "Bonjour", "C'est moi.\n")
        waits = self.letter()
        self.assertIn("attend un modérateur", waits["Subject"])
        self.assertEqual([each["sender"] for each in self.majlis.json("held", "list")], [WHO])
        notice = self.letter(MODERATOR)
        self.assertIn("C'est moi.", text_of(notice))
        self.assertIn("mod-", notice["From"])
        self.assertEqual(self.majlis.json("held", "show", 1)["verdict"], "held")
        self.answer(notice, sender=MODERATOR)
        copy = self.letter()
        self.assertEqual(copy["Message-ID"], post["Message-ID"])
        self.assertEqual(self.majlis.json("held", "list"), [])
        self.answer_to_list(copy)
        self.assertEqual(self.letter()["In-Reply-To"], post["Message-ID"])

        self.send("casablanca+request@" + world.DOMAIN, "", "langue arabe\n")
        self.answer(self.letter())
        changed = self.letter()
        self.assertEqual(changed["Content-Language"], "ar")
        self.assertEqual(self.majlis.json("member", "show", WHO)["language"], "ar")

        self.send("casablanca+request@" + world.DOMAIN, f"why {post['Message-ID']}")
        self.assertIn("250", text_of(self.letter()))

        self.send("casablanca+request@" + world.DOMAIN, "إلغاء الاشتراك")
        self.answer(self.letter())
        goodbye = self.letter()
        self.assertEqual(goodbye["Content-Language"], "ar")
        self.assertEqual(self.majlis.json("member", "show", WHO)["subscriptions"], [])

    def answer_to_list(self, copy):
        self.send("casablanca@" + world.DOMAIN, f"Re: {copy['Subject']}", "Encore.\n",
                  In_Reply_To=copy["Message-ID"], References=copy["Message-ID"])


if __name__ == "__main__":
    unittest.main()
