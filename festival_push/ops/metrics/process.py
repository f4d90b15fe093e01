"""Reads the resource use of this process, and the free space of a disk, from the kernel."""

import os
import resource
import time
from pathlib import Path
from typing import Final

import msgspec

_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_STARTED_AT_S: Final = time.time()  # when this module was loaded, which is one of the first


class ProcessUse(msgspec.Struct, frozen=True):
    """The resource use of this process."""

    cpu_s: float  # user and system CPU time
    resident_bytes: int
    open_files: int
    open_files_max: int  # this process' own limit
    started_at_s: float = _STARTED_AT_S  # Unix time


def disk_free_bytes(folder: Path) -> int | None:
    """Return how many bytes an ordinary user may still write there; None if the kernel can't tell."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize


def read_process() -> ProcessUse:
    """Read the resource use. With very many open files this takes some milliseconds, so call it on a thread."""
    times = os.times()
    resident_pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    files = len(os.listdir("/proc/self/fd"))
    files_max, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return ProcessUse(times.user + times.system, resident_pages * _PAGE_BYTES, files, files_max)
