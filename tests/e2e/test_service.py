"""majlisd as a service: ready, stop, reload, one round for cron, one at a time."""

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import time
import unittest

from harness import mail, world
from harness.case import SinkCase
from harness.majlis import program
from harness.smtp_sink import SILENCE


class Service(SinkCase):
    members = 30

    def test_sigterm_in_the_middle_stops_soon_and_repeats_nothing(self):
        self.install(members=1500, sink_options={"delay": 0.01}, relay={"connections": 2})
        self.post()
        for _ in range(4):
            have = len(self.out.recipients())
            self.majlis.start()
            self.out.wait_for(have + 40)
            self.assertLess(self.majlis.stop(), 10.0)
        self.majlis.start()
        self.out.wait_for(1500, seconds=120)
        self.majlis.stop()
        self.assertCountEqual(self.out.recipients(), self.people)

    def test_sigterm_while_a_relay_never_answers(self):
        self.install()
        self.out.on_mail = lambda *_: SILENCE
        self.majlis.start()
        self.post()
        self.wait(lambda: self.out.sessions, "a connection")
        time.sleep(0.5)
        self.assertLess(self.majlis.stop(), 12.0)

    def test_sigterm_while_connecting_ends_at_once_and_clean(self):
        """A relay and a mailbox that accept and never greet."""
        self.install()
        with socket.create_server(("127.0.0.1", 0)) as mute_relay, socket.create_server(("127.0.0.1", 0)) as mute_mailbox:
            relay = {**self.relay_to(self.out), "url": f"smtp://127.0.0.1:{mute_relay.getsockname()[1]}"}
            url = f"imap://127.0.0.1:{mute_mailbox.getsockname()[1]}"
            self.majlis.write_config(relay=[relay], inbox=[self.world.inbox(self.majlis, url=url, starttls="never")])
            self.majlis.start()
            self.majlis.run("post", "rabat", stdin=mail.make(self.people[0], world.address("rabat")))
            peers = [mute_relay.accept()[0], mute_mailbox.accept()[0]]
            self.assertLess(self.majlis.stop(), 3.0)
            for peer in peers:
                peer.close()
        self.assertNotIn("stopping-hard", self.majlis.log())

    def test_a_wrong_configuration_at_sighup_keeps_the_old_one(self):
        self.install().start()
        good = self.majlis.file.read_text()
        self.majlis.file.write_text(good + "\n[delivery]\nmax_in_flihgt = 3\n")
        self.majlis.reload()
        self.majlis.wait_log("max_in_flihgt")
        self.assertIn("max_in_flight", self.majlis.log())  # the nearest key is named
        self.post()
        self.out.wait_for(30)
        self.majlis.stop()

    def test_a_right_configuration_at_sighup_is_used(self):
        self.install().start()
        self.post()
        self.out.wait_for(30)
        other = self.sink()
        self.majlis.write_config(relay=[self.relay_to(other)])
        self.majlis.notifications()
        self.majlis.reload()
        told = []
        self.wait(lambda: told.extend(self.majlis.notifications()) or "READY=1" in told, "ready again")
        self.post()
        other.wait_for(30)
        self.majlis.stop()
        self.assertCountEqual(self.out.recipients(), self.people)

    def test_once_takes_in_delivers_and_ends(self):
        self.install()
        self.post()
        self.majlis.once()
        self.assertCountEqual(self.out.recipients(), self.people)
        self.majlis.once()
        self.assertCountEqual(self.out.recipients(), self.people)

    def test_once_without_anything_to_do_is_quick(self):
        self.install()
        begun = time.monotonic()
        self.majlis.once(seconds="30s")
        self.assertLess(time.monotonic() - begun, 10)

    def test_a_second_daemon_is_refused_and_a_second_once_ends_well(self):
        self.install().start()
        second = subprocess.run([str(program("majlisd")), "--config", str(self.majlis.file)], capture_output=True,
                                env=self.majlis.environment, timeout=60)
        self.assertEqual(second.returncode, 1)
        self.assertIn(str(self.majlis.process.pid), second.stderr.decode())
        self.majlis.once()
        self.post()
        self.out.wait_for(30)

    def test_a_wrong_configuration_at_the_start_is_told_with_its_line(self):
        self.install()
        self.majlis.file.write_text(self.majlis.file.read_text().replace("username", "usrename"))
        result = subprocess.run([str(program("majlisd")), "--config", str(self.majlis.file)], capture_output=True,
                                env=self.majlis.environment, timeout=60)
        self.assertNotEqual(result.returncode, 0)
        errors = result.stderr.decode()
        self.assertIn("usrename", errors)
        self.assertIn("username", errors)
        self.assertRegex(errors, r"majlis\.toml:\d+")

    def resident(self):
        """Bytes that the daemon occupies."""
        with open(f"/proc/{self.majlis.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    @unittest.skipIf(os.environ.get("MAJLIS_SANITIZE"), "a sanitizer keeps what was freed")
    def test_the_memory_of_a_large_mail_goes_back(self):
        self.install(members=3)
        self.majlis.run("list", "set", "rabat", "max_size=0")
        self.majlis.start()
        self.post()
        self.out.wait_for(3)
        before, size = self.resident(), 8 << 20
        self.post(body=("x" * 76 + "\r\n") * (size // 78))
        self.out.wait_for(6)
        self.majlis.wait_json(["queue", "list", "--all"], lambda rows: len(rows) == 2 and all(r["state"] == "done" for r in rows))
        self.assertLess(self.resident() - before, 2.5 * size)  # the copy for the next one who gets it
        self.majlis.stop()

    def test_wrong_usage_is_told_like_all_else(self):
        for words, message in (["--loglevel", "info"], "The following argument"), (["--for", "5s"], "--for requires --once"):
            result = subprocess.run([str(program("majlisd")), *words], capture_output=True, text=True, timeout=60)
            self.assertEqual(result.returncode, 2)
            self.assertRegex(result.stderr, f'^majlisd: {message}.*: see "majlisd --help"\n$')

    def test_the_watchdog_is_fed(self):
        self.install()
        self.majlis.environment["WATCHDOG_USEC"] = "1000000"
        self.majlis.start()
        told = []
        self.wait(lambda: told.extend(self.majlis.notifications()) or told.count("WATCHDOG=1") >= 3, "WATCHDOG=1", 10)

    def test_the_watchdog_is_fed_while_the_database_is_busy(self):
        self.install()
        self.majlis.environment["WATCHDOG_USEC"] = "1000000"
        self.majlis.start()
        with contextlib.closing(sqlite3.connect(self.majlis.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(1)
            told = self.majlis.notifications()
            told.clear()
            self.wait(lambda: told.extend(self.majlis.notifications()) or told.count("WATCHDOG=1") >= 5, "WATCHDOG=1", 10)
            other.execute("ROLLBACK")

    def test_the_log_is_json_when_asked(self):
        self.install()
        self.majlis.start("--log-format", "json")
        self.post()
        self.out.wait_for(30)
        self.majlis.stop()
        lines = self.majlis.log().splitlines()
        self.assertTrue(lines)
        for line in lines:
            json.loads(line)

    def test_no_secret_is_in_the_log(self):
        self.install()
        self.majlis.start("--log-level", "debug")
        self.post()
        self.out.wait_for(30)
        self.majlis.stop()
        self.assertNotIn(world.PASSWORD, self.majlis.log())
        self.assertNotIn("Y29ycmVjdCBob3JzZQ", self.majlis.log())

    def test_a_database_that_is_busy_for_seconds_delays_and_loses_nothing(self):
        self.install().start()
        self.post()
        self.out.wait_for(30)
        other = sqlite3.connect(self.majlis.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        self.post()
        time.sleep(6)
        other.execute("ROLLBACK")
        other.close()
        self.out.wait_for(60)
        self.majlis.stop()
        self.assertEqual(len(self.out.recipients()), 60)

    def test_members_imported_during_a_delivery_get_the_next_post(self):
        self.install(members=200, sink_options={"delay": 0.01}, relay={"connections": 1})
        self.majlis.start()
        self.post()
        self.out.wait_for(20)
        late = [f"late{number}@members.example" for number in range(2000)]
        self.majlis.run("member", "import", "rabat", self.roster(late))
        self.out.wait_for(200)
        self.majlis.stop()
        self.assertCountEqual(self.out.recipients(), self.people)


class Installed(unittest.TestCase):
    def test_the_unit_is_one_that_systemd_reads(self):
        unit = os.path.join(os.path.dirname(__file__), "..", "..", "etc", "systemd", "majlisd.service.in")
        text = open(unit).read()
        for line in ("Type=notify", "WatchdogSec=", "ProtectSystem=strict", "NoNewPrivileges=yes", "ExecReload="):
            self.assertIn(line, text)


if __name__ == "__main__":
    unittest.main()
