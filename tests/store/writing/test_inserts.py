"""What must be new is inserted: an id that is taken fails its command alone, and replaces nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from festival_push.domain.book import Command
from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.orders.payment_requests import OwnLine, RequestPayment
from festival_push.domain.payouts.payouts import RequestPayout
from festival_push.domain.people.keepers import AppointKeeper, DismissKeeper
from festival_push.domain.stalls.displays import AddDisplay
from festival_push.domain.stalls.menus import AddMenuItem
from festival_push.domain.values import (
    AnnouncementId,
    Audience,
    DisplayId,
    ItemId,
    OrderId,
    OrderStatus,
    Part,
    PaymentRequestId,
    PayoutId,
    UserId,
)
from festival_push.domain.words.announcements import Announce
from festival_push.store.database import Database
from festival_push.store.errors import CommandFailed, WriteFailed
from tests.store.world import BAR, BOSS, PRICE, World, assert_lawful, outcomes

ANNA, BEN = UserId("anna"), UserId("ben")
KEEPER = UserId(BAR)
TWICE: dict[str, tuple[Command[Any], str]] = {
    "order": (World.order(None, ANNA, "x"), "orders"),  # type: ignore[arg-type]  # a given id needs no world
    "payment request": (
        RequestPayment(
            request_id=PaymentRequestId("x"), actor_id=KEEPER, wanted=OwnLine(description="x", amount=1), expires_s=60
        ),
        "payment_requests",
    ),
    "item": (
        AddMenuItem(
            actor_id=KEEPER, vendor_id=BAR, item_id=ItemId("x"), name="X", description="", price=1, available=True
        ),
        "menu_items",
    ),
    "display": (AddDisplay(actor_id=KEEPER, vendor_id=BAR, display_id=DisplayId("x"), name="X"), "displays"),
    "payout": (RequestPayout(payout_id=PayoutId("x"), actor_id=ANNA, amount=1, note=None), "payouts"),
    "announcement": (
        Announce(
            actor_id=BOSS, announcement_id=AnnouncementId("x"), message="x", title=None, audience=Audience.ALL,
            priority=None,
        ),
        "announcements",
    ),
}  # fmt: skip


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    async with World(database) as world:
        await world.ground()
        for user_id in (ANNA, BEN):
            await world.add_user(user_id, money=10 * PRICE)
        yield world
    await assert_lawful(database)


@pytest.mark.parametrize("name", TWICE)
async def test_an_id_that_is_taken_fails_its_command_alone(world: World, name: str) -> None:
    command, table = TWICE[name]
    await world.committer.submit(command)
    before = await world.database.read((f"SELECT * FROM {table}", ()))  # noqa: S608  # a test's own word
    events = len(world.rows)
    failed, fine = await outcomes(world.committer.submit(command), world.committer.submit(world.top_up(BEN, 1)))
    assert isinstance(failed, CommandFailed)
    assert fine.reply.balance == 10 * PRICE + 1
    assert await world.database.read((f"SELECT * FROM {table}", ())) == before  # noqa: S608
    assert len(world.rows) == events + 5, "only those of the top-up"


@pytest.mark.parametrize("name", TWICE)
async def test_also_within_one_batch(world: World, name: str) -> None:
    command, table = TWICE[name]
    begun = await world.count(table)
    first, second, fine = await outcomes(
        *(asyncio.create_task(world.committer.submit(each)) for each in (command, command, world.top_up(BEN, 1)))
    )
    assert not isinstance(first, Exception)
    assert isinstance(second, CommandFailed)
    assert not isinstance(fine, Exception)
    assert await world.count(table) == begun + 1


async def test_a_number_that_is_free_again_is_given_in_the_same_batch(world: World) -> None:
    await world.committer.submit(world.order(ANNA, "o1"))
    first = ChangeOrderStatus(order_id=OrderId("o1"), actor_id=KEEPER, status=OrderStatus.CANCELLED, reason="no beer")
    writer = world.database.writer()
    await writer.begin()
    await writer.run_script("UPDATE vendors SET last_number = 0;")
    await writer.commit()
    done = await outcomes(
        *(asyncio.create_task(world.committer.submit(each)) for each in (first, world.order(ANNA, "o2")))
    )
    assert not any(isinstance(each, Exception) for each in done)
    [rows] = await world.database.read(("SELECT number, status FROM orders ORDER BY order_id", ()))
    assert rows == [(1, "cancelled"), (1, "preparing")]


async def test_the_database_lets_no_two_open_orders_have_a_number(world: World) -> None:
    for order_id in ("o1", "o2"):
        await world.committer.submit(world.order(ANNA, order_id))
    writer = world.database.writer()
    await writer.begin()
    with pytest.raises(WriteFailed):
        await writer.run_script("UPDATE orders SET number = 1;")


async def test_a_keeper_may_come_go_and_come_again_in_one_batch(world: World) -> None:
    come = AppointKeeper(actor_id=KEEPER, vendor_id=BAR, user_id=ANNA, part=Part.KEEPER)
    go = DismissKeeper(actor_id=KEEPER, vendor_id=BAR, user_id=ANNA)
    for steps, left in (((come, go), 1), ((come,), 2), ((go, come), 2), ((go, come, go), 1), ((come, go, come), 2)):
        done = await outcomes(*(asyncio.create_task(world.committer.submit(step)) for step in steps))
        assert not any(isinstance(each, Exception) for each in done), done
        assert await world.count("keepers") == left
