"""The hearing end of the Redis broker: opens what comes on the channel, and tells it the moment it comes."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from festival_push.push.news.broker import Doubt, Hear, News, Told
from festival_push.push.news.redis.others import Others
from festival_push.push.news.redis_link import Link, Reply
from festival_push.push.news.redis_state import RedisState
from festival_push.push.news.sealed import Notice, Seal

_MESSAGE: Final = b"message"
_SUBSCRIBED: Final = b"subscribe"


class Hearing:
    """Opens the notices of one channel, over one connection after the other.

    Args:
        seal: Opens the notices.
        channel: Where they come.
        heartbeat_s: Silence that counts as a broken connection.
        beat: Asks for a heartbeat at once.
        log: Where changes of `state` are said.

    Attributes:
        others: Who else is heard, by their heartbeats.
        head: The highest position that was committed here or named by a notice.
        heard_s: When another process was heard last that knows as much as we do, on the monotonic clock. 0: never.
        received: Valid notices, our own among them.
        ignored: Messages that are not valid notices.
        state: Whether a valid notice was heard since the last subscription.
    """

    def __init__(
        self, seal: Seal, *, channel: str, heartbeat_s: float, beat: Callable[[], None], log: logging.Logger
    ) -> None:
        self._seal = seal
        self._channel = channel
        self._heartbeat_s = heartbeat_s
        self._beat = beat
        self._hear: Hear | None = None
        self._heard_at = 0.0  # when a sign of life came, on the loop's clock
        self._time = time.monotonic
        self.others = Others(seal.sender, heartbeat_s=heartbeat_s)
        self.head = 0
        self.heard_s = 0.0
        self.received = 0
        self.ignored = 0
        self.state = RedisState(log, works="hearing from Redis again", fails="can't hear from Redis")

    async def listen(self, link: Link, hear: Hear) -> None:
        """Subscribe, and return when no valid notice has come for `heartbeat_s`. Raises REDIS_FAILURES when the link is
        lost. The link hands what comes to `take`."""
        loop = asyncio.get_running_loop()
        self._hear = hear
        self._time, self._heard_at = loop.time, loop.time()
        link.send(("SUBSCRIBE", self._channel))
        while (left_s := self._heard_at + self._heartbeat_s - loop.time()) > 0:
            await asyncio.wait((link.ended,), timeout=left_s)
            if link.ended.done():
                link.ended.result()

    def take(self, reply: Reply) -> None:
        """Take what Redis says. Raises what Redis answers with, or what can't be read."""
        if isinstance(reply, Exception):
            raise reply
        if reply[0] == _MESSAGE:
            if self._seal.comes_back(reply[2]):
                self._live()
            elif (notice := self._seal.open(reply[2])) is None:
                self.ignored += 1
            else:
                self._live()
                self._take(notice)
        elif reply[0] == _SUBSCRIBED:
            # A Doubt: what was published before is lost.
            self._heard_at = self._time()
            self._tell(Doubt())
            self._beat()  # until that comes back, nobody knows that we hear

    def _live(self) -> None:
        self.received += 1
        self._heard_at = self._time()
        if not self.state.ok:
            self.state.worked()

    def _take(self, notice: Notice) -> None:
        known, last = self.head, notice.last
        if last > known:
            self.head = last
        if notice.sender != self._seal.sender and last >= known:
            self.heard_s = time.monotonic()
        if notice.events:
            self._tell(Told(notice.first, notice.events))
            return
        self.others.heard(notice.sender)
        # A heartbeat with no newer position than ours needs no read. A batch that was too large to be sent does.
        if last > known or last >= notice.first:
            self._tell(Doubt())

    def _tell(self, news: News) -> None:
        if self._hear is not None:
            self._hear(news)
