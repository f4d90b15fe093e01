"""A stream: what all three kinds of it have in common, whichever way its bytes get to the client.

DirectStream   the hub has it written to its connection
AsgiStream     a server iterates over it
Poll           collects some events, and is over
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from festival_push.domain.values import Instant, rfc3339
from festival_push.push.hub.frames import HEARTBEAT, encode_retry, encode_unlogged
from festival_push.push.hub.unlogged import Connected, SessionExpiring, Stale, StreamError
from festival_push.push.streams.endings import encode_fault, jittered
from festival_push.push.streams.feed import Feed, Opening, Sources
from festival_push.push.streams.request import StreamRequest

EXPIRY_NOTICE_MS: Final = 60_000


class StreamTimes(msgspec.Struct, frozen=True, kw_only=True):
    """The times of one stream; `StreamRules.times` takes them from the settings."""

    heartbeat_s: float  # the longest silence
    sweep_s: float  # between two calls of `check`
    retry_ms: int  # after which a client reconnects, on average
    max_age_s: float  # after which the stream is ended
    write_stall_s: float  # after which a write that the client has not taken is given up
    silence_s: float  # from the check that finds a stream silent to its heartbeat


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """What all streams of a process share."""

    sources: Sources
    times: StreamTimes
    backlog_bytes_max: int  # bytes of frames that may wait for a client; above it, the hub cuts the stream off
    monotonic: Callable[[], float]  # seconds that never go back


class Moment(NamedTuple):
    """The present time, on both clocks."""

    monotonic_s: float  # never goes back
    now: Instant


class Stream(ABC):
    """One client's events, from its admission to its end, with the frames that are not in the log: first, heartbeats,
    last. It is the sink of its feed: the hub tells it that frames wait. It has no timer: it acts on time only in
    `check`, which the sweeper calls.

    Raises:
        AssertionError: One of the topics is `system`, which no stream may follow; a bug of ours.
    """

    __slots__ = (
        "_asides",
        "_heartbeat_at",
        "_is_quiet",
        "_is_warned",
        "_shared",
        "_too_old_at",
        "_writing_since",
        "fault",
        "feed",
        "is_cut",
        "is_ended",
        "is_stale",
        "owner",
    )

    def __init__(self, request: StreamRequest, shared: Shared) -> None:
        self.owner = request.owner
        self.is_cut = False
        self.is_ended = False
        self.fault: StreamError | None = None  # sent to the client at the end
        self.feed = Feed(shared.sources, request, self, backlog_bytes_max=shared.backlog_bytes_max)
        self._shared = shared
        self._heartbeat_at = 0.0
        self._is_quiet = False  # True if nothing was written since the last check
        self._too_old_at = shared.monotonic() + shared.times.max_age_s
        self.is_stale = False  # True once the client was told that it may not be up to date
        self._is_warned = False  # True once the client was told that its token expires
        self._writing_since: float | None = None  # since when bytes wait that the client has not taken; None if none
        self._asides: tuple[bytes, ...] = ()  # frames without an id that wait; an empty tuple takes no memory

    @abstractmethod
    def flush(self) -> None:
        """Take the frames that wait, or end if `end` was called; now or soon."""

    def cut(self) -> None:
        """End at once: too much is waiting. The client comes back with its cursor."""
        self.is_cut = True
        self.flush()

    def end(self, fault: StreamError | None = None) -> None:
        """End after the backlog; with a fault, at once and without it. Only the first call counts."""
        if self.is_ended:
            return
        self.is_ended = True
        self.fault = fault
        if fault is not None:
            self.feed.close()
        self.flush()

    def tell_stale(self, stale: Stale) -> None:
        """Tell the client, once, that it may not be up to date."""
        if not self.is_stale and not self._is_over():
            self.is_stale = True
            self._say(encode_unlogged(stale))

    def check(self, moment: Moment) -> None:
        """End if the token has expired or the stream is too old, cut it if its write stalls; else announce the token's
        expiry, and break a silence. The sweeper calls this about once a second."""
        monotonic_s, now = moment
        expires_at = self.owner.expires_at
        if expires_at is not None and now >= expires_at - EXPIRY_NOTICE_MS:
            if now >= expires_at:
                self.end(StreamError(code="token-expired", message="Sign in again."))
            elif not self._is_warned and not self.is_ended:
                self._is_warned = True
                self._say(encode_unlogged(SessionExpiring(expires_at=rfc3339(expires_at))))
        if monotonic_s >= self._too_old_at:
            self.end()
        if not self._is_quiet:
            self._is_quiet = True
            spread = 0.8 + 0.2 * random.random()  # noqa: S311 - so that not all are written to at once
            self._heartbeat_at = monotonic_s + self._shared.times.silence_s * spread
        if self._writing_since is not None:
            if monotonic_s - self._writing_since > self._shared.times.write_stall_s:
                self.feed.close()
                self.cut()
        elif monotonic_s >= self._heartbeat_at and not self._asides:
            self._say(HEARTBEAT)

    def _say(self, frame: bytes) -> None:
        """Let the client have a frame that is not in the log, when it can."""
        self._asides += (frame,)
        self.flush()

    def _is_over(self) -> bool:
        return self.is_ended or self.is_cut

    def _greeting(self, opening: Opening, request: StreamRequest) -> bytes:
        return encode_opening(opening, request, self._shared.times)

    def _last_words(self) -> bytes:
        if self.fault is not None:
            return encode_fault(self.fault, retry_ms=self._shared.times.retry_ms)
        return encode_retry(jittered(self._shared.times.retry_ms))


def encode_opening(opening: Opening, request: StreamRequest, times: StreamTimes) -> bytes:
    """Return the `connected` frame, with the repeated snapshot after it if the client wants that. It carries an id only
    with a snapshot: a resumed client keeps its cursor."""
    connected = Connected(
        user_id=request.owner.user_id,
        user_type=request.owner.user_type,
        message=request.message,
        heartbeat=times.heartbeat_s,
        resumed=opening.resumed,
        reason=opening.reason or msgspec.UNSET,
        snapshot=msgspec.UNSET if opening.resumed else opening.snapshot,
    )
    cursor = None if opening.resumed else opening.cursor
    frame = encode_unlogged(connected, cursor=cursor, retry_ms=jittered(times.retry_ms))
    if opening.resumed or request.repeat_snapshot is None:
        return frame
    return frame + encode_unlogged(request.repeat_snapshot(opening.snapshot))
