"""A private Dovecot: its own configuration, users, Maildirs and ports; nothing of the machine's own is touched."""

import imaplib
import os
import ssl

from . import process
from .maildir import Maildir

MAIL_UID = MAIL_GID = 5000  # needs no entry in /etc/passwd

_CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
instance_name = majlis-test-{imap_port}
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
mail_location = maildir:~/Maildir{location_options}
first_valid_uid = 100
mail_max_userip_connections = 100
mail_fsync = never
maildir_very_dirty_syncs = no
{oauth_passdb}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%Lu {home}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mail}/%Lu
}}
namespace inbox {{
  inbox = yes
  prefix = {prefix}
  separator = {separator}
  mailbox Spam {{
    special_use = \\Junk
    auto = create
  }}
}}
service imap-login {{
  service_count = 0
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service auth {{
  unix_listener auth-postfix {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
protocol imap {{
  {protocol_options}
}}
{more}
"""


class Dovecot:
    def __init__(self, home, authority, users, prefix="", separator="/", capability="", certificate=None,
                 mechanisms="plain login", oauth="", location_options="", more=""):
        """users: {name: password}. capability: replaces what the server says it can. oauth: its dovecot-oauth2.conf."""
        self.home, self.mail, self.users = home, home.parent / "mail", users
        home.mkdir(parents=True, exist_ok=True)
        self.mail.mkdir(exist_ok=True)
        os.chown(self.mail, MAIL_UID, MAIL_GID)
        self.imap_port, self.imaps_port = process.free_port(), process.free_port()
        self.auth_socket = home / "run" / "auth-postfix"
        self.prefix, self.separator, self.capability = prefix, separator, capability
        self.certificate = certificate or authority.issue(f"dovecot-{self.imap_port}")
        self.ca_file = authority.ca_file
        self.mechanisms, self.oauth = mechanisms, oauth
        self.location_options, self.more = location_options, more
        self.process = None
        for user in users:
            self.maildir(user)
        self._write_users()

    def _write_users(self):
        lines = "".join(f"{user}:{{PLAIN}}{password}\n" for user, password in self.users.items())
        (self.home / "users").write_text(lines)
        os.chmod(self.home / "users", 0o644)

    def set_password(self, user, password):
        self.users[user] = password
        self._write_users()

    def maildir(self, user):
        home = self.mail / user
        home.mkdir(exist_ok=True)
        os.chown(home, MAIL_UID, MAIL_GID)
        return Maildir(home / "Maildir", MAIL_UID, MAIL_GID)

    def start(self):
        oauth_passdb = ""
        if self.oauth:
            (self.home / "oauth2.conf").write_text(self.oauth)
            oauth_passdb = (f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n"
                            f"  args = {self.home}/oauth2.conf\n}}\n")
        protocol_options = f"imap_capability = {self.capability}" if self.capability else ""
        configuration = self.home / "dovecot.conf"
        configuration.write_text(_CONFIGURATION.format(
            home=self.home, mail=self.mail, imap_port=self.imap_port, imaps_port=self.imaps_port,
            certificate=self.certificate[0], key=self.certificate[1], mechanisms=self.mechanisms,
            oauth_passdb=oauth_passdb, prefix=self.prefix, separator=self.separator, uid=MAIL_UID, gid=MAIL_GID,
            protocol_options=protocol_options, location_options=self.location_options, more=self.more))
        output = (self.home / "stderr").open("ab")
        self.process = process.start(["/usr/sbin/dovecot", "-F", "-c", configuration], stdout=output, stderr=output,
                                     stdin=-3)
        output.close()
        process.wait_for_port(self.imap_port, self.process, "dovecot", self.log)
        return self

    def stop(self):
        if self.process:
            process.stop(self.process)
            self.process = None

    def restart(self):
        self.stop()
        return self.start()

    def log(self):
        return "".join(file.read_text(errors="replace") for file in (self.home / "stderr", self.home / "dovecot.log")
                       if file.exists())

    def connect(self, user):
        """A logged-in imaplib connection, as a person's mail program would have it."""
        context = ssl.create_default_context(cafile=self.ca_file)
        connection = imaplib.IMAP4_SSL("127.0.0.1", self.imaps_port, ssl_context=context)
        connection.login(user, self.users[user])
        return connection
