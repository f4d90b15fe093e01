"""Drawers in a real database: what the desk reads, what the audit finds, and that each statement uses its index."""

from collections.abc import AsyncIterator
from typing import Final, cast

import msgspec
import pytest

from festival_push.domain.desk.drawers import CloseDrawer, Direction, MoveCash, OpenDrawer
from festival_push.domain.desk.payouts import PayOutAtDesk
from festival_push.domain.money.reconciliation import reconcile
from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.people.rights import MakeCashier
from festival_push.domain.values import DrawerId, PayoutId, TransferId, UserId, drawer_account
from festival_push.ops.audit.audit import audit
from festival_push.ops.report import report_lines
from festival_push.store.database import Database
from festival_push.store.reads.figures import read_figures
from festival_push.store.reads.reads import Reads
from festival_push.store.writing.loader import _LOADS
from tests.store.plans import Explaining, plan_of
from tests.store.world import BOSS, RULES, World, assert_lawful

CASH, OTHER, ANNA = UserId("cash"), UserId("other"), UserId("anna")
GATE, NEXT = DrawerId("k1"), DrawerId("k2")
FLOAT: Final = 10_000


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """Two cashiers with drawers, and a guest with 50.00."""
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA, money=5_000)
        for user_id, drawer_id in ((CASH, GATE), (OTHER, NEXT)):
            await world.add_user(user_id)
            await world.committer.submit(MakeCashier(actor_id=BOSS, user_id=user_id, cashier=True))
            await world.committer.submit(
                OpenDrawer(actor_id=user_id, drawer_id=drawer_id, name="Gate", float_amount=FLOAT)
            )
        yield world


async def take(world: World, amount: int, *, actor_id: UserId = CASH, method: str = "cash") -> TransferId:
    wish = msgspec.structs.replace(world.top_up(ANNA, amount), actor_id=actor_id, method=method)
    return (await world.committer.submit(wish)).reply.transfer_id


async def back(world: World, name: TransferId, amount: int | None, *, actor_id: UserId = CASH) -> None:
    await world.committer.submit(
        ReverseTransfer(
            actor_id=actor_id, transfer_id=name, amount=amount, reason="typo", reversal_id=TransferId(world.new_id("r"))
        )
    )


async def pay(world: World, amount: int, *, actor_id: UserId = CASH) -> TransferId:
    paid = PayOutAtDesk(
        actor_id=actor_id, user_id=ANNA, payout_id=PayoutId(world.new_id("p")), amount=amount, reason=None
    )
    return (await world.committer.submit(paid)).reply.transfer_id


async def close(world: World, counted: int, *, drawer_id: DrawerId = GATE, reason: str | None = None) -> None:
    await world.committer.submit(CloseDrawer(actor_id=BOSS, drawer_id=drawer_id, counted=counted, reason=reason))


async def day(world: World) -> None:
    """Some of everything: 2.00 short at the gate, the other drawer open."""
    typo = await take(world, 900)
    await back(world, typo, 400)
    await back(world, await pay(world, 300), 100)
    await take(world, 70, method="card")
    await back(world, await take(world, 30, method="card"), 30)
    await take(world, 1_000, actor_id=OTHER)
    for direction, amount in ((Direction.IN, 50), (Direction.OUT, 2_000)):
        await world.committer.submit(
            MoveCash(
                actor_id=CASH, drawer_id=GATE, direction=direction, amount=amount, reason="x",
                transfer_id=TransferId(world.new_id("m")),
            )
        )  # fmt: skip
    await close(world, 8_150, reason="short")
    await take(world, 60, method="card", actor_id=BOSS)
    await back(world, typo, 100, actor_id=BOSS)  # out of the safe


async def test_the_sums_of_a_closed_drawer_and_of_an_open_one(world: World) -> None:
    await day(world)
    reads = Reads(world.database)
    found = await reads.drawer_sums(GATE)
    assert found is not None
    seen, sums = found
    assert (seen.cashier, seen.drawer.counted, seen.drawer.difference) == ("Cash", 8_150, -200)
    assert (sums.top_ups, sums.payouts, sums.moved_in, sums.moved_out) == (500, 200, 50, 2_000)
    assert (sums.expected, sums.bookings, sums.other_methods) == (8_350, 4, {"card": 70})
    assert FLOAT + sums.top_ups - sums.payouts + sums.moved_in - sums.moved_out == sums.expected
    other = await reads.drawer_sums(NEXT)
    assert other is not None
    assert (other[1].expected, other[1].top_ups, other[1].other_methods) == (FLOAT + 1_000, 1_000, {})
    assert await reads.drawer_sums(DrawerId("none")) is None


