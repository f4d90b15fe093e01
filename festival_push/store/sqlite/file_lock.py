"""Locks between the processes of one host, on files beside the database."""

import fcntl
import os
import time
from pathlib import Path
from typing import Final

from festival_push.store.errors import Unavailable

_POLL_MIN_S: Final = 0.0002
_POLL_MAX_S: Final = 0.001


class FileLock:
    """An advisory `flock`. The kernel drops it when the process dies, however that happens.

    Its calls block: use it on the write connection's own thread.
    """

    def __init__(self, path: Path) -> None:
        self.held = False
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        # The process that waits next holds this second lock, so that a busy process that releases the first one must
        # queue behind it. Without it, two busy processes don't take turns: the one that has just written is always the
        # first to ask again.
        self._next_fd = os.open(path.with_name(path.name + "-next"), os.O_RDWR | os.O_CREAT, 0o600)

    def acquire(self, wait_s: float) -> None:
        """Take the lock, unless we hold it already. Raises Unavailable if others hold it for longer than `wait_s`."""
        if self.held:
            return
        deadline_s = time.monotonic() + wait_s
        _lock(self._next_fd, deadline_s)
        try:
            _lock(self._fd, deadline_s)
            self.held = True
        finally:
            fcntl.flock(self._next_fd, fcntl.LOCK_UN)

    def try_acquire(self) -> bool:
        """Take the lock if nobody has it or waits for it. Never blocks. Return whether we have it."""
        if not self.held and _try(self._next_fd):
            try:
                self.held = _try(self._fd)
            finally:
                fcntl.flock(self._next_fd, fcntl.LOCK_UN)
        return self.held

    def release(self) -> None:
        """Release the lock; nothing happens if we don't hold it."""
        if self.held:
            fcntl.flock(self._fd, fcntl.LOCK_UN)
            self.held = False

    def close(self) -> None:
        """Close the files, which also releases the lock."""
        os.close(self._fd)
        os.close(self._next_fd)
        self.held = False


class UseMark:
    """A lock that marks the database as in use: shared by running servers; exclusive (`alone`) for a restore.

    The kernel drops it when the process dies. Raises Unavailable during a restore, or for a restore while anyone else
    holds it; OSError.
    """

    def __init__(self, database: Path, *, alone: bool = False) -> None:
        self._fd = os.open(database.with_name(database.name + ".in-use"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._fd, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._fd)
            why = "a server uses it: stop that first" if alone else "it is being restored"
            raise Unavailable(f"{database}: {why}") from None

    def __enter__(self) -> "UseMark":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the mark; calling it again does nothing."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


def _lock(fd: int, deadline_s: float) -> None:
    """Poll for the lock until the deadline, because a blocking flock has no timeout.

    Holders keep the lock for a few milliseconds only. Raises Unavailable.
    """
    pause_s = _POLL_MIN_S
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline_s:
                raise Unavailable("another process writes for too long") from None
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, _POLL_MAX_S)
        else:
            return


def _try(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
