"""Other list managers, each run privately: from a folder of its own, on loopback ports of its own.

A peer has: name; available() (why not, or ""); opened(folder, port, kind) as a context, with join(addresses), fill(addresses),
post(raw), memory(); and start_command(). kind: "personal" (an envelope for each recipient) or "bulk" (100 recipients a message)."""

import os
import pathlib
import shutil
import signal
import subprocess

PER_MESSAGE = 100


def missing(*programs):
    path = os.environ["PATH"] + ":/usr/sbin"
    lacking = [name for name in programs if not shutil.which(name, path=path)]
    return f"{', '.join(map(str, lacking))} not installed" if lacking else ""


def install(root):
    """What is missing, from Debian. What cannot be had is skipped later, by name."""
    done = subprocess.run([root / "tests" / "tools" / "install-dependencies", "build", "bench"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        last = done.stdout.strip().splitlines()[-1:] or ["no word why"]
        print(f"not everything could be installed: {last[0]}", flush=True)


def proportional_memory(pids):
    """MB, with what several processes share counted once."""
    total = 0
    for pid in pids:
        try:
            rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            continue
        total += int(next(line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:")))
    return total / 1024


def processes_of(folder):
    """Whose command line names the folder: nobody but what was started there knows it."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if f"{folder}/".encode() in command or str(folder).encode() + b"\0" in command:
            found.append(int(entry.name))
    return found


def end_all(folder):
    for pid in processes_of(folder):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
