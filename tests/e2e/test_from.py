"""Whose name stands in From: kept where the author's signature survives, else as his domain's policy (DMARC) asks."""

import unittest

from harness import mail, world
from harness.case import SinkCase

ZONE = ["_dmarc.reject.example TXT v=DMARC1; p=reject", "_dmarc.below.example TXT v=DMARC1; p=none; sp=quarantine",
        "_dmarc.fails.example SERVFAIL", "_dmarc.silent.example SILENT"]


def signature(domain, names="From:To:Subject"):
    return f"DKIM-Signature: v=1; a=rsa-sha256; d={domain}; s=x; h={names}; bh=x=; b=y="


class From(SinkCase):
    members = 1
    zone = ZONE

    def begin(self, *settings, authors=(), **options):
        self.install(**options)
        self.majlis.run("member", "add", "rabat", *authors)
        if settings:
            self.majlis.run("list", "set", "rabat", *settings)
        self.majlis.start()

    def copy(self, author, **options):
        """What the other member gets of a post by this author."""
        before = len(self.out.mail_for(self.people[0]))
        self.post(sender=f"Amina <{author}>", **options)
        self.wait(lambda: len(self.out.mail_for(self.people[0])) > before, f"the post of {author}")
        return mail.parse(self.out.mail_for(self.people[0])[before])

    def check_rewritten(self, copy, author):
        self.assertEqual(copy["From"], "Amina via Rabat <rabat@maimc.example>")
        self.assertEqual(copy["Reply-To"], f"Amina <{author}>")

    def check_kept(self, copy, author):
        self.assertEqual(copy["From"], f"Amina <{author}>")
        self.assertIsNone(copy["Reply-To"])

    def times_asked(self, domain):
        return self.world.dns.asked().count("_dmarc." + domain)

    def test_a_domain_that_forbids_it_has_its_authors_rewritten_and_is_asked_once(self):
        author = "amina@reject.example"
        asked = self.times_asked("reject.example")
        self.begin(authors=[author])
        self.check_rewritten(self.copy(author), author)
        self.check_rewritten(self.copy(author, subject="again"), author)
        self.assertEqual(self.times_asked("reject.example"), asked + 1)
        self.assertIn("author-policy", self.majlis.log())

    def test_a_signature_that_survives_keeps_the_author_and_asks_nobody(self):
        author = "amina@reject.example"
        asked = self.times_asked("reject.example")
        self.begin("subject_tag=", authors=[author])
        self.check_kept(self.copy(author, more=[signature("reject.example")]), author)
        self.assertEqual(self.times_asked("reject.example"), asked)

    def test_a_tag_breaks_a_signature_of_the_subject_alone(self):
        author = "amina@reject.example"
        self.begin("subject_tag=[rabat]", authors=[author])
        self.check_rewritten(self.copy(author, more=[signature("reject.example")]), author)
        self.check_kept(self.copy(author, subject="2", more=[signature("reject.example", "From:To")]), author)

    def test_no_policy_keeps_and_one_that_nobody_tells_rewrites(self):
        authors = ["a@nothing.example", "b@fails.example", "c@office.below.example", "d@below.example"]
        self.begin(authors=authors)
        self.check_kept(self.copy(authors[0]), authors[0])
        self.check_rewritten(self.copy(authors[1], subject="2"), authors[1])
        self.check_rewritten(self.copy(authors[2], subject="3"), authors[2])
        self.check_kept(self.copy(authors[3], subject="4"), authors[3])

    def test_a_silent_name_server_holds_up_nobody_else(self):
        authors = ["amina@silent.example", "omar@nothing.example"]
        self.begin(authors=authors)
        self.post(sender=f"Amina <{authors[0]}>", subject="slow")
        self.post(sender=f"Amina <{authors[1]}>", subject="quick")
        self.out.wait_for(6)
        subjects = [mail.parse(raw)["Subject"] for raw in self.out.mail_for(self.people[0])]
        self.assertEqual(subjects, ["quick", "slow"])
        slow = mail.parse(self.out.mail_for(self.people[0])[1])
        self.check_rewritten(slow, authors[0])

    def test_a_list_may_keep_or_wrap_whatever_the_domain_asks(self):
        author = "amina@reject.example"
        asked = self.times_asked("reject.example")
        self.begin("from=keep", authors=[author])
        self.check_kept(self.copy(author), author)
        self.majlis.run("list", "set", "rabat", "from=wrap")
        wrapped = self.copy(author, subject="wrapped")
        self.assertEqual(wrapped.get_content_type(), "message/rfc822")
        self.assertEqual(wrapped.get_payload(0)["From"], f"Amina <{author}>")
        self.assertEqual(wrapped["From"], "Amina via Rabat <rabat@maimc.example>")
        self.assertNotEqual(wrapped["Message-ID"], wrapped.get_payload(0)["Message-ID"])
        self.assertEqual(self.times_asked("reject.example"), asked)

    def test_what_our_provider_found_out_does_not_leave(self):
        author = "amina@nothing.example"
        self.begin(authors=[author], authentication={"trusted_servers": ["mx.provider.example"]})
        copy = self.copy(author, more=["Authentication-Results: mx.provider.example; dkim=pass header.d=nothing.example",
                                       "Authentication-Results: mx.elsewhere.example; none"])
        self.assertEqual(copy.get_all("Authentication-Results"), ["mx.elsewhere.example; none"])

    def test_explain_says_which_way_and_why(self):
        author = "amina@reject.example"
        self.install()
        self.majlis.run("member", "add", "rabat", author)
        raw = mail.make(f"Amina <{author}>", world.address("rabat"))
        told = self.majlis.json("explain", stdin=raw)["lists"][0]
        self.assertEqual(told["from"], "rewritten")
        self.assertEqual(told["from_reason"], "reject.example has not signed it, and its DMARC policy is reject")
        self.assertIn("From: Amina via Rabat <rabat@maimc.example>", told["headers"])
        signed = mail.make(f"Amina <{author}>", world.address("rabat"), more=[signature("reject.example")])
        self.assertIn("From is kept: the signature of reject.example", self.majlis.run("explain", stdin=signed).stdout)


if __name__ == "__main__":
    unittest.main()
