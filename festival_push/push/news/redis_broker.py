"""The broker between processes: Redis pub/sub, one channel, a notice (a sealed message) of each committed batch.

A network that drops every packet looks like silence. So every acknowledgement of a subscription is a Doubt, every
process sends heartbeats that come back to it, and a receiver that hears nothing for `heartbeat_s` closes its
connection.

    publisher   bounded queue -> own connection with a deadline; a batch is dropped when the queue is full
    receiver    own connection -> notices; after silence, a cut or an error: Doubt, jittered pause, a new connection
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Final

from redis.asyncio import Redis

from festival_push.domain.log import LogRow
from festival_push.push.news.broker import Doubt, Hear
from festival_push.push.news.pauses import Pauses
from festival_push.push.news.redis.others import Others
from festival_push.push.news.redis_calls import Calls
from festival_push.push.news.redis_client import REDIS_FAILURES, close_quietly, redis_client
from festival_push.push.news.redis_hearing import Hearing
from festival_push.push.news.redis_link import Link
from festival_push.push.news.redis_state import RedisState, reason_of
from festival_push.push.news.sealed import Made, Seal, no_frame

QUEUE_BATCHES_MAX: Final = 1_000
_TOGETHER_EVENTS_MAX: Final = 256  # batches that wait and follow each other go out in one notice of so many events
_HEARTBEATS: Final = 3  # in each heartbeat_s, so that one may be lost

logger = logging.getLogger(__name__)


class RedisBroker:
    """Publishes this process' batches on the channel `<prefix>:notices`, and receives those of the others.

    Args:
        url: `redis://`, `rediss://` or `unix://`, with user and password where there are any.
        prefix: Begins the name of the channel.
        epoch: The name of the log; notices about another one are ignored.
        secret: Shared by all processes, ≥ 32 bytes.
        older: Secrets that it replaces, which other processes may still seal by.
        heartbeat_s: Silence that counts as a broken connection; also the deadline of each Redis call.
        queue_batches_max: Batches that may wait to be published; further ones are dropped.
        made: Returns the frame of a position, if our own streams got one.
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
        made: Made = no_frame,
    ) -> None:
        self._url = url
        self._prefix = prefix
        self._channel = f"{prefix}:notices"
        self._sealer = Seal(secret, older=older, epoch=epoch, channel=self._channel, made=made)
        self._heartbeat_s = heartbeat_s
        self._queue: deque[tuple[LogRow, ...]] = deque()
        self._queue_batches_max = queue_batches_max
        self._filled = asyncio.Event()  # something is to be sent
        self._beats_now = False  # whether a heartbeat is due at once
        self._clients: set[Redis] = set()
        # Each of the two is known to work when its own operation did: a ping needs no right to a channel.
        self._publishing = RedisState(logger, works="publishing to Redis again", fails="can't publish to Redis")
        self._hearing = Hearing(
            self._sealer, channel=self._channel, heartbeat_s=heartbeat_s, beat=self._beat_now, log=logger
        )
        self.published = 0  # batches
        self.dropped = 0  # batches
        self.reconnects = 0  # of the receiver

    @property
    def healthy(self) -> bool:
        """Whether the last notice was sent, and a valid one was heard since the last subscription."""
        return self._publishing.ok and self._hearing.state.ok

    @property
    def heard_s(self) -> float:
        """When another process was heard last, on the monotonic clock. 0: never."""
        return self._hearing.heard_s

    @property
    def others(self) -> Others:
        """Who else is heard."""
        return self._hearing.others

    @property
    def received(self) -> int:
        """Valid notices, our own among them."""
        return self._hearing.received

    @property
    def ignored(self) -> int:
        """Messages that are not valid notices."""
        return self._hearing.ignored

    def publish(self, rows: Sequence[LogRow]) -> None:
        """Queue one batch, or drop it if the queue is full: the next heartbeat tells of its positions anyway."""
        self._hearing.head = max(self._hearing.head, rows[-1].position)
        if len(self._queue) >= self._queue_batches_max:
            self.dropped += 1
            return
        self._queue.append(tuple(rows))
        self._filled.set()

    def renew(self, epoch: str) -> None:
        """Drop what waits, and from now on publish and hear of this log only."""
        self._sealer.renew(epoch)
        self._hearing.head = 0
        self._queue.clear()

    async def run(self) -> None:
        """Publish the queued batches, and heartbeats, until cancelled; reconnect when Redis fails."""
        pauses = Pauses()
        while True:
            client = self._connect()
            pauses.begin()
            try:
                async with Calls(client, within_s=self._heartbeat_s) as calls:
                    await self._publish_all(calls)
            except REDIS_FAILURES as error:
                pauses.end(worked=self._publishing.ok)
                self._publishing.failed(reason_of(error))
            finally:
                await self._disconnect(client)
            await asyncio.sleep(pauses.next_s())

    async def receive(self, hear: Hear) -> None:
        """Tell of batches, and a Doubt whenever one may be missing: at first, at each subscription, at each lost
        connection, and when a notice names positions without their events."""
        pauses = Pauses()
        hear(Doubt())
        while True:
            client = self._connect()
            pauses.begin()
            try:
                async with Link(client, self._hearing.take, within_s=self._heartbeat_s) as link:
                    await self._hearing.listen(link, hear)
                failure = f"nothing heard for {self._heartbeat_s:g} s"
            except REDIS_FAILURES as error:
                failure = reason_of(error)
                logger.debug("it is tried again", exc_info=True)  # its text may hold the URL
            finally:
                pauses.end(worked=self._hearing.state.ok)
                self._hearing.state.ok = False
                await self._disconnect(client)
            self._hearing.state.failed(failure)
            self.reconnects += 1
            hear(Doubt())
            await asyncio.sleep(pauses.next_s())

    async def close(self) -> None:
        """Close the connections."""
        self._publishing.ok = self._hearing.state.ok = False
        for client in tuple(self._clients):
            await self._disconnect(client)

    def _connect(self) -> Redis:
        client = redis_client(self._url, prefix=self._prefix, keys=False, connect_s=self._heartbeat_s)
        self._clients.add(client)
        return client

    async def _disconnect(self, client: Redis) -> None:
        self._clients.discard(client)
        await close_quietly(client)

    def _beat_now(self) -> None:
        self._beats_now = True
        self._filled.set()

    async def _publish_all(self, calls: Calls) -> None:
        loop = asyncio.get_running_loop()
        every_s = self._heartbeat_s / _HEARTBEATS
        heartbeat_at = loop.time()
        while True:
            while self._queue:
                # The batches stay in the queue until they are sent, so that they go out first after a failure.
                batches = self._next_batches()
                await self._send(calls, self._sealer.batch([row for batch in batches for row in batch]))
                for batch in batches:
                    if self._queue and self._queue[0] is batch:  # else the log was renewed meanwhile
                        self._queue.popleft()
                self.published += len(batches)
            if self._beats_now or loop.time() >= heartbeat_at:
                self._beats_now = False
                await self._send(calls, self._sealer.heartbeat(self._hearing.head))
                heartbeat_at = loop.time() + every_s
            if not self._queue and not self._beats_now:
                self._filled.clear()
                try:
                    async with asyncio.timeout_at(heartbeat_at):
                        await self._filled.wait()
                except TimeoutError:
                    pass

    def _next_batches(self) -> list[tuple[LogRow, ...]]:
        """Return the first batches of the queue that follow each other in the log."""
        together = [self._queue[0]]
        events = len(together[0])
        for batch in islice(self._queue, 1, None):
            events += len(batch)
            if batch[0].position != together[-1][-1].position + 1 or events > _TOGETHER_EVENTS_MAX:
                break
            together.append(batch)
        return together

    async def _send(self, calls: Calls, sealed: bytes) -> None:
        async with asyncio.timeout(self._heartbeat_s):
            heard = await calls.ask("PUBLISH", self._channel, sealed)
        if not isinstance(heard, int):
            raise TypeError("no answer to PUBLISH")
        self._publishing.worked()
