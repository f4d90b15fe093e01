"""What a batch loads for payouts: what waits for a run, the payouts of a run, and what stalls have sold lately."""

import asyncio

import msgspec
import pytest

from festival_push.domain.desk.lost_wallets import FreezeWallet
from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.payouts.payouts import RequestPayout, WithdrawPayout
from festival_push.domain.payouts.refusals import NothingToPay
from festival_push.domain.payouts.runs import OpenPayoutRun, RunReply, SendPayoutRun
from festival_push.domain.people.rights import SuspendUser
from festival_push.domain.refusals import MoneyUnearned
from festival_push.domain.row_kinds import Needs
from festival_push.domain.values import (
    AccountKind,
    Instant,
    OrderId,
    OrderStatus,
    PayoutId,
    PayoutRunId,
    PayoutStatus,
)
from festival_push.store.database import Database
from festival_push.store.reads.ledger import _PAYOUTS_IN, LedgerReads
from festival_push.store.writing.loader import _LOADS, load_book
from festival_push.store.writing.open_orders_cache import OpenOrdersCache
from tests.store.plans import plan_of
from tests.store.populated import populated
from tests.support.festival import (
    ADMIN,
    ANNA,
    BEN,
    FALAFEL,
    NOON,
    RULES,
    SUN,
    SUN_KEEPER,
    order_of,
    step,
    top_up,
)

IBAN = "NL91ABNA0417164300"
RUN = PayoutRunId("run1")
BOTH = tuple(AccountKind)


def asked(name: str, amount: int, *, iban: str | None = IBAN) -> RequestPayout:
    return RequestPayout(actor_id=ANNA, payout_id=PayoutId(name), amount=amount, note=None, iban=iban)


async def test_those_that_wait_are_loaded_oldest_first_and_counted(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 1_000, number=1), order_of(FALAFEL, 1, number=2)])
        await festival.do(
            step(OrderId("o2"), SUN_KEEPER, status) for status in (OrderStatus.READY, OrderStatus.COMPLETED)
        )
        await festival.do([asked("p3", 30), asked("p1", 10), asked("p2", 20, iban=None), asked("p4", 40)])
        await festival.do([WithdrawPayout(actor_id=ANNA, payout_id=PayoutId("p4"))])
        till = RequestPayout(
            actor_id=SUN_KEEPER, payout_id=PayoutId("till"), amount=1, note=None, account=AccountKind.TILL, iban=IBAN
        )
        await festival.do([till])
    seen = {}
    for kinds in ((AccountKind.WALLET,), (AccountKind.TILL,), BOTH):
        book, _ = await load_book(
            database.writer(), RULES, Needs(payouts_waiting=kinds), (), OpenOrdersCache()
        )  # fmt: skip
        await database.writer().rollback()
        seen[kinds] = (list(book.payouts), dict(book.waiting_payouts))
    assert seen == {
        (AccountKind.WALLET,): (["p3", "p1"], {AccountKind.WALLET: 2}),
        (AccountKind.TILL,): (["till"], {AccountKind.TILL: 1}),
        BOTH: (["p3", "p1", "till"], {AccountKind.WALLET: 2, AccountKind.TILL: 1}),
    }


async def test_a_run_pays_nobody_unseen_who_is_suspended_or_whose_wallet_is_frozen(database: Database) -> None:
    """Whoever stole a phone has asked for a payout to their own account before the desk froze the wallet."""
    run2 = OpenPayoutRun(actor_id=ADMIN, run_id=PayoutRunId("run2"))
    async with populated(database) as festival:
        await festival.do([top_up(user_id, 1_000, number=1 + n) for n, user_id in enumerate((ANNA, BEN, SUN_KEEPER))])
        await festival.do([order_of(FALAFEL, 1, number=4)])
        await festival.do(
            step(OrderId("o4"), SUN_KEEPER, status) for status in (OrderStatus.READY, OrderStatus.COMPLETED)
        )
        of_till = msgspec.structs.replace(asked("till", 1), actor_id=SUN_KEEPER, account=AccountKind.TILL)
        of_keeper = msgspec.structs.replace(of_till, payout_id=PayoutId("p3"), account=AccountKind.WALLET)
        await festival.do([asked("p1", 10), msgspec.structs.replace(asked("p2", 20), actor_id=BEN), of_till, of_keeper])
        await festival.do(
            [
                FreezeWallet(actor_id=ADMIN, user_id=ANNA, frozen=True, reason="lost"),
                FreezeWallet(actor_id=ADMIN, user_id=SUN_KEEPER, frozen=True, reason="lost"),
                SuspendUser(actor_id=ADMIN, user_id=BEN, suspended=True),
            ]
        )
        opened = await festival.committer.submit(OpenPayoutRun(actor_id=ADMIN, run_id=RUN))
        assert (opened.reply.run.total, opened.reply.left) == (1, 0), "the till is the stall's, and not frozen"
        with pytest.raises(NothingToPay):
            await festival.committer.submit(run2)
        await festival.do([FreezeWallet(actor_id=ADMIN, user_id=ANNA, frozen=False)])
        assert (await festival.committer.submit(run2)).reply.run.total == 10


