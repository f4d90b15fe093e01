"""One process' tail, hub and streams over a log in memory, a clock that the test moves, and checking clients."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence

import pytest

from festival_push.domain.values import Instant, Topic
from festival_push.push.hub.hub import Hub
from festival_push.push.hub.window import EVENT_BYTES
from festival_push.push.news.tail import Tail
from festival_push.push.streams.feed import Sources
from festival_push.push.streams.places import Place, Standing
from festival_push.push.streams.registry import StreamRegistry, StreamRules
from festival_push.push.streams.request import StreamOwner, StreamRequest
from tests.push import line
from tests.push.fake_log import FakeLog, position_of
from tests.support.wire.memory_broker import MemoryBroker
from tests.support.wire.sse import Frame, SseParser

RULES = StreamRules(
    streams_max=10_000,
    streams_per_user=10_000,
    backlog_bytes_max=1_000_000,
    heartbeat_s=15,
    retry_ms=3_000,
    max_age_s=3_600,
)
_SMALL = EVENT_BYTES + 100
"""Bytes that a window needs for a small event, at most."""
ROOMY = Place(Standing.STAFF, None)
"""A place among all that there are, for tests that don't ask whose it is."""


def set_hub_clock(monkeypatch: pytest.MonkeyPatch, read: Callable[[], float]) -> None:
    """Let the hub and its delivery read this clock."""
    for module in ("hub", "delivery"):
        monkeypatch.setattr(f"festival_push.push.hub.{module}.perf_counter", read)


class World:
    """Log, tail, hub and streams. Nothing runs by itself: `commit` tells the tail, unless told not to."""

    def __init__(
        self,
        *,
        log: FakeLog | None = None,
        rules: StreamRules = RULES,
        replay_page: int = 5,
        window_events_max: int = 1_000,
        preload_events: int = 0,
    ) -> None:
        self.log = log or FakeLog()
        self.hub = Hub(self.log.epoch, window_bytes_max=window_events_max * _SMALL)
        self.tail = Tail(self.log.head, self.log.read_range, MemoryBroker(), self.hub, preload_events=preload_events)
        self.sources = Sources(
            self.hub,
            read_after=self.log.read_after,
            catch_up=self.tail.catch_up,
            replay_page=replay_page,
        )
        self.monotonic_s = 1_000.0
        self.streams = StreamRegistry(self.sources, rules, now=lambda: self.now, monotonic=lambda: self.monotonic_s)

    @property
    def now(self) -> Instant:
        """The wall clock; it goes with the other one."""
        return Instant(round(self.monotonic_s * 1000))

    def commit(self, *topics: Topic, data: str | None = None, told: bool = True) -> None:
        """Append one event to the log."""
        row = self.log.commit(*topics, data=data)
        if told:
            self.tail.offer([row])

    def request(
        self,
        topics: Sequence[Topic],
        cursor: str | None = None,
        *,
        expires_in_s: float | None = None,
        user_id: str = "anna",
        place: Place = ROOMY,
    ) -> StreamRequest:
        owner = StreamOwner(
            user_id=user_id,
            user_type="customer",
            topics=tuple(topics),
            place=place,
            expires_at=None if expires_in_s is None else Instant(self.now + round(expires_in_s * 1000)),
        )
        return StreamRequest(
            owner=owner,
            message="Welcome.",
            cursor=cursor,
            read_snapshot=lambda: self.log.snapshot(topics),
        )

    def follow(self, request: StreamRequest) -> AsyncGenerator[bytes, None]:
        """The body of one stream, as an iterator writes it."""
        return self.streams.follow(request)

    def follow_directly(self, request: StreamRequest) -> AsyncGenerator[bytes, None]:
        """The body of one stream, as it is written to a line; `both_ways` puts it in the place of `follow`."""
        return line.follow(self.streams, request)

    async def pass_time(self, seconds: float) -> None:
        """Move the clock and let the sweeper look."""
        self.monotonic_s += seconds
        await self.streams.sweep()


class Client:
    """Someone who follows some topics over any number of connections, and notes which events it knows.

    Attributes:
        known: Positions of its events: those in the snapshot, then those that came one by one.
        frames: All that came over the present connection.
        ended: The present connection was ended by the server.
    """

    def __init__(self, world: World, topics: Sequence[Topic]) -> None:
        self.world = world
        self.topics = topics
        self.known: list[int] = []
        self.frames: list[Frame] = []
        self.parser = SseParser()
        self.cursor: str | None = None
        self.ended = True  # nothing is open
        self._body: AsyncGenerator[bytes, None] | None = None
        self._reading: asyncio.Task[None] | None = None

    async def connect(self, cursor: str | None = None, *, expires_in_s: float | None = None) -> None:
        """Open a connection, with the cursor reached or another one."""
        request = self.world.request(self.topics, cursor or self.cursor, expires_in_s=expires_in_s)
        self.follow(self.world.follow(request))

    def follow(self, body: AsyncGenerator[bytes, None]) -> None:
        self.frames, self.parser, self.ended = [], SseParser(), False
        self._body = body

    async def take(self) -> bool:
        """Read one chunk; False at the end of the body."""
        assert self._body is not None
        try:
            chunk = await anext(self._body)
        except StopAsyncIteration:
            self.ended = True
            return False
        for frame in self.parser.feed(chunk):
            self._note(frame)
        return True

    async def take_until(self, condition: Callable[[], bool]) -> None:
        """Read chunks until the condition holds or the body ends, 5 s at most."""
        async with asyncio.timeout(20):
            while not condition() and await self.take():
                pass
        assert condition(), (self.known, self.frames[-3:])

    async def take_all(self) -> None:
        """Read to the end of the body."""
        async with asyncio.timeout(20):
            while await self.take():
                pass

    def read_in_background(self) -> None:
        """Keep reading until `disconnect`."""
        self._reading = asyncio.create_task(self._read_on())

    async def _read_on(self) -> None:
        while await self.take():
            pass

    async def reconnect(self) -> None:
        """Go away, come back with the cursor, and keep reading."""
        await self.disconnect()
        await self.connect()
        self.read_in_background()

    async def disconnect(self) -> None:
        """Go away, in the middle of whatever it is."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
            self._reading = None
        if self._body is not None:
            await self._body.aclose()
            self._body = None

    @property
    def names(self) -> list[str]:
        return [frame.event for frame in self.frames]

    def data(self, number: int) -> dict[str, object]:
        """The JSON of one frame of this connection."""
        data: dict[str, object] = json.loads(self.frames[number].data)
        return data

    def knows_everything(self) -> bool:
        return self.known == self.world.log.positions(self.topics)

    def _note(self, frame: Frame) -> None:
        self.frames.append(frame)
        if frame.event == "connected":
            assert len(self.frames) == 1
            data = json.loads(frame.data)
            if not data["resumed"]:
                self.known = data["snapshot"]["seen"]
                assert frame.id is not None
        elif frame.id is not None:
            assert self.frames[0].event == "connected"
            self.known.append(position_of(frame))
            assert frame.data == self.world.log.rows[position_of(frame) - 1].data
        if frame.id is not None:
            self.cursor = frame.id
