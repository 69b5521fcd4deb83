"""`majlis check` against real servers: what is well, what is wrong, and how it says so."""

import unittest

from harness import world
from harness.case import ServerCase


class CheckCase(ServerCase):
    def check(self, *words, status=0):
        found = self.majlis.json("check", *words, status=status)
        return {grade: [(f["about"], f["message"]) for f in found if f["grade"] == grade] for grade in ("ok", "warning", "error")}

    def says(self, findings, about, *words):
        """One of the findings about this holds all of the words."""
        said = [message for where, message in findings if where.startswith(about)]
        self.assertTrue(any(all(word in message for word in words) for message in said), (about, words, findings))


class Check(CheckCase):
    def test_servers_that_are_well(self):
        self.install()
        found = self.check()
        self.assertEqual(found["error"], [])
        self.says(found["ok"], "inbox ", "logged in at imaps://localhost")
        self.says(found["ok"], "inbox ", "offers IDLE")
        self.says(found["ok"], "inbox ", "folder INBOX: 0 messages")
        self.says(found["ok"], "inbox ", "folder Majlis/Done: will be made when it is first needed")
        self.says(found["ok"], "relay ", "logged in at smtp://localhost")
        self.says(found["ok"], "relay ", "offers PIPELINING", "CHUNKING", "SIZE")

    def test_a_probe_arrives_and_is_taken_away_again(self):
        self.install()
        found = self.check("--send")
        self.assertEqual(found["error"], [])
        self.says(found["ok"], "probe", f"mail to {world.MAILBOX} arrived in INBOX")
        self.says(found["ok"], "probe", "mail to the sub-address ", "+majlis-check@", "arrived in INBOX")
        self.assertEqual(self.world.mailbox.mails(), [])

    def test_a_wrong_password_and_a_missing_folder(self):
        self.install()
        inbox = self.world.inbox(self.majlis, folders=["INBOX", "Nowhere"])
        relay = self.world.relay(self.majlis, password_file=self.majlis.secret("wrong.password", "guess"))
        self.majlis.write_config(inbox=[inbox], relay=[relay])
        found = self.check(status=1)
        self.says(found["error"], "inbox ", "folder Nowhere", "correct folders")
        self.says(found["error"], "relay ", "password")
        self.assertNotIn("guess", str(found))

    def test_a_certificate_of_nobody_we_know(self):
        self.install()
        self.majlis.write_config(inbox=[self.world.inbox(self.majlis, ca_file="/etc/ssl/certs/ca-certificates.crt")])
        found = self.check(status=1)
        self.says(found["error"], "inbox ", "certificate")

    def test_a_relay_that_takes_less_than_we_do(self):
        self.install()
        self.majlis.write_config(delivery={"max_size": "900MB"})
        found = self.check(status=1)
        self.says(found["error"], "relay ", "takes mails up to ", "lower max_size")

    def test_a_provider_that_says_nothing_and_lets_forgeries_through(self):
        self.install(authentication={"trusted_servers": ["mx.maimc.example"]})
        found = self.check("--send", status=1)
        self.says(found["warning"], "authentication", "without an Authentication-Results of \"mx.maimc.example\"")
        self.says(found["error"], "authentication", "a forged Authentication-Results of \"mx.maimc.example\" came through and would",
                  "header_checks: /^Authentication-Results:.*mx\\.maimc\\.example/ IGNORE")
        self.assertEqual(self.world.mailbox.mails(), [])

    def test_a_mailbox_that_bears_no_results_at_all(self):
        self.install()
        found = self.check("--send")
        self.says(found["warning"], "authentication", "no trusted_servers")
        self.says(found["warning"], "authentication", "bears no Authentication-Results", "hold or challenge")


STRIP = r"/^Authentication-Results:.*mx\.maimc\.example/ IGNORE"
WRITE = "/^Received: from / PREPEND Authentication-Results: mx.maimc.example; dkim=none; spf=none"


class ProviderThatDoesItRight(CheckCase):
    header_checks = [STRIP, WRITE]

    def test_its_field_is_seen_and_a_forged_one_is_stripped(self):
        self.install(authentication={"trusted_servers": ["mx.maimc.example"]})
        found = self.check("--send")
        self.assertEqual(found["error"], [])
        self.says(found["ok"], "authentication", "mx.maimc.example writes Authentication-Results where it is believed")
        self.says(found["ok"], "authentication", "a forged Authentication-Results of \"mx.maimc.example\" is stripped")
        self.assertEqual([about for about, _ in found["warning"] if about == "authentication"], [])

    def test_its_name_is_proposed_and_proven_where_none_is_configured(self):
        self.install()
        found = self.check("--send")
        self.says(found["warning"], "authentication", "set trusted_servers = [\"mx.maimc.example\"]")
        self.says(found["ok"], "authentication", "is stripped")


class ProviderThatStripsNothing(CheckCase):
    header_checks = [WRITE]

    def test_a_forged_field_below_its_own_is_told(self):
        self.install(authentication={"trusted_servers": ["mx.maimc.example"]})
        found = self.check("--send")
        self.says(found["ok"], "authentication", "where it is believed")
        self.says(found["warning"], "authentication", "came through below the provider's own", "IGNORE")


class ProviderThatForcesFrom(CheckCase):
    header_checks = ["/^From:.*admin@/ REJECT 5.7.1 not allowed to send as this address"]

    def test_a_probe_bears_the_account_where_posts_do(self):
        self.install()
        self.majlis.write_config(relay=[self.world.relay(self.majlis, **{"from": "account"})])
        self.assertEqual(self.check("--send")["error"], [])


if __name__ == "__main__":
    unittest.main()
