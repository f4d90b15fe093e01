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
import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from festival_push.domain.log import LogRow
from festival_push.push.news.broker import Doubt
from festival_push.push.news.redis_client import REDIS_FAILURES, close_quietly, redis_client
from festival_push.push.news.redis_state import RedisState, reason_of
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
        older: Secrets that it replaces, which other processes may still seal by.
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
        older: Sequence[bytes] = (),
        heartbeat_s: float,
        queue_batches_max: int = QUEUE_BATCHES_MAX,
    ) -> None:
        self._url = url
        self._prefix = prefix
        self._channel = f"{prefix}:log"
        self._sealer = Seal(secret, older=older, epoch=epoch, channel=self._channel)
        self._heartbeat_s = heartbeat_s
        self._queue: deque[tuple[LogRow, ...]] = deque()
        self._queue_batches_max = queue_batches_max
        self._filled = asyncio.Event()  # something is to be sent
        self._beats_now = False  # whether a heartbeat is due at once
        self._clients: set[Redis] = set()
        self._head = 0  # the highest position that was committed here or named by a notice
        # Each of the two is known to work when its own operation did: a ping needs no right to a channel.
        self._publishing = RedisState(logger, works="publishing to Redis again", fails="can't publish to Redis")
        self._hearing = RedisState(logger, works="hearing from Redis again", fails="can't hear from Redis")
        self.heard_s = 0.0
        self.published = 0  # batches
        self.dropped = 0  # batches
        self.received = 0  # notices that were opened
        self.ignored = 0  # messages that are not valid notices
        self.reconnects = 0  # of the receiver

    @property
    def healthy(self) -> bool:
        """Whether the last notice was sent, and a valid one was heard since the last subscription."""
        return self._publishing.ok and self._hearing.ok

    def publish(self, rows: Sequence[LogRow]) -> None:
        """Queue one batch, or drop it if the queue is full: the next heartbeat tells of its positions anyway."""
        self._head = max(self._head, rows[-1].position)
        if len(self._queue) >= self._queue_batches_max:
            self.dropped += 1
            return
        self._queue.append(tuple(rows))
        self._filled.set()

    def renew(self, epoch: str) -> None:
        """Drop what waits, and from now on publish and hear of this log only."""
        self._sealer.renew(epoch)
        self._head = 0
        self._queue.clear()

    async def run(self) -> None:
        """Publish the queued batches, and heartbeats, until cancelled; reconnect when Redis fails."""
        pauses = _Pauses()
        while True:
            client = self._connect()
            pauses.begin()
            try:
                await self._publish_all(client)
            except REDIS_FAILURES as error:
                pauses.end(worked=self._publishing.ok)
                self._publishing.failed(reason_of(error))
            finally:
                await self._disconnect(client)
            await asyncio.sleep(pauses.next_s())

    async def receive(self) -> AsyncGenerator[tuple[LogRow, ...] | Doubt]:
        """Yield batches, and a Doubt whenever one may be missing: at first, at each subscription, at each lost
        connection, and when a notice names positions without their rows."""
        pauses = _Pauses()
        yield Doubt()
        while True:
            client = self._connect()
            pauses.begin()
            inbox = client.pubsub()
            try:
                async with self._deadline():
                    await inbox.subscribe(self._channel)
                async with aclosing(self._listen(inbox)) as heard:
                    async for news in heard:
                        yield news
                failure = f"nothing heard for {self._heartbeat_s:g} s"
            except REDIS_FAILURES as error:
                failure = reason_of(error)
                logger.debug("it is tried again", exc_info=True)  # its text may hold the URL
            finally:
                pauses.end(worked=self._hearing.ok)
                self._hearing.ok = False
                await close_quietly(inbox)
                await self._disconnect(client)
            self._hearing.failed(failure)
            self.reconnects += 1
            yield Doubt()
            await asyncio.sleep(pauses.next_s())

    async def close(self) -> None:
        """Close the connections."""
        self._publishing.ok = self._hearing.ok = False
        for client in tuple(self._clients):
            await self._disconnect(client)

    def _connect(self) -> Redis:
        client = redis_client(self._url, prefix=self._prefix, keys=False, connect_s=self._heartbeat_s)
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
            if self._beats_now or loop.time() >= heartbeat_at:
                self._beats_now = False
                await self._send(client, self._sealer.heartbeat(self._head))
                heartbeat_at = loop.time() + every_s
            if not self._queue and not self._beats_now:
                self._filled.clear()
                try:
                    async with asyncio.timeout_at(heartbeat_at):
                        await self._filled.wait()
                except TimeoutError:
                    pass

    async def _send(self, client: Redis, sealed: bytes) -> None:
        async with self._deadline():
            heard = await client.publish(self._channel, sealed)
        if not isinstance(heard, int):
            raise TypeError("no answer to PUBLISH")
        self._publishing.worked()

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
                silent_at = loop.time() + self._heartbeat_s
                self._beats_now = True  # until that comes back, nobody knows that we hear
                self._filled.set()
                yield Doubt()
            elif message["type"] == "message":
                notice = self._sealer.open(message["data"])
                if notice is None:
                    self.ignored += 1
                    continue
                self.received += 1
                if notice.sender not in {"", self._sealer.sender} and notice.last >= self._head:
                    self.heard_s = time.monotonic()
                self._hearing.worked()
                silent_at = loop.time() + self._heartbeat_s
                if news := self._read(notice):
                    yield news

    def _read(self, notice: Notice) -> tuple[LogRow, ...] | Doubt | None:
        known = notice.last <= self._head
        self._head = max(self._head, notice.last)
        if notice.rows:
            return notice.rows
        # A heartbeat with no newer position than ours needs no read. A batch that was too large to be sent does.
        return None if known and notice.last < notice.first else Doubt()


class _Pauses:
    """The pauses between connections: each twice as long, until one has worked for longer than the longest pause. One
    that works for a moment and fails proves nothing."""

    def __init__(self) -> None:
        self._pause_s = _PAUSE_S_MIN
        self._began_s = 0.0

    def begin(self) -> None:
        """Note that a connection begins."""
        self._began_s = asyncio.get_running_loop().time()

    def end(self, *, worked: bool) -> None:
        """Note that it ended, and whether the operation that it is for worked."""
        if worked and asyncio.get_running_loop().time() - self._began_s > _PAUSE_S_MAX:
            self._pause_s = _PAUSE_S_MIN

    def next_s(self) -> float:
        """Return how long to wait, jittered so that processes differ; the next is twice as long, up to a second."""
        pause_s, self._pause_s = self._pause_s, min(2 * self._pause_s, _PAUSE_S_MAX)
        return pause_s * random.uniform(0.5, 1.5)  # noqa: S311 - jitter, not a secret
