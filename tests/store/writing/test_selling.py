"""Selling on a real database: the last one is sold once, and what changed in a batch is told once."""

import asyncio
import json

import pytest

from festival_push.domain.orders.clearing import ClearReady
from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.orders.rows import LineBack
from festival_push.domain.refusals import ItemUnavailable
from festival_push.domain.row_kinds import Needs
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.values import OrderId, OrderStatus, TransferId, UserId
from festival_push.store.database import Database
from festival_push.store.opening import open_database
from festival_push.store.writing.answers import Committed
from festival_push.store.writing.loader import load_book
from festival_push.store.writing.open_orders_cache import OpenOrdersCache
from tests.store.world import BAR, BEER, BOSS, PRICE, RULES, World, assert_lawful, outcomes

ANNA = UserId("anna")


async def stock(world: World, left: int) -> None:
    await world.committer.submit(ChangeMenuItem(actor_id=BOSS, item_id=BEER, stock=left))


async def left(database: Database) -> int | None:
    [[(found,)]] = await database.read(("SELECT stock FROM menu_items WHERE item_id = $1", (BEER,)))
    return None if found is None else int(found)


async def test_two_processes_sell_the_last_ones_once(database: Database, database_url: str) -> None:
    other_database = await open_database(database_url)
    try:
        async with World(database, batch_max=2) as one, World(other_database, batch_max=2) as other:
            await one.ground()
            await one.add_user(ANNA, money=40 * PRICE)
            await stock(one, 5)
            found = await outcomes(
                *(world.committer.submit(world.order(ANNA)) for _ in range(10) for world in (one, other))
            )
            assert sum(isinstance(outcome, Committed) for outcome in found) == 5
            assert sum(isinstance(outcome, ItemUnavailable) for outcome in found) == 15
            rows = sorted((*one.rows, *other.rows), key=lambda row: row.position)
            told = [json.loads(row.data)["available"] for row in rows if row.type == "menu-updated"]
            assert told.count(False) == 1
            assert told[-1] is False
        assert await left(database) == 0
        await assert_lawful(database)
    finally:
        await other_database.close()


async def test_the_count_is_told_once_a_batch(database: Database) -> None:
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA, money=40 * PRICE)
        await stock(world, 30)
        world.rows.clear()
        await asyncio.gather(*(world.committer.submit(world.order(ANNA)) for _ in range(20)))
        told = [json.loads(row.data) for row in world.rows if row.type == "stock-updated"]
        placed = [row for row in world.rows if row.type == "new-order"]
        assert len(placed) == 20
        assert told[-1]["items"] == [{"itemId": BEER, "stock": 10}]
        assert len(told) < 20  # they came while others were written, so most share a batch


async def test_what_is_given_back_or_cancelled_comes_back(database: Database) -> None:
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA, money=40 * PRICE)
        await stock(world, 4)
        orders = [(await world.committer.submit(world.order(ANNA, quantity=2))).reply.order for _ in range(2)]
        assert await left(database) == 0
        lines = (LineBack(index=0, quantity=1),)
        await world.committer.submit(
            RefundOrder(
                actor_id=UserId(BAR), order_id=orders[0].order_id, amount=None, reason="spilt",
                transfer_id=TransferId("r1"), lines=lines,
            )
        )  # fmt: skip
        assert await left(database) == 1
        await world.committer.submit(
            ChangeOrderStatus(order_id=orders[1].order_id, actor_id=BOSS, status=OrderStatus.CANCELLED)
        )
        assert await left(database) == 3
        [[(kept,)]] = await database.read(("SELECT lines FROM orders WHERE order_id = $1", (orders[0].order_id,)))
        assert json.loads(kept)[0]["refunded"] == 1
    await assert_lawful(database)


async def test_a_whole_board_of_ready_orders_is_cleared_by_one_command(database: Database) -> None:
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA, money=300 * PRICE)
        placed = await asyncio.gather(*(world.committer.submit(world.order(ANNA)) for _ in range(60)))
        ids = [OrderId(answer.reply.order.order_id) for answer in placed]
        steps = [ChangeOrderStatus(order_id=order_id, actor_id=BOSS, status=OrderStatus.READY) for order_id in ids[:-1]]
        await asyncio.gather(*(world.committer.submit(step) for step in steps))
        world.rows.clear()
        # The last one becomes ready in the same batch.
        last = ChangeOrderStatus(order_id=ids[-1], actor_id=BOSS, status=OrderStatus.READY)
        _, cleared = await asyncio.gather(
            world.committer.submit(last), world.committer.submit(ClearReady(actor_id=UserId(BAR), vendor_id=BAR))
        )
        assert set(ids[:-1]) <= set(cleared.reply.order_ids)
        [[(completed,)]] = await database.read(("SELECT COUNT(*) FROM orders WHERE status = 'completed'", ()))
        assert completed == len(cleared.reply.order_ids)
        boards = [json.loads(row.data) for row in world.rows if row.type == "board-updated"]
        assert boards[-1]["ready"] == ([] if len(cleared.reply.order_ids) == 60 else [60])
    await assert_lawful(database)


@pytest.mark.parametrize("status", ["ready", "preparing"])
async def test_only_ready_orders_are_loaded_and_their_items_only_when_asked_for(
    database: Database, status: str
) -> None:
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA, money=40 * PRICE)
        order = (await world.committer.submit(world.order(ANNA))).reply.order
        if status == "ready":
            step = ChangeOrderStatus(order_id=order.order_id, actor_id=BOSS, status=OrderStatus.READY)
            await world.committer.submit(step)
    for sold, items in (((), set()), ((1,), {BEER} if status == "ready" else set())):
        needs, writer = Needs(vendors=(BAR,), ready_of=(BAR,), sold_items=sold), database.writer()
        book, _ = await load_book(writer, RULES, needs, (), OpenOrdersCache())
        await writer.rollback()
        assert set(book.orders) == ({order.order_id} if status == "ready" else set())
        assert set(book.items) == items


async def test_eleven_hundred_sales_in_a_row(database: Database) -> None:
    """A11: with pickup numbers, sale 1000 was refused as vendor-busy."""
    async with World(database, batch_max=200, pending_max=2_000) as world:
        await world.ground()
        await world.committer.submit(ChangeVendor(actor_id=BOSS, vendor_id=BAR, at_once=True))
        await world.add_user(ANNA, money=1_100 * PRICE)
        found = await asyncio.gather(*(world.committer.submit(world.order(ANNA)) for _ in range(1_100)))
        assert {answer.reply.order.status for answer in found} == {OrderStatus.COMPLETED}
    await assert_lawful(database)