async def test_a_run_and_its_payouts_go_through_the_database(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 1_000, number=1), asked("p1", 10), asked("p2", 20)])
        opened = await festival.committer.submit(OpenPayoutRun(actor_id=ADMIN, run_id=RUN))
        assert (opened.reply.run.total, opened.reply.left) == (30, 0)
        reads = LedgerReads(database)
        assert await reads.payout_run(RUN) == opened.reply.run
        assert await reads.payout_run(PayoutRunId("none")) is None
        assert await reads.run_in_full(PayoutRunId("none")) is None
        sent = await festival.committer.submit(SendPayoutRun(actor_id=ADMIN, run_id=RUN))
        found = await reads.run_in_full(RUN)
        assert found is not None
        assert (found[0], [payout.payout_id for payout in found[1]]) == (sent.reply.run, ["p1", "p2"])
        assert {payout.status for payout in found[1]} == {PayoutStatus.COMPLETED}
        assert await reads.payout_runs(limit=5) == [sent.reply.run]
        assert await reads.payout_runs(before=sent.reply.run.position, limit=5) == []


async def test_of_two_runs_in_one_batch_the_second_gets_what_came_between(database: Database) -> None:
    """All five are one batch: what the first run took the second does not, and what was asked for since it does."""
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 1_000, number=1), asked("p1", 10)])
        outcomes = await asyncio.gather(
            *(
                festival.committer.submit(wish)
                for wish in (
                    OpenPayoutRun(actor_id=ADMIN, run_id=RUN),
                    asked("p2", 20),
                    asked("p3", 30),
                    WithdrawPayout(actor_id=ANNA, payout_id=PayoutId("p3")),
                    OpenPayoutRun(actor_id=ADMIN, run_id=PayoutRunId("run2")),
                )
            )
        )
        first, second = (outcomes[index].reply for index in (0, -1))
        assert isinstance(first, RunReply)
        assert isinstance(second, RunReply)
        assert (first.run.total, second.run.total, second.left) == (10, 20, 0)


async def test_waiting_payouts_and_those_of_runs_are_found_by_their_indexes(database: Database) -> None:
    if database.dialect == "sqlite":
        assert "INDEX payouts_status" in await plan_of(database, (_LOADS["payouts_waiting"].select, (["wallet"],)))
        assert "INDEX payouts_run" in await plan_of(database, (_LOADS["payouts_in"].select, (["run1"],)))
        assert "INDEX payouts_run" in await plan_of(database, (_PAYOUTS_IN, (10, 10, "run1")))


async def test_what_a_stall_sold_lately_is_summed_up_in_the_database(database: Database) -> None:
    hour_ms = 3_600_000
    rules = msgspec.structs.replace(RULES, stall_reserve_ms=hour_ms)
    done = (OrderStatus.READY, OrderStatus.COMPLETED)
    async with populated(database, rules) as festival:
        await festival.do(
            [top_up(ANNA, 5_000, number=1), *(order_of(FALAFEL, 1, number=each) for each in (2, 3, 4, 5))]
        )
        await festival.do(step(OrderId(name), SUN_KEEPER, status) for name in ("o2", "o3", "o4") for status in done)
        await festival.write("UPDATE orders SET created_at = created_at - $1 WHERE order_id = 'o2'", hour_ms)
        needs = RequestPayout(actor_id=SUN_KEEPER, payout_id=PayoutId("p"), amount=None, note=None).needs()
        book, _ = await load_book(database.writer(), rules, needs, (), OpenOrdersCache(), now=NOON)
        await database.writer().rollback()
        assert (book.reserves, book.open_orders[SUN].held) == ({SUN: 2 * 634}, 634)
        book, _ = await load_book(
            database.writer(), rules, needs, (), OpenOrdersCache(), now=Instant(NOON + hour_ms)
        )  # fmt: skip
        await database.writer().rollback()
        assert book.reserves == {SUN: 0}
        paid = await festival.committer.submit(
            RequestPayout(actor_id=SUN_KEEPER, payout_id=PayoutId("p1"), amount=None, note=None)
        )
        assert paid.reply.payout.amount == 634, "of the one that was sold more than an hour ago"


async def test_a_sale_completed_in_the_same_batch_stays_in_the_till(database: Database) -> None:
    rules = msgspec.structs.replace(RULES, stall_reserve_ms=3_600_000)
    async with populated(database, rules) as festival:
        await festival.do([top_up(ANNA, 5_000, number=1), order_of(FALAFEL, 1, number=2)])
        await festival.do([step(OrderId("o2"), SUN_KEEPER, OrderStatus.READY)])
        outcomes = await asyncio.gather(
            festival.committer.submit(
                ChangeOrderStatus(order_id=OrderId("o2"), actor_id=SUN_KEEPER, status=OrderStatus.COMPLETED)
            ),
            festival.committer.submit(
                RequestPayout(actor_id=SUN_KEEPER, payout_id=PayoutId("p1"), amount=None, note=None)
            ),
            return_exceptions=True,
        )
        refused = outcomes[1]
        assert isinstance(refused, MoneyUnearned)
        assert refused.params() == {"available": 0, "balance": 634}
