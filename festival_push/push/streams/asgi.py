"""A stream, written the portable way: an async iterator of bytes for any ASGI server.

Each chunk is everything that waited: one write for a whole burst. What the response around it must see to:

- The iterator brings its own heartbeats, retry times and last words: no pings beside them.
- It can't see a client that stops reading, because it is suspended while a chunk is being sent: bound each send.
- Its end is decided by `StreamRegistry` (drain, expiry, age), which lets clients go one after the other: nothing else
  may end all streams at once.
- Close it (`aclose`) or cancel it when the client is gone; an iterator that was never begun holds nothing.
"""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from festival_push.push.errors import ReadFailed
from festival_push.push.hub.frames import encode_retry
from festival_push.push.streams.feed import Interrupted
from festival_push.push.streams.follower import Waiter
from festival_push.push.streams.open_stream import UNAVAILABLE, OpenStream, encode_fault, jittered

logger = logging.getLogger(__name__)


class AsgiStream(OpenStream, Waiter):
    """One open stream, whose task waits for what the hub has."""

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the whole stream: `connected`, what was missed, then live, until it is ended or cut."""
        try:
            opening = await self.feed.open(self.request.cursor, self.request.read_snapshot)
            if not self._is_over():
                yield self._written(self._greeting(opening))
                self._writing_since = None
                async with aclosing(self.feed.replay()) as pages:
                    async for frames in pages:
                        if self._is_over():
                            break
                        yield self._written(b"".join([frame.data for frame in frames]))
                        self._writing_since = None
            if self._is_over():
                self.feed.close()  # what came live must not be sent: it would hide what was not replayed
            self.request = self.request.opened()
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

    def _gather(self) -> bytes:
        """All that waits, and the last words if this is the end."""
        backlog = self.feed.take()
        parts = [] if backlog is None else [frame.data for frame in backlog.frames]
        parts += self._asides
        self._asides = ()
        if self.is_ended:
            parts.append(self._last_words())
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _written(self, chunk: bytes) -> bytes:
        """Note that a chunk is going out; the iterator is resumed when it is out."""
        self._writing_since = self._monotonic()
        self._is_quiet = False
        return chunk
