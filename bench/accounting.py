"""The kernel's accounting of a server: processor time and memory of a process and of all that it started."""

import time
from contextlib import suppress
from pathlib import Path
from typing import Final

_SCHED_CLOCK: Final = 2


def family(pid: int) -> list[int]:
    """The process and its descendants; those that end meanwhile, as a database's helpers do, are left out."""
    found = [pid]
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += family(int(child))
    return found


def cpu_ns(pids: list[int]) -> int:
    """Nanoseconds that these processes have spent on a processor, in user and kernel mode, ended threads included.

    The kernel keeps a clock for each process; its number is made of the process id (`clock_getcpuclockid(3)`).
    """
    total = 0
    for pid in pids:
        with suppress(OSError):  # it has ended
            total += time.clock_gettime_ns(~pid << 3 | _SCHED_CLOCK)
    return total


def resident_bytes(pids: list[int]) -> int:
    """Memory in use; what processes share is counted once, in shares."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total
