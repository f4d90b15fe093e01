"""A direct stream: the hub calls it, and it writes to its client's connection. No task, no timer, no queue of its own.

    opening ──► catching up ──► live ──────────► ended ──────────► gone
    a task: the decision        the hub flushes:  last frame,       the connection is lost;
    on the cursor, `connected`, one write a turn  the connection    all references are
    page after page                               closes            dropped

    the client doesn't read     `pause`: frames wait in the subscriber; `resume`: they go out in one write
    too many bytes wait         the hub calls `cut`: the connection is aborted, the client comes back with its cursor
    it reads nothing for long   the sweeper's `check` cuts it, also while the connection closes with bytes left
    the client goes             `lost`, in any of these states

While it catches up, live events wait in the subscriber, exactly as for a paused client, so there is no gap. `Feed.take`
leaves out the events that the replay has covered, so none comes twice.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from enum import Enum
from typing import Final, Protocol

from festival_push.push.errors import ReadFailed
from festival_push.push.hub.frames import LAST_CHUNK, encode_chunk
from festival_push.push.hub.unlogged import StreamError
from festival_push.push.streams.endings import UNAVAILABLE
from festival_push.push.streams.feed import Interrupted
from festival_push.push.streams.request import StreamRequest
from festival_push.push.streams.stream import Shared, Stream

_WRITE_FRAMES: Final = 256  # frames of a replay in one write; then it waits until the connection can take more

logger = logging.getLogger(__name__)


class Connection(Protocol):
    """The connection to one client. Its methods never wait or raise; on a lost connection they do nothing."""

    def attach(self, writer: "DirectStream") -> None:
        """From now on call the writer's `pause` and `resume`, in turn, and its `lost` once, at the end."""

    def write(self, data: bytes) -> None:
        """Send these bytes after all that were written before."""

    def close(self) -> None:
        """End the connection when all bytes have gone out."""

    def abort(self) -> None:
        """End the connection now, and drop the bytes that have not gone out."""


class _Phase(Enum):
    OPENING = 1
    LIVE = 2
    ENDED = 3


