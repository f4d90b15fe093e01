"""A follower: one request that follows the log, as a stream or as a long poll."""

import asyncio
from abc import ABC, abstractmethod
from typing import NamedTuple

from festival_push.domain.events import StreamError
from festival_push.domain.values import Instant
from festival_push.push.streams.feed import Feed, Sources
from festival_push.push.streams.request import StreamRequest


class Moment(NamedTuple):
    """The present time, on both clocks."""

    monotonic_s: float  # never goes back
    now: Instant


class Follower(ABC):
    """One follower, from its admission to its end. It is the sink of its feed: the hub tells it that frames wait.

    Raises:
        AssertionError: One of the topics is `system`, which no stream may follow; a bug of ours.
    """

    __slots__ = ("fault", "feed", "is_cut", "is_ended", "owner")

    def __init__(self, request: StreamRequest, sources: Sources, *, backlog_bytes_max: int) -> None:
        self.owner = request.owner
        self.is_cut = False
        self.is_ended = False
        self.fault: StreamError | None = None  # sent to the client at the end
        self.feed = Feed(sources, request, self, backlog_bytes_max=backlog_bytes_max)

    @abstractmethod
    def flush(self) -> None:
        """Take the frames that wait, or end if `end` was called; now or soon."""

    @abstractmethod
    def cut(self) -> None:
        """End at once: too much is waiting. The client comes back with its cursor."""

    def end(self, fault: StreamError | None = None) -> None:
        """End after the backlog; with a fault, at once and without it. Only the first call counts."""
        if self.is_ended:
            return
        self.is_ended = True
        self.fault = fault
        if fault is not None:
            self.feed.close()
        self.flush()

    def check(self, moment: Moment) -> None:
        """End if the token has expired. The sweeper calls this about once a second."""
        expires_at = self.owner.expires_at
        if expires_at is not None and expires_at <= moment.now:
            self.end(StreamError(code="token-expired", message="Sign in again."))


class Waiter(Follower):
    """A follower whose task sleeps until it is `woken`."""

    def __init__(self, request: StreamRequest, sources: Sources, *, backlog_bytes_max: int) -> None:
        super().__init__(request, sources, backlog_bytes_max=backlog_bytes_max)
        self.woken = asyncio.Event()

    def flush(self) -> None:
        """Wake the task: frames wait, or the follower is ended."""
        self.woken.set()

    def cut(self) -> None:
        """Wake the task to end at once: too much is waiting. The client comes back with its cursor."""
        self.is_cut = True
        self.woken.set()
