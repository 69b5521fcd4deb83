from site_ import Site


class HeldAndQueue(Site):
    def prepare(self):
        super().prepare()
        self.tree()

    def test_nothing_is_said_in_words_and_is_an_empty_array(self):
        self.assertEqual(self.done("held", "list"), "nothing is held\n")
        self.assertEqual(self.done("queue", "list"), "nothing is on its way\n")
        self.assertEqual(self.json("held", "list"), [])
        self.assertEqual(self.json("queue", "list", "--all"), [])

    def test_a_relay_is_paused_and_resumed(self):
        self.assertEqual(self.done("queue", "pause", "--dry-run"), "dry run, nothing changed: paused out\n")
        self.assertEqual(self.done("queue", "pause"), "paused out\n")
        self.assertEqual(self.json("status")["relays"][0]["state"], "paused")
        self.assertEqual(self.done("queue", "resume", "out"), "resumed out\n")
        self.assertEqual(self.done("queue", "resume", "out"), "not paused: out\n")
        self.assertEqual(self.json("status")["relays"][0]["state"], "working")

    def test_status_tells_of_everything(self):
        status = self.json("status")
        self.assertEqual(status["daemon"], {"running": False})
        self.assertEqual(status["inboxes"][0]["state"], "never seen")
        self.assertEqual(status["relays"][0]["quotas"], [{"limit": "60 recipients/minute", "used": 0, "left": 54, "reserved": 6}])
        self.assertEqual((status["relays"][0]["weight"], status["relays"][0]["failures"], status["relays"][0]["backup"]), (1, 0, False))
        self.assertEqual((status["posts"], status["domains"]), ([], []))
        self.assertEqual(status["queue"], {"deliveries": 0, "held_deliveries": 0, "deferred_recipients": 0,
                                           "waiting_for_domain": 0})
        self.assertIn("majlisd is not running", status["warnings"][1])

    def test_bad_input_is_refused_with_what_to_do(self):
        for code, message, words in [
            (1, "majlis: queue show: no delivery 4: \"majlis queue list --all\" shows them", ["queue", "show", "4"]),
            (2, "majlis: queue show: \"four\" is no id: give a number as the list shows it", ["queue", "show", "four"]),
            (1, "majlis: queue drop: no delivery 1: \"majlis queue list --all\" shows them", ["queue", "drop", "1", "--yes"]),
            (1, "majlis: queue pause: no relay \"nope\" in the configuration: there are out", ["queue", "pause", "nope"]),
            (1, "majlis: held show: no held post 9: \"majlis held list\" shows them", ["held", "show", "9"]),
            (2, "majlis: held approve: \"x\" is no id: give a number as the list shows it", ["held", "approve", "x"]),
            (2, "majlis: held discard: discard 2 held posts: nobody here to answer; say --yes to do it",
             ["held", "discard", "3", "4"]),
            (2, "majlis: log: --limit cannot be \"0\": give a number from 1 to 1000000", ["log", "--limit", "0"]),
        ]:
            with self.subTest(words=words):
                self.refused(code, message, *words)
