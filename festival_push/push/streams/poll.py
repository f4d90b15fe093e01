"""The long poll: the same events as a stream's, as a list, for networks that swallow streams."""

import asyncio
from contextlib import aclosing

import msgspec

from festival_push.domain.log import LogRow
from festival_push.push.hub.frames import Cursor, Frame
from festival_push.push.hub.unlogged import StreamError
from festival_push.push.streams.feed import Interrupted, Reason
from festival_push.push.streams.request import StreamRequest
from festival_push.push.streams.stream import Shared, Stream


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one long poll. The client sends `cursor` with its next one."""

    rows: tuple[LogRow, ...]
    cursor: Cursor
    resumed: bool
    reason: Reason | None = None
    snapshot: object = None  # if not resumed
    fault: StreamError | None = None  # if the session has ended: don't ask again with it


class Poll(Stream):
    """One long poll, whose task sleeps until the hub has events for it."""

    __slots__ = ("_woken",)

    def __init__(self, request: StreamRequest, shared: Shared) -> None:
        super().__init__(request, shared)
        self._woken = asyncio.Event()

    def flush(self) -> None:
        """Wake the task: events wait, or the poll is over."""
        self._woken.set()

    def _say(self, frame: bytes) -> None:
        """Say nothing: an answer holds only what is in the log."""

    async def collect(self, request: StreamRequest, *, wait_s: float, limit: int) -> Collected:
        """Return the next 1..limit events, no events if none came within `wait_s`, or at once the snapshot if the
        cursor can't be honoured. Raises ReadFailed.

        Args:
            request: The one that this poll was made for.
        """
        opening = await self.feed.open(request)
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
            # The frames read so far have no gap; the next poll is told why there are no more. Live events must not
            # be given out: their cursor would hide the events that were not replayed.
            self.feed.close()
            self.end()
        return frames

    async def _live(self, wait_s: float) -> list[Frame]:
        try:
            async with asyncio.timeout(wait_s):
                while True:
                    self._woken.clear()
                    backlog = self.feed.take()
                    if backlog is not None or self.is_ended or self.is_cut:
                        return [] if backlog is None else backlog.frames
                    await self._woken.wait()
        except TimeoutError:
            return []
