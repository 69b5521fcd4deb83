"""A small disk of memory for the database, which can be full or read-only. Needs root; without it these faults are left out."""

import ctypes
import errno
import os
import subprocess

_CLONE_NEWNS = 0x00020000


def own_mounts():
    """From here on this process and its children see mounts that nobody else does, and that end with them. False: not allowed."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(_CLONE_NEWNS) != 0:
        return False
    return subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True).returncode == 0


class Disk:
    def __init__(self, folder, size_mb=48):
        self.folder, self.filler = folder, folder / "filler"
        folder.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=700", "soak", folder], check=True)

    def fill(self, leave=0):
        """Nothing more fits, but these bytes."""
        with self.filler.open("wb", buffering=0) as file:
            for block in (1 << 20, 1 << 12):
                try:
                    while True:
                        file.write(bytes(block))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
            file.truncate(max(0, file.tell() - leave))

    def free(self):
        self.filler.unlink(missing_ok=True)

    def read_only(self):
        """False: refused, since a file on it is open for writing."""
        return subprocess.run(["mount", "-o", "remount,ro", self.folder], capture_output=True).returncode == 0

    def writable(self):
        subprocess.run(["mount", "-o", "remount,rw", self.folder], check=True)

    def close(self):
        subprocess.run(["umount", "-l", self.folder], capture_output=True)