async def test_what_a_cashier_takes_by_card_counts_for_the_drawer_that_was_open(world: World) -> None:
    await take(world, 10, method="card")
    await close(world, FLOAT)
    await take(world, 20, method="card")  # between two
    await world.committer.submit(OpenDrawer(actor_id=CASH, drawer_id=DrawerId("k3"), name="Gate", float_amount=0))
    await take(world, 40, method="card")
    for drawer_id, taken in ((GATE, 10), (DrawerId("k3"), 40)):
        found = await Reads(world.database).drawer_sums(drawer_id)
        assert found is not None
        assert found[1].other_methods == {"card": taken}


async def test_the_audit_and_the_laws_hold_and_the_report_shows_the_cash(world: World) -> None:
    await day(world)
    assert await audit(world.database) == []
    await assert_lawful(world.database)
    report = reconcile(await read_figures(world.database), [])
    cash = report.cash
    assert report.balanced
    assert (cash.top_ups, cash.payouts, cash.differences) == (1_400, 200, -200)
    assert (cash.drawers, cash.safe) == (FLOAT + 1_000, 8_150 + 2_000 - 50 - 2 * FLOAT - 100)
    assert report.came_in == 5_000 + 1_400 + 130
    assert report.paid_out == 200
    text = "\n".join(report_lines(report, RULES.currency))
    assert "cash: top-ups  payouts  in drawers  in the safe  differences" in text
    assert "14.00" in text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE drawers SET float_amount = 1 WHERE drawer_id = 'k1'", "began with 1, but 10000 came in"),
        ("UPDATE drawers SET counted = 1 WHERE drawer_id = 'k1'", "was closed with 1, but 8150 went to the safe"),
        ("UPDATE drawers SET difference = 1 WHERE drawer_id = 'k1'", "a difference of 1, but -200 is booked"),
        ("UPDATE accounts SET balance = -7 WHERE account_id = 'drawer:k1'", "is closed, but 7 are in it"),
        ("UPDATE accounts SET balance = 7 WHERE account_id = 'drawer:k2'", "has given 7 more than it had"),
        ("UPDATE payouts SET drawer_id = 'k2'", "which is not so"),
        (
            "INSERT INTO accounts (account_id, balance, overdraft) VALUES ('drawer:k9', 0, 1)",
            "Account drawer:k9 is of a drawer that does not exist",
        ),
    ],
)
async def test_the_audit_finds_what_was_changed_behind_its_back(world: World, change: str, told: str) -> None:
    await day(world)
    writer = world.database.writer()
    await writer.begin()
    await writer.commit((change, [()]))
    assert any(told in finding.text for finding in await audit(world.database)), told


async def test_another_organisers_reversal_finds_the_drawers_account(world: World) -> None:
    """It names the transfer alone: the drawer and its account come along."""
    typo = await take(world, 900)
    await back(world, typo, 900, actor_id=BOSS)
    assert await world.balance(drawer_account(GATE)) == -FLOAT
    assert await audit(world.database) == []


async def test_no_read_goes_through_a_whole_table(world: World) -> None:
    if world.database.dialect != "sqlite":
        pytest.skip("PostgreSQL's planner looks at a few rows without an index")
    await day(world)
    explaining = Explaining(world.database)
    reads = Reads(cast(Database, explaining))
    await reads.drawers(limit=9)
    await reads.drawers(is_open=True, cashier_id=CASH, before=NEXT, limit=9)
    await reads.drawer_sums(GATE)
    await reads.bookings(GATE, limit=9)
    plans = "\n".join(explaining.plans)
    for scanned in ("SCAN transfers", "SCAN t\n", "SCAN r\n", "SCAN u\n", "USE TEMP B-TREE FOR ORDER BY (opened"):
        assert scanned not in plans, plans
    assert "transfers_at_desk" in plans
    assert "drawers_opened" in plans
    assert "drawers_cashier" in plans
    own = await plan_of(world.database, (_LOADS["drawers_of"].select, (["cash"],)))
    assert "drawers_open" in own
