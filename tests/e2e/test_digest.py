"""Digests: one for each person over all of his lists, each post once, whatever is killed; and a reply that finds its thread."""

import collections
import re
import unittest
import urllib.parse

from harness import mail, world
from harness.case import ServerCase

DAY = 86_400
DAILY = {"amina@members.example": ["rabat"], "claire@members.example": ["rabat", "paris"]}
WEEKLY = {"fatima@members.example": ["casablanca", "maroc"]}
AUTHORS = {"paris": "pierre@members.example", "rabat": "youssef@members.example", "maimc": "admin@maimc.example"}


def posts_in(digest):
    """The posts of a MIME digest, as Python reads them."""
    return [inner.get_payload(0) for part in digest.walk() if part.get_content_type() == "multipart/digest"
            for inner in part.get_payload()]


class Digest(ServerCase):
    postfix = False

    def setUp(self):
        super().setUp()
        self.out = self.sink()
        self.install(relays=[{"url": f"smtp://127.0.0.1:{self.out.port}"}], digest={"timezone": "Africa/Casablanca"})
        world.make_tree(self.majlis)
        self.majlis.run("list", "set", "maimc", "flood=off")
        for mode, people in (("daily", DAILY), ("weekly", WEEKLY)):
            for person, lists in people.items():
                for name in lists:
                    self.majlis.run("member", "set", person, f"mode={mode}", "--list", name)

    def digests(self, person):
        return [mail.parse(raw) for raw in self.out.mail_for(person) if b".majlis@" in raw.partition(b"\r\n\r\n")[0]]

    def publish(self, name, subject, **options):
        """A post that has been accepted and sent to those who get each."""
        before = len(self.majlis.json("queue", "list", "--all"))
        self.deliver(AUTHORS[name], name, subject=subject, **options)
        self.majlis.wait_json(["queue", "list", "--all"], lambda rows: len(rows) > before)

    def send(self, *words, **options):
        return self.majlis.json("digest", "send", *words, **options)

    def wait_digests(self, person, count):
        self.wait(lambda: len(self.digests(person)) >= count, lambda: f"{count} digests for {person}\n{self.majlis.log()[-3000:]}", 30)
        return self.digests(person)

    def settled(self):
        self.majlis.wait_json(["queue", "list"], lambda rows: rows == [])
        self.assertEqual(self.send("--due"), {"members": 0, "mails": 0})

    def test_everybody_gets_one_digest_over_all_of_his_lists_and_a_second_run_sends_none(self):
        self.majlis.start()
        self.publish("paris", "Printemps à Paris", message_id="paris@members.example")
        self.publish("rabat", "الربيع في الرباط", message_id="rabat@members.example")
        self.publish("maimc", "Assemblée générale", message_id="maimc@members.example")
        self.assertEqual(self.send("--due"), {"members": 0, "mails": 0})  # its hour has not come
        self.majlis.age(7 * DAY)
        plan = {row["address"]: row["posts"] for row in self.send("--due", "--dry-run")}
        self.assertEqual(plan, {"amina@members.example": 2, "claire@members.example": 3, "fatima@members.example": 1})
        self.assertEqual(self.send("--due"), {"members": 3, "mails": 3})
        for person in [*DAILY, *WEEKLY]:
            self.wait_digests(person, 1)
        self.settled()
        claire, = self.digests("claire@members.example")
        self.assertEqual(claire.defects, [])
        self.assertEqual([post["Message-ID"] for post in posts_in(claire)],
                         ["<maimc@members.example>", "<paris@members.example>", "<rabat@members.example>"])
        for post in posts_in(claire):
            self.assertIn("Bonjour à tous.", post.get_content().splitlines())
        self.assertEqual(claire["Reply-To"], world.address("maimc"))
        self.assertRegex(claire["Subject"], r"MAIMC.* 1\b.* 1\b")
        amina, = self.digests("amina@members.example")
        self.assertIn("الربيع في الرباط", amina.get_body(("plain",)).get_content() if amina.get_body(("plain",)) else str(amina))
        # By itself nothing of it came to them; the others got each post.
        self.assertEqual(len(self.out.mail_for("amina@members.example")), 1)
        self.assertEqual(len(self.out.mail_for("youssef@members.example")), 2)
        self.majlis.age(DAY)
        self.assertEqual(self.send("--due"), {"members": 0, "mails": 0})  # nothing came
        self.assertIn("nothing is due", self.majlis.run("digest", "send", "--due").stdout)

    def test_a_plain_digest_is_one_text_after_rfc_1153(self):
        self.majlis.run("member", "set", "amina@members.example", "digest=plain")
        self.majlis.start()
        self.publish("rabat", "Un", body="Premier.\r\n")
        self.publish("rabat", "Deux", body="Second.\r\n")
        self.assertEqual(self.send("rabat")["members"], 2)
        digest, = self.wait_digests("amina@members.example", 1)
        self.assertEqual(digest.get_content_type(), "text/plain")
        text = digest.get_content().replace("\r\n", "\n")
        self.assertEqual(text.count("\n\n" + "-" * 70 + "\n\n"), 1)
        self.assertEqual(text.count("\n\n" + "-" * 30 + "\n\n"), 2)
        self.assertLess(text.index("Premier."), text.index("Second."))
        self.assertRegex(text.rstrip(), r"\n\*+$")
        self.settled()

    def test_one_round_from_cron_writes_and_sends_them_too(self):
        self.deliver(AUTHORS["rabat"], "rabat", subject="Par tour")
        self.majlis.once()
        self.majlis.age(DAY)
        self.assertEqual(self.send("--due")["members"], 2)
        self.majlis.once()
        self.assertEqual(len(self.digests("amina@members.example")), 1)
        self.majlis.once()
        self.assertEqual(len(self.digests("amina@members.example")), 1)

    def test_who_leaves_digests_for_single_posts_gets_one_last_digest_and_who_leaves_the_list_nothing(self):
        self.majlis.start()
        self.publish("rabat", "Avant")
        self.majlis.run("member", "set", "amina@members.example", "mode=each", "--list", "rabat")
        self.majlis.run("member", "remove", "rabat", "claire@members.example")
        self.publish("rabat", "Après")
        self.majlis.age(DAY)
        self.assertEqual(self.send("--due")["members"], 1)
        digest, = self.wait_digests("amina@members.example", 1)
        self.assertEqual([post["Subject"] for post in posts_in(digest)], ["Avant"])
        self.settled()
        self.assertEqual(self.out.mail_for("claire@members.example"), [])

    def test_kills_in_the_middle_send_each_digest_once(self):
        people = [f"d{number:04}@members.example" for number in range(600)]
        roster = self.world.home / "digest.csv"
        roster.write_text("address,mode\n" + "".join(f"{person},daily\n" for person in people))
        self.majlis.run("member", "import", "rabat", roster, "--format", "csv")
        self.majlis.start()
        self.publish("rabat", "Une fois")
        self.majlis.age(DAY)
        self.majlis.kill()
        self.majlis.start()
        self.assertEqual(self.send("--due")["members"], 602)
        for count in (50, 250, 400):
            self.wait(lambda: sum(bool(self.out.mail_for(person)) for person in people) >= count, "some of them")
            self.majlis.kill()
            self.majlis.start()
        self.wait(lambda: all(self.out.mail_for(person) for person in people), "all of them", 60)
        self.settled()
        self.majlis.stop()
        copies = collections.Counter(recipient for transaction in self.out.accepted for recipient in transaction.recipients)
        twice = sum(copies[person] - 1 for person in people)
        self.assertLessEqual(twice, 3 * 256)  # what was in flight, once for each kill
        ids = {str(mail.parse(self.out.mail_for(person)[0])["Message-ID"]) for person in people}
        self.assertEqual(len(ids), 1)

    def test_a_reply_to_a_post_of_a_digest_finds_its_thread_and_one_that_quotes_it_all_waits(self):
        self.majlis.start()
        self.publish("rabat", "Un sujet", message_id="sujet@members.example")
        self.send("rabat")
        digest, = self.wait_digests("claire@members.example", 1)
        text = "\n".join(part.get_content() for part in digest.walk() if part.get_content_type() == "text/plain")
        links = [urllib.parse.parse_qs(urllib.parse.urlsplit(link).query) for link in re.findall(r"mailto:[^\s>]+", text)]
        answer = [link for link in links if link.get("In-Reply-To") == ["<sujet@members.example>"]]
        self.assertTrue(answer, text)
        self.deliver("claire@members.example", "rabat", subject=answer[0]["Subject"][0], body="Je réponds.\r\n",
                     more=[f"In-Reply-To: {answer[0]['In-Reply-To'][0]}"])
        self.majlis.wait_json(["archive", "search", "list:rabat"], lambda hits: len(hits) == 2)
        self.assertEqual([line["depth"] for line in self.majlis.json("archive", "thread", "sujet@members.example")], [0, 1])
        self.deliver("claire@members.example", "rabat", subject="Re: " + str(digest["Subject"]), body="Oui.\r\n",
                     more=[f"In-Reply-To: {digest['Message-ID']}"])
        held = self.majlis.wait_json(["held", "list"], lambda rows: len(rows) == 1)[0]
        self.assertEqual(held["rule"], "digest-quoted")
        self.wait(lambda: any("lien placé dessous" in str(mail.parse(raw).get_body(("plain",)).get_content())
                              for raw in self.out.letters("claire@members.example") if b"multipart/digest" not in raw),
                  "help for claire")


if __name__ == "__main__":
    unittest.main()
