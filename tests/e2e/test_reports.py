"""Meeting reports: posted like any other mail, and kept in one git repository common to all sections."""

import subprocess
import unicodedata
import unittest
import urllib.parse

from harness import mail, world
from harness.case import SinkCase


class Reports(SinkCase):
    members = 3

    def setUp(self):
        super().setUp()
        self.bare = self.world.home / f"bare{self.world.installed}"

    def install(self, **options):
        reports = {"repository": self.world.home / f"reports{self.world.installed}", "remote": self.bare}
        return super().install(reports=reports, **options)

    def make_bare(self):
        subprocess.run(["git", "init", "--quiet", "--bare", self.bare], check=True)

    def git(self, *words):
        return subprocess.run(["git", "-C", self.bare, *words], check=True, capture_output=True).stdout.decode()

    def commits(self):
        done = subprocess.run(["git", "-C", self.bare, "log", "--format=%an|%s", "main"], capture_output=True)
        return done.stdout.decode().splitlines()

    def report(self, subject, **options):
        return self.post(subject=subject, **options)

    def test_a_report_reaches_the_members_and_the_remote(self):
        self.make_bare()
        self.install().start()
        self.report("[CR] Réunion du bureau", body="Présents : Amina, Omar.\r\n\r\n- le budget\r\n")
        self.out.wait_for(3)
        self.wait(self.commits, "the commit at the remote")
        self.assertEqual([line.split("|")[1] for line in self.commits()], ["rabat: Réunion du bureau"])
        files = self.git("-c", "core.quotePath=false", "ls-tree", "-r", "--name-only", "main").splitlines()
        self.assertEqual(len(files), 3, files)
        page = self.git("show", f"main:{next(file for file in files if 'reunion-du-bureau' in file)}")
        self.assertIn("Présents : Amina, Omar.", page)
        self.assertNotIn("@", page)
        self.assertIn("reunion-du-bureau", self.git("show", f"main:{min(f for f in files if f.count('/') == 2)}"))
        shown = self.majlis.json("report", "list")
        self.assertEqual([(one["state"], one["title"]) for one in shown], [("kept", "Réunion du bureau")])

    def test_a_correction_by_its_author_replaces_it_and_talk_does_not(self):
        self.make_bare()
        self.install().start()
        text = "Le budget est de 100 dirhams, vote unanime de tous les presents.\r\n"
        self.report("[CR] Budget", body=text, message_id="budget@members.example")
        self.wait(lambda: len(self.commits()) == 1, "the report")
        answers = ["In-Reply-To: <budget@members.example>"]
        signed = "--b\r\n\r\nMerci !\r\n--b\r\nContent-Type: image/png; name=logo.png\r\nContent-ID: <logo>\r\n\r\nx\r\n--b--\r\n"
        thanks = mail.make(self.people[0], "rabat@maimc.example", subject="Re: [CR] Budget", body=signed, more=answers)
        self.world.mailbox.deliver(b"Delivered-To: rabat@maimc.example\r\n" + thanks.replace(
            b"Content-Type: text/plain; charset=utf-8", b"Content-Type: multipart/mixed; boundary=b", 1))
        self.post(self.people[1], subject="Re: [CR] Budget", body="Et le mien ? " * 20 + "\r\n", more=answers)
        self.post(self.people[0], subject="Re: [CR] Budget", body="Merci !\r\n> " + text, more=answers)
        self.post(self.people[0], subject="Re: [CR] Budget", body=text.replace("100", "200"), more=answers)
        self.out.wait_for(15)
        self.wait(lambda: len(self.commits()) == 2, "the correction")
        self.majlis.stop()
        self.assertEqual(self.commits()[0].split("|")[1], "rabat: Budget (corrected)")
        files = [file for file in self.git("ls-tree", "-r", "--name-only", "main").splitlines() if "budget" in file]
        self.assertEqual(len(files), 1, files)
        self.assertIn("200 dirhams", self.git("show", f"main:{files[0]}"))

    def test_hostile_titles_authors_and_file_names_stay_within_the_section(self):
        self.make_bare()
        self.install().start()
        names = ["../../evil.txt", ".git/config", "--upload-pack=x", "con.txt", "a\u202egpj.exe", "n" * 400 + ".pdf", "re\u0301union.pdf",
                 "r\u00e9union.pdf", "C:\\x\\y.doc", "README.md", "."]
        parts = "".join(f"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; "
                        f"filename*=utf-8''{urllib.parse.quote(name)}\r\n\r\ndata {number}\r\n" for number, name in enumerate(names))
        body = f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nTexte\r\n{parts}--b--\r\n"
        titles = ["../../.git/hooks/x", "\u202e" * 3, "a" * 500, "-rf", "con", "..", "\u00e9" * 200]
        for number, title in enumerate(titles):
            raw = mail.make(self.people[0], "rabat@maimc.example", subject=f"[CR] {title}", body=body, message_id=f"{number}@members.example")
            raw = raw.replace(b"Content-Type: text/plain; charset=utf-8", b"Content-Type: multipart/mixed; boundary=b", 1)
            raw = raw.replace(f"From: {self.people[0]}".encode(), b'From: "..." <' + self.people[0].encode() + b">", 1)
            self.world.mailbox.deliver(b"Delivered-To: rabat@maimc.example\r\n" + raw)
        self.wait(lambda: len(self.commits()) == len(titles), "every report", 60)
        self.majlis.stop()
        files = self.git("-c", "core.quotePath=false", "ls-tree", "-r", "--name-only", "main").splitlines()
        self.assertEqual(len(files), len(titles) * (len(names) + 1) + 2, files)
        for file in files:
            self.assertRegex(file, r"^rabat/(README\.md|2026/(README\.md|[^/]{10,80}/[^/]{1,110}))$")
            self.assertNotRegex(file, r"(?i)/(con|\.git)(/|\.|$)|\u202e|/-|[\x00-\x1f\x7f\\\\]")
        self.assertEqual(len({unicodedata.normalize("NFC", file).casefold() for file in files}), len(files))
        self.assertEqual({line.split("|")[0] for line in self.commits()}, {"MAIMC"})

    def test_the_report_address_needs_no_tag_and_a_held_report_waits(self):
        self.make_bare()
        self.install()
        self.majlis.run("list", "set", "rabat", "posting=moderated")
        self.majlis.start()
        raw = mail.make(self.people[0], ["rabat+report@maimc.example"], subject="Assemblée")
        self.world.mailbox.deliver(b"Delivered-To: rabat+report@maimc.example\r\n" + raw)
        held = self.majlis.wait_json(["held", "list"], lambda answer: len(answer) == 1)[0]
        self.assertEqual(self.commits(), [])
        self.majlis.run("held", "approve", held["id"])
        self.out.wait_for(3)
        self.wait(lambda: len(self.commits()) == 1, "the report")

    def test_talk_to_the_report_address_becomes_no_report(self):
        self.make_bare()
        self.install().start()
        text = "Le budget est de 100 dirhams, vote unanime de tous les presents.\r\n"

        def send(sender, subject, body, **options):  # a reply to all goes there too: To stays what the author wrote
            raw = mail.make(sender, "rabat+report@maimc.example", subject=subject, body=body, **options)
            self.world.mailbox.deliver(b"Delivered-To: rabat+report@maimc.example\r\n" + raw)

        answers = ["In-Reply-To: <budget@members.example>"]
        send(self.people[0], "Budget", text, message_id="budget@members.example")
        self.wait(lambda: len(self.commits()) == 1, "the report")
        send(self.people[1], "Re: Budget", "Merci !\r\n", more=answers)
        send(self.people[1], "Re: Budget", "Et le mien ? " * 20 + "\r\n", more=answers)
        send(self.people[0], "Re: Budget", "De rien.\r\n", more=answers)
        send(self.people[0], "Re: Budget", text.replace("100", "200"), more=answers)
        self.out.wait_for(15)
        self.wait(lambda: len(self.commits()) == 2, "the correction")
        self.majlis.stop()
        self.assertEqual([line.split("|")[1] for line in self.commits()], ["rabat: Budget (corrected)", "rabat: Budget"])
        states = [one["state"] for one in self.majlis.json("report", "list")]
        self.assertEqual(states, ["kept", "not a report", "not a report", "not a report", "replaced"])

    def test_a_remote_that_is_away_gets_the_report_later(self):
        self.install().start()
        self.report("[CR] Un")
        self.out.wait_for(3)
        self.majlis.wait_json(["report", "list"], lambda answer: answer and answer[0]["state"] == "kept")
        self.wait(lambda: "not pushed yet" in self.majlis.run("report", "list").stdout, "the failure is shown")
        self.assertIn("not pushed yet", self.majlis.json("status")["warnings"][-1])
        self.make_bare()
        self.majlis.run("report", "push")
        self.wait(lambda: len(self.commits()) == 1, "the report at the remote")
        self.wait(lambda: "not pushed yet" not in self.majlis.run("report", "list").stdout, "the success is shown")

    def test_check_tells_that_git_is_missing_before_a_report_comes(self):
        self.install()
        self.assertIn(f"reports: kept in {self.world.home}", self.majlis.run("check", "--offline", status=None).stdout)
        self.majlis.environment["PATH"] = "/nonexistent"
        self.assertIn("reports: git cannot be run", self.majlis.run("check", "--offline", status=1).stdout)

    def test_killed_at_any_moment_it_is_one_commit(self):
        self.make_bare()
        self.install()
        for number in range(6):
            self.report(f"[CR] Numero {number}", body=f"{number}\r\n")
            self.majlis.start()
            if number % 2:
                self.majlis.wait_json(["report", "list"], lambda answer: len(answer) == number + 1)
            self.majlis.kill()
        self.majlis.start()
        self.wait(lambda: len(self.commits()) == 6, "every report", 90)  # a push that outlives the kill fails the next one
        self.majlis.stop()
        self.assertEqual(len(set(self.commits())), 6)


if __name__ == "__main__":
    unittest.main()
