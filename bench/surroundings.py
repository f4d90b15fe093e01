"""Where and with what it was measured."""

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Final

from tests.support.servers.processes import find_program

ROOT: Final = Path(__file__).parents[1]
_LIBRARIES: Final = ("starlette", "uvicorn", "uvloop", "httptools", "msgspec", "aiosqlite")


def machine() -> dict[str, str]:
    """Processor, cores that we may use, memory, kernel."""
    described = Path("/proc/cpuinfo").read_text().splitlines()
    models = (line.partition(":")[2].strip() for line in described if line.startswith("model name"))
    total_kib = int(Path("/proc/meminfo").read_text().split()[1])
    return {
        "cpu": next(models, platform.machine()),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{total_kib / 2**20:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
    }


def software() -> dict[str, str]:
    """Versions of what our server is made of."""
    redis = subprocess.run(
        [find_program("redis-server", package="redis-server"), "--version"], capture_output=True, text=True, check=True
    )
    return {
        "Python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
        "SQLite": sqlite3.sqlite_version,
        "Redis": redis.stdout.partition("v=")[2].partition(" ")[0],
    }


def commit() -> str:
    """What is measured, as git names it; `-dirty` when files differ from it."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"  # an unpacked archive
