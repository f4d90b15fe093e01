"""Locks between the processes of one host, on files beside the database."""

import fcntl
import os
import threading
from pathlib import Path
from typing import Final

from festival_push.store.errors import Unavailable

_TOO_LONG: Final = "another process writes for too long"


class FileLock:
    """An advisory `flock`. The kernel drops it when the process dies, however that happens.

    `acquire` blocks: use it on the write connection's own thread. A blocking `flock` has no time limit, so a thread of
    the lock waits in it, for as long as it takes. If its caller has given up until then, it lets the lock go again.
    """

    def __init__(self, path: Path) -> None:
        self.held = False
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        # The process that waits next holds this second lock, so that a busy process that releases the first one must
        # queue behind it. Without it, two busy processes don't take turns: the one that has just written is always the
        # first to ask again.
        self._next_fd = os.open(path.with_name(path.name + "-next"), os.O_RDWR | os.O_CREAT, 0o600)
        self._changed = threading.Condition()  # guards all below
        self._thread: threading.Thread | None = None
        self._waits = False  # True while the thread waits, or is about to
        self._wanted = False  # False if nobody waits for the thread any more
        self._failure: OSError | None = None
        self._closed = False

    def acquire(self, wait_s: float) -> None:
        """Take the lock, unless we hold it already. Raises Unavailable if others hold it for longer than `wait_s`."""
        if self.try_acquire():
            return
        if wait_s <= 0:
            raise Unavailable(_TOO_LONG)
        with self._changed:
            if self._thread is None:
                self._thread = self._started()
            self._wanted = self._waits = True
            self._changed.notify_all()
            came = self._changed.wait_for(lambda: not self._waits, wait_s)
            self._wanted = False
            if not came:
                raise Unavailable(_TOO_LONG)
            if self._failure is not None:
                raise Unavailable(f"the lock can't be taken: {self._failure}") from self._failure
            self.held = True

    def try_acquire(self) -> bool:
        """Take the lock if nobody has it or waits for it. Never blocks. Return whether we have it."""
        with self._changed:
            # To the kernel we and our thread are one, so we must not take what it may let go again.
            if not self.held and not self._waits and _try(self._next_fd):
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
        """Release the lock, and close the files; a thread that still waits ends when it has waited."""
        self.release()  # closing alone does not: the thread has the files open too
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        os.close(self._fd)
        os.close(self._next_fd)

    def _started(self) -> threading.Thread:
        """Return the thread, which waits to be asked. Raises Unavailable if the system allows no other thread or file;
        the next call may have more luck."""
        fds: list[int] = []
        try:
            for fd in (self._fd, self._next_fd):
                fds.append(os.dup(fd))
            thread = threading.Thread(target=self._wait, args=fds, name="file lock", daemon=True)
            thread.start()
        except (OSError, RuntimeError) as error:
            for fd in fds:
                os.close(fd)
            raise Unavailable(f"the lock can't be waited for: {error}") from error
        return thread

    def _wait(self, fd: int, next_fd: int) -> None:
        """Wait for the lock whenever somebody wants it. The descriptors are the thread's own, so that closing the
        others can't give their numbers to other files while it waits."""
        try:
            while self._is_asked():
                failure = _lock(fd, next_fd)
                with self._changed:
                    self._waits, self._failure = False, failure
                    if not self._wanted:
                        fcntl.flock(fd, fcntl.LOCK_UN)
                    self._changed.notify_all()
        finally:
            os.close(fd)
            os.close(next_fd)

    def _is_asked(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._waits or self._closed)
            return self._waits


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
            why = (
                "a server uses it: stop that first (with systemd its socket, too)" if alone else "it is being restored"
            )
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


def _lock(fd: int, next_fd: int) -> OSError | None:
    """Wait for the lock, however long; return why it can't be had."""
    try:
        fcntl.flock(next_fd, fcntl.LOCK_EX)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
        finally:
            fcntl.flock(next_fd, fcntl.LOCK_UN)
    except OSError as error:
        return error
    return None


def _try(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
