"""A log in memory, for tests that must decide what happens between two awaits."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from festival_push.domain.log import LogHead, LogPage, LogRow
from festival_push.domain.values import Instant, Position, Topic
from festival_push.store.log import CursorTrimmed
from tests.support.wire.sse import Frame

EPOCH = "e1"
ANNA = Topic("user:anna")
BEN = Topic("user:ben")
CROWD = Topic("role:customer")


def row(position: int, *topics: Topic, data: str | None = None, type: str = "new-notification") -> LogRow:  # noqa: A002 - as in LogRow
    """An event whose data names its position."""
    text = data if data is not None else f'{{"at":{position}}}'
    return LogRow(Position(position), topics or (ANNA,), type, text, Instant(0))


class FakeLog:
    """The log's reads over a list; `position` is also the number of rows ever committed.

    Attributes:
        on_step: Called at each await point of a read: before it looks and after.
        fails: Reads raise OSError.
    """

    def __init__(self, *, epoch: str = EPOCH) -> None:
        self.epoch = epoch
        self.rows: list[LogRow] = []
        self.trimmed_to = 0
        self.fails = False
        self.reads = 0
        self.on_step: Callable[[], Awaitable[None]] | None = None

    @property
    def position(self) -> int:
        return len(self.rows)

    def commit(self, *topics: Topic, data: str | None = None) -> LogRow:
        """Append one event."""
        self.rows.append(row(self.position + 1, *topics, data=data))
        return self.rows[-1]

    def positions(self, topics: Sequence[Topic], after: int = 0, up_to: int | None = None) -> list[int]:
        """Where the events of some topics stand."""
        last = self.position if up_to is None else up_to
        return [r.position for r in self.rows[after:last] if not set(topics).isdisjoint(r.topics)]

    async def head(self) -> LogHead:
        await self._step()
        head = LogHead(self.epoch, self.position, self.trimmed_to)
        await self._step()
        return head

    async def read_range(self, after: int, limit: int) -> list[LogRow]:
        """Raises CursorTrimmed, as the store does."""
        await self._step()
        if after < self.trimmed_to:
            raise CursorTrimmed(after, self.trimmed_to)
        rows = self.rows[after : after + limit]
        await self._step()
        return rows

    async def read_after(self, topics: Sequence[Topic], after: int, up_to: int, limit: int) -> LogPage:
        await self._step()
        found = self.positions(topics, max(after, self.trimmed_to), up_to)[:limit]
        page = LogPage(self.position, self.trimmed_to, [self.rows[position - 1] for position in found])
        await self._step()
        return page

    async def snapshot(self, topics: Sequence[Topic]) -> tuple[int, object]:
        """What a client must know: the positions of all its events so far."""
        await self._step()
        snapshot = self.position, {"seen": self.positions(topics)}
        await self._step()
        return snapshot

    async def _step(self) -> None:
        self.reads += 1
        if self.fails:
            raise OSError("no database")
        await asyncio.sleep(0)
        if self.on_step is not None:
            await self.on_step()


def position_of(frame: Frame) -> int:
    """The position in an SSE id."""
    assert frame.id is not None
    return int(frame.id.partition(".")[2])
