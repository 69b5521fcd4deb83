from site_ import Site


class Digest(Site):
    """What is said where nothing waits; tests/e2e/test_digest.py sends some."""

    def prepare(self):
        super().prepare()
        self.tree()
        self.done("member", "add", "rabat", "amina@example.org", "--mode", "daily")

    def test_nothing_is_sent_where_nothing_came(self):
        self.assertEqual(self.done("digest", "send", "--due"), "nothing is due\n")
        self.assertEqual(self.done("digest", "send", "maroc"), "nothing waits for anybody there\n")
        self.assertEqual(self.json("digest", "send", "--due"), {"members": 0, "mails": 0})
        self.assertEqual(self.json("digest", "send", "rabat", "--dry-run"), [])
        self.assertEqual(self.done("digest", "send", "--due", "--dry-run"), "nobody would get a digest\n")
        self.assertEqual([row["event"] for row in self.json("log") if row["event"].startswith("digest")], [])

    def test_it_wants_to_know_whose(self):
        for words in ([], ["--due", "rabat"]):
            self.refused(2, "majlis: digest send: give either --due, for cron, or the lists whose members are to get theirs now",
                         "digest", "send", *words)
        self.assertIn("rabat", self.text("digest", "send", "rabbat").err)
        self.assertEqual(self.text("digest", "send", "rabbat").code, 1)

    def test_the_form_of_digests_is_set_and_shown(self):
        self.assertEqual(self.json("member", "show", "amina@example.org")["digest"], "mime")
        self.done("member", "set", "amina@example.org", "digest=plain")
        self.assertEqual(self.json("member", "show", "amina@example.org")["digest"], "plain")
        self.refused(2, "majlis: member set: digest cannot be \"pdf\": give mime or plain",
                     "member", "set", "amina@example.org", "digest=pdf")
