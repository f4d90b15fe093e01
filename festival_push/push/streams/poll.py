"""The long poll: the same events as a stream's, as a list, for networks that swallow streams."""

import asyncio
from contextlib import aclosing

import msgspec

from festival_push.domain.events import StreamError
from festival_push.domain.log import LogRow
from festival_push.push.hub.frames import Cursor, Frame
from festival_push.push.streams.feed import Interrupted, Reason
from festival_push.push.streams.follower import Waiter


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """One answer. `cursor` is what the client asks with next."""

    rows: tuple[LogRow, ...]
    cursor: Cursor
    resumed: bool
    reason: Reason | None = None
    snapshot: object = None  # where not resumed
    fault: StreamError | None = None  # the session has ended: don't ask again with it


class Poll(Waiter):
    """One waiting request."""

    async def collect(self, *, wait_s: float, limit: int) -> Collected:
        """Return the next 1..limit events, or none when none came within `wait_s`, or at once the snapshot where the
        cursor can't be honoured. Raises ReadFailed."""
        opening = await self.feed.open(self.request.cursor, self.request.read_snapshot)
        if not opening.resumed:
            return Collected(
                rows=(), cursor=opening.cursor, resumed=False, reason=opening.reason, snapshot=opening.snapshot
            )
        frames = await self._missed(limit) or await self._live(wait_s)
        cursor = self.feed.cursor
        if len(frames) >= limit:
            frames = frames[:limit]
            cursor = Cursor(cursor.epoch, frames[-1].position)
        if self.fault is not None:
            return Collected(rows=(), cursor=opening.cursor, resumed=True, fault=self.fault)
        return Collected(rows=tuple(frame.row for frame in frames), cursor=cursor, resumed=True)

    async def _missed(self, limit: int) -> list[Frame]:
        frames: list[Frame] = []
        try:
            async with aclosing(self.feed.replay()) as pages:
                async for page in pages:
                    frames += page
                    if len(frames) >= limit:
                        break
        except Interrupted:
            # What there is, is whole as far as it goes; the next poll hears why there is no more. What came live
            # must not be given out: it would hide what was not replayed.
            self.feed.close()
            self.end()
        return frames

    async def _live(self, wait_s: float) -> list[Frame]:
        try:
            async with asyncio.timeout(wait_s):
                while True:
                    self.woken.clear()
                    backlog = self.feed.take()
                    if backlog is not None or self.is_ended or self.is_cut:
                        return [] if backlog is None else backlog.frames
                    await self.woken.wait()
        except TimeoutError:
            return []
