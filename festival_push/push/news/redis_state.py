"""Whether one use of Redis works: each change is said once in the log, with a reason that an operator can act on."""

import logging
from typing import Final

from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    MasterDownError,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
)

from festival_push.push.news.redis.finder import NobodyKnows
from festival_push.push.news.redis.rights import missing_right

_REASONS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (AuthenticationError, "it refuses the user or the password of redis.url"),
    (ReadOnlyError, "it is a read-only replica"),
    (MasterDownError, "it is a replica without its primary"),
    (MovedError, "it is a cluster, and another of its nodes has our keys: write redis+cluster:// in redis.url"),
    (ClusterDownError, "it is a cluster that lacks the slot of our keys, or has lost most of its nodes"),
    (BusyLoadingError, "it is loading its data"),
    (OutOfMemoryError, "it has no memory left"),
    (TimeoutError, "it does not answer in time"),
)
_NO_DISK: Final = "MISCONF"


class RedisState:
    """The state of one use of Redis, at first unknown.

    Args:
        log: Where changes are said.
        works: Said when it works after it did not: `publishing to Redis`.
        fails: Said when it does not work, before the reason: `can't publish to Redis`.
        first: Whether it is said as well that it works for the first time.
    """

    def __init__(self, log: logging.Logger, *, works: str, fails: str, first: bool = False) -> None:
        self._log = log
        self._texts = (works, fails)
        self._said: set[str] = set()  # the reasons of this outage; empty while it works
        self._is_new = first
        self.ok = False

    def worked(self) -> None:
        """Note that the very operation succeeded; nothing less may call this."""
        if self._said or self._is_new:
            self._log.info("%s", self._texts[0])
            self._said.clear()
        self._is_new = False
        self.ok = True

    def failed(self, reason: str) -> None:
        """Note that the operation failed; an outage says each reason once, however long it lasts."""
        if reason not in self._said:
            self._said.add(reason)
            self._log.warning("%s: %s", self._texts[1], reason)
        self.ok = False


def reason_of(error: Exception) -> str:
    """Return why Redis failed, in words that hold neither its URL nor what it said: both may hold secrets."""
    words = missing_right(str(error)) or next((words for kind, words in _REASONS if isinstance(error, kind)), "")
    if isinstance(error, NobodyKnows):
        words = str(error)
    elif str(error).startswith(_NO_DISK):
        words = "it can't save to its disk, and refuses to write"
    return f"{words} ({type(error).__name__})" if words else type(error).__name__


def refused_right(answer: object) -> NoPermissionError | None:
    """Return the answer of one command of a pipeline if it says that a right is missing."""
    return answer if isinstance(answer, NoPermissionError) else None
