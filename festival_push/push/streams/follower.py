"""A follower: one request that follows the log, as a stream or as a long poll."""

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
    """What the web package has established about a caller that wants to follow the log."""

    topics: tuple[Topic, ...]  # those that this person may follow, never `system`
    user_id: str
    user_type: str
    message: str  # of the `connected` event
    cursor: str | None  # as the client sent it, unchecked; None or empty if it has none
    read_snapshot: ReadSnapshot
    repeat_snapshot: Callable[[object], Event] | None = None
    """Makes an event of the snapshot, sent after `connected` to clients that know only that event."""
    rooms: FollowedRooms | None = None  # None to follow no rooms, as on a board
    expires_at: Instant | None = None  # of the token
    token_id: str | None = None
    session_version: int | None = None  # of a person's session that a new PIN would end
    counted_as: str | None = None  # streams with the same value are counted together; None: not counted
    counted_max: int | None = None  # how many of them there may be; None: as many as a person may have

    def opened(self) -> "StreamRequest":
        """Return the request as an open stream needs it: without the functions that read its beginning, which may hold
        the whole HTTP request in memory. From then on `read_snapshot` raises AssertionError."""
        return replace(self, message="", cursor=None, read_snapshot=_read_nothing, repeat_snapshot=None, rooms=None)


async def _read_nothing() -> Never:
    raise AssertionError("the stream is open already")


class Moment(NamedTuple):
    """The present time, on both clocks."""

    monotonic_s: float  # never goes back
    now: Instant


class Follower(ABC):
    """One follower, from its admission to its end. It is the sink of its feed: the hub tells it that frames wait.

    Raises:
        AssertionError: One of the topics is `system`, which no stream may follow; a bug of ours.
    """

    __slots__ = ("fault", "feed", "is_cut", "is_ended", "request")

    def __init__(self, request: StreamRequest, sources: Sources, *, backlog_bytes_max: int) -> None:
        self.request = request
        self.is_cut = False
        self.is_ended = False
        self.fault: StreamError | None = None  # sent to the client at the end
        self.feed = Feed(sources, request.topics, self, backlog_bytes_max=backlog_bytes_max, rooms=request.rooms)

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
        expires_at = self.request.expires_at
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
