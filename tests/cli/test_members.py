from site_ import Site


class Members(Site):
    def prepare(self):
        super().prepare()
        self.tree()

    def test_members_are_added_shown_and_removed(self):
        self.assertEqual(self.done("member", "add", "rabat", "amina@example.org", "badr@example.org", "--mode", "daily"),
                         "added to rabat: amina@example.org, badr@example.org\n")
        self.assertEqual(self.done("member", "add", "rabat", "Amina@Example.org", "chama@example.org"),
                         "added to rabat: chama@example.org; already on rabat, unchanged: Amina@Example.org\n")
        rows = self.json("member", "list", "rabat")
        self.assertEqual([(r["id"], r["mode"]) for r in rows],
                         [("amina@example.org", "daily"), ("badr@example.org", "daily"), ("chama@example.org", "each")])
        self.assertEqual(self.done("member", "remove", "rabat", "badr@example.org"), "removed from rabat: badr@example.org\n")
        self.refused(1, "majlis: member remove: badr@example.org is not on rabat: nobody was removed; "
                        "\"majlis member show badr@example.org\" tells his lists",
                     "member", "remove", "rabat", "amina@example.org", "badr@example.org")
        self.assertEqual(len(self.json("member", "list", "rabat")), 2)

    def test_each_person_is_shown_once_below(self):
        self.done("member", "add", "rabat", "amina@example.org")
        self.done("member", "add", "maimc", "amina@example.org", "--mode", "none")
        rows = self.json("member", "list", "maimc", "--below")
        self.assertEqual(len(rows), 1)
        self.assertEqual({s["list"]: s["mode"] for s in rows[0]["subscriptions"]}, {"rabat": "each", "maimc": "none"})

    def test_a_member_is_changed(self):
        self.done("member", "add", "rabat", "amina@example.org")
        self.done("member", "set", "amina@example.org", "name=Amina, de Rabat", "language=ar")
        self.done("member", "set", "amina@example.org", "mode=weekly", "--list", "rabat")
        self.assertEqual(self.done("member", "set", "amina@example.org", "address=amina@example.com"),
                         "amina@example.org: address = amina@example.com\n")
        member = self.json("member", "show", "amina@example.com")
        self.assertEqual((member["name"], member["language"]), ("Amina, de Rabat", "ar"))
        self.assertEqual(member["subscriptions"][0]["mode"], "weekly")

    def test_roles_hold_below(self):
        self.done("role", "add", "maroc", "hind@example.org", "owner")
        self.assertEqual(self.json("role", "list", "rabat"),
                         [{"id": "hind@example.org", "address": "hind@example.org", "name": "", "role": "owner", "list": "maroc"}])
        self.refused(1, "majlis: role remove: hind@example.org is not owner of rabat itself: "
                        "\"majlis role list rabat\" tells where each role was given",
                     "role", "remove", "rabat", "hind@example.org", "owner")
        self.assertEqual(self.done("role", "remove", "maroc", "hind@example.org", "owner"),
                         "hind@example.org is no longer owner of maroc\n")

    def test_find_tells_by_its_status_whether_anybody_was_found(self):
        self.done("member", "add", "rabat", "amina@example.org", "--name", "Amina B.")
        self.assertEqual(self.json("member", "find", "amina b")[0]["id"], "amina@example.org")
        result = self.text("member", "find", "nobody")
        self.assertEqual((result.out, result.err, result.code), ("nobody found\n", "", 1))

    def test_everything_about_a_person_is_exported(self):
        self.done("member", "add", "rabat", "amina@example.org", "--name", "Amina B.")
        self.done("role", "add", "rabat", "amina@example.org", "moderator")
        import json
        record = json.loads(self.done("person", "export", "AMINA@example.org"))
        self.assertEqual(record["member"][0]["name"], "Amina B.")
        self.assertEqual(record["subscriptions"][0]["list"], "rabat")
        self.assertEqual(record["roles"][0]["role"], "moderator")
        self.assertIn("member-added", [line["event"] for line in record["journal"]])
        self.refused(1, "majlis: person export: nothing is kept about nobody@example.org", "person", "export", "nobody@example.org")

    def test_bad_input_is_refused_with_what_to_do(self):
        self.done("member", "add", "rabat", "amina@example.org")
        for code, message, words in [
            (1, "majlis: member add: \"x y@z\": one address only, without name, spaces or commas", ["member", "add", "rabat", "x y@z"]),
            (1, "majlis: member add: rabat@maimc.org is an address of the list 'rabat': mail to it would go round in a circle",
             ["member", "add", "maroc", "rabat@maimc.org"]),
            (2, "majlis: member add: --name is for one address: add the others on their own",
             ["member", "add", "rabat", "a@example.org", "b@example.org", "--name", "N"]),
            (1, "majlis: member show: no member nobody@example.org: \"majlis member find\" searches addresses and names",
             ["member", "show", "nobody@example.org"]),
            (2, "majlis: member set: mode belongs to a subscription: say which with --list LIST",
             ["member", "set", "amina@example.org", "mode=daily"]),
            (2, "majlis: member set: mode cannot be \"never\": give each, daily, weekly or none",
             ["member", "set", "amina@example.org", "mode=never", "--list", "rabat"]),
            (1, "majlis: member set: amina@example.org is not on maroc: "
                "\"majlis member add maroc amina@example.org --mode daily\" puts him there",
             ["member", "set", "amina@example.org", "mode=daily", "--list", "maroc"]),
            (2, "majlis: member set: no key \"lang\": a member has name, language, address, own, duplicates, digest, vacation, alias, no-alias and, with --list, mode",
             ["member", "set", "amina@example.org", "lang=fr"]),
            (2, "majlis: member set: \"name\" is not KEY=VALUE: write for example language=ar",
             ["member", "set", "amina@example.org", "name"]),
            (1, "majlis: member set: the language is fr, ar or en", ["member", "set", "amina@example.org", "language=xx"]),
            (2, "majlis: role add: ROLE cannot be \"boss\": give owner or moderator",
             ["role", "add", "rabat", "amina@example.org", "boss"]),
        ]:
            with self.subTest(words=words):
                self.refused(code, message, *words)
