import os
import pty
import subprocess
import time

from site_ import MAJLIS, Site


class Usage(Site):
    def test_wrong_usage_ends_with_two(self):
        for message, words in [
            ("majlis: which command?: see \"majlis --help\"", []),
            ("majlis: list: which command?: see \"majlis list --help\"", ["list"]),
            ("majlis: no command \"lst\": did you mean \"list\"? see \"majlis --help\"", ["lst"]),
            ("majlis: list: no command \"sow\": did you mean \"show\"? see \"majlis list --help\"", ["list", "sow", "rabat"]),
            ("majlis: list tree: no option --jsn: did you mean \"--json\"? see \"majlis list tree --help\"", ["list", "tree", "--jsn"]),
            ("majlis: list tree: one word too many, \"x\": see \"majlis list tree --help\"", ["list", "tree", "x"]),
            ("majlis: list create: --address is required: see \"majlis list create --help\"", ["list", "create", "x"]),
        ]:
            with self.subTest(words=words):
                self.refused(2, message, *words)

    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([MAJLIS, "--help"], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertNotEqual(done.returncode, 0)

    def test_help_and_reading_are_quick(self):
        """Under 20 ms on a machine with nothing else to do; here the processor's time counts, as others may use the machine."""
        with open(MAJLIS, "rb") as program:
            if b"__asan_init" in program.read():
                self.skipTest("sanitizers are slow")
        self.tree()
        for words in (["--help"], ["list", "tree"], ["member", "list", "rabat"], ["status"]):
            best = 1.0
            for _ in range(10):
                before = os.times()
                self.text(*words)
                after = os.times()
                best = min(best, after.children_user + after.children_system - before.children_user - before.children_system)
            self.assertLess(best, 0.040, words)

    def in_terminal(self, answer, *words):
        """Runs majlis on a terminal of its own, types `answer`, returns what was shown and the exit status."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execve(MAJLIS, ["majlis", *words], {"MAJLIS_CONFIG": self.path("majlis.toml"), "HOME": self.folder,
                                                   "PATH": os.environ["PATH"]})
        os.write(terminal, answer.encode())
        shown, end = b"", time.monotonic() + 60
        while time.monotonic() < end:
            try:
                data = os.read(terminal, 4096)
            except OSError:
                break
            if not data:
                break
            shown += data
        os.close(terminal)
        return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_what_destroys_asks_on_a_terminal(self):
        self.tree()
        shown, code = self.in_terminal("n\n", "list", "remove", "rabat")
        self.assertIn("remove list rabat <rabat@maimc.org> with 0 subscriptions and its held posts? [y/N]", shown)
        self.assertIn("majlis: list remove: nothing was changed", shown)
        self.assertEqual(code, 1)
        shown, code = self.in_terminal("y\n", "list", "remove", "rabat")
        self.assertIn("removed list rabat", shown)
        self.assertEqual(code, 0)

    def test_init_asks_step_by_step(self):
        os.remove(self.path("majlis.toml"))
        os.remove(self.path("majlis.db"))
        answers = "maimc@gmail.com\n\nMAIMC\nadmin@maimc.org\nfr\n\n\n\npassword\n\n\n"
        shown, code = self.in_terminal(answers, "init")
        self.assertIn("Provider: gmail", shown)
        self.assertEqual(code, 0, shown)
        with open(self.path("majlis.toml"), encoding="utf-8") as file:
            text = file.read()
        self.assertIn('url           = "imaps://imap.gmail.com"', text)
        self.assertIn('owner    = "admin@maimc.org"', text)
