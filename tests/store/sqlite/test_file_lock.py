"""One process at a time holds the lock of a file, also when one of them gives up, is closed or is killed."""

import errno
import fcntl
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from festival_push.store.errors import Unavailable
from festival_push.store.sqlite import file_lock
from festival_push.store.sqlite.file_lock import FileLock
from tests.support.timing.waiting import until_sync

WAIT_S = 20.0
SOON_S = 0.001


@contextmanager
def locks(path: Path, count: int) -> Iterator[list[FileLock]]:
    """The lock of one file, as so many processes have it."""
    opened = [FileLock(path / "x.writer") for _ in range(count)]
    try:
        yield opened
    finally:
        for lock in opened:
            lock.close()


def is_waited_for(lock: FileLock, by: FileLock) -> bool:
    """Whether the thread of another waits for what this one holds. Until then the other only tries."""
    if not by._waits:
        return False
    try:
        fcntl.flock(lock._next_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(lock._next_fd, fcntl.LOCK_UN)
    return False


def test_who_lets_the_lock_go_queues_behind_who_waits_for_it(tmp_path: Path) -> None:
    """Else a busy process would keep the others from writing: it is always the first to ask again."""
    served: list[str] = []
    with locks(tmp_path, 2) as (busy, other):

        def wait() -> None:
            other.acquire(WAIT_S)
            served.append("other")
            other.release()

        busy.acquire(0)
        waiting = threading.Thread(target=wait)
        waiting.start()
        until_sync(lambda: is_waited_for(busy, by=other))
        busy.release()
        busy.acquire(WAIT_S)
        served.append("busy")
        waiting.join()
    assert served == ["other", "busy"]


def test_a_killed_process_gives_the_lock_back(tmp_path: Path) -> None:
    code = "import sys, pathlib; from festival_push.store.sqlite.file_lock import FileLock\n"
    code += "lock = FileLock(pathlib.Path(sys.argv[1])); lock.acquire(0); print('held', flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "x.writer")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder, locks(tmp_path, 1) as (lock,):
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        for wait_s in (0, SOON_S):
            with pytest.raises(Unavailable):
                lock.acquire(wait_s)
        holder.kill()
        holder.wait()
        lock.acquire(WAIT_S)


def test_who_has_given_up_neither_keeps_the_lock_nor_is_turned_away_later(tmp_path: Path) -> None:
    with locks(tmp_path, 3) as (holder, impatient, third):
        holder.acquire(0)
        for _ in range(2):
            with pytest.raises(Unavailable, match="another process"):
                impatient.acquire(SOON_S)
        until_sync(lambda: is_waited_for(holder, by=impatient))
        assert not impatient.try_acquire()
        holder.release()
        third.acquire(WAIT_S)
        assert not impatient.held
        third.release()
        impatient.acquire(WAIT_S)
        with pytest.raises(Unavailable):
            holder.acquire(0)


def test_who_is_closed_while_it_waits_leaves_the_lock_to_others(tmp_path: Path) -> None:
    with locks(tmp_path, 2) as (holder, other):
        holder.acquire(0)
        closed = FileLock(tmp_path / "x.writer")
        with pytest.raises(Unavailable):
            closed.acquire(SOON_S)
        thread = closed._thread
        assert thread is not None
        closed.close()
        holder.release()
        other.acquire(WAIT_S)
        other.release()  # it may have come first, and the thread waits for it then
        thread.join(WAIT_S)
        assert not thread.is_alive()


def test_closing_gives_the_lock_back(tmp_path: Path) -> None:
    """Also if the thread has the files open."""
    with locks(tmp_path, 1) as (other,):
        other.acquire(0)
        lock = FileLock(tmp_path / "x.writer")
        with pytest.raises(Unavailable):
            lock.acquire(SOON_S)
        other.release()
        lock.acquire(WAIT_S)
        lock.close()
        other.acquire(WAIT_S)


def test_only_one_holds_it_however_long_each_waits(tmp_path: Path) -> None:
    count, rounds, held_by_one = 4, 60, threading.Lock()
    served = [0] * count
    faults: list[str] = []
    with locks(tmp_path, count) as all_locks:

        def take_turns(number: int, lock: FileLock) -> None:
            chance = random.Random(number)  # noqa: S311  # the same each time
            while served[number] < rounds:
                try:
                    lock.acquire(chance.choice((0, SOON_S / 10, SOON_S, WAIT_S)))
                except Unavailable:
                    continue
                if not held_by_one.acquire(blocking=False):
                    faults.append(f"{number} was not alone")
                    return
                served[number] += 1
                held_by_one.release()
                lock.release()

        threads = [threading.Thread(target=take_turns, args=each) for each in enumerate(all_locks)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert faults == []


def test_a_lock_that_the_system_refuses_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with locks(tmp_path, 2) as (holder, other):
        holder.acquire(0)
        with monkeypatch.context() as patch:
            patch.setattr(file_lock, "_lock", lambda *_: OSError(errno.ENOLCK, "No locks available"))
            with pytest.raises(Unavailable, match="No locks available"):
                other.acquire(WAIT_S)
        holder.release()
        other.acquire(WAIT_S)


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ((threading.Thread, "start"), RuntimeError("can't start new thread")),
        ((os, "dup"), OSError(errno.EMFILE, "Too many open files")),
    ],
)
def test_who_can_not_wait_once_can_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: tuple[object, str], error: Exception
) -> None:
    """A host that is short of threads or files for a moment must not end the writing of a process for good."""
    with locks(tmp_path, 2) as (holder, other):
        holder.acquire(0)

        def fail(*_: object) -> int:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(*what, fail)
            with pytest.raises(Unavailable, match=str(error).rpartition("] ")[2]):
                other.acquire(WAIT_S)
        holder.release()
        other.acquire(0)
        other.release()
        holder.acquire(0)
        with pytest.raises(Unavailable, match="another process"):
            other.acquire(SOON_S)
        holder.release()
        other.acquire(WAIT_S)
