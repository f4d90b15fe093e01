"""The open orders that a process keeps are those of the database, whoever has changed them."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from festival_push.domain.open_orders import OpenOrders
from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.row_kinds import Needs
from festival_push.domain.values import Instant, OrderId, OrderStatus, TransferId, UserId, VendorId
from festival_push.store.database import Database, Writer
from festival_push.store.opening import open_database
from festival_push.store.sql import Rows, Statement
from festival_push.store.tables import OPEN, OPEN_ORDER_COLUMNS, ORDERS, open_order_of
from festival_push.store.writing import open_orders_cache, transaction
from festival_push.store.writing.loader import Kept, load_book
from festival_push.store.writing.open_orders_cache import OpenOrdersCache
from tests.store.plans import analyze, plan_of
from tests.store.world import BAR, BOSS, PRICE, RULES, World
from tests.store.writing.test_histories import SEEDS, played

ANNA = UserId("anna")
ONE, TWO = OrderId("o1"), OrderId("o2")
_OF_STALL = f"SELECT {OPEN_ORDER_COLUMNS} FROM orders WHERE {OPEN} AND vendor_id = $1 ORDER BY placed"  # noqa: S608


def state_of(orders: OpenOrders) -> tuple[Any, ...]:
    """All that open orders say."""
    return list(orders.items()), orders.numbers, orders.waiting, dict(orders.of), orders.held


class Carried:
    """What one process carries from batch to batch, and which of its SELECTs read open orders of a whole stall."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self._world = world
        self._queues = OpenOrdersCache()
        self.stalls_read = 0
        writer = world.database.writer()
        for name in ("begin", "select"):
            monkeypatch.setattr(writer, name, self._counting(getattr(writer, name)))

    def _counting(self, ask: Any) -> Any:
        async def counted(*selects: Statement) -> list[Rows]:
            self.stalls_read += sum(f"{OPEN} AND vendor_id" in sql for sql, _ in selects)
            found: list[Rows] = await ask(*selects)
            return found

        return counted

    async def arrive(self, needs: Needs = Needs(vendors=(BAR,)), queues: OpenOrdersCache | None = None) -> OpenOrders:  # noqa: B008  # frozen
        """The open orders with which a batch begins; the batch changes nothing."""
        queues = self._queues if queues is None else queues
        writer = self._world.database.writer()
        book, _ = await load_book(writer, RULES, needs, (), queues)
        await writer.rollback()
        queues.leave(book.position)
        return book.open_orders[BAR]

    async def require_right(self, *, anew: bool) -> None:
        """Compare it with what is read afresh; `anew`: whether the whole stall must have been read."""
        self.stalls_read = 0
        orders = await self.arrive()
        assert self.stalls_read == int(anew)
        assert not orders.take_board_change()
        assert orders.take_moves() == []
        assert state_of(orders) == state_of(await self.arrive(queues=OpenOrdersCache()))


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """Anna has placed two orders; the committer of this world is the other process."""
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA, money=100 * PRICE)
        for order_id in (ONE, TWO):
            await world.committer.submit(world.order(ANNA, order_id, quantity=2))
        yield world


@pytest.fixture
async def carried(world: World, monkeypatch: pytest.MonkeyPatch) -> Carried:
    carried = Carried(world, monkeypatch)
    assert list(await carried.arrive()) == [ONE, TWO]
    return carried


async def step(world: World, order_id: OrderId, *statuses: OrderStatus) -> None:
    for status in statuses:
        await world.committer.submit(ChangeOrderStatus(order_id=order_id, actor_id=BOSS, status=status))


async def test_what_others_do_with_orders_is_noticed_without_reading_the_stall_anew(
    world: World, carried: Carried
) -> None:
    await carried.require_right(anew=False)
    await world.committer.submit(world.order(ANNA))
    await carried.require_right(anew=False)
    await step(world, ONE, OrderStatus.READY)
    await carried.require_right(anew=False)
    refund = RefundOrder(actor_id=BOSS, order_id=TWO, amount=PRICE, reason="cold", transfer_id=TransferId("back"))
    await world.committer.submit(refund)
    await carried.require_right(anew=False)
    await step(world, ONE, OrderStatus.COMPLETED)
    await world.committer.submit(world.order(ANNA))
    await carried.require_right(anew=False)
    await step(world, ONE, OrderStatus.READY, OrderStatus.PREPARING)
    await carried.require_right(anew=False)


async def test_a_number_that_went_from_one_order_to_another_is_still_taken(world: World, carried: Carried) -> None:
    number = (await carried.arrive())[ONE].number
    await step(world, ONE, OrderStatus.READY, OrderStatus.COMPLETED)
    writer = world.database.writer()
    await writer.begin()
    await writer.commit(("UPDATE vendors SET last_number = $1", [(number - 1,)]))  # as after 999
    await world.committer.submit(world.order(ANNA, "o3"))
    await carried.require_right(anew=False)
    orders = await carried.arrive()
    assert orders[OrderId("o3")].number == number
    assert number in orders.numbers


