import os
import pathlib
import stat

from site_ import Site


class Setup(Site):
    def prepare(self):
        os.remove(self.path("majlis.toml"))

    def init(self, *more):
        return self.text("init", "--imap-user", "listes@maimc.org", "--provider", "generic", "--imap-password-file", "password", *more)

    def test_init_writes_a_configuration_that_check_accepts(self):
        self.assertEqual(self.init("--site-name", "MAIMC").code, 0)
        for name in ("majlis.toml", "majlis.db"):
            self.assertEqual(stat.S_IMODE(os.stat(self.path(name)).st_mode), 0o600, name)
        found = self.json("check", "--offline")
        self.assertEqual([f for f in found if f["grade"] == "error"], [])
        self.done("list", "create", "rabat", "--address", "rabat@maimc.org")

    def test_init_never_writes_over_anything(self):
        self.write("majlis.toml", "mine")
        result = self.init()
        self.assertEqual((result.code, result.err), (1, f"majlis: init: {self.path('majlis.toml')} exists already: edit it, or name "
                                                       "another place with --config; nothing was changed\n"))
        with open(self.path("majlis.toml"), encoding="ascii") as file:
            self.assertEqual(file.read(), "mine")
        self.assertFalse(os.path.exists(self.path("majlis.db")))

    def test_init_dry_run_writes_nothing(self):
        result = self.init("--dry-run")
        self.assertEqual(result.code, 0)
        self.assertIn('url           = "imaps://imap.maimc.org"', result.out)
        self.assertEqual(sorted(os.listdir(self.folder)), ["password"])

    def test_gmail_is_told_from_the_address(self):
        result = self.text("init", "--imap-user", "maimc@gmail.com", "--imap-password-file", "password", "--dry-run")
        self.assertIn('limits        = ["60 recipients/minute", "500 recipients/day"]', result.out)
        self.assertIn('from          = "account"', result.out)

    def test_init_without_a_terminal_asks_for_the_flag(self):
        self.refused(2, "majlis: init: --imap-user is missing: give it, or run \"majlis init\" in a terminal", "init")

    def test_init_refuses_what_the_configuration_would_refuse(self):
        result = self.init("--owner", "nobody")
        self.assertEqual((result.out, result.code), ("", 1))
        self.assertIn("[site] owner:", result.err)
        self.assertTrue(result.err.endswith("majlis: init: nothing was written: correct the flags and try again\n"), result.err)
        self.assertFalse(os.path.exists(self.path("majlis.toml")))

    def test_check_tells_of_every_trouble_and_how_to_mend_it(self):
        self.write("majlis.toml", self.config.replace('name   = "out"', 'name   = "out"\nsenders = ["*@other.org"]'))
        os.chmod(self.path("password"), 0o644)
        self.done("db", "migrate")
        self.done("list", "create", "rabat", "--address", "rabat@maimc.org")
        result = self.text("check", "--json")
        self.assertEqual(result.code, 1)
        found = {(f["about"], f["grade"]): f["message"] for f in result.json()}
        self.assertEqual(found["list rabat", "error"],
                         "no relay may send for rabat@maimc.org: add it to the senders of a [[relay]]")
        self.assertEqual(found["list rabat", "warning"],
                         "has no owner and no moderator: \"majlis role add rabat ADDRESS owner\"")
        self.assertIn("chmod", found["inbox listes@maimc.org@127.0.0.1", "warning"])
        self.assertIn("127.0.0.1", found["inbox listes@maimc.org@127.0.0.1", "error"])
        self.assertIn("127.0.0.1", found["relay out", "error"])
        self.assertEqual(found["majlisd", "warning"],
                         "does not run: start it (systemctl start majlisd), or let cron run \"majlisd --once\"")

    def test_check_goes_on_behind_a_wrong_configuration(self):
        self.write("majlis.toml", self.config.replace("[site]", "[site]\nnam = 1"))
        result = self.text("check")
        self.assertEqual(result.code, 1)
        self.assertIn("error    configuration: ", result.out)
        self.assertTrue(result.out.endswith("1 error, 0 warnings\n"), result.out)

    def test_a_command_without_configuration_says_where_it_looked(self):
        result = self.run_majlis("list", "tree", MAJLIS_CONFIG="")
        self.assertEqual((result.code, result.err.decode()),
                         (1, "majlis: list tree: no configuration: looked for ./majlis.toml, ~/.config/majlis/majlis.toml and "
                             "/etc/majlis/majlis.toml; run \"majlis init\", or name one with --config\n"))

    def test_the_database_is_copied_once(self):
        self.write("majlis.toml", self.config)
        version = len(list((pathlib.Path(__file__).parents[2] / "schema").glob("[0-9]*.sql")))
        self.assertEqual(self.done("db", "migrate"), f"{self.path('majlis.db')} is at version {version}, made new\n")
        self.assertEqual(self.done("db", "check"), f"{self.path('majlis.db')} is sound\n")
        self.assertEqual(self.done("db", "backup", "copy.db"), "wrote copy.db: a whole copy, to be opened like the original\n")
        self.assertEqual(self.text("db", "backup", "copy.db").code, 1)

    def test_a_missing_and_a_foreign_database_are_refused(self):
        self.write("majlis.toml", self.config)
        missing = self.text("list", "tree")
        self.assertEqual((missing.out, missing.code), ("", 1))
        self.assertIn(self.path("majlis.db"), missing.err)
        self.write("majlis.db", "this is no database at all, but it is long enough to be read as one" * 20)
        foreign = self.text("list", "tree")
        self.assertEqual((foreign.out, foreign.code), ("", 1))
        self.assertIn(self.path("majlis.db"), foreign.err)
