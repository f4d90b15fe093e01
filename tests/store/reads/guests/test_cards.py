"""The guest's card: everything of one person, nothing of another's, and never more than fits."""

import msgspec
import pytest

from festival_push.domain.ledger import payout_transfer
from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.payouts.payouts import RequestPayout, SettlePayout
from festival_push.domain.people.keepers import AppointKeeper
from festival_push.domain.signing_in.sessions import BeginSession, EndSession
from festival_push.domain.values import (
    Instant,
    OrderId,
    OrderStatus,
    Part,
    PayoutId,
    PayoutStatus,
    TransferId,
    UserId,
)
from festival_push.store.database import Database
from festival_push.store.reads.guests.cards import NEWEST_MAX
from festival_push.store.reads.reads import Reads
from tests.store.populated import populated
from tests.support.festival import ADMIN, ANNA, AYRAN, BAR, BEN, NOON, SUN, SUN_KEEPER, funds_of, order_of, step, top_up


async def test_a_card_has_everything_of_the_person(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 20_000, number=1), top_up(BEN, 5_000, number=2)])
        await festival.do(order_of(AYRAN, 1, customer_id=ANNA, number=number) for number in range(10, 35))
        await festival.do([order_of(AYRAN, 1, customer_id=BEN, number=50)])
        for number in range(10, 34):  # all but the newest are cancelled
            await festival.do([step(OrderId(f"o{number}"), ADMIN, OrderStatus.CANCELLED)])
        await festival.do(
            BeginSession(
                session_id=name, user_id=user_id, version=0, device=name.upper(), expires_at=Instant(NOON + 1_000)
            )
            for name, user_id in (("j1", ANNA), ("j2", ANNA), ("j3", BEN))
        )
        await festival.do([EndSession(jti="j2", expires_at=NOON)])
        await festival.do(
            RequestPayout(actor_id=user_id, payout_id=PayoutId(name), amount=5, note="IBAN")
            for name, user_id in (("p1", ANNA), ("p2", BEN), ("p3", ANNA))
        )
        reject = SettlePayout(
            actor_id=ADMIN, payout_id=PayoutId("p1"), status=PayoutStatus.REJECTED, reason="no such bank"
        )
        await festival.do([reject])
        await festival.do([AppointKeeper(actor_id=ADMIN, vendor_id=BAR, user_id=ANNA, part=Part.KEEPER)])
        card = await Reads(database).guest(ANNA)
        assert card is not None
        assert (card.person.user_id, card.balance, card.stalls) == (ANNA, 20_000 - 199 - 5, {BAR: "Bar"})
        assert [order.order_id for order in card.orders] == [f"o{number}" for number in range(34, 14, -1)]
        assert len(card.orders) == NEWEST_MAX
        assert [session.session_id for session in card.sessions] == ["j1"]
        assert [(payout.payout_id, payout.status) for payout in card.payouts] == [
            ("p3", PayoutStatus.REQUESTED), ("p1", PayoutStatus.REJECTED),
        ]  # fmt: skip
        assert await Reads(database).guest(UserId("nobody")) is None


async def test_open_orders_are_never_too_old_for_the_card(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 20_000, number=1)])
        await festival.do(order_of(AYRAN, 1, customer_id=ANNA, number=number) for number in range(10, 40))
        card = await Reads(database).guest(ANNA)
        assert card is not None
        assert len(card.orders) == 30
        for number in range(11, 40):
            await festival.do([step(OrderId(f"o{number}"), ADMIN, OrderStatus.CANCELLED)])
        card = await Reads(database).guest(ANNA)
        assert card is not None
        assert [order.order_id for order in card.orders][-1] == "o10"
        assert len(card.orders) == NEWEST_MAX + 1


async def test_the_history_says_where_by_whom_and_what_of_it_came_back(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([funds_of(2_000, external_id="x", number=1), top_up(ANNA, 100, number=2)])
        await festival.do([order_of(AYRAN, 2, customer_id=ANNA, number=3)])
        refund = RefundOrder(
            actor_id=SUN_KEEPER, order_id=OrderId("o3"), amount=99, reason="cold", transfer_id=TransferId("r1")
        )
        await festival.do([msgspec.structs.replace(refund, actor_id=ADMIN)])
        reverse = ReverseTransfer(
            actor_id=ADMIN, transfer_id=TransferId("t2"), amount=40, reason="typo", reversal_id=TransferId("r2")
        )
        await festival.do([reverse, RequestPayout(actor_id=ANNA, payout_id=PayoutId("p1"), amount=5, note=None)])
        await festival.do([top_up(BEN, 7, number=9)])
        seen = await Reads(database).history(ANNA, limit=10)
        assert [
            (each.transfer.transfer_id, each.reversed, each.vendor_name, each.transfer.actor, each.actor_name)
            for each in seen
        ] == [
            (payout_transfer(PayoutId("p1")), 0, None, "user:anna", "Anna"),
            ("r2", 0, None, "user:admin", "Admin"),
            ("r1", 0, "Sun", "user:admin", "Admin"),
            ("o3-paid", 99, "Sun", "user:anna", "Anna"),
            ("t2", 40, None, "user:admin", "Admin"),
            ("t1", 0, None, "provider:zeffy", None),
        ]
        page = await Reads(database).history(ANNA, before=seen[2].transfer.seq, limit=2)
        assert [each.transfer.transfer_id for each in page] == ["o3-paid", "t2"]
        assert await Reads(database).history(UserId("nobody"), limit=10) == []


@pytest.mark.parametrize("vendor_id", [SUN])
async def test_a_tills_money_is_not_in_its_owners_history(database: Database, vendor_id: str) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 1_000, number=1), order_of(AYRAN, 2, customer_id=ANNA, number=3)])
        assert await Reads(database).history(UserId(vendor_id), limit=10) == []
