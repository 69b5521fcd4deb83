"""The community that most tests and ./try live in: maimc -> maroc -> rabat, casablanca; maimc -> france -> paris."""

import os
import pathlib
import shutil
import tempfile

from . import process
from .dovecot import Dovecot
from .majlis import Majlis
from .peer import DnsPeer
from .postfix import Postfix
from .tls import Authority

DOMAIN = "maimc.example"
MAILBOX = f"lists@{DOMAIN}"
PASSWORD = "correct horse"

TREE = [  # name, parent, title, language
    ("maimc", None, "MAIMC", "fr"),
    ("maroc", "maimc", "MAIMC Maroc", "fr"),
    ("rabat", "maroc", "Section de Rabat", "ar"),
    ("casablanca", "maroc", "Section de Casablanca", "fr"),
    ("france", "maimc", "MAIMC France", "fr"),
    ("paris", "france", "Section de Paris", "fr"),
]

MEMBERS = [  # address, name, language, lists
    ("amina@members.example", "أمينة العلوي", "ar", ["rabat"]),
    ("youssef@members.example", "يوسف بنعلي", "ar", ["rabat"]),
    ("claire@members.example", "Claire Lefèvre", "fr", ["rabat", "paris"]),
    ("hassan@members.example", "حسن الإدريسي", "ar", ["casablanca"]),
    ("fatima@members.example", "Fatima Zahra Berrada", "fr", ["casablanca", "maroc"]),
    ("omar@members.example", "Omar Tazi", "fr", ["casablanca"]),
    ("leila@members.example", "Leïla Benjelloun", "fr", ["maroc"]),
    ("pierre@members.example", "Pierre Dubois", "fr", ["paris"]),
    ("sophie@members.example", "Sophie Martin", "fr", ["paris", "france"]),
    ("james@members.example", "James Carter", "en", ["france"]),
    ("nadia@members.example", "Nadia El Fassi", "en", ["maimc"]),
    ("admin@maimc.example", "Karim Alaoui", "fr", ["maimc"]),
]
OUTSIDER = "stranger@elsewhere.example"


def below(name):
    """The list and every section below it."""
    found = {name}
    for child, parent, _, _ in TREE:  # parents stand before their sections
        if parent in found:
            found.add(child)
    return found


def readers_of(*names):
    """Who must get a post to these lists."""
    reached = set().union(*(below(name) for name in names))
    return {address for address, _, _, lists in MEMBERS if reached & set(lists)}


def address(name):
    return f"{name}@{DOMAIN}"


class World:
    """Servers that live through many tests; each test gets empty mailboxes and a majlis of its own."""

    def __init__(self, users=(), postfix=True, zone=(), header_checks=(), **dovecot_options):
        """zone: what the name server knows (tests/peer/README.md); nobody asks another.
        header_checks: of Postfix, for what comes in."""
        base = os.environ.get("MAJLIS_TEST_TMP", "/tmp")
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="majlis-", dir=base))
        os.chmod(self.home, 0o755)  # the servers' own users have to pass
        self.installed = 0
        self.dovecot = self.postfix = self.dns = None
        try:
            self.dns = DnsPeer(zone)
            self.authority = Authority(self.home / "ca")
            people = [MAILBOX, OUTSIDER, *(member[0] for member in MEMBERS), *users]
            self.dovecot = Dovecot(self.home / "dovecot", self.authority, {person: PASSWORD for person in people},
                                   **dovecot_options).start()
            if postfix:
                self.postfix = Postfix(self.home / "postfix", self.dovecot, self.authority, people,
                                       {f"@{DOMAIN}": MAILBOX}, header_checks=header_checks).start()
        except BaseException:
            self.close()
            raise

    def close(self):
        for server in (self.postfix, self.dovecot, self.dns):
            if server:
                server.stop()
        if os.environ.get("MAJLIS_TEST_KEEP"):
            print(f"kept: {self.home}")
        else:
            shutil.rmtree(self.home, ignore_errors=True)

    def wipe(self):
        for user in self.dovecot.users:
            self.dovecot.maildir(user).wipe()

    # Parts of a configuration ----------------------------------------------------------------------------------------

    def inbox(self, majlis, **changes):
        return {"url": f"imaps://localhost:{self.dovecot.imaps_port}", "username": MAILBOX, "connect_to": "127.0.0.1",
                "ca_file": self.authority.ca_file, "password_file": majlis.secret("imap.password", PASSWORD), **changes}

    def relay(self, majlis, **changes):
        """Postfix, as a provider's submission port."""
        return {"url": f"smtp://localhost:{self.postfix.submission_port}", "username": MAILBOX, "connect_to": "127.0.0.1",
                "starttls": "required", "ca_file": self.authority.ca_file,
                "password_file": majlis.secret("smtp.password", PASSWORD), **changes}

    def majlis(self, relays=None, inboxes=None, **sections):
        self.installed += 1
        majlis = Majlis(self.home / f"m{self.installed}")
        majlis.config["site"]["resolver"] = self.dns.server
        majlis.config["inbox"] = inboxes if inboxes is not None else [self.inbox(majlis)]
        majlis.config["relay"] = relays if relays is not None else [self.relay(majlis)]
        majlis.write_config(**sections)
        majlis.run("db", "migrate")
        return majlis

    # What mailboxes hold ---------------------------------------------------------------------------------------------

    @property
    def mailbox(self):
        return self.dovecot.maildir(MAILBOX)

    def mails(self, person):
        return self.dovecot.maildir(person).mails()

    def arrived(self):
        """{address: number of mails} of everybody who got some, the lists' own mailbox aside."""
        counts = {user: len(self.mails(user)) for user in self.dovecot.users if user != MAILBOX}
        return {user: count for user, count in counts.items() if count}

    def wait_arrived(self, people, seconds=30.0):
        process.wait_until(lambda: set(people) <= set(self.arrived()),
                           lambda: f"mail for {sorted(set(people) - set(self.arrived()))}", seconds)


def make_tree(majlis, members=MEMBERS):
    for name, parent, title, language in TREE:
        words = ["list", "create", name, "--address", address(name), "--title", title, "--language", language]
        majlis.run(*words, *(["--parent", parent] if parent else []))
    for person, name, language, lists in members:
        for each in lists:
            majlis.run("member", "add", each, person, "--name", name, "--language", language)
