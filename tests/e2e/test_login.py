"""Getting into the mailbox: TLS in its forms, passwords, tokens; and what is said when it does not work."""

import unittest

from harness import world
from harness.case import ServerCase, SinkCase
from harness.dovecot import Dovecot
from harness.token_server import TokenServer


class Login(SinkCase):
    members = 2

    def goes_through(self, seconds=30.0):
        before = len(self.out.recipients())
        self.post()
        self.out.wait_for(before + 2, seconds)

    def configure(self, **changes):
        self.install()
        self.majlis.write_config(inbox=[self.world.inbox(self.majlis, **changes)])
        return self.majlis.start()

    def says(self, *words):
        """What `status` tells of the mailbox holds one of these words; and so does the log."""
        status = self.majlis.wait_json(["status"], lambda answer: answer["inboxes"][0].get("last_error"))
        error = status["inboxes"][0]["last_error"].lower()
        self.assertTrue(any(word in error for word in words), error)
        self.assertIsNone(self.majlis.process.poll(), "the daemon goes on")
        return error

    def test_implicit_tls(self):
        self.configure()
        self.goes_through()

    def test_starttls(self):
        self.configure(url=f"imap://localhost:{self.world.dovecot.imap_port}", starttls="required")
        self.goes_through()
        self.assertIn("TLS", [line for line in self.world.dovecot.log().splitlines() if "Login:" in line][-1])

    def test_no_password_is_given_to_a_server_that_should_offer_starttls_and_does_not(self):
        plain = Dovecot(self.world.home / f"plain{self.world.installed}", self.world.authority,
                        {world.MAILBOX: world.PASSWORD}, more="ssl = no").start()
        self.addCleanup(plain.stop)
        self.configure(url=f"imap://localhost:{plain.imap_port}", starttls="required")
        self.says("tls")
        self.assertNotIn("Login:", plain.log())

    def test_a_wrong_password_is_told_and_mended_without_a_restart(self):
        self.install()
        wrong = self.majlis.secret("wrong.password", "guess")
        self.majlis.write_config(inbox=[self.world.inbox(self.majlis, password_file=wrong)])
        self.majlis.start()
        error = self.says("password", "login", "log in", "authentication")
        self.assertNotIn("guess", error)
        self.majlis.secret("wrong.password", world.PASSWORD)
        self.majlis.reload()
        self.goes_through(90)

    def test_an_expired_certificate_is_told(self):
        self.expired = Dovecot(self.world.home / f"expired{self.world.installed}", self.world.authority,
                               {world.MAILBOX: world.PASSWORD},
                               certificate=self.world.authority.issue("expired", days=-1)).start()
        self.addCleanup(self.expired.stop)
        self.configure(url=f"imaps://localhost:{self.expired.imaps_port}")
        self.says("expired")
        self.assertNotIn("Login:", self.expired.log())

    def test_a_certificate_of_an_unknown_authority_is_told(self):
        self.install()
        inbox = self.world.inbox(self.majlis)
        del inbox["ca_file"]
        self.majlis.write_config(inbox=[inbox])
        self.majlis.start()
        error = self.says("certificate")
        self.assertIn("ca_file", error)

    def test_a_certificate_for_another_name_is_told(self):
        other = Dovecot(self.world.home / f"other{self.world.installed}", self.world.authority,
                        {world.MAILBOX: world.PASSWORD},
                        certificate=self.world.authority.issue("other", host="imap.other.example", address="")).start()
        self.addCleanup(other.stop)
        self.configure(url=f"imaps://localhost:{other.imaps_port}")
        self.says("name", "localhost", "certificate")

    def test_the_password_of_a_command(self):
        self.install()
        inbox = self.world.inbox(self.majlis, password_command=["printf", world.PASSWORD + "\\n"])
        del inbox["password_file"]
        self.majlis.write_config(inbox=[inbox])
        self.majlis.start()
        self.goes_through()

    def test_check_says_what_is_wrong_and_how_to_mend_it(self):
        self.install()
        self.majlis.write_config(inbox=[self.world.inbox(self.majlis, password_file=self.majlis.folder / "absent")])
        result = self.majlis.run("check", status=1)
        self.assertIn("absent", result.stdout + result.stderr)

    def test_check_of_a_good_installation_is_content(self):
        self.install()
        self.majlis.run("check")


