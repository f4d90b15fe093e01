"""What the kernel says of this process and of a disk."""

import os
import time
from pathlib import Path
from typing import Final

import msgspec

_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_STARTED_AT_S: Final = time.time()  # of this module, which is one of the first to be loaded


class ProcessUse(msgspec.Struct, frozen=True):
    """What it takes."""

    cpu_s: float
    resident_bytes: int
    open_files: int
    started_at_s: float = _STARTED_AT_S


def disk_free_bytes(folder: Path) -> int | None:
    """How much an ordinary user may still write there; None: nobody can say."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize


def read_process() -> ProcessUse:
    """Look; with very many open files this takes some milliseconds, so do it on a thread."""
    times = os.times()
    resident_pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    files = len(os.listdir("/proc/self/fd"))
    return ProcessUse(times.user + times.system, resident_pages * _PAGE_BYTES, files)
