import json

from site_ import Site

POST = ("From: Amina <amina@example.org>\nTo: maroc@maimc.org\nSubject: =?utf-8?q?Caf=C3=A9?=\nMessage-ID: <1@example.org>\n"
        "Date: Sun, 22 Nov 2026 16:00:00 +0000\n\nBonjour\n")


class Mail(Site):
    def prepare(self):
        super().prepare()
        self.tree()
        self.done("member", "add", "rabat", "amina@example.org", "badr@example.org")
        self.done("member", "add", "maimc", "badr@example.org", "chama@example.org")

    def test_explain_tells_what_would_become_of_a_post(self):
        told = self.json("explain", stdin=POST)
        self.assertEqual((told["kind"], told["recipients"]), ("post", 2))
        cost = told["cost"]
        self.assertEqual((cost["recipients"], cost["domains"]), (2, []))
        self.assertEqual(cost["relays"], [{"relay": "out", "recipients": 2, "messages": 2,
                                           "quotas": [{"limit": "60 recipients/minute", "needs": 2, "left": 54, "reserved": 6}]}])
        self.assertIsNotNone(cost["done_at"])
        only = told["lists"][0]
        self.assertEqual((only["list"], only["verdict"], only["decided_by"]), ("maroc", "accept", "default"))
        self.assertIn("List-Id: maroc <maroc.maimc.org>", only["headers"])
        self.assertNotIn("post-injected", [line["event"] for line in self.json("log")])
        self.assertEqual(self.json("status")["mails_to_judge"], 0)

    def test_explain_divides_a_post_by_the_weights_of_its_relays_and_tells_of_limited_domains(self):
        self.write("majlis.toml", self.config.replace('name   = "out"', 'name   = "out"\nweight = 3') +
                   '[[relay]]\nurl = "smtp://127.0.0.1:2"\nname = "second"\n'
                   '[[relay]]\nurl = "smtp://127.0.0.1:3"\nname = "third"\nbackup = true\n'
                   '[[relay]]\nurl = "smtp://127.0.0.1:4"\nname = "other"\nsenders = ["paris@*"]\n'
                   '[[domain]]\ndomains = ["slow.example"]\nlimits = ["10 recipients/day"]\nreserve = "0%"\n')
        self.done("member", "add", "rabat", *(f"s{number}@slow.example" for number in range(6)))
        cost = self.json("explain", stdin=POST)["cost"]
        self.assertEqual([(relay["relay"], relay["recipients"]) for relay in cost["relays"]], [("out", 6), ("second", 2)])
        self.assertEqual(cost["domains"], [{"domain": "slow.example", "recipients": 6, "quotas": [
            {"limit": "10 recipients/day", "needs": 6, "left": 10, "reserved": 0}]}])
        told = self.done("explain", stdin=POST)
        self.assertIn("relay out: about 6 recipients, 6 messages\n", told)
        self.assertIn("domain slow.example: 6 recipients\n  quota 10 recipients/day: this post needs 6 of 10 left\n", told)

    def test_explain_names_the_rule_that_holds_a_stranger(self):
        told = self.json("explain", stdin=POST.replace("amina@example.org>", "stranger@example.net>"))
        only = told["lists"][0]
        self.assertEqual((only["verdict"], only["decided_by"]), ("hold", "stranger"))
        self.assertEqual((told["recipients"], told["cost"]), (0, None))

    def test_explain_shows_what_the_content_filter_would_take_out(self):
        self.done("list", "set", "maroc", "attachments=deny .exe")
        post = ("Delivered-To: maroc@maimc.org\nFrom: amina@example.org\nTo: maroc@maimc.org\nSubject: x\n"
                "Message-ID: <f@example.org>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nBonjour\n"
                "--b\nContent-Type: image/png; name=a.EXE\n\nMZMZ\n--b--\n")
        only = self.json("explain", stdin=post)["lists"][0]
        self.assertEqual(only["removed"], [{"type": "image/png", "name": "a.EXE", "size": 4, "why": "name", "entry": ".exe"}])
        self.assertIn("the content filter takes out\n  image/png a.EXE (name: .exe)\n", self.done("explain", stdin=post))
        self.assertEqual(self.json("explain", stdin=POST)["lists"][0]["removed"], [])

    def test_explain_says_so_when_a_mail_is_for_no_list(self):
        text = self.done("explain", stdin=POST.replace("maroc@", "nobody@"))
        self.assertTrue(text.endswith("\nit is for no list of ours: no address in Delivered-To, To or Cc is one "
                                      "(\"majlis list tree\" shows them)\n"), text)

    def test_a_post_waits_for_the_daemon(self):
        self.assertEqual(self.done("post", "rabat", stdin=POST), "took mail 1 for rabat: majlisd will judge it when it runs\n")
        self.assertEqual(self.json("status")["mails_to_judge"], 1)
        self.assertEqual(self.done("post", "rabat", "--dry-run", stdin=POST),
                         "dry run, nothing changed: took mail 2 for rabat: majlisd will judge it when it runs\n")
        self.assertEqual(self.json("status")["mails_to_judge"], 1)

    def test_classify_needs_no_configuration(self):
        result = self.run_majlis("classify", stdin=POST, MAJLIS_CONFIG="/nonexistent")
        self.assertEqual((result.code, result.err), (0, b""))
        told = json.loads(result.out)
        self.assertEqual((told["kind"], told["failures"]), ("post", []))
        self.assertEqual(told["decoded"], {"subject": "Café", "from": "amina@example.org", "from_name": "Amina", "attachments": [],
                                           "text": "Bonjour", "parts": 1})

    def test_any_bytes_are_classified(self):
        for junk in [b"\x00\xff\xfe", b"\xff: \xff\r\n\r\n\xff", b"From", b"Subject: " + b"=?" * 5000, b"\n" * 3 + b"x"]:
            with self.subTest(junk=junk[:20]):
                result = self.run_majlis("classify", stdin=junk)
                self.assertEqual((result.code, result.err), (0, b""))
                json.loads(result.out)

    def test_bad_input_is_refused_with_what_to_do(self):
        for verb in (["classify"], ["explain"], ["post", "rabat"]):
            self.refused(1, f"majlis: {verb[0]}: the message is empty: give one with < FILE", *verb)
        self.refused(1, "majlis: post: the message has no header: begin with lines such as \"From: you@example.org\" and "
                        "\"Subject: ...\", then an empty line", "post", "rabat", stdin="hi\n")
        self.refused(1, "majlis: post: \"me\": an address needs an @, as in anne@example.org",
                     "post", "rabat", "--from", "me", stdin=POST)
        self.refused(1, "majlis: post: there is no list 'rabbat'; did you mean 'rabat'?", "post", "rabbat", stdin=POST)
