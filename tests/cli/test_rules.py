from site_ import Site

POST = ("From: Amina <amina@example.org>\nTo: rabat@maimc.org\nSubject: {}\nMessage-ID: <1@example.org>\n"
        "Date: Sun, 22 Nov 2026 16:00:00 +0000\n\nBonjour\n")


class Rules(Site):
    def prepare(self):
        super().prepare()
        self.tree()
        self.done("member", "add", "rabat", "amina@example.org")

    def fails(self, *words):
        """What it complains of."""
        result = self.text(*words)
        self.assertEqual((result.out, result.code), ("", 1), words)
        return result.err

    def judged(self, subject="Bonjour", name="rabat"):
        return self.json("rule", "test", name, stdin=POST.format(subject))

    def test_a_ban_holds_below_until_it_is_removed(self):
        self.assertEqual(self.done("rule", "add", "maroc", "ban", "Amina@Example.org", "--note", "spam"),
                         "rule 1: ban amina@example.org on maroc\n")
        told = self.judged()
        self.assertEqual((told["verdict"], told["decided_by"]), ("discard", "banned"))
        self.assertEqual([rule["rule"] for rule in told["rules"] if rule["decided"]], ["banned"])
        listed = self.json("rule", "list", "rabat")
        self.assertEqual([(rule["id"], rule["list"], rule["kind"], rule["pattern"], rule["note"]) for rule in listed],
                         [(1, "maroc", "ban", "amina@example.org", "spam")])
        self.assertIn("rule 1 says so already", self.done("rule", "add", "maroc", "ban", "amina@example.org"))
        self.assertIn("rabat has no rule 1 of its own", self.fails("rule", "remove", "rabat", "1"))
        self.assertEqual(self.done("rule", "remove", "maroc", "1"), "removed rule 1: ban amina@example.org on maroc\n")
        self.assertEqual(self.judged()["verdict"], "accept")
        self.assertEqual([line["event"] for line in self.json("log", "--list", "maroc")][-2:], ["rule-added", "rule-removed"])

    def test_rules_of_the_site_hold_for_all_lists(self):
        self.done("rule", "add", "--site", "ban", "@example.org")
        self.assertEqual(self.judged()["decided_by"], "banned")
        self.assertEqual(self.json("rule", "list", "--site")[0]["list"], None)
        self.done("rule", "remove", "--site", "1")
        self.assertEqual(self.judged()["decided_by"], "default")

    def test_a_header_pattern_does_what_it_says(self):
        self.done("rule", "add", "rabat", "header", "Subject", "^\\[adv\\]", "reject")
        self.assertEqual(self.judged("[ADV] Win")["verdict"], "reject")
        self.assertEqual(self.judged("Not [ADV]")["verdict"], "accept")
        self.assertIn("regular expression", self.fails("rule", "add", "rabat", "header", "Subject", "(", "hold"))
        self.assertIn("already", self.done("rule", "add", "rabat", "header", "subject", "^\\[adv\\]", "reject"))
        self.assertIn("remove it first", self.fails("rule", "add", "rabat", "header", "Subject", "^\\[adv\\]", "hold"))

    def test_a_dry_run_changes_nothing(self):
        self.assertIn("dry run", self.done("rule", "add", "rabat", "ban", "x@example.org", "--dry-run"))
        self.assertEqual(self.json("rule", "list", "rabat"), [])

    def test_test_shows_every_rule_with_the_one_that_decides(self):
        text = self.done("rule", "test", "maimc", stdin=POST.format("unsubscribe"))
        lines = text.splitlines()
        self.assertTrue(lines[0].startswith("list maimc: reject by rule administrivia ("), text)
        self.assertIn("    banned", lines)
        self.assertTrue(any(line.startswith("  > administrivia: reject, ") for line in lines), text)
        text = self.done("explain", stdin=POST.format("Bonjour"))
        self.assertIn("\n  > default: accept, ", text)

    def test_wrong_words_are_refused_with_what_to_write(self):
        for words in (["rabat"], ["rabat", "forbid", "x@y.org"], ["rabat", "ban"], ["rabat", "header", "Subject", "x"],
                      ["rabat", "header", "Subject", "x", "keep"]):
            with self.subTest(words=words):
                result = self.run_majlis("rule", "add", *words)
                self.assertEqual(result.code, 2)
                self.assertIn(b"LIST ban ADDRESS", result.err)
        self.assertIn("neither an address", self.fails("rule", "add", "rabat", "ban", "nonsense"))
        self.assertIn("an address of the list rabat", self.fails("rule", "add", "rabat", "ban", "rabat@maimc.org"))
