import os
import re
import shutil
import subprocess
import unittest

from site_ import MAJLIS, Site

ETC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "etc")


def usage(*words):
    return subprocess.run([MAJLIS, *words, "--help"], capture_output=True, text=True, check=True).stdout


def commands():
    """Every command as --help shows it: ["list", "create"], ["status"]."""
    out = []
    for name in re.findall(r"^  ([a-z]+) ", usage().split("Subcommands:")[1], re.M):
        below = usage(name).split("Subcommands:")
        out += [[name, verb] for verb in re.findall(r"^  ([a-z]+) ", below[1], re.M)] if len(below) > 1 else [[name]]
    return out


def flags(words):
    return [f for f in re.findall(r"^  (?:-h,)?(--[a-z-]+)", usage(*words), re.M)]


class Manual(unittest.TestCase):
    def test_every_command_and_option_of_help_is_in_the_manual(self):
        with open(os.path.join(ETC, "man", "majlis.1"), encoding="ascii") as file:
            manual = file.read()
        self.assertGreater(len(commands()), 35)
        for words in commands():
            self.assertIn("\n.It Ic " + " ".join(words), manual)
            for flag in flags(words):
                self.assertIn("Fl " + flag[1:], manual, words)

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not here")
    def test_the_manuals_are_clean(self):
        for name in ("majlis.1", "majlisd.8", "majlis.toml.5"):
            done = subprocess.run(["mandoc", "-Tlint", os.path.join(ETC, "man", name)], capture_output=True, text=True, check=False)
            found = [line for line in done.stdout.splitlines() if "referenced manual not found" not in line]
            self.assertEqual(found, [])


class Completion(Site):
    def offers(self, *words):
        return self.done("__complete", "--", *words).split()

    def test_every_command_and_option_of_help_is_offered(self):
        for words in commands():
            self.assertIn(words[-1], self.offers(*words[:-1], words[-1][:1]))
            offered = self.offers(*words, "--")
            for flag in flags(words):
                self.assertIn(flag, offered, words)

    def test_values_and_names_of_lists_are_offered(self):
        self.tree()
        self.assertEqual(self.offers("list", "show", "ma"), ["maimc", "maroc"])
        self.assertEqual(self.offers("list", "create", "x", "--parent", "r"), ["rabat"])
        self.assertEqual(self.offers("member", "add", "rabat", "a@b.org", "--mode", ""), ["each", "daily", "weekly", "none"])
        self.assertEqual(self.offers("role", "add", "rabat", "a@b.org", "o"), ["owner"])
        self.assertEqual(self.offers("member", "import", "rabat", ""), ["@files"])

    def test_without_a_database_there_is_silence(self):
        os.remove(self.path("majlis.toml"))
        self.assertEqual(self.offers("list", "show", ""), [])

    def in_shell(self, *command):
        env = {"PATH": os.path.dirname(os.path.abspath(MAJLIS)) + ":" + os.environ["PATH"], "HOME": self.folder,
               "MAJLIS_CONFIG": self.path("majlis.toml")}
        done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=self.folder, check=False, timeout=60)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    @unittest.skipUnless(shutil.which("bash"), "bash is not here")
    def test_bash_completes(self):
        self.tree()
        script = f"""source {ETC}/completion/majlis
            COMP_WORDS=(majlis list show ra); COMP_CWORD=3; _majlis; printf '%s\\n' "${{COMPREPLY[@]}}"
            COMP_WORDS=(majlis member add rabat a@b.org --mo); COMP_CWORD=5; _majlis; printf '%s\\n' "${{COMPREPLY[@]}}" """
        self.assertEqual(self.in_shell("bash", "--norc", "-c", script), ["rabat", "--mode"])

    @unittest.skipUnless(shutil.which("fish"), "fish is not here")
    def test_fish_completes(self):
        self.tree()
        script = f"source {ETC}/completion/majlis.fish; complete -C 'majlis list show ra'"
        self.assertEqual(self.in_shell("fish", "--no-config", "-c", script), ["rabat"])

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not here")
    def test_zsh_reads_its_completion(self):
        self.in_shell("zsh", "-f", "-n", f"{ETC}/completion/_majlis")


if __name__ == "__main__":
    unittest.main()
