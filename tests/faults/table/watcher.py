"""A client of one stream that comes back by itself, as the contract says, and writes down all that it gets."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.support.wire.follower import Connection, StreamEnded
from tests.support.wire.history import Opened, Received, Watched

HEARTBEATS: Final = 3
"""A client that receives nothing for so many heartbeats goes and comes back."""


@dataclass(kw_only=True)
class Habit:
    """Where a stream is opened, and when it is cut.

    Attributes:
        at: The number of the server; None: another one by chance each time.
        cut_after: About so many events are read of one connection, which is then reset; None: it is never cut.
    """

    at: int | None = None
    cut_after: int | None = None


@dataclass(kw_only=True)
class Watcher:
    """One open stream; `run` it in a task.

    Args:
        token: Of whom it shows.
        heartbeat_s: Of the servers.
        pause_s: Seconds between two connections, on average.
    """

    watched: Watched
    token: str
    path: str
    urls: Sequence[str]
    habit: Habit
    dice: random.Random
    heartbeat_s: float
    pause_s: float
    cursor: str | None = None
    strange: list[str] = field(default_factory=list)
    """Answers that the contract has not, in words."""

    @property
    def epoch(self) -> str:
        """Of the log that it follows; empty until it is greeted."""
        return (self.cursor or "").rpartition(".")[0]

    @property
    def position(self) -> int:
        """Where its cursor stands in the log."""
        return int((self.cursor or "0").rpartition(".")[2])

    async def run(self) -> None:
        """Follow the stream until cancelled."""
        while True:
            server = self.dice.randrange(len(self.urls)) if self.habit.at is None else self.habit.at
            await self._follow(server % len(self.urls))
            await asyncio.sleep(self.pause_s * self.dice.uniform(0.5, 1.5))  # what `retry:` is for, made short

    async def _follow(self, server: int) -> None:
        headers: dict[str, str | bytes] = {"Authorization": f"Bearer {self.token}"}
        if self.cursor is not None:
            headers["Last-Event-ID"] = self.cursor
        opened_s = time.monotonic()
        try:
            connection = await Connection.open(self.urls[server], self.path, headers=headers)
        except OSError:
            return  # nobody listens
        number = len(self.watched.opened)
        self.watched.opened.append(Opened(self.cursor, server, opened_s))
        with connection:
            try:
                await self._read(connection, number, until=self._enough())
            except (StreamEnded, TimeoutError):
                pass
            else:
                connection.cut()
            if connection.status not in {None, 200}:
                self.strange.append(f"{self.watched.name} was answered {connection.status}: {connection.body[:300]!r}")

    def _enough(self) -> Callable[[int], bool]:
        if self.habit.cut_after is None:
            return lambda _: False
        most = self.dice.randint(1, 2 * self.habit.cut_after)
        return lambda count: count >= most

    async def _read(self, connection: Connection, number: int, *, until: Callable[[int], bool]) -> None:
        count = 0
        while not until(count):
            async with asyncio.timeout(HEARTBEATS * self.heartbeat_s):
                frames = await connection.read()
            for frame in frames:
                if frame.id is not None:
                    self.cursor = frame.id
                if frame.event:
                    self.watched.received.append(Received(number, frame))
                    count += 1
