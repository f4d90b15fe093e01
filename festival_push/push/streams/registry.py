"""The registry of all open streams of this process: it admits them, sweeps over them, and ends them."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from typing import Final

import msgspec

from festival_push.domain.values import Instant, rfc3339
from festival_push.push.groups import Groups
from festival_push.push.headcount import Headcount
from festival_push.push.hub.frames import LAST_CHUNK, encode_chunk
from festival_push.push.hub.unlogged import Stale, StreamError
from festival_push.push.streams.asgi import AsgiStream
from festival_push.push.streams.direct import Connection, DirectStream
from festival_push.push.streams.endings import DRAINING, UNAVAILABLE, encode_refusal
from festival_push.push.streams.feed import Sources
from festival_push.push.streams.places import Places, Standing
from festival_push.push.streams.poll import Collected, Poll
from festival_push.push.streams.request import StreamOwner, StreamRequest
from festival_push.push.streams.stream import Moment, Shared, Stream, StreamTimes

_SWEEP_S: Final = 0.9  # with the time that a sweep takes, a stream ends within a second of its token's expiry
STALE_ENDS_S: Final = 3.0  # between telling a stream that it may not be up to date and its end
_CHECKS: Final = 1_000  # streams checked in one loop turn: about half a millisecond
_DRAIN_STEP_S: Final = 0.05
_SPREAD: Final = 0.75  # share of a drain's time over which streams are ended; the rest is for the last frames to go out
_DRAIN_S_MIN: Final = 0.25  # without it, a drain of 0 s would send no last frames

logger = logging.getLogger(__name__)


class StreamRules(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds on streams, from the settings."""

    streams_max: int
    streams_per_user: int
    backlog_bytes_max: int  # bytes of frames that may wait for one client
    heartbeat_s: float
    retry_ms: int
    max_age_s: float
    write_stall_s: float = 20.0
    stale_s: float = 3.0  # without certainty that all was told, until clients are told so and new streams are refused

    def times(self) -> StreamTimes:
        """Return the times that each stream needs."""
        sweep_s = min(_SWEEP_S, self.heartbeat_s / 8)
        return StreamTimes(
            heartbeat_s=self.heartbeat_s,
            sweep_s=sweep_s,
            retry_ms=self.retry_ms,
            max_age_s=self.max_age_s,
            write_stall_s=self.write_stall_s,
            # The last write may be a whole sweep ago by then, and the heartbeat may come a sweep late.
            silence_s=self.heartbeat_s - 2 * sweep_s,
        )


