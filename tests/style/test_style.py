"""Rules of the sources that no compiler holds: where SQL and sockets may be, and which forms of co_await g++ 12 compiles rightly."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).parents[2]
STATEMENT = re.compile(r"\b(SELECT\s.+\sFROM\s|SELECT\s+1\b|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|PRAGMA\s)", re.DOTALL)
SOCKETS = re.compile(r'#\s*include\s*[<"](sys/socket\.h|netinet/|netdb\.h|curl/|ares|boost/asio|net/|daemon/)')
# What a coroutine may be given unnamed: plain numbers and views. Anything with a destructor is destroyed twice.
HARMLESS = re.compile(r"(chrono::\w+|span<[^>]*>)\s*\{")


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.[ch]pp")):
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


def blank(match):
    return "".join("\n" if c == "\n" else " " for c in match[0])


def code(text):
    """The text without comments and the inside of string literals, every line where it was."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", blank, text, flags=re.DOTALL)
    return re.sub(r'"(?:[^"\\\n]|\\.)*"', lambda m: '"' + " " * (len(m[0]) - 2) + '"', text)


def closing(text, start):
    """Behind the bracket that closes the one at `start`, or None."""
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if depth == 0:
            return at + 1
    return None


def beginning(text, at):
    """Where the statement begins that this place is in; the semicolons of for (...) end none."""
    begin = max(text.rfind("{", 0, at), text.rfind("}", 0, at)) + 1
    depth = 0
    for place in range(begin, at):
        depth = max(0, depth + (text[place] == "(") - (text[place] == ")"))  # behind }, brackets may close that opened before
        if text[place] == ";" and depth == 0:
            begin = place + 1
    return begin


def before_it(head):
    """What stands between the beginning of the statement and co_await, without `if (...)` and its like; None inside of one."""
    while found := re.match(r"\s*(?:else\s+)?(?:if|while|for)\s*(?:constexpr\s*)?(?=\()", head):
        end = closing(head, found.end())
        if end is None:
            return None
        head = head[end:]
    return re.sub(r"^\s*(else|case [^:]*:|default:)\s*", "", head).strip()


def trouble_with(text, at):
    """Why the co_await at this place might be miscompiled, or None."""
    head = before_it(text[beginning(text, at):at])
    if head is None:
        return "inside a condition"
    if not re.fullmatch(r"|co_return|\*?(?:[\w:<>,&\s*]+[\s&*])?(?:\w+|\[[\w, ]+\])(?:(?:\.|->)\w+)*\s*=", head):
        return "neither a statement, nor what a named variable begins with"
    depth, end = 0, at
    while end < len(text) and depth >= 0 and not (text[end] == ";" and depth == 0):
        depth += (text[end] in "([{") - (text[end] in ")]}")
        end += 1
    rest = text[at + len("co_await"):end]
    if re.search(r"\bco_await\b", rest):
        return "two in one statement"
    if re.match(r"\s*\(", rest):
        return "of an expression in brackets"
    if re.search(r"[\w>)\]]\s*\{", HARMLESS.sub(" ", rest)):
        return "with an object or a lambda that has no name"
    return None


def awaits(text):
    text = code(text)
    for found in re.finditer(r"\bco_await\b", text):
        if trouble := trouble_with(text, found.start()):
            yield text.count("\n", 0, found.start()) + 1, trouble


class Style(unittest.TestCase):
    def test_sql_stands_beside_the_code_that_binds_it(self):
        found = [str(path) for path, text in sources("core", "net", "daemon", "cli")
                 if path.parts[:2] != ("core", "store") and STATEMENT.search(re.sub(r"//[^\n]*", "", text))]
        self.assertEqual(found, [])

    def test_core_has_no_sockets_and_nobody_above_it(self):
        found = [f"{path}: {match[0]}" for path, text in sources("core") for match in SOCKETS.finditer(text)]
        found += [f"{path}: {match[0]}" for path, text in sources("cli") for match in re.finditer(r'#include "daemon/', text)]
        found += [f"{path}: {match[0]}" for path, text in sources("net") for match in re.finditer(r'#include "(daemon|cli)/', text)]
        found += [f"{path}: {match[0]}" for path, text in sources("daemon") for match in re.finditer(r'#include "cli/', text)]
        self.assertEqual(found, [])

    def test_policy_queue_and_bounces_know_nothing_of_the_store(self):
        found = [str(path) for path, text in sources("core/policy", "core/queue", "core/classify") if '#include "core/store' in text]
        self.assertEqual(found, [])

    def test_no_coroutine_is_let_go_with_its_exceptions(self):
        found = [str(path) for path, text in sources("core", "net", "daemon", "cli", "bench", "tests")
                 if re.search(r"\basio::detached\b|,\s*detached\s*\)", code(text))]
        self.assertEqual(found, [])

    def test_no_co_await_in_a_form_that_is_miscompiled(self):
        found = [f"{path}:{line}: co_await {trouble}" for path, text in sources("core", "net", "daemon", "cli", "bench", "tests")
                 for line, trouble in awaits(text)]
        self.assertEqual(found, [])

    def test_the_forms_are_told_apart(self):
        for statement in ("co_await f(x);", "auto y = co_await f(x);", "const auto [a, b] = co_await f(x);", "co_return co_await f(x);",
                          "if (y) co_await f(std::chrono::seconds{1});", "for (int i = 0; i < 3; ++i) y = co_await f(i);",
                          "Answer<int> y = co_await g(f(x), asio::use_awaitable);"):
            self.assertEqual(list(awaits("{ " + statement + " }")), [], statement)
        for statement in ("if (co_await f(x)) g();", "while (n < co_await f(x)) g();", "auto y = c ? co_await f() : b;",
                          "auto y = co_await (c ? f() : b);", "g(co_await f(x));", "co_await f([id] { return id; });",
                          "co_await f([id](Database& db) mutable { go(db); });", "co_await f(Outcome{1, 2});",
                          "auto y = co_await f(co_await g());", "auto y = 1 + co_await f();", "for (; co_await f();) g();",
                          "co_return (co_await f()).size();"):
            self.assertNotEqual(list(awaits("{ " + statement + " }")), [], statement)


if __name__ == "__main__":
    unittest.main()
