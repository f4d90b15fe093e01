"""The broker between processes: Redis pub/sub, one channel, one notice (a sealed message) per committed batch.

redis-py hides lost connections: a receiver that was cut off reconnects by itself, without an exception, and a network
that drops every packet looks like silence. So every acknowledgement of a subscription is a Doubt, every process sends
heartbeats that come back to it, and a receiver that hears nothing for `heartbeat_s` closes its connection.

    publisher   bounded queue -> own connection with a deadline; a batch is dropped when the queue is full
    receiver    own connection -> notices; after silence, a cut or an error: Doubt, jittered pause, a new connection
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from festival_push.domain.log import LogRow
from festival_push.push.news.broker import Doubt
from festival_push.push.news.redis_client import REDIS_FAILURES, close_quietly, redis_client
from festival_push.push.news.sealed import Notice, Seal

QUEUE_BATCHES_MAX: Final = 1_000
_HEARTBEATS: Final = 3  # in each heartbeat_s, so that one may be lost
_PAUSE_S_MIN: Final = 0.05
_PAUSE_S_MAX: Final = 1.0

logger = logging.getLogger(__name__)


class RedisBroker:
    """Publishes this process' batches on the channel `<prefix>:log`, and receives those of the others.

    Args:
        url: `redis://`, `rediss://` or `unix://`, with user and password where there are any.
        prefix: Begins the name of the channel.
        epoch: The name of the log; notices about another one are ignored.
        secret: Shared by all processes, ≥ 32 bytes.
        heartbeat_s: Silence that counts as a broken connection; also the deadline of each Redis call.
        queue_batches_max: Batches that may wait to be published; further ones are dropped.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str,
        epoch: str,
        secret: bytes,
        heartbeat_s: float,
        queue_batches_max: int = QUEUE_BATCHES_MAX,
    ) -> None:
        self._url = url
        self._channel = f"{prefix}:log"
        self._sealer = Seal(secret, epoch=epoch, channel=self._channel)
        self._heartbeat_s = heartbeat_s
        self._queue: deque[tuple[LogRow, ...]] = deque()
        self._queue_batches_max = queue_batches_max
        self._filled = asyncio.Event()
        self._clients: set[Redis] = set()
        self._head = 0  # the highest position that was committed here or named by a notice
        self.healthy = False
        self.published = 0  # batches
        self.dropped = 0  # batches
        self.received = 0  # notices that were opened
        self.ignored = 0  # messages that are not valid notices
        self.reconnects = 0  # of the receiver

    def publish(self, rows: Sequence[LogRow]) -> None:
        """Queue one batch, or drop it if the queue is full: the next heartbeat tells of its positions anyway."""
        self._head = max(self._head, rows[-1].position)
        if len(self._queue) >= self._queue_batches_max:
            self.dropped += 1
            return
        self._queue.append(tuple(rows))
        self._filled.set()

    async def run(self) -> None:
        """Publish the queued batches, and heartbeats, until cancelled; reconnect when Redis fails."""
        pause_s = _PAUSE_S_MIN
        while True:
            client = self._connect()
            try:
                async with self._deadline():
                    await client.ping()
                if pause_s > _PAUSE_S_MIN:
                    logger.info("publishing to Redis again")
                pause_s = _PAUSE_S_MIN
                await self._publish_all(client)
            except REDIS_FAILURES as error:
                if pause_s == _PAUSE_S_MIN:
                    logger.warning("can't publish to Redis: %s", type(error).__name__)  # its text may hold the URL
            finally:
                await self._disconnect(client)
            pause_s = await _pause(pause_s)

    async def receive(self) -> AsyncGenerator[tuple[LogRow, ...] | Doubt]:
        """Yield batches, and a Doubt whenever one may be missing: at first, at each subscription, at each lost
        connection, and when a notice names positions without their rows."""
        pause_s = _PAUSE_S_MIN
        yield Doubt()
        while True:
            client = self._connect()
            inbox = client.pubsub()
            try:
                async with self._deadline():
                    await inbox.subscribe(self._channel)
                async with aclosing(self._listen(inbox)) as heard:
                    async for news in heard:
                        pause_s = _PAUSE_S_MIN
                        yield news
            except REDIS_FAILURES as error:
                if pause_s == _PAUSE_S_MIN:
                    logger.warning("can't hear from Redis: %s", type(error).__name__)
                logger.debug("it is tried again", exc_info=True)  # its text may hold the URL
            finally:
                self.healthy = False
                await close_quietly(inbox)
                await self._disconnect(client)
            self.reconnects += 1
            yield Doubt()
            pause_s = await _pause(pause_s)

    async def close(self) -> None:
        """Close the connections."""
        self.healthy = False
        for client in tuple(self._clients):
            await self._disconnect(client)

    def _connect(self) -> Redis:
        client = redis_client(self._url, connect_s=self._heartbeat_s)
        self._clients.add(client)
        return client

    async def _disconnect(self, client: Redis) -> None:
        self._clients.discard(client)
        await close_quietly(client)

    async def _publish_all(self, client: Redis) -> None:
        loop = asyncio.get_running_loop()
        every_s = self._heartbeat_s / _HEARTBEATS
        heartbeat_at = loop.time()
        while True:
            while self._queue:
                # The batch stays in the queue until it is sent, so that it goes out first after a failure.
                await self._send(client, self._sealer.batch(self._queue[0]))
                self._queue.popleft()
                self.published += 1
            if loop.time() >= heartbeat_at:
                await self._send(client, self._sealer.heartbeat(self._head))
                heartbeat_at = loop.time() + every_s
            if not self._queue:
                self._filled.clear()
                try:
                    async with asyncio.timeout_at(heartbeat_at):
                        await self._filled.wait()
                except TimeoutError:
                    pass

    async def _send(self, client: Redis, sealed: bytes) -> None:
        async with self._deadline():
            await client.publish(self._channel, sealed)

    def _deadline(self) -> asyncio.Timeout:
        return asyncio.timeout(self._heartbeat_s)

    async def _listen(self, inbox: PubSub) -> AsyncGenerator[tuple[LogRow, ...] | Doubt]:
        """Yield what arrives, and return when no valid notice has come for `heartbeat_s`."""
        loop = asyncio.get_running_loop()
        silent_at = loop.time() + self._heartbeat_s
        while (left_s := silent_at - loop.time()) > 0:
            message = await inbox.get_message(timeout=left_s)
            if message is None:
                continue
            if message["type"] == "subscribe":
                # A Doubt, because redis-py may have reconnected by itself: what was published in between is lost.
                self.healthy = True
                silent_at = loop.time() + self._heartbeat_s
                yield Doubt()
            elif message["type"] == "message":
                notice = self._sealer.open(message["data"])
                if notice is None:
                    self.ignored += 1
                    continue
                self.received += 1
                silent_at = loop.time() + self._heartbeat_s
                if news := self._read(notice):
                    yield news
        logger.warning("nothing heard from Redis for %g s", self._heartbeat_s)

    def _read(self, notice: Notice) -> tuple[LogRow, ...] | Doubt | None:
        known = notice.last <= self._head
        self._head = max(self._head, notice.last)
        if notice.rows:
            return notice.rows
        # A heartbeat with no newer position than ours needs no read. A batch that was too large to be sent does.
        return None if known and notice.last < notice.first else Doubt()


async def _pause(pause_s: float) -> float:
    """Wait for about `pause_s`, jittered so that processes differ, and return the next pause in seconds."""
    await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
    return min(2 * pause_s, _PAUSE_S_MAX)
