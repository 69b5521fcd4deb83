import contextlib
import sqlite3

from site_ import Site


class People(Site):
    """What one does about single persons: invite, prefer, erase."""

    def prepare(self):
        super().prepare()
        self.done("list", "create", "rabat", "--address", "rabat@maimc.org")
        self.done("member", "add", "rabat", "amina@example.org", "--name", "Amina")

    def test_an_invitation_is_a_mail_and_no_membership(self):
        self.assertEqual(self.done("member", "add", "rabat", "zoe@example.org", "--invite"), "invited to rabat: zoe@example.org\n")
        self.assertEqual([m["address"] for m in self.json("member", "list", "rabat")], ["amina@example.org"])
        self.assertEqual(len(self.json("queue", "list")), 1)
        self.assertIn("is on rabat already", self.text("member", "add", "rabat", "amina@example.org", "--invite").err)
        self.assertEqual(self.text("member", "add", "rabat", "x@example.org", "--invite", "--mode", "daily").code, 2)

    def test_preferences_and_other_addresses_are_set_and_shown(self):
        self.done("member", "set", "amina@example.org", "own=off", "duplicates=off", "alias=amina@work.example")
        shown = self.json("member", "show", "amina@example.org")
        self.assertEqual((shown["own"], shown["duplicates"], shown["vacation"]), ("off", "off", None))
        self.assertEqual(shown["aliases"], ["amina@work.example"])
        self.done("member", "set", "amina@example.org", "own=on", "no-alias=amina@work.example")
        self.assertEqual(self.json("member", "show", "amina@example.org")["aliases"], [])
        for word in ("own=perhaps", "vacation=1999-01-01", "shoe=42"):
            self.assertEqual(self.text("member", "set", "amina@example.org", word).code, 2)

    def test_an_erasure_leaves_no_trace_but_that_it_was(self):
        self.assertEqual(self.done("person", "erase", "amina@example.org", "--dry-run"),
                         "dry run, nothing changed: erased amina@example.org: 1 subscription, 0 posts\n")
        self.done("person", "erase", "amina@example.org", "--yes")
        self.assertEqual(self.text("person", "export", "amina@example.org").code, 1)
        self.assertEqual(self.json("log")[-1]["event"], "person-erased")
        self.assertNotIn("amina", self.done("log", "--json"))
        self.assertEqual(self.text("person", "erase", "amina@example.org", "--yes").code, 1)

    def test_what_is_held_against_a_member_is_forgotten(self):
        self.assertEqual(self.done("bounce", "reset", "amina@example.org"), "nothing was held against amina@example.org\n")
        with contextlib.closing(sqlite3.connect(self.path("majlis.db"))) as database, database:
            database.execute("INSERT INTO bounce_state (member_id, state, points, last_at, since) "
                             "SELECT id, 'counting', 4, 1, 1 FROM member")
        self.assertEqual([m["id"] for m in self.json("bounce", "list")], ["amina@example.org"])
        said = "nothing is held against amina@example.org any more\n"
        self.assertEqual(self.done("bounce", "reset", "amina@example.org", "--dry-run"), "dry run, nothing changed: " + said)
        self.assertEqual(len(self.json("bounce", "list")), 1)
        self.assertEqual(self.done("bounce", "reset", "amina@example.org"), said)
        self.assertEqual(self.json("bounce", "list"), [])

    def test_nobody_waits_to_be_let_in(self):
        self.assertEqual(self.json("request", "list"), [])
        self.assertEqual(self.text("request", "approve", "7").code, 1)
