"""What `/proc` says of a process, which may end, or close a file, while it is being read."""

import os
import re
from pathlib import Path


def command_line(pid: int) -> bytes:
    """Its arguments, each with a zero byte behind it; empty once it has ended, and for a moment while it begins.

    `Popen` returns when the kernel has closed the old program's files, which it does before it lists the arguments.
    """
    return _read(pid, "cmdline")


def has_ended(pid: int) -> bool:
    """Whether it runs no more. One that nobody has collected yet is still listed, as a zombie."""
    return _read(pid, "stat").rpartition(b")")[2].split()[:1] in ([], [b"Z"])


def children(pid: int) -> list[int]:
    """Its direct children; empty once it has ended."""
    return [int(child) for child in _read(pid, f"task/{pid}/children").split()]


def open_files(pid: int) -> list[str]:
    """What each of its file descriptors leads to, as `socket:[4711]` or a path."""
    return [target for entry in Path(f"/proc/{pid}/fd").iterdir() if (target := _target(entry))]


def waits_for(pid: int) -> set[str]:
    """The sockets that it waits for by epoll, named as by `open_files`: a server that serves waits for its listener."""
    return {
        f"socket:[{int(inode, 16)}]"
        for entry in Path(f"/proc/{pid}/fd").iterdir()
        if _target(entry) == "anon_inode:[eventpoll]"
        for inode in re.findall(r"ino:([0-9a-f]+)", _read(pid, f"fdinfo/{entry.name}").decode())
    }


def _target(entry: Path) -> str:
    try:
        return os.readlink(entry)
    except FileNotFoundError:  # closed since it was listed
        return ""


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # the second: it ended between opening and reading
        return b""
