"""A lock between the processes of one host: a file beside the database that one of them holds at a time."""

import fcntl
import os
import time
from pathlib import Path
from typing import Final

from festival_push.store.errors import Unavailable

_POLL_MIN_S: Final = 0.0002
_POLL_MAX_S: Final = 0.005


class FileLock:
    """An advisory `flock`. The kernel drops it when the process dies, however that happens.

    Its calls block: use it on the write connection's own thread.
    """

    def __init__(self, path: Path) -> None:
        self.held = False
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def acquire(self, wait_s: float) -> None:
        """Take the lock, if it isn't held already. Raises Unavailable when others keep it for longer than `wait_s`."""
        deadline_s, pause_s = time.monotonic() + wait_s, _POLL_MIN_S
        while not self.held:
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.held = True
            except BlockingIOError:
                # A blocking flock can't be given a bound; and holders keep it for a few milliseconds only.
                if time.monotonic() >= deadline_s:
                    raise Unavailable(f"another process has been writing for {wait_s:g} s") from None
                time.sleep(pause_s)
                pause_s = min(pause_s * 2, _POLL_MAX_S)

    def release(self) -> None:
        """Let the next one in; nothing happens when it isn't held."""
        if self.held:
            fcntl.flock(self._fd, fcntl.LOCK_UN)
            self.held = False

    def close(self) -> None:
        """Give the file back, and the lock with it."""
        os.close(self._fd)
        self.held = False
