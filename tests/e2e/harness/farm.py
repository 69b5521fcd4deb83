"""A farm of relays: Postfix servers, each in a network namespace of its own, joined to us by a pair of virtual interfaces."""

import collections
import os
import re
import shutil
import subprocess

from . import process
from .dovecot import MAIL_GID, MAIL_UID
from .postfix import Postfix

# RFC 2544 sets 198.18.0.0/15 aside for benchmarks: no real network uses it.
_NETWORK = "198.18"

_MORE = """
mynetworks = {ours}/32
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
virtual_mailbox_domains = members.example
virtual_mailbox_maps = regexp:{home}/everybody
virtual_alias_maps = 
virtual_mailbox_base = {home}/mail
smtpd_recipient_limit = 1000
"""


def impossible():
    """Why there can be no namespaces here; None where there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not shutil.which("ip"):
        return "iproute2 is not installed"
    name = f"majlis-probe-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if made.returncode != 0:
        return f"network namespaces cannot be made here: {made.stderr.strip()}"
    link = subprocess.run(["ip", "link", "add", f"mjp{os.getpid() % 100000}", "type", "veth", "peer", "name", "eth0", "netns", name],
                          capture_output=True, text=True)
    subprocess.run(["ip", "netns", "del", name], capture_output=True)  # and the pair with it
    return f"virtual interfaces cannot be made here: {link.stderr.strip()}" if link.returncode != 0 else None


class FarmRelay:
    """One Postfix, its namespace, and one Maildir with all that it delivered."""

    def __init__(self, number, home, dovecot, authority):
        self.name = f"majlis-{os.getpid()}-{number}"
        self.link = f"mj{os.getpid() % 100000}-{number}"
        third = os.getpid() % 250
        self.ours, self.address = f"{_NETWORK}.{third}.{4 * number + 1}", f"{_NETWORK}.{third}.{4 * number + 2}"
        process.run(["ip", "netns", "add", self.name])
        try:
            process.run(["ip", "link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", self.name])
            process.run(["ip", "address", "add", f"{self.ours}/30", "dev", self.link])
            process.run(["ip", "link", "set", self.link, "up"])
            for words in (["address", "add", f"{self.address}/30", "dev", "eth0"], ["link", "set", "eth0", "up"],
                          ["link", "set", "lo", "up"]):
                process.run(["ip", "-n", self.name, *words])
            self.home = home / f"relay{number}"
            self.mail = self.home / "mail" / "all" / "Maildir" / "new"
            self.postfix = Postfix(self.home, dovecot, authority, [], {}, address=self.address,
                                   within=["ip", "netns", "exec", self.name], more=_MORE.format(ours=self.ours, home=self.home))
            (self.home / "everybody").write_text("/@members\\.example$/ all/Maildir/\n")
            (self.home / "mail").mkdir()
            os.chown(self.home / "mail", MAIL_UID, MAIL_GID)
        except BaseException:
            self.close()
            raise

    def start(self):
        self.postfix.start()
        return self

    def kill(self):
        """kill -9 for all of its processes: what a power cut looks like."""
        self.postfix.kill()

    def close(self):
        if getattr(self, "postfix", None):
            self.postfix.stop()
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)
        subprocess.run(["ip", "link", "del", self.link], capture_output=True)  # gone already, if all went well

    def config(self, **changes):
        return {"url": f"smtp://{self.address}:{self.postfix.smtp_port}", "starttls": "never", **changes}

    def count(self):
        return len(os.listdir(self.mail)) if self.mail.exists() else 0

    def recipients(self, subject):
        """Who got a post with this subject from here, and how often."""
        found = collections.Counter()
        for file in self.mail.iterdir() if self.mail.exists() else ():
            head = file.read_text(errors="replace").partition("\n\n")[0]
            if re.search(rf"^Subject: {re.escape(subject)}$", head, re.MULTILINE):
                found[re.search(r"^X-Original-To: (.*)$", head, re.MULTILINE)[1]] += 1
        return found
