"""Mail that comes back: probe, suspension, warnings, removal over simulated days; what is nobody's fault costs nobody anything."""

import email.message
import email.policy
import email.utils
import time
import unittest

from harness import mail, world
from harness.case import ServerCase, SinkCase

DAY, MINUTE = 86_400, 60
GONE = "gone@members.example"  # no mailbox: Postfix refuses it at RCPT with 5.1.1
OMAR = "omar@members.example"  # for a while accepted, and then reported with 5.1.1
BOSS = "boss@members.example"


def text_of(letter):
    return letter.get_body(("plain",)).get_content()


def make(sender, to, subject="", body="", **fields):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"], message["Message-ID"] = email.utils.localtime(), email.utils.make_msgid(domain="members.example")
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message


class DeadAddresses(ServerCase):
    """Through a real Postfix, round by round as cron runs it; between the rounds days pass."""

    users = (BOSS,)

    def setUp(self):
        super().setUp()
        self.install()
        for name in ("maroc", "casablanca"):
            self.majlis.run("list", "create", name, "--address", world.address(name), "--language", "fr",
                            *(["--parent", "maroc"] if name != "maroc" else []))
        for person, language in ((GONE, "fr"), (OMAR, "ar"), ("leila@members.example", "fr")):
            self.majlis.run("member", "add", "casablanca", person, "--language", language)
        self.majlis.run("role", "add", "maroc", BOSS, "owner")
        self.majlis.run("list", "set", "maroc", "bounce_threshold=3", "bounce_warnings=2x7d")
        self.addCleanup(self.world.postfix.route, {})

    def send(self, message):
        self.world.postfix.send(email.utils.parseaddr(str(message["From"]))[1],
                                [email.utils.parseaddr(str(message["To"]))[1]], message.as_bytes())
        self.wait(lambda: any(message["Message-ID"].encode() in raw for raw in self.world.mailbox.mails()), "it in the mailbox")
        return message

    def bounces(self, person):
        return self.majlis.json("bounce", "show", person)

    def letters(self, person, template=""):
        """Letters of ours in somebody's mailbox whose Subject has these words, oldest first."""
        found = [mail.parse(raw) for raw in self.world.mails(person) if mail.is_letter(raw)]
        return [letter for letter in found if template in letter["Subject"]]

    def reports(self):
        return sum(b"report-type=delivery-status" in raw for raw in self.world.mailbox.mails())

    def rounds(self, reports=0):
        """One round sends; what comes back for it is taken in by the next."""
        before = self.reports()
        self.majlis.once()
        self.wait(self.world.postfix.drained, "Postfix has delivered")
        if reports:
            self.wait(lambda: self.reports() >= before + reports, "reports of failure from Postfix")
            self.majlis.once()
            self.wait(self.world.postfix.drained, "Postfix has delivered")

    def post(self, subject, reports=0):
        post = self.send(make("leila@members.example", world.address("casablanca"), subject, "Bonjour.\n"))
        self.rounds(reports)
        return post

    def pass_time(self, seconds, reports=0):
        self.majlis.age(seconds)
        self.rounds(reports)

    def subscribed(self, person):
        return bool(self.majlis.json("member", "show", person)["subscriptions"])

    def test_probe_suspension_warnings_then_one_comes_back_and_the_other_is_removed(self):
        self.world.postfix.route({OMAR: "error:5.1.1 no such user here"})
        for day in range(1, 4):
            self.post(f"jour {day}", reports=1)
            for person, source in ((GONE, "relay"), (OMAR, "token")):
                shown = self.bounces(person)["bounces"]
                self.assertEqual((len(shown), shown[0]["cause"], shown[0]["told_by"]), (day, "no_such_user", source), person)
            if day < 3:
                self.pass_time(DAY)
                self.assertEqual({self.bounces(person)["points"] for person in (GONE, OMAR)}, {str(day)})

        # The third day's point is the threshold: both are probed, and the probes come back in both ways.
        self.pass_time(2 * MINUTE, reports=1)
        self.assertEqual({self.bounces(person)["state"] for person in (GONE, OMAR)}, {"probing"})
        self.pass_time(2 * MINUTE, reports=1)
        self.assertEqual({self.bounces(person)["state"] for person in (GONE, OMAR)}, {"suspended"})
        self.assertEqual({self.bounces(person)["warnings"] for person in (GONE, OMAR)}, {1})
        told = [text_of(letter) for letter in self.letters(BOSS)]
        self.assertEqual(len(told), 2)
        for person in (GONE, OMAR):
            self.assertEqual(sum(person in text for text in told), 1)

        # Omar's mailbox is mended; what is posted meanwhile does not reach him.
        self.world.postfix.route({})
        missed = self.post("Réunion manquée")
        self.assertEqual(len(self.world.mails("leila@members.example")), 4)
        self.assertEqual(self.world.mails(OMAR), [])
        self.pass_time(7 * DAY + MINUTE)
        warning, = self.letters(OMAR)
        self.assertEqual(warning["Content-Language"], "ar")
        self.assertEqual(warning["Auto-Submitted"], "auto-generated")
        self.assertIn("Réunion manquée", text_of(warning))
        self.assertNotIn("http", text_of(warning))
        quoted = "".join("> " + line + "\n" for line in text_of(warning).splitlines())
        self.send(make(OMAR, str(warning["Reply-To"] or warning["From"]), f"Re: {warning['Subject']}", quoted,
                       In_Reply_To=warning["Message-ID"], References=warning["Message-ID"]))
        self.rounds()
        self.assertEqual(self.bounces(OMAR)["state"], "well")
        back, = [letter for letter in self.letters(OMAR) if letter["Message-ID"] != warning["Message-ID"]]
        self.assertIn(missed["Message-ID"].strip("<>"), text_of(back))

        # He asks for what he missed, and gets the next post by himself.
        self.send(make(OMAR, str(back["Reply-To"] or back["From"]), f"get {missed['Message-ID']}"))
        self.rounds()
        fetched = [part for letter in self.letters(OMAR) for part in letter.walk() if part.get_content_type() == "message/rfc822"]
        self.assertTrue(fetched, [text_of(letter) for letter in self.letters(OMAR)])
        self.assertEqual(fetched[0].get_content()["Message-ID"], missed["Message-ID"])
        self.post("jour suivant")
        self.assertIn("jour suivant", [mail.parse(raw)["Subject"] for raw in self.world.mails(OMAR)])

        # Nobody answers for the other one.
        self.assertEqual(self.bounces(GONE)["warnings"], 2)
        self.assertTrue(self.subscribed(GONE))
        self.pass_time(7 * DAY + MINUTE)
        self.assertFalse(self.subscribed(GONE))
        self.assertTrue(self.subscribed(OMAR))
        removed = [letter for letter in self.letters(BOSS) if GONE in letter["Subject"]]
        self.assertEqual(len(removed), 2)  # the suspension, the removal
        events = [line["event"] for line in self.majlis.json("log", "--member", GONE)]
        for event in ("bounce-probe-sent", "bounce-suspended", "bounce-warning-sent", "bounce-removed"):
            self.assertIn(event, events)

    def test_a_probe_that_arrives_clears_the_member(self):
        self.world.postfix.route({OMAR: "error:5.1.1 no such user here"})
        for day in range(3):
            self.post(f"jour {day}", reports=1)
            if day < 2:
                self.pass_time(DAY)
        self.world.postfix.route({})
        self.pass_time(2 * MINUTE)
        self.assertEqual(self.bounces(OMAR)["state"], "probing")
        self.assertEqual(len(self.letters(OMAR)), 1)
        self.pass_time(4 * DAY)
        self.assertEqual(self.bounces(OMAR)["state"], "well")

    def test_owners_who_want_it_daily_get_one_letter_for_all(self):
        self.majlis.run("list", "set", "maroc", "bounce_notice=daily", "bounce_threshold=1")
        second = "gone2@members.example"
        self.majlis.run("member", "add", "casablanca", second)
        self.post("un")
        for _ in range(2):
            self.pass_time(2 * MINUTE)
        self.assertEqual({self.bounces(person)["state"] for person in (GONE, second)}, {"suspended"})
        self.assertEqual(self.letters(BOSS), [])
        self.pass_time(DAY)
        summary, = self.letters(BOSS)
        self.assertIn(GONE, text_of(summary))
        self.assertIn(second, text_of(summary))
        self.pass_time(DAY)
        self.assertEqual(len(self.letters(BOSS)), 1)


