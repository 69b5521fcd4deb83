"""Posts that are delivered are kept, found, linked and given back."""

import unittest

from harness import mail, world
from harness.case import SinkCase


class Archive(SinkCase):
    members = 3

    def found(self, *words, count=1):
        return self.majlis.wait_json(["archive", "search", *words], lambda hits: len(hits) == count)

    def test_a_post_is_kept_as_it_came_and_found_by_its_words(self):
        self.install().start()
        raw = self.post(subject="Réunion", body="L'assemblée générale, 3lach machi l7ad?\r\n", message_id="one@members.example")
        self.out.wait_for(3)
        hit = self.found("assemblee", "3lach")[0]
        self.assertEqual((hit["message_id"], hit["lists"], hit["subject"]), ("one@members.example", ["rabat"], "Réunion"))
        shown = self.majlis.run("archive", "show", hit["id"], "--raw").stdout
        self.assertEqual(shown.encode().replace(b"\r\n", b"\n"),
                         b"Delivered-To: " + world.address("rabat").encode() + b"\n" + raw.replace(b"\r\n", b"\n"))
        self.post(subject="Re: Réunion", body="oui\r\n", more=["References: <one@members.example>"])
        self.out.wait_for(6)
        self.found("oui")
        self.assertEqual([line["depth"] for line in self.majlis.json("archive", "thread", "one@members.example")], [0, 1])

    def ask(self, person, line):
        """The letter that answers a command by mail."""
        before = len(self.out.letters(person))
        to = world.address("rabat").replace("@", "+request@")
        self.world.mailbox.deliver(f"Delivered-To: {to}\r\n".encode() + mail.make(person, to, subject=line, body=""))
        self.wait(lambda: len(self.out.letters(person)) > before, f"an answer to {line}")
        return mail.parse(self.out.letters(person)[-1])

    def test_who_may_read_searches_and_fetches_by_mail(self):
        self.install().start()
        self.majlis.run("list", "set", "rabat", "language=en")
        raw = self.post(subject="Budget", body="L'assemblée générale\r\n", message_id="one@members.example")
        self.out.wait_for(3)
        self.found("assemblee")
        reader = self.people[1]
        answer = self.ask(reader, "archive assemblee").get_body(("plain",)).get_content()
        self.assertIn("Budget (rabat)", answer)
        self.assertIn("<one@members.example>", answer)
        fetched = [part for part in self.ask(reader, "get <one@members.example>").walk()
                   if part.get_content_type() == "message/rfc822"]
        self.assertEqual(mail.body_hash(fetched[0].get_content().as_bytes()), mail.body_hash(raw))
        self.post(subject="Re: Budget", body="oui\r\n", more=["References: <one@members.example>"])
        self.out.wait_for(6)
        self.found("oui")
        thread = self.ask(reader, "thread <one@members.example>").get_body(("plain",)).get_content()
        self.assertIn("- 2026-11-03 p00000@members.example: Re: Budget", thread)
        stranger = self.ask(world.OUTSIDER, "get <one@members.example>")
        self.assertIn("No post with this Message-ID", stranger.get_content())

    def test_copies_say_where_they_are_archived_once_there_is_a_place(self):
        self.install()
        self.majlis.run("list", "set", "rabat", "archive_url=https://maimc.example/archive")
        self.majlis.start()
        self.post(message_id="a/b@members.example")
        self.out.wait_for(3)
        copy = mail.parse(self.out.accepted[0].data)
        self.assertEqual(copy["Archived-At"], "<https://maimc.example/archive/a%2Fb@members.example>")
        self.found("list:rabat")
        self.majlis.run("list", "set", "rabat", "archive=off")
        self.post(message_id="c@members.example")
        self.out.wait_for(6)
        self.majlis.stop()
        later = mail.parse(self.out.accepted[-1].data)
        self.assertIsNone(later["Archived-At"])
        self.assertIsNone(later["List-Archive"])
        self.majlis.once()  # all that is left to do
        self.assertEqual(len(self.majlis.json("archive", "search", "list:rabat")), 1)

    def test_a_held_post_enters_when_it_is_approved(self):
        self.install().start()
        self.post(world.OUTSIDER, body="May I join you?\r\n")
        held = self.majlis.wait_json(["held", "list"], lambda answer: len(answer) == 1)[0]
        self.assertEqual(self.majlis.json("archive", "search", "join"), [])
        self.majlis.run("held", "approve", held["id"])
        self.out.wait_for(3)
        self.found("join")

    def test_a_kill_in_the_middle_loses_nothing_and_keeps_nothing_twice(self):
        self.install().start()
        for number in range(30):
            self.post(body=f"numero{number} commun\r\n")
            if number % 10 == 9:
                self.majlis.kill()
                self.majlis.start()
        self.out.wait_for(90)
        self.found("commun", "--limit", "100", count=30)

    def test_one_round_from_cron_archives_too(self):
        self.install()
        self.post(body="tour unique\r\n")
        self.majlis.once()
        self.assertEqual(len(self.majlis.json("archive", "search", "tour")), 1)


if __name__ == "__main__":
    unittest.main()
