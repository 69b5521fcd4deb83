"""Processes that end with us, free ports, and waiting for a condition instead of for a while."""

import ctypes
import os
import pwd
import random
import signal
import socket
import subprocess
import time

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1

# Sanitizers make everything several times slower; a time-out is never what a test measures.
PATIENCE = float(os.environ.get("MAJLIS_TEST_PATIENCE", "3" if os.environ.get("MAJLIS_SANITIZE") else "1"))


def start(command, user=None, **options):
    """Whatever becomes of the test (kill -9, time-out of ctest), what it has started ends with it. user: whom it runs as."""
    who = pwd.getpwnam(user) if user else None

    def in_the_child():
        os.setpgrp()
        if who:
            os.setgroups([])
            os.setgid(who.pw_gid)
            os.setuid(who.pw_uid)
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)  # last: a change of user takes it back

    return subprocess.Popen([str(word) for word in command], preexec_fn=in_the_child, **options)


def stop(process, seconds=10.0):
    """SIGTERM, then SIGKILL for the whole group. Returns the exit status."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    return process.wait()


def run(command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, **options)


_given = []


def free_port():
    """A port below the ephemeral range, so that no outgoing connection takes it between now and its use; and no other test, as
    long as we live: an abstract socket bears its number."""
    while True:
        port = random.randint(11000, 31000)
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0majlis-test-port-{port}")
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        _given.append(claim.detach())  # until we end
        return port


class NotInTime(AssertionError):
    pass


def wait_until(condition, what, seconds=20.0, every=0.02):
    """The first true value of condition(); `what` says in the failure what was waited for."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            told = what() if callable(what) else what
            raise NotInTime(f"not within {seconds * PATIENCE:.0f} s: {told}")
        time.sleep(every)


def wait_while_it_grows(count, goal, what, seconds=60.0, every=0.05):
    """Until count() has come to `goal`, however long that takes, as long as it grows within so many seconds: a machine with
    much else to do is slow, and a program that hangs stands still."""
    have, end = -1, 0.0
    while have < goal:
        now, before, have = time.monotonic(), have, count()
        if have > before:
            end = now + seconds * PATIENCE
        elif now > end:
            raise NotInTime(f"{have} of {goal}, and no more within {seconds * PATIENCE:.0f} s: {what()}")
        time.sleep(every)


def wait_for_port(port, process, name, log=None, seconds=20.0, address="127.0.0.1"):
    def listening():
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with status {process.returncode}:\n{log() if log else ''}")
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((address, port)) == 0

    wait_until(listening, f"{name} listens on port {port}", seconds)