class DirectStream(Stream):
    """One open stream that writes to its connection itself.

    Args:
        line: The connection to the client.
        left: Called with the stream when its connection is lost.
    """

    __slots__ = ("_flows", "_left", "_line", "_phase", "_writable")

    def __init__(
        self,
        request: StreamRequest,
        shared: Shared,
        line: Connection,
        *,
        left: Callable[["DirectStream"], None],
    ) -> None:
        super().__init__(request, shared)
        self._line = line
        self._left = left
        self._phase = _Phase.OPENING
        self._flows = False  # True if live and the connection can take more: each frame is written at once
        self._writable: asyncio.Future[None] | None = None  # done when a waiting replay may write again

    async def open(self, request: StreamRequest, head: bytes) -> None:
        """Write `connected` and the replay, up to the hub's position. After that the hub drives the stream, unless it
        has ended.

        Args:
            request: The one that this stream was made for.
            head: Goes out with the first frame, in one system call and one packet.
        """
        is_greeted = False
        unsent = [head] if head else []
        try:
            is_greeted = await self._catch_up(request, unsent)
        except Interrupted:
            logger.info("a replay ended early; its client comes back")
            self.feed.close()
            self.end()
        except ReadFailed as failure:  # the client comes back with its cursor
            logger.warning("a stream can't read the log: %r", failure.__cause__ or failure, extra={"storm": True})
            self.feed.close()
            self.end(UNAVAILABLE)
        except BaseException:
            self.feed.close()
            self.cut()
            raise
        if not is_greeted:
            self._asides = ()  # the first event is `connected`, or the one that refuses
        if unsent and not self.is_cut:
            self._line.write(head)
        self._phase = _Phase.LIVE
        self._go_on()

    def flush(self) -> None:
        """Write the backlog in one piece. Every delivery comes through here, so it does only what must be done here."""
        if self._flows and (backlog := self.feed.take()) is not None:
            self._is_quiet = False
            self._line.write(backlog.chunk)

    def end(self, fault: StreamError | None = None) -> None:
        """End the stream after its backlog; with a fault, at once and without it. Only the first call counts."""
        super().end(fault)
        self._go_on()

    def cut(self) -> None:
        """Abort the connection: too much is waiting. The client comes back with its cursor."""
        self.is_cut = True
        self._go_on()
        self._line.abort()

    def pause(self) -> None:
        """Write no more until `resume`: the connection's buffer is full."""
        if self._writing_since is None:
            self._writing_since = self._shared.monotonic()
        self._flows = False

    def resume(self) -> None:
        """Go on writing: the connection's buffer can take more."""
        if self._phase is not _Phase.ENDED:  # else the sweeper keeps measuring how long the close takes
            self._writing_since = None
            self._go_on()

    def lost(self) -> None:
        """Close the feed and leave the registry: the connection has ended, closed by either side."""
        self.is_cut = True
        self._flows = False
        self.feed.close()
        self._stop_waiting()
        self._left(self)

    async def _catch_up(self, request: StreamRequest, unsent: list[bytes]) -> bool:
        """Write what is unsent, `connected` and the replay; once that is begun, nothing is unsent any more. Return
        False if the stream was over before all of it was written."""
        opening = await self.feed.open(request)
        is_written = False
        if not self._is_over():
            parts = [*unsent, encode_chunk(self._greeting(opening, request))]  # goes out with the first frames
            async with aclosing(self.feed.replay()) as pages:
                async for frames in pages:
                    for start in range(0, len(frames), _WRITE_FRAMES):
                        parts += [frame.chunk for frame in frames[start : start + _WRITE_FRAMES]]
                        await self._until_writable()
                        if self._is_over():
                            break
                        self._write(parts)
                        parts = []
                        unsent.clear()
                    if self._is_over():
                        break
            if parts and not self._is_over():
                self._write(parts)
                parts = []
                unsent.clear()
            is_written = not parts
        if self._is_over():
            self.feed.close()  # live events must not be sent: their ids would hide those that were not replayed
        return is_written

    async def _until_writable(self) -> None:
        while self._writing_since is not None and not self._is_over():
            self._writable = asyncio.get_running_loop().create_future()
            await self._writable

    def _go_on(self) -> None:
        """Do what the state allows after a change: write the backlog and the frames without id, or end."""
        self._flows = self._phase is _Phase.LIVE and self._writing_since is None and not self._is_over()
        self._stop_waiting()
        self.flush()
        self._write_asides()
        if self._phase is _Phase.LIVE and self.is_ended and not self.is_cut:
            self._say_goodbye()

    def _stop_waiting(self) -> None:
        if self._writable is not None:
            if not self._writable.done():
                self._writable.set_result(None)
            self._writable = None

    def _say(self, frame: bytes) -> None:
        super()._say(frame)
        self._write_asides()

    def _write_asides(self) -> None:
        if self._flows and self._asides:
            asides, self._asides = self._asides, ()
            self._write([encode_chunk(frame) for frame in asides])

    def _write(self, chunks: list[bytes]) -> None:
        self._is_quiet = False
        self._line.write(b"".join(chunks))

    def _say_goodbye(self) -> None:
        """Write the backlog and the last frame, and close the connection. A client that doesn't read gets them as well:
        the waiting bytes are bounded, and so is the time until it is cut."""
        backlog = self.feed.take()
        self._phase = _Phase.ENDED
        self._flows = False
        self.feed.close()
        last_words = [*self._asides, self._last_words()]
        self._write(
            [*([] if backlog is None else [backlog.chunk]), *(encode_chunk(frame) for frame in last_words), LAST_CHUNK]
        )
        if self._writing_since is None:
            self._writing_since = self._shared.monotonic()
        self._line.close()