class WithTokens:
    """A server that gives tokens, and a Dovecot that asks it whose they are."""

    @classmethod
    def setUpClass(cls):
        cls.tokens = TokenServer(world.MAILBOX)
        cls.dovecot_options = {"oauth": cls.tokens.dovecot(), "mechanisms": "plain login xoauth2 oauthbearer"}
        super().setUpClass()
        cls.addClassCleanup(cls.tokens.stop)

    def oauth2(self, token=None):
        return {"client_id": "majlis", "token_url": self.tokens.token_url,
                "refresh_token_file": self.majlis.secret("refresh", token or self.tokens.refresh_token)}


class Tokens(WithTokens, SinkCase):
    members = 2

    def configure(self, mechanism, token=None):
        self.install()
        inbox = self.world.inbox(self.majlis, auth=mechanism, oauth2=self.oauth2(token))
        del inbox["password_file"]
        self.majlis.write_config(inbox=[inbox])
        self.majlis.start()

    def test_a_token_opens_the_mailbox(self):
        for mechanism in ("xoauth2", "oauthbearer"):
            with self.subTest(mechanism=mechanism):
                self.configure(mechanism)
                self.post()
                self.out.wait_for(2)
                self.majlis.stop()
                self.world.wipe()

    def test_a_token_that_is_no_longer_good_is_fetched_anew(self):
        self.configure("xoauth2")
        self.post()
        self.out.wait_for(2)
        given = len(self.tokens.given)
        self.tokens.valid.clear()
        self.world.dovecot.restart()
        self.post()
        self.out.wait_for(4)
        self.assertEqual(len(self.tokens.given), given + 1)
        self.assertIn("access-token-refused", self.majlis.log())

    def test_a_revoked_refresh_token_is_told(self):
        self.configure("xoauth2", token="stolen")
        status = self.majlis.wait_json(["status"], lambda answer: answer["inboxes"][0].get("last_error"))
        self.assertIn("revoked", status["inboxes"][0]["last_error"])


class RelayTokens(WithTokens, ServerCase):
    """Postfix asks Dovecot whose a token is."""

    readers = ("pierre@members.example", "sophie@members.example")

    def configure(self, mechanism):
        self.install()
        relay = self.world.relay(self.majlis, auth=mechanism, connections=2, oauth2=self.oauth2())
        del relay["password_file"]
        self.majlis.write_config(relay=[relay])
        self.majlis.run("list", "create", "paris", "--address", world.address("paris"), "--title", "Paris")
        for person in self.readers:
            self.majlis.run("member", "add", "paris", person)
        self.majlis.start()

    def test_a_token_opens_the_relay_and_a_revoked_one_is_replaced_before_anything_rests(self):
        for mechanism in ("xoauth2", "oauthbearer"):
            with self.subTest(mechanism=mechanism):
                self.configure(mechanism)
                self.deliver(self.readers[0], "paris")
                self.world.wait_arrived(self.readers)
                given = len(self.tokens.given)
                self.tokens.valid.clear()
                self.world.wipe()
                self.world.postfix.stop()  # the connections are gone
                self.world.postfix.start()
                self.deliver(self.readers[0], "paris")
                self.world.wait_arrived(self.readers, seconds=15)
                self.assertEqual(len(self.tokens.given), given + 1)
                self.assertNotIn("relay-resting", self.majlis.log())
                self.majlis.stop()
                self.world.wipe()


if __name__ == "__main__":
    unittest.main()
