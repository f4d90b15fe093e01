"""The ledger, payouts and settlements, as the organiser reads them."""

import msgspec

from festival_push.domain.money.settlements import Settlement
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.payouts.payouts import RequestPayout, SettlePayout
from festival_push.domain.values import (
    OrderId,
    OrderStatus,
    PayoutId,
    PayoutStatus,
    TransferId,
    VendorId,
    till_account,
    user_account,
)
from festival_push.store.database import Database
from festival_push.store.reads.reads import Reads
from tests.store.populated import Populated, populated
from tests.store.world import assert_lawful
from tests.support.festival import ADMIN, ANNA, BEN, FALAFEL, RULES, SUN, SUN_KEEPER, order_of, step, top_up

REQUESTED, REJECTED = PayoutStatus.REQUESTED, PayoutStatus.REJECTED


async def after_a_day(festival: Populated) -> None:
    """Two orders, one of them half refunded; three payouts, one of them rejected."""
    await festival.do([top_up(ANNA, 5_000, number=1), top_up(BEN, 900, number=2)])
    await festival.do([order_of(FALAFEL, 1, number=3), order_of(FALAFEL, 1, number=4)])
    refund = RefundOrder(
        actor_id=ADMIN, order_id=OrderId("o3"), amount=325, reason="cold", transfer_id=TransferId("r1")
    )
    people = {"p1": ANNA, "p2": BEN, "p3": SUN_KEEPER}
    asked = [
        RequestPayout(actor_id=user_id, payout_id=PayoutId(name), amount=300, note=None)
        for name, user_id in people.items()
    ]
    reject = SettlePayout(actor_id=ADMIN, payout_id=PayoutId("p1"), status=REJECTED, reason="closed")
    done = [
        step(OrderId(order_id), SUN_KEEPER, status)
        for order_id in ("o3", "o4")
        for status in (OrderStatus.READY, OrderStatus.COMPLETED)
    ]
    await festival.do([*done, refund, *asked, reject])


async def test_every_transfer_is_listed_once_newest_first(database: Database) -> None:
    async with populated(database) as festival:
        await after_a_day(festival)
        reads, seen = Reads(database), list[int]()
        while page := await reads.transfers(before=seen[-1] if seen else None, limit=4):
            seen += [entry.transfer.seq for entry in page]
        await assert_lawful(database)
    assert seen == list(range(len(seen), 0, -1))
    assert len(seen) == 12


async def test_a_payouts_fee_that_went_back_is_shown_so_as_an_orders(database: Database) -> None:
    rules = msgspec.structs.replace(RULES, payout_fee=50)
    async with populated(database, rules) as festival:
        await festival.do([top_up(ANNA, 5_000, number=1), order_of(FALAFEL, 1, number=2)])
        await festival.do(
            [
                RequestPayout(actor_id=ANNA, payout_id=PayoutId("p1"), amount=300, note=None),
                SettlePayout(actor_id=ADMIN, payout_id=PayoutId("p1"), status=REJECTED, reason="closed"),
                step(OrderId("o2"), SUN_KEEPER, OrderStatus.CANCELLED),
            ]
        )
        found = {entry.transfer.transfer_id: entry.reversed for entry in await Reads(database).transfers(limit=20)}
        history = {
            entry.transfer.transfer_id: entry.reversed for entry in await Reads(database).history(ANNA, limit=20)
        }
    fee = TransferId("p1-fee")
    assert (found[fee], history[fee], found[TransferId("o2-fee")]) == (50, 50, 16)


async def test_payouts_are_listed_newest_first_by_status(database: Database) -> None:
    async with populated(database) as festival:
        await after_a_day(festival)
        reads = Reads(database)
        everything = await reads.payouts(limit=9)
        assert [payout.payout_id for payout in everything] == ["p3", "p2", "p1"]
        assert [payout.account_id for payout in everything] == [
            till_account(SUN), user_account(BEN), user_account(ANNA),
        ]  # fmt: skip
        older = await reads.payouts(before=everything[0].seq, limit=1)
        assert older == everything[1:2]
        assert await reads.payouts(status=REJECTED, limit=9) == everything[2:]
        assert await reads.payouts(status=REQUESTED, before=everything[0].seq, limit=9) == everything[1:2]


async def test_a_settlement_explains_the_till(database: Database) -> None:
    async with populated(database) as festival:
        await after_a_day(festival)
        settlement = await Reads(database).settlement(SUN)
        assert settlement is not None
        assert settlement == Settlement(
            vendor=settlement.vendor,
            orders=2,
            sales=1_300,
            tips=0,
            refunds=325,
            fees=24,
            paid_out=300,
            other=0,
            balance=651,
        )
        profile = await Reads(database).profile(SUN_KEEPER)
        assert profile is not None
        assert settlement.balance == profile.balance
        assert await Reads(database).settlement(VendorId("nowhere")) is None
