"""An ASGI stream: an async iterator of bytes for any ASGI server.

Each chunk holds all frames that waited: one write for a whole burst. The response that sends the chunks must:

- add no pings: the iterator yields its own heartbeats, retry times and last frame;
- bound each send: the iterator can't see a client that stops reading, because it is suspended during a send;
- not end all streams at once: `StreamRegistry` ends them (drain, expiry, age), one client after the other;
- close the iterator (`aclose`) or cancel it when the client is gone; one that was never begun holds nothing.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from festival_push.push.errors import ReadFailed
from festival_push.push.hub.frames import encode_retry
from festival_push.push.streams.endings import UNAVAILABLE, encode_fault, jittered
from festival_push.push.streams.feed import Interrupted
from festival_push.push.streams.request import StreamRequest
from festival_push.push.streams.stream import Shared, Stream

logger = logging.getLogger(__name__)


class AsgiStream(Stream):
    """One open stream, whose task sleeps until the hub has frames for it."""

    __slots__ = ("_woken",)

    def __init__(self, request: StreamRequest, shared: Shared) -> None:
        super().__init__(request, shared)
        self._woken = asyncio.Event()

    def flush(self) -> None:
        """Wake the task: frames wait, or the stream is over."""
        self._woken.set()

    async def chunks(self, request: StreamRequest) -> AsyncGenerator[bytes, None]:
        """Yield the whole stream: `connected`, the replay, then the live events, until it is ended or cut.

        Args:
            request: The one that this stream was made for.
        """
        try:
            opening = await self.feed.open(request)
            if self._is_over():
                self._asides = ()  # the first event is `connected`, or the one that refuses
            else:
                yield self._written(self._greeting(opening, request))
                self._writing_since = None
                async with aclosing(self.feed.replay()) as pages:
                    async for frames in pages:
                        if self._is_over():
                            break
                        yield self._written(b"".join([frame.data for frame in frames]))
                        self._writing_since = None
            if self._is_over():
                self.feed.close()  # live events must not be sent: their ids would hide those that were not replayed
            while not self.is_cut:
                self._woken.clear()
                is_last = self.is_ended
                if chunk := self._gather():
                    yield self._written(chunk)
                    self._writing_since = None
                if is_last:
                    return
                await self._woken.wait()
        except Interrupted:
            logger.info("a replay ended early; its client comes back")
            yield encode_retry(jittered(self._shared.times.retry_ms))
        except ReadFailed as failure:  # the client comes back with its cursor
            logger.warning("a stream can't read the log: %r", failure.__cause__ or failure, extra={"storm": True})
            yield encode_fault(UNAVAILABLE, retry_ms=self._shared.times.retry_ms)

    def _gather(self) -> bytes:
        """Return all frames that wait, and the last frame if the stream is ended; empty if there are none."""
        backlog = self.feed.take()
        parts = [] if backlog is None else [frame.data for frame in backlog.frames]
        parts += self._asides
        self._asides = ()
        if self.is_ended:
            parts.append(self._last_words())
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _written(self, chunk: bytes) -> bytes:
        """Note when the sending of this chunk began, and return it; the iterator is resumed when it has gone out."""
        self._writing_since = self._shared.monotonic()
        self._is_quiet = False
        return chunk
