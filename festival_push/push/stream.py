"""A stream, written the portable way: an async iterator of bytes for any ASGI server.

Each chunk is everything that waited: one write for a whole burst. What the response around it must see to:

- The iterator brings its own heartbeats, retry times and last words: no pings beside them.
- It can't see a client that stops reading, because it is suspended while a chunk is being sent: bound each send.
- Its end is decided by `Streams` (drain, expiry, age), which lets clients go one after the other: nothing else may
  end all streams at once.
- Close it (`aclose`) or cancel it when the client is gone; an iterator that was never begun holds nothing.
"""

import logging
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

import msgspec

from festival_push.domain.events import Connected, SessionExpiring, StreamError
from festival_push.domain.values import Instant, rfc3339
from festival_push.push.feed import Interrupted, Opening, Sources
from festival_push.push.follower import Follower, Moment, StreamRequest
from festival_push.push.frames import HEARTBEAT, encode_retry, encode_unlogged
from festival_push.push.tail import ReadFailed

EXPIRY_NOTICE_MS: Final = 60_000
UNAVAILABLE: Final = StreamError(code="unavailable", message="The server can't read its log at the moment.")

logger = logging.getLogger(__name__)


class StreamTimes(msgspec.Struct, frozen=True, kw_only=True):
    """How long things take; `Streams` has the values from the settings."""

    heartbeat_s: float
    retry_ms: int
    max_age_s: float
    write_stall_s: float


class Stream(Follower):
    """One open stream."""

    def __init__(
        self,
        request: StreamRequest,
        sources: Sources,
        *,
        times: StreamTimes,
        backlog_bytes_max: int,
        now: Instant,
        monotonic: Callable[[], float],
    ) -> None:
        super().__init__(request, sources, backlog_bytes_max=backlog_bytes_max)
        self._times = times
        self._monotonic = monotonic
        self._interval_s = times.heartbeat_s * random.uniform(0.75, 1.0)  # noqa: S311 - spreads the streams' writes
        self._heartbeat_at = monotonic() + self._interval_s
        self._too_old_at = monotonic() + times.max_age_s
        self._notice_at: Instant | None = None  # of the token's expiry; None: not due any more
        if request.expires_at is not None and request.expires_at - EXPIRY_NOTICE_MS > now:
            self._notice_at = Instant(request.expires_at - EXPIRY_NOTICE_MS)
        self._writing_since: float | None = None
        self._asides: list[bytes] = []  # frames without an id that wait

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the whole stream: `connected`, what was missed, then live, until it is ended or cut."""
        try:
            opening = await self.feed.open(self.request.cursor, self.request.read_snapshot)
            if not self._is_over():
                yield self._written(encode_opening(opening, self.request, retry_ms=self._times.retry_ms))
                self._writing_since = None
                async with aclosing(self.feed.replay()) as pages:
                    async for frames in pages:
                        if self._is_over():
                            break
                        yield self._written(b"".join([frame.data for frame in frames]))
                        self._writing_since = None
            if self._is_over():
                self.feed.close()  # what came live must not be sent: it would hide what was not replayed
            while not self.is_cut:
                self.woken.clear()
                is_last = self.is_ended
                if chunk := self._gather():
                    yield self._written(chunk)
                    self._writing_since = None
                if is_last:
                    return
                await self.woken.wait()
        except Interrupted:
            logger.info("a replay ended early; its client comes back")
            yield encode_retry(jittered(self._times.retry_ms))
        except ReadFailed as failure:  # the client comes back with its cursor
            logger.warning("a stream can't read the log: %r", failure.__cause__)
            yield encode_fault(UNAVAILABLE, retry_ms=self._times.retry_ms)

    def check(self, moment: Moment) -> None:
        """Heartbeat, notice of expiry, age, and a write that doesn't end."""
        super().check(moment)
        monotonic_s, now = moment
        if self._notice_at is not None and now >= self._notice_at and self.request.expires_at is not None:
            self._notice_at = None
            self._say(encode_unlogged(SessionExpiring(expires_at=rfc3339(self.request.expires_at))))
        if monotonic_s >= self._too_old_at:
            self.end()
        if self._writing_since is not None:
            if monotonic_s - self._writing_since > self._times.write_stall_s:
                self.feed.close()
                self.cut()
        elif monotonic_s >= self._heartbeat_at and not self._asides:
            self._heartbeat_at = monotonic_s + self._interval_s
            self._say(HEARTBEAT)

    def _say(self, frame: bytes) -> None:
        self._asides.append(frame)
        self.woken.set()

    def _is_over(self) -> bool:
        return self.is_ended or self.is_cut

    def _gather(self) -> bytes:
        """All that waits, and the last words if this is the end."""
        parts = [frame.data for frame in self.feed.take()]
        parts += self._asides
        self._asides.clear()
        if self.fault is not None:
            parts.append(encode_fault(self.fault, retry_ms=self._times.retry_ms))
        elif self.is_ended:
            parts.append(encode_retry(jittered(self._times.retry_ms)))
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _written(self, chunk: bytes) -> bytes:
        """Note that a chunk is going out; the iterator is resumed when it is out."""
        self._writing_since = self._monotonic()
        self._heartbeat_at = self._writing_since + self._interval_s
        return chunk


def jittered(retry_ms: int) -> int:
    """About `retry_ms`, ±50 %: clients that were cut off together don't come back together."""
    return round(retry_ms * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret


def encode_opening(opening: Opening, request: StreamRequest, *, retry_ms: int) -> bytes:
    """The `connected` frame. It carries an id only with a snapshot: a resumed client keeps its cursor."""
    connected = Connected(
        user_id=request.user_id,
        user_type=request.user_type,
        message=request.message,
        resumed=opening.resumed,
        reason=opening.reason or msgspec.UNSET,
        snapshot=msgspec.UNSET if opening.resumed else opening.snapshot,
    )
    return encode_unlogged(connected, cursor=None if opening.resumed else opening.cursor, retry_ms=jittered(retry_ms))


def encode_fault(fault: StreamError, *, retry_ms: int) -> bytes:
    """A whole last frame: why, and when to come back."""
    return encode_unlogged(fault, retry_ms=jittered(retry_ms))