class NobodysFault(SinkCase):
    members = 20

    def report(self, to, status, words, person):
        """What the provider's Postfix writes about one copy."""
        return (f"Return-Path: <>\r\nDelivered-To: {to}\r\nFrom: MAILER-DAEMON@mx.example.net\r\nTo: {to}\r\n"
                "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
                "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
                "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
                "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n"
                f"Final-Recipient: rfc822; {person}\r\nAction: failed\r\nStatus: {status}\r\n"
                f"Diagnostic-Code: smtp; {words}\r\n\r\n--b--\r\n").encode()

    def copies(self):
        """{recipient: envelope sender} of the copies at the sink."""
        with self.out.lock:
            return {one.recipients[0]: one.sender for one in self.out.accepted if not mail.is_letter(one.data)}

    def untouched(self):
        self.assertEqual(self.majlis.json("bounce", "list"), [])
        self.assertEqual(len(self.majlis.json("member", "list", "rabat")), len(self.people))

    def test_a_relay_that_refuses_all_for_policy_removes_nobody(self):
        self.install()
        angry = [True]
        self.out.on_rcpt = lambda *_: "550 5.7.1 blocked by policy" if angry[0] else None
        self.majlis.start()
        self.post()
        self.majlis.wait_json(["status"], lambda answer: "blocked by policy" in str(answer))
        for _ in range(4):
            self.majlis.age(DAY)
            time.sleep(1)  # long enough for a wrong daemon to count, to probe, to remove
            self.untouched()
        self.assertEqual(self.copies(), {})
        angry[0] = False

        def reached():  # a refusal that was on its way may let the relay rest once more
            self.majlis.run("queue", "resume")
            for row in self.majlis.json("queue", "list"):
                self.majlis.run("queue", "resume", row["id"], status=None)
            return len(self.out.recipients()) >= 18  # two lone refusals before the wall was seen may have used up their tries

        self.wait(reached, "the copies", 60)
        self.untouched()
        self.majlis.stop()
        self.assertLessEqual(len(self.out.notices()), 1)  # a relay that goes on failing; a short rest is nobody's business

    def test_reports_of_policy_from_many_trip_the_breaker_and_tell_the_owner_once(self):
        self.install()
        self.post()
        self.majlis.once()
        copies = self.copies()
        self.assertEqual(len(copies), 20)
        for person, sender in list(copies.items())[:14]:
            self.world.mailbox.deliver(self.report(sender, "5.7.1", "550 5.7.1 message refused by policy", person))
        self.majlis.once()
        for _ in range(3):
            self.majlis.age(DAY)
            self.majlis.once()
        self.assertEqual(len(self.out.notices()), 1)
        self.assertIn("5.7.1", mail.parse(self.out.notices()[0]).get_content())
        self.untouched()

    def test_even_dead_addresses_are_not_believed_when_they_are_many_at_once(self):
        self.install()
        self.post()
        self.majlis.once()
        for person, sender in list(self.copies().items())[:14]:
            self.world.mailbox.deliver(self.report(sender, "5.1.1", "550 5.1.1 no such user", person))
        self.majlis.once()
        self.majlis.age(2 * MINUTE)
        self.majlis.once()
        for person in self.people:
            self.assertEqual(self.majlis.json("bounce", "show", person)["points"], "0")
        self.assertEqual(len(self.out.notices()), 1)

    def test_a_forged_report_counts_for_nothing(self):
        self.install()
        self.post()
        self.majlis.once()
        person, sender = next(iter(self.copies().items()))
        forged = sender.replace("bounce-", "bounce-a", 1)
        self.world.mailbox.deliver(self.report(forged, "5.1.1", "550 5.1.1 no such user", person))
        self.majlis.once()
        self.majlis.age(2 * MINUTE)
        self.majlis.once()
        self.untouched()


