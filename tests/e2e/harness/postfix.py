"""A private Postfix: relay with STARTTLS and SASL for us, mail exchanger for members and lists, closed to the outside."""

import os
import pwd
import shutil
import signal
import smtplib
import ssl

from . import process
from .dovecot import MAIL_GID, MAIL_UID

_MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.maimc.example
myorigin = maimc.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = {address}
inet_protocols = ipv4
maillog_file = {home}/mail.log
maillog_file_prefixes = {home}
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {mail}
virtual_mailbox_maps = texthash:{home}/mailboxes
virtual_alias_maps = texthash:{home}/aliases
header_checks = regexp:{home}/header_checks
virtual_minimum_uid = 100
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_transport = virtual
transport_maps = texthash:{home}/transport
default_transport = error:5.1.2 there is no outside world here
relay_transport = error:5.1.2 there is no outside world here
recipient_delimiter = +
message_size_limit = 52428800
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 1000
smtpd_soft_error_limit = 1000
smtpd_client_connection_count_limit = 0
in_flow_delay = 0s
smtputf8_enable = yes
smtpd_tls_security_level = may
smtpd_tls_chain_files = {key}, {certificate}
smtpd_tls_loglevel = 1
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth_socket}
smtpd_sasl_security_options = noanonymous
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
{more}
"""

_MASTER = """
{smtp_port}       inet  n - n - - smtpd
{submission_port} inet  n - n - - smtpd
    -o smtpd_sasl_auth_enable=yes
    -o smtpd_tls_security_level=encrypt
    -o smtpd_tls_auth_only=yes
    -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
{smtps_port}      inet  n - n - - smtpd
    -o smtpd_sasl_auth_enable=yes
    -o smtpd_tls_wrappermode=yes
    -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
pickup    unix  n - n 60    1 pickup
cleanup   unix  n - n -     0 cleanup
qmgr      unix  n - n 300   1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n -     - trivial-rewrite
bounce    unix  - - n -     0 bounce
defer     unix  - - n -     0 bounce
trace     unix  - - n -     0 bounce
verify    unix  - - n -     1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n -     - proxymap
error     unix  - - n -     - error
retry     unix  - - n -     - error
discard   unix  - - n -     - discard
virtual   unix  - n n -     - virtual
anvil     unix  - - n -     1 anvil
scache    unix  - - n -     1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


class Postfix:
    def __init__(self, home, dovecot, authority, mailboxes, aliases, certificate=None, more="", header_checks=(),
                 address="127.0.0.1", within=()):
        """mailboxes: addresses, each delivered into the Maildir of the Dovecot user of that name.
        aliases: {address or @domain: mailbox}, the catch-all of a provider's mailbox.
        header_checks: lines "/regexp/ ACTION" for what comes in.
        address: where it listens. within: the command that it is started with, of a namespace."""
        self.address, self.within = address, list(within)
        self.home, self.dovecot = home, dovecot
        self.ca_file = authority.ca_file
        self.smtp_port, self.submission_port, self.smtps_port = (process.free_port() for _ in range(3))
        home.mkdir(parents=True, exist_ok=True)
        self.config = home / "config"
        self.config.mkdir(exist_ok=True)
        (home / "data").mkdir(exist_ok=True)
        owner = pwd.getpwnam("postfix").pw_uid
        os.chown(home / "data", owner, -1)
        # What "postfix check" makes; it takes two seconds for it.
        for folder in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private",
                       "maildrop", "public", "saved", "trace", "pid"):
            (home / "queue" / folder).mkdir(parents=True, exist_ok=True)
            os.chmod(home / "queue" / folder, 0o755 if folder == "pid" else 0o700)
            if folder != "pid":
                os.chown(home / "queue" / folder, owner, -1)
        certificate = certificate or authority.issue(f"postfix-{self.smtp_port}")
        domains = {address.rpartition("@")[2] for address in [*mailboxes, *aliases]}
        (home / "mailboxes").write_text("".join(f"{box} {box}/Maildir/\n" for box in mailboxes))
        (home / "aliases").write_text("".join(f"{alias} {box}\n" for alias, box in aliases.items())
                                      + "".join(f"{box} {box}\n" for box in mailboxes))
        (home / "transport").write_text("")
        (home / "header_checks").write_text("".join(line + "\n" for line in header_checks))
        main = _MAIN.format(
            home=home, address=address, mail=dovecot.mail, domains=" ".join(sorted(domains)), uid=MAIL_UID, gid=MAIL_GID,
            certificate=certificate[0], key=certificate[1], auth_socket=dovecot.auth_socket, more="")
        # A setting that stands twice is warned of by each process; at once they are more lines than postlogd's socket takes
        # before it has started, and all wait for each other.
        theirs = {line.partition(" = ")[0] for line in more.splitlines()}
        kept = [line for line in main.splitlines() if line.partition(" = ")[0] not in theirs]
        (self.config / "main.cf").write_text("\n".join(kept) + "\n" + more + "\n")
        (self.config / "master.cf").write_text(_MASTER.format(
            smtp_port=self.smtp_port, submission_port=self.submission_port, smtps_port=self.smtps_port))
        self.process = None

    def start(self):
        output = (self.home / "stderr").open("ab")
        self.process = process.start([*self.within, "/usr/lib/postfix/sbin/master", "-d", "-c", self.config], stdout=output,
                                     stderr=output, stdin=-3)
        output.close()
        for port in (self.smtp_port, self.submission_port, self.smtps_port):
            process.wait_for_port(port, self.process, "postfix", self.log, address=self.address)
        return self

    def stop(self):
        if self.process:
            process.stop(self.process)
            self.process = None

    def kill(self):
        """kill -9 for the master and all whom it started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def route(self, transports):
        """{address: "error:5.1.1 no such user"}: what is accepted for these and comes back as a report; the others arrive."""
        (self.home / "transport").write_text("".join(f"{address} {way}\n" for address, way in transports.items()))
        before = self.log().count(" reload --")
        self.process.send_signal(signal.SIGHUP)
        process.wait_until(lambda: self.log().count(" reload --") > before, "Postfix reads its tables again", 10)

    def drained(self):
        """Whether all that it has taken is where it goes: in a mailbox, or in a report that is. In the order of a mail's way."""
        return not any(any((self.home / "queue" / folder).iterdir()) for folder in ("maildrop", "incoming", "active"))

    def log(self):
        return "".join(file.read_text(errors="replace") for file in (self.home / "stderr", self.home / "mail.log")
                       if file.exists())

    def send(self, sender, recipients, raw, options=()):
        """A mail from the outside, or from a member: over the port that everybody may use."""
        recipients = [recipients] if isinstance(recipients, str) else recipients
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=30) as connection:
            connection.sendmail(sender, recipients, raw, mail_options=list(options))

    def submit(self, user, recipients, raw):
        """A mail by somebody who logs in, over STARTTLS."""
        context = ssl.create_default_context(cafile=self.ca_file)
        with smtplib.SMTP("localhost", self.submission_port, timeout=30) as connection:
            connection.starttls(context=context)
            connection.login(user, self.dovecot.users[user])
            connection.sendmail(user, recipients, raw)

    def wipe(self):
        shutil.rmtree(self.home, ignore_errors=True)
