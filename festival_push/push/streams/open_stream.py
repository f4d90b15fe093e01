"""The base of open streams: their timing, and their frames that are not in the log: first, heartbeats, last.

The two kinds of streams, in `asgi` and `direct`, differ in how the bytes get to the client.
"""

import random
from collections.abc import Callable
from typing import Final

import msgspec

from festival_push.domain.events import Connected, SessionExpiring, StreamError
from festival_push.domain.values import rfc3339
from festival_push.push.hub.frames import HEARTBEAT, encode_retry, encode_unlogged
from festival_push.push.streams.feed import Opening, Sources
from festival_push.push.streams.follower import Follower, Moment
from festival_push.push.streams.request import StreamRequest

EXPIRY_NOTICE_MS: Final = 60_000
UNAVAILABLE: Final = StreamError(code="unavailable", message="The server can't read its log at the moment.")


class StreamTimes(msgspec.Struct, frozen=True, kw_only=True):
    """The times of one stream; `StreamRules.times` takes them from the settings."""

    heartbeat_s: float  # the longest silence
    sweep_s: float  # between two calls of `check`
    retry_ms: int  # after which a client reconnects, on average
    max_age_s: float  # after which the stream is ended
    write_stall_s: float  # after which a write that the client has not taken is given up


class OpenStream(Follower):
    """One open stream. It has no timer of its own: it acts on time only in `check`, which the sweeper calls."""

    __slots__ = (
        "_asides",
        "_heartbeat_at",
        "_is_quiet",
        "_is_warned",
        "_monotonic",
        "_times",
        "_too_old_at",
        "_writing_since",
    )

    def __init__(
        self,
        request: StreamRequest,
        sources: Sources,
        *,
        times: StreamTimes,
        backlog_bytes_max: int,
        monotonic: Callable[[], float],
    ) -> None:
        super().__init__(request, sources, backlog_bytes_max=backlog_bytes_max)
        self._times = times
        self._monotonic = monotonic
        self._heartbeat_at = 0.0
        self._is_quiet = False  # True if nothing was written since the last check
        self._too_old_at = monotonic() + times.max_age_s
        self._is_warned = False  # True once the client was told that its token expires
        self._writing_since: float | None = None  # since when bytes wait that the client has not taken; None if none
        self._asides: tuple[bytes, ...] = ()  # frames without an id that wait; an empty tuple takes no memory

    def check(self, moment: Moment) -> None:
        """Announce the token's expiry, end a stream that is too old or cut one whose write stalls, else heartbeat."""
        super().check(moment)
        monotonic_s, now = moment
        expires_at = self.owner.expires_at
        if expires_at is not None and not self._is_warned and now >= expires_at - EXPIRY_NOTICE_MS:
            self._is_warned = True
            if not self.is_ended:
                self._say(encode_unlogged(SessionExpiring(expires_at=rfc3339(expires_at))))
        if monotonic_s >= self._too_old_at:
            self.end()
        if not self._is_quiet:
            self._is_quiet = True
            # The last write may be a whole sweep ago by now, and the next heartbeat may come a sweep late.
            silence_s = self._times.heartbeat_s - 2 * self._times.sweep_s
            spread = random.uniform(0.8, 1.0)  # noqa: S311 - so that not all are written to at once
            self._heartbeat_at = monotonic_s + silence_s * spread
        if self._writing_since is not None:
            if monotonic_s - self._writing_since > self._times.write_stall_s:
                self.feed.close()
                self.cut()
        elif monotonic_s >= self._heartbeat_at and not self._asides:
            self._say(HEARTBEAT)

    def _say(self, frame: bytes) -> None:
        self._asides += (frame,)
        self.flush()

    def _is_over(self) -> bool:
        return self.is_ended or self.is_cut

    def _last_words(self) -> bytes:
        if self.fault is not None:
            return encode_fault(self.fault, retry_ms=self._times.retry_ms)
        return encode_retry(jittered(self._times.retry_ms))

    def _greeting(self, opening: Opening, request: StreamRequest) -> bytes:
        return encode_opening(opening, request, self._times)


def jittered(retry_ms: int) -> int:
    """Return `retry_ms` ±50 %, so that clients that were cut off together don't come back together."""
    return round(retry_ms * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret


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


def encode_fault(fault: StreamError, *, retry_ms: int) -> bytes:
    """Return a whole last frame, which tells the client why its stream ends and when to come back."""
    return encode_unlogged(fault, retry_ms=jittered(retry_ms))
