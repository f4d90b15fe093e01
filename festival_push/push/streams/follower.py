"""A follower: someone who follows the log over one request, be it a stream or a long poll."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple, Never

import msgspec
from msgspec.structs import replace

from festival_push.domain.events import Event, StreamError
from festival_push.domain.values import Instant, Topic
from festival_push.push.streams.feed import Feed, FollowedRooms, ReadSnapshot, Sources


class StreamRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What the web room has established about someone who wants to follow the log."""

    topics: tuple[Topic, ...]  # those that this person may follow, never `system`
    user_id: str
    user_type: str
    message: str  # of the `connected` event
    cursor: str | None  # as the client sent it, unchecked; None or empty: it has none
    read_snapshot: ReadSnapshot
    repeat_snapshot: Callable[[object], Event] | None = None
    """The snapshot as an event, sent after `connected`: for clients that know only that event."""
    rooms: FollowedRooms | None = None  # None: none, as on a board
    expires_at: Instant | None = None  # of the token
    token_id: str | None = None
    session_version: int | None = None  # of a person's session that a new PIN would end
    counted_as: str | None = None  # whose streams are counted together; None: not counted
    counted_max: int | None = None  # how many of them there may be; None: as many as a person may have

    def opened(self) -> "StreamRequest":
        """What there is left to know once the stream is open: without what reads its beginning, which may hold
        everything about the HTTP request."""
        return replace(self, message="", cursor=None, read_snapshot=_read_nothing, repeat_snapshot=None, rooms=None)


async def _read_nothing() -> Never:
    raise AssertionError("the stream is open already")


class Moment(NamedTuple):
    """Now, on both clocks."""

    monotonic_s: float  # never goes back
    now: Instant


class Follower(ABC):
    """One follower, from its admission to its end. A sink: the hub tells it that frames wait.

    Raises:
        AssertionError: A topic that nobody may follow; our bug.
    """

    __slots__ = ("fault", "feed", "is_cut", "is_ended", "request")

    def __init__(self, request: StreamRequest, sources: Sources, *, backlog_bytes_max: int) -> None:
        self.request = request
        self.is_cut = False
        self.is_ended = False
        self.fault: StreamError | None = None  # what it is told at the end
        self.feed = Feed(sources, request.topics, self, backlog_bytes_max=backlog_bytes_max, rooms=request.rooms)

    @abstractmethod
    def flush(self) -> None:
        """There are frames to take, or it is ended: see to it now or soon."""

    @abstractmethod
    def cut(self) -> None:
        """Too much is waiting: it ends here, and comes back with its cursor."""

    def end(self, fault: StreamError | None = None) -> None:
        """End it soon: after what is waiting, or, with a fault, at once and without it. The first end counts."""
        if self.is_ended:
            return
        self.is_ended = True
        self.fault = fault
        if fault is not None:
            self.feed.close()
        self.flush()

    def check(self, moment: Moment) -> None:
        """Look at the clock; the sweeper calls this about once a second."""
        expires_at = self.request.expires_at
        if expires_at is not None and expires_at <= moment.now:
            self.end(StreamError(code="token-expired", message="Sign in again."))


class Waiter(Follower):
    """A follower whose task sleeps until it is `woken`."""

    def __init__(self, request: StreamRequest, sources: Sources, *, backlog_bytes_max: int) -> None:
        super().__init__(request, sources, backlog_bytes_max=backlog_bytes_max)
        self.woken = asyncio.Event()

    def flush(self) -> None:
        """There are frames to take."""
        self.woken.set()

    def cut(self) -> None:
        """Too much is waiting: it ends here, and comes back with its cursor."""
        self.is_cut = True
        self.woken.set()