class StreamRegistry:
    """Admits, sweeps, drains and counts the streams of this process.

    Args:
        now: The wall clock, for the expiry of tokens only.
        monotonic: Seconds that never go back, for everything else.
    """

    def __init__(
        self,
        sources: Sources,
        rules: StreamRules,
        *,
        now: Callable[[], Instant],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sources = sources
        self._rules = rules
        self._shared = Shared(
            sources=sources, times=rules.times(), backlog_bytes_max=rules.backlog_bytes_max, monotonic=monotonic
        )
        self._now = now
        self._streams: dict[Stream, None] = {}  # long polls as well; a set would take twice the memory
        self._places = Places(streams_max=rules.streams_max, streams_per_user=rules.streams_per_user)
        self._of_owner: Groups[Stream] = Groups()  # those of people and displays, by their id
        self.headcount = Headcount()
        self._empty = asyncio.Event()
        self._empty.set()
        self._left = self._leave  # one bound method shared by all direct streams, instead of one for each
        self.is_draining = False
        self.is_stale = False
        self._was_old = False  # whether it looked so at the last sweep
        self.refused: Counter[str] = Counter()  # by code
        self.opened = 0
        self.by_type: Counter[str] = Counter()  # open streams, by `userType`

    def __len__(self) -> int:
        return len(self._streams)

    def owners(self) -> list[StreamOwner]:
        """Return whose all open streams and long polls are."""
        return [stream.owner for stream in self._streams]

    def streams_of(self, user_id: str) -> list[Stream]:
        """Return the open streams and long polls of one person or display, and look at no other. They may have been
        opened with different tokens and rights."""
        return self._of_owner.of((user_id,))

    def refusal_of(self, request: StreamRequest) -> StreamError | None:
        """Return why this request is refused now; None if it is admitted. Only new streams are refused: no open one is
        evicted for them."""
        if self.is_draining:
            return DRAINING
        if self.is_stale:
            return UNAVAILABLE
        place = request.owner.place
        own = sum(stream.owner.place.standing is place.standing for stream in self._of_owner.of(_names(request.owner)))
        return self._places.refusal_of(place, own=own)

    async def follow(self, request: StreamRequest) -> AsyncGenerator[bytes, None]:
        """Yield the body of one stream, from the first byte to the last; if it is refused, the body of the refusal."""
        if refusal := self.refusal_of(request):
            self.refused[refusal.code] += 1
            yield encode_refusal(refusal, retry_ms=self._rules.retry_ms)
            return
        stream = AsgiStream(request, self._shared)
        with self._registered(stream):
            async with aclosing(stream.chunks(request)) as chunks:
                async for chunk in chunks:
                    if chunk:
                        yield chunk

    async def write(self, request: StreamRequest, line: Connection, *, head: bytes = b"") -> None:
        """Write the body of one stream to its connection; if it is refused, the body of the refusal. Return after the
        replay: from then on the hub drives the stream, unless it has ended.

        Args:
            head: Goes out before the body.
        """
        if refusal := self.refusal_of(request):
            self.refused[refusal.code] += 1
            line.write(head + encode_chunk(encode_refusal(refusal, retry_ms=self._rules.retry_ms)) + LAST_CHUNK)
            line.close()
            return
        stream = DirectStream(request, self._shared, line, left=self._left)
        self._enter(stream)
        line.attach(stream)
        await stream.open(request, head)

    async def collect(self, request: StreamRequest, *, wait_s: float, limit: int) -> Collected | StreamError:
        """Answer one long poll, or return why it is refused. Raises ReadFailed.

        Args:
            wait_s: The longest wait for an event.
            limit: The most events to return, at least 1.
        """
        if refusal := self.refusal_of(request):
            self.refused[refusal.code] += 1
            return refusal
        poll = Poll(request, self._shared)
        with self._registered(poll):
            return await poll.collect(request, wait_s=wait_s, limit=limit)

    def end_where(self, predicate: Callable[[StreamOwner], bool], code: str, message: str) -> int:
        """End every stream whose owner the predicate picks, tell its client why, and return how many were picked."""
        fault = StreamError(code=code, message=message)
        picked = [stream for stream in self._streams if predicate(stream.owner)]
        for stream in picked:
            stream.end(fault)
        return len(picked)

    async def run(self) -> None:
        """Sweep again and again, until cancelled."""
        while True:
            await asyncio.sleep(self._shared.times.sweep_s)
            await self.sweep()

    async def sweep(self) -> None:
        """Check every stream's times once; other tasks run in between."""
        streams = list(self._streams)
        stale, is_over = self._look_at_age()
        for start in range(0, len(streams), _CHECKS):
            moment = Moment(self._shared.monotonic(), self._now())
            for stream in streams[start : start + _CHECKS]:
                if is_over and stream.is_stale:
                    stream.end(UNAVAILABLE)
                elif stale is not None:
                    stream.tell_stale(stale)
                stream.check(moment)
            await asyncio.sleep(0)

    def _look_at_age(self) -> tuple[Stale | None, bool]:
        """Return what streams are told now if they may not be up to date, and whether those that were told must end.

        They end some seconds later, or as soon as we are up to date again: they come back, here or elsewhere, and are.
        """
        age_s, was_old, was_stale = self.sources.age_s(), self._was_old, self.is_stale
        # Twice, because a process that was stopped for a while is up to date a moment after it goes on.
        self._was_old = age_s > self._rules.stale_s
        self.is_stale = self._was_old and was_old
        if not self.is_stale:
            return None, True
        if not was_stale:
            logger.warning("nothing was heard of the log for %.1f s: streams are told, and end", age_s)
        since = rfc3339(Instant(round(self._now() - age_s * 1000)))
        told = Stale(since=since, message="Not up to date for a moment. Reconnecting.")
        return told, age_s > self._rules.stale_s + STALE_ENDS_S

    async def drain(self, over_s: float) -> None:
        """Admit no more streams, and end all open ones one after the other. Return when they are gone, after `over_s`
        (or a quarter of a second, if that is more) at the latest. Streams that are left then are cut, also if the
        drain itself is cancelled."""
        self.is_draining = True
        try:
            await self._end_all(over_s)
        finally:
            self._cut_all()

    async def _end_all(self, over_s: float) -> None:
        """End all streams, spread over most of `over_s`; then wait until they are gone, or the time is over."""
        staying = list(self._streams)
        spread_s = over_s * _SPREAD
        loop = asyncio.get_running_loop()
        began, ended = loop.time(), 0
        while ended < len(staying):
            share = 1.0 if spread_s <= 0 else min((loop.time() - began) / spread_s, 1.0)
            due = max(ended + 1, round(share * len(staying)))
            for stream in staying[ended:due]:
                stream.end()
            ended = due
            if ended < len(staying):
                await asyncio.sleep(min(_DRAIN_STEP_S, spread_s))
        with suppress(TimeoutError):
            async with asyncio.timeout_at(began + max(over_s, _DRAIN_S_MIN)):
                await self._empty.wait()

    def _cut_all(self) -> None:
        left = tuple(self._streams)
        if left:
            logger.warning("%d streams are cut: they did not end in time", len(left))
        for stream in left:
            stream.feed.close()
            stream.cut()

    @contextmanager
    def _registered(self, stream: Stream) -> Iterator[None]:
        self._enter(stream)
        try:
            yield
        finally:
            stream.feed.close()
            self._leave(stream)

    def _enter(self, stream: Stream) -> None:
        self._streams[stream] = None
        self._empty.clear()
        self.opened += 1
        self.by_type[stream.owner.user_type] += 1
        self._places.take(stream.owner.place)
        self._of_owner.add(stream, _names(stream.owner))
        self.headcount.add((stream.owner.user_id, stream.owner.user_type))

    def _leave(self, stream: Stream) -> None:
        del self._streams[stream]
        self.by_type[stream.owner.user_type] -= 1
        if not self._streams:
            self._empty.set()
        self._places.free(stream.owner.place)
        self._of_owner.discard(stream, _names(stream.owner))
        self.headcount.remove((stream.owner.user_id, stream.owner.user_type))


def _names(owner: StreamOwner) -> tuple[str, ...]:
    """Return the id by which its streams are found; none of passers-by, who are many under one name."""
    return () if owner.place.standing is Standing.PASSER_BY else (owner.user_id,)