class Complaints(SinkCase):
    members = 3

    def complaint(self, transaction):
        """As a provider's feedback loop sends it (RFC 5965), to the return path of the copy."""
        copy = transaction.data.replace(b"\r\n", b"\n").decode("utf-8", "replace").replace("\n", "\r\n")
        return (f"Delivered-To: {transaction.sender}\r\nFrom: fbl@provider.example\r\nTo: {transaction.sender}\r\n"
                "Subject: FW: complaint\r\nMIME-Version: 1.0\r\n"
                "Content-Type: multipart/report; report-type=feedback-report; boundary=arf\r\n\r\n"
                "--arf\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n"
                "--arf\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: FBL/1.0\r\nVersion: 1\r\n"
                f"Original-Mail-From: <{transaction.sender}>\r\nSource-IP: 192.0.2.1\r\n\r\n"
                f"--arf\r\nContent-Type: message/rfc822\r\n\r\n{copy}\r\n--arf--\r\n").encode()

    def test_who_complains_is_unsubscribed_without_a_word(self):
        self.install().start()
        self.post()
        self.out.wait_for(3)
        complainer = self.people[1]
        copy = next(one for one in self.out.accepted if one.recipients == [complainer])
        self.world.mailbox.deliver(self.complaint(copy))
        self.majlis.wait_json(["member", "show", complainer], lambda member: member["subscriptions"] == [])
        self.assertIn("complaint-unsubscribed", [line["event"] for line in self.majlis.json("log", "--member", complainer)])
        self.out.clear()
        self.post()
        self.assertEqual(sorted(self.out.wait_for(2)), [self.people[0], self.people[2]])
        self.majlis.stop()
        self.assertEqual(self.out.mail_for(complainer), [])

    def test_a_challenge_is_shown_to_the_owner_and_never_answered(self):
        self.install().start()
        self.post()
        self.out.wait_for(3)
        challenger = self.people[1]
        copy = next(one for one in self.out.accepted if one.recipients == [challenger])
        self.out.clear()
        for number in range(2):
            self.world.mailbox.deliver(
                (f"Delivered-To: {copy.sender}\r\nFrom: {challenger}\r\nTo: {copy.sender}\r\nX-TMDA-Fingerprint: abc\r\n"
                 f"Message-ID: <challenge{number}@members.example>\r\nSubject: Please confirm your message\r\n\r\n"
                 "Your message waits. Reply to this message to prove that you are no robot.\r\n").encode())
        self.wait(lambda: self.out.notices(), "the letter to the owner")
        self.majlis.wait_log("seen one of this sender")
        self.majlis.stop()
        self.assertEqual(len(self.out.notices()), 1)
        self.assertIn(b"Reply to this message to prove", self.out.notices()[0])
        self.assertEqual(self.out.mail_for(challenger), [])


if __name__ == "__main__":
    unittest.main()