async def test_after_very_many_events_of_others_all_is_read_anew(
    world: World, carried: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = len(world.rows)
    await step(world, ONE, OrderStatus.READY)
    monkeypatch.setattr(open_orders_cache, "EVENTS_MAX", len(world.rows) - position)
    await carried.require_right(anew=False)
    await step(world, ONE, OrderStatus.COMPLETED)
    monkeypatch.setattr(open_orders_cache, "EVENTS_MAX", 1)
    await carried.require_right(anew=True)


async def test_after_events_were_trimmed_all_is_read_anew(world: World, carried: Carried) -> None:
    await step(world, ONE, OrderStatus.READY)
    assert await world.committer.trim(-1)
    await carried.require_right(anew=True)
    await carried.require_right(anew=False)


async def test_an_event_of_an_order_that_does_not_exist_makes_the_rest_doubtful(world: World, carried: Carried) -> None:
    """Erasing somebody takes their name out of every text of an event, and an id may have it as a part."""
    await step(world, ONE, OrderStatus.READY)
    writer = world.database.writer()
    await writer.begin()
    await writer.commit(
        ("INSERT INTO erasing (id) VALUES ($1)", [(1,)]),
        ("""UPDATE event_log SET data = '{"orderId":"(erased)"}' WHERE type = $1""", [("order-status-changed",)]),
        ("DELETE FROM erasing WHERE id = $1", [(1,)]),
    )
    await carried.require_right(anew=True)


async def test_in_another_epoch_all_is_read_anew(world: World, carried: Carried) -> None:
    writer = world.database.writer()
    await writer.begin()
    await writer.commit(("UPDATE log_head SET epoch = $1 WHERE id = 1", [("another",)]))
    await carried.require_right(anew=True)
    await carried.require_right(anew=False)


async def test_what_others_changed_is_found_by_keys(world: World) -> None:
    writer = world.database.writer()
    columns = ", ".join(name for name in ORDERS.names if name not in {"order_id", "number", "placed", "status"})
    await writer.begin()
    await writer.commit(
        ("INSERT INTO event_log (position, topics, type, data, at) VALUES ($1, '[]', 'order-ready', $2, 0)",
         [(len(world.rows) + number, json.dumps({"said": "x" * 100})) for number in range(1, 3_000)]),
        (f"""
            INSERT INTO orders ({columns}, order_id, number, placed, status)
            SELECT {columns}, $1, 1, $2, 'completed' FROM orders WHERE order_id = 'o1'
         """,  # noqa: S608  # columns of our own
         [(f"old{number}", 10_000 + number) for number in range(2_000)]),
    )  # fmt: skip
    await analyze(world.database)
    plan = await plan_of(world.database, (open_orders_cache.CHANGED, (len(world.rows) - 5,)))
    wanted = {"sqlite": ("SEARCH event_log", "SEARCH orders"), "postgres": ("event_log_pkey", "orders_pkey")}
    for words in wanted[world.database.dialect]:
        assert words in plan


@contextmanager
def comparing(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Compare the open orders with which each batch begins with those of the database; how many it had kept."""
    kept_orders: list[int] = []

    async def load(
        writer: Writer,
        rules: Any,
        needs: Needs,
        once: Sequence[tuple[str, str]],
        queues: OpenOrdersCache,
        *,
        now: Instant,
    ) -> tuple[Any, Kept]:
        known = set(queues._by_vendor) if queues.changed() else set()
        book, kept = await load_book(writer, rules, needs, once, queues, now=now)
        for vendor_id, orders in book.open_orders.items():
            await require_as_stored(writer, vendor_id, orders)
            kept_orders.append(len(orders) if vendor_id in known else 0)
        return book, kept

    with monkeypatch.context() as patch:
        patch.setattr(transaction, "load_book", load)
        yield kept_orders


async def require_as_stored(writer: Writer, vendor_id: VendorId, orders: OpenOrders) -> None:
    [rows] = await writer.select((_OF_STALL, (vendor_id,)))
    assert state_of(orders) == state_of(OpenOrders(map(open_order_of, rows)))
    assert not orders.take_board_change()
    assert orders.take_moves() == []


@pytest.mark.parametrize("seed", SEEDS)
async def test_two_processes_in_turn_begin_each_batch_with_what_is_stored(
    seed: int, database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command of the domain, in random histories."""
    second = await open_database(database_url)
    try:
        with comparing(monkeypatch) as kept_orders:
            await played(database, second, seed=seed, batch_max=24)
    finally:
        await second.close()
    assert sum(kept_orders) > 0, "something was kept over the other's turn"
