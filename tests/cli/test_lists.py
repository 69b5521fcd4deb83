from site_ import Site


class Lists(Site):
    def test_a_tree_is_made_and_shown(self):
        self.tree()
        self.assertEqual(self.done("list", "tree"),
                         "name       address\n"
                         "maimc      maimc@maimc.org\n"
                         "  maroc    maroc@maimc.org\n"
                         "    rabat  rabat@maimc.org\n")
        rabat = self.json("list", "tree")[2]
        self.assertEqual(rabat, {"id": "rabat", "name": "rabat", "address": "rabat@maimc.org", "parent": "maroc", "depth": 2})

    def test_a_dry_run_changes_nothing(self):
        self.assertEqual(self.done("list", "create", "paris", "--address", "paris@maimc.org", "--dry-run"),
                         "dry run, nothing changed: created list paris <paris@maimc.org>\n")
        self.assertEqual(self.json("list", "tree"), [])
        self.assertEqual(self.json("log"), [])

    def test_a_setting_says_where_it_comes_from(self):
        self.tree()
        self.done("list", "set", "maimc", "reply_to=list", "--fixed")
        self.done("list", "set", "maroc", "posting=moderated")
        self.done("list", "set", "rabat", "subject_tag=[rabat]")
        settings = {s["key"]: (s["value"], s["origin"]) for s in self.json("list", "show", "rabat")["settings"]}
        self.assertEqual(settings["reply_to"], ("list", "fixed by maimc"))
        self.assertEqual(settings["posting"], ("moderated", "from maroc"))
        self.assertEqual(settings["subject_tag"], ("[rabat]", "set here"))
        self.assertEqual(settings["language"], ("fr", "configuration"))
        self.assertEqual(settings["max_recipients"], ("20", "default"))
        self.assertEqual(self.done("list", "set", "rabat", "--unset", "subject_tag"), "rabat: subject_tag unset\n")

    def test_several_settings_are_set_together_or_not_at_all(self):
        self.tree()
        result = self.text("list", "set", "rabat", "posting=moderated", "max_recipients=many")
        self.assertEqual(result.code, 1)
        settings = {s["key"]: s["value"] for s in self.json("list", "show", "rabat")["settings"]}
        self.assertEqual(settings["posting"], "members")

    def test_a_list_moves_in_the_tree(self):
        self.tree()
        self.assertEqual(self.done("list", "set", "rabat", "parent=maimc"), "rabat: parent = maimc\n")
        self.assertEqual(self.json("list", "show", "rabat")["parent"], "maimc")
        self.assertEqual(self.text("list", "set", "maimc", "parent=rabat").code, 1)

    def test_a_list_is_renamed_and_removed(self):
        self.tree()
        self.assertEqual(self.done("list", "rename", "rabat", "rabat-ville"),
                         "list rabat is called rabat-ville now; its address stays rabat@maimc.org\n")
        self.done("member", "add", "rabat-ville", "amina@example.org")
        self.assertEqual(self.done("list", "remove", "rabat-ville", "--yes"),
                         "removed list rabat-ville <rabat@maimc.org> with 1 subscription and 0 held posts\n")
        self.assertEqual(self.json("member", "show", "amina@example.org")["subscriptions"], [])

    def test_bad_input_is_refused_with_what_to_do(self):
        self.tree()
        for code, message, words in [
            (1, "majlis: list show: there is no list 'rabbat'; did you mean 'rabat'?", ["list", "show", "rabbat"]),
            (1, "majlis: list create: there is a list 'rabat' already, at rabat@maimc.org",
             ["list", "create", "rabat", "--address", "other@maimc.org"]),
            (1, "majlis: list create: \"foo\": an address needs an @, as in anne@example.org",
             ["list", "create", "foo", "--address", "foo"]),
            (1, "majlis: list create: the address rabat+subscribe@maimc.org would be taken for a command to the list 'rabat'; "
                "choose another", ["list", "create", "zz", "--address", "rabat+subscribe@maimc.org"]),
            (1, "majlis: list create: there is no list 'maroco'; did you mean 'maroc'?",
             ["list", "create", "x", "--address", "x@maimc.org", "--parent", "maroco"]),
            (1, "majlis: list set: there is no setting 'postng'; did you mean 'posting'?", ["list", "set", "rabat", "postng=anyone"]),
            (1, "majlis: list set: posting: 'all' is not allowed; use members, anyone, moderators, moderated",
             ["list", "set", "rabat", "posting=all"]),
            (2, "majlis: list set: \"posting\" is not KEY=VALUE: write for example reply_to=list", ["list", "set", "rabat", "posting"]),
            (2, "majlis: list set: --fixed and --unset exclude each other: give one of them",
             ["list", "set", "rabat", "posting", "--fixed", "--unset"]),
            (2, "majlis: list create: --language cannot be \"de\": give fr, ar or en",
             ["list", "create", "x", "--address", "x@maimc.org", "--language", "de"]),
            (2, "majlis: list remove: remove list rabat <rabat@maimc.org> with 0 subscriptions and its held posts: "
                "nobody here to answer; say --yes to do it", ["list", "remove", "rabat"]),
            (1, "majlis: list remove: 'maroc' has lists below it; remove or move them first ('majlis list tree')",
             ["list", "remove", "maroc", "--yes"]),
        ]:
            with self.subTest(words=words):
                self.refused(code, message, *words)

    def test_what_a_list_above_has_fixed_is_refused_below(self):
        self.tree()
        self.done("list", "set", "maroc", "reply_to=list", "--fixed")
        self.refused(1, "majlis: list set: 'reply_to' is fixed by 'maroc' for all lists below it; change it there",
                     "list", "set", "rabat", "reply_to=author")
