from site_ import Site

BROKEN = "address,name,mode\nchama@example.org,Chama,each\nbad,,\ndriss@example.org,\"D, E\",weekly\nchama@example.org,Again,each\n"
COMPLAINT = "majlis: roster.csv:3: 'bad': an address needs an @, as in anne@example.org\n"


class Import(Site):
    def prepare(self):
        super().prepare()
        self.tree()
        self.write("roster.csv", BROKEN)

    def test_a_bad_line_stops_the_import_and_nothing_is_changed(self):
        self.refused(1, COMPLAINT + "majlis: member import: stopped at a bad line, nothing was changed: "
                                    "mend it, or leave bad lines out with --on-error skip",
                     "member", "import", "rabat", "roster.csv")
        self.assertEqual(self.json("member", "list", "rabat"), [])

    def test_bad_lines_are_left_out_if_asked(self):
        result = self.text("member", "import", "rabat", "roster.csv", "--on-error", "skip")
        self.assertEqual((result.err, result.code), (COMPLAINT, 0))
        self.assertEqual(result.out, "2 added to rabat, 1 twice in the file, 1 bad line left out\n")
        self.assertEqual(self.done("member", "export", "rabat"),
                         "address,name,mode,language\nchama@example.org,Chama,each,\ndriss@example.org,\"D, E\",weekly,\n")

    def test_a_dry_run_counts_and_changes_nothing(self):
        result = self.text("member", "import", "rabat", "roster.csv", "--on-error", "skip", "--dry-run")
        self.assertEqual(result.out, "dry run, nothing changed: 2 added to rabat, 1 twice in the file, 1 bad line left out\n")
        self.assertEqual(self.json("member", "list", "rabat"), [])

    def test_the_first_twenty_bad_lines_are_shown_and_the_others_counted(self):
        self.write("bad.csv", "address\n" + "bad\n" * 30 + "good@example.org\n")
        result = self.text("member", "import", "rabat", "bad.csv", "--on-error", "skip")
        lines = result.err.splitlines()
        self.assertEqual(len(lines), 21)
        self.assertEqual(lines[0], "majlis: bad.csv:2: 'bad': an address needs an @, as in anne@example.org")
        self.assertEqual(lines[20], "majlis: ... and 10 more bad lines")
        self.assertEqual(result.out, "1 added to rabat, 30 bad lines left out\n")

    def test_what_was_exported_can_be_imported(self):
        self.done("member", "add", "rabat", "amina@example.org", "--name", "Amina \"la grande\", de Rabat", "--language", "ar")
        text = self.done("member", "export", "rabat")
        self.assertEqual(self.done("member", "import", "maroc", "-", "--format", "csv", stdin=text), "1 added to maroc\n")
        self.assertEqual(self.done("member", "export", "maroc"), text)

    def test_the_report_is_there_for_programs_too(self):
        result = self.text("member", "import", "rabat", "roster.csv", "--on-error", "skip", "--json")
        report = result.json()
        self.assertEqual((report["rows"], report["added"], report["bad"], report["stopped"]), (4, 2, 1, False))
        self.assertEqual(report["problems"][0]["line"], 3)

    def test_bad_input_is_refused_with_what_to_do(self):
        self.refused(1, "majlis: member import: cannot read nofile.csv: No such file or directory",
                     "member", "import", "rabat", "nofile.csv")
        self.refused(2, "majlis: member import: --format cannot be \"excel\": give auto, csv, text, mailman2, mailman3, mlmmj, "
                        "sympa or google", "member", "import", "rabat", "roster.csv", "--format", "excel")
        self.refused(2, "majlis: member import: FILE is required: see \"majlis member import --help\"", "member", "import", "rabat")
