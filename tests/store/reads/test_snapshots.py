"""A state and its position are one answer: whatever is committed between two reads, they belong together."""

import json
from collections.abc import Awaitable, Callable, Sequence
from itertools import count

import msgspec

from festival_push.domain.events import BalanceUpdated, RoomsChanged
from festival_push.domain.stalls.events import BoardUpdated
from festival_push.domain.topics import board_topic, order_topic, user_topic
from festival_push.domain.values import OrderId, Position, Topic
from festival_push.domain.words.rooms import JoinRoom, LeaveRoom, Room
from festival_push.store.database import Database, Writer
from festival_push.store.log import EventLog
from festival_push.store.reads.reads import Reads
from festival_push.store.sql import Param, Rows, Statement
from tests.store.populated import Populated, populated
from tests.store.wrapped import WrappedDatabase
from tests.support.festival import ANNA, FALAFEL, SUN, order_of, top_up

EVERYTHING = 10_000


class BusyDatabase(WrappedDatabase[Writer]):
    """Commits something right after every single read: what is read in two reads does not belong together."""

    def __init__(self, inner: Database, commit: Callable[[], Awaitable[None]]) -> None:
        super().__init__(inner, inner.writer())
        self._commit = commit
        self.reads = 0

    async def read(self, *statements: Statement) -> list[Rows]:
        """Read from one snapshot, then commit."""
        rows = await self._inner.read(*statements)
        await self._committed()
        return rows

    async def read_together(self, sql: str, params: Sequence[Param], *, columns: int) -> Rows:
        """The same."""
        rows = await self._inner.read_together(sql, params, columns=columns)
        await self._committed()
        return rows

    async def _committed(self) -> None:
        self.reads += 1
        await self._commit()


def ordering(festival: Populated) -> Callable[[], Awaitable[None]]:
    """Each call is one more order of Anna's at the sun: her balance, the board and the log change."""
    numbers = count(100)

    async def commit() -> None:
        before = len(festival.rows)
        await festival.do([order_of(FALAFEL, 1, number=next(numbers))])
        assert len(festival.rows) > before, "the order was refused, so nothing has changed"

    return commit


def told(festival: Populated, topic: Topic, kind: str, *, up_to: int) -> dict[str, object]:
    """What the log has said last about something, up to a position."""
    rows = [row for row in festival.rows if row.position <= up_to and row.type == kind and topic in row.topics]
    data: dict[str, object] = json.loads(rows[-1].data)
    return data


async def test_a_board_stood_so_at_its_position(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 20_000, number=1), order_of(FALAFEL, 1, number=2)])
        busy = BusyDatabase(database, ordering(festival))
        for _ in range(2):
            found = await Reads(busy).board(SUN)
            assert found is not None
            last = told(festival, board_topic(SUN), BoardUpdated.TYPE, up_to=found.position)
            assert (list(found.board.preparing), list(found.board.ready)) == (last["preparing"], last["ready"])
            assert json.loads(msgspec.json.encode(found.board.called)) == last["called"]
        assert busy.reads


async def test_a_profile_stood_so_at_its_position(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 20_000, number=1), order_of(FALAFEL, 1, number=2)])
        busy = BusyDatabase(database, ordering(festival))
        for _ in range(2):
            profile = await Reads(busy).profile(ANNA)
            assert profile is not None
            last = told(festival, user_topic(ANNA), BalanceUpdated.TYPE, up_to=profile.position)
            assert profile.balance == last["newBalance"]
            orders = {row.position for row in festival.rows if row.type == "new-order"}
            assert len(profile.orders) == sum(position <= profile.position for position in orders)
        assert busy.reads


async def test_rooms_stood_so_at_their_position(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 20_000, number=1), order_of(FALAFEL, 1, number=2)])
        room = Room(order_id=OrderId("o2"))
        steps = count()

        async def join_or_leave() -> None:
            kind = LeaveRoom if next(steps) % 2 else JoinRoom
            await festival.do([kind(actor_id=ANNA, room=room)])

        await join_or_leave()
        busy = BusyDatabase(database, join_or_leave)
        for in_it in (True, False, True):
            rooms = await Reads(busy).rooms(ANNA)
            changes = [row for row in festival.rows if row.type == RoomsChanged.TYPE and row.position <= rooms.position]
            assert list(rooms.topics) == json.loads(changes[-1].data)["topics"]
            assert rooms.topics == ((order_topic(OrderId("o2")),) if in_it else ())


async def test_a_page_of_the_log_holds_all_up_to_its_position(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 20_000, number=1)])
        log = EventLog(BusyDatabase(database, ordering(festival)))
        topics = [user_topic(ANNA)]
        for _ in range(2):
            page = await log.read_after(topics, 0, EVERYTHING, EVERYTHING)
            mine = [row.position for row in festival.rows if user_topic(ANNA) in row.topics]
            assert [row.position for row in page.rows] == [position for position in mine if position <= page.position]


async def test_what_is_trimmed_between_two_pages_is_not_skipped(database: Database) -> None:
    async with populated(database) as festival:
        last = Position(len(festival.rows))

        async def trim() -> None:
            await festival.committer.trim(-1)

        log = EventLog(BusyDatabase(database, trim))
        assert [row.position for row in await log.read_range(0, EVERYTHING)] == list(range(1, last + 1))
        page = await log.read_after([user_topic(ANNA)], 0, EVERYTHING, EVERYTHING)
        assert (page.trimmed_to, page.rows) == (last, [])
