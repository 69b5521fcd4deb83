"""tests/BEHAVIOURS.md names tests that exist, and says something of every line."""

import pathlib
import re
import unittest

TESTS = pathlib.Path(__file__).resolve().parent.parent
LAST = 200


def rows():
    """(the lines that a row speaks of, the row) of each table."""
    for line in (TESTS / "BEHAVIOURS.md").read_text().splitlines():
        if line.startswith("| B-"):
            yield line.split("|")[1], line


def unit_names():
    """What stands in quotes in the unit tests: names of tests, and rows of their tables."""
    names = set()
    for file in TESTS.glob("unit/**/*.cpp"):
        text = re.sub(r'"\s*\n\s*"', "", file.read_text())
        names.update(name.replace('\\"', '"') for name in re.findall(r'"((?:[^"\\\n]|\\.){6,})"', text))
    return names


class Behaviours(unittest.TestCase):
    def test_every_line_is_answered(self):
        seen = set()
        for lines, _ in rows():
            for first, last in re.findall(r"B-(\d+)(?: to B-(\d+))?", lines):
                seen.update(range(int(first), int(last or first) + 1))
        self.assertEqual(sorted(set(range(1, LAST + 1)) - seen), [])

    def test_every_name_is_a_test(self):
        units = unit_names()
        functions = set()
        for file in TESTS.glob("*/test_*.py"):
            functions.update(re.findall(r"def (test_\w+)", file.read_text()))
        for lines, row in rows():
            for name in re.findall(r'"([^"]{8,})"', row):
                whole = name.strip(". ")
                known = name in units or ("..." in name and any(each.startswith(whole) or each.endswith(whole) for each in units))
                self.assertTrue(known, f"{lines.strip()}: no test is called {name!r}")
            for name in re.findall(r"(?<![/\w])(test_\w+)", row):
                self.assertIn(name, functions, lines)
            for path in re.findall(r"\b((?:unit|e2e|cli|fuzz)/\w+(?:/\w+)?)", row):
                self.assertTrue(any((TESTS / path).parent.glob((TESTS / path).name + "*")), f"{lines.strip()}: {path}")

    def test_nothing_is_left_untested(self):
        for lines, row in rows():
            self.assertNotIn("not tested", row, lines)


if __name__ == "__main__":
    unittest.main()
