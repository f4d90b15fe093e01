"""What receipts say: an order as it stands with the money that went back of it, and a top-up."""

from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.stalls.stalls import Business, ChangeVendor
from festival_push.domain.values import OrderId, TransferId, user_account
from festival_push.store.database import Database
from festival_push.store.reads.orders import REFUNDS_MAX
from festival_push.store.reads.reads import Reads
from tests.store.plans import Explaining
from tests.store.populated import populated
from tests.support.festival import ADMIN, ANNA, BEN, FALAFEL, SUN, SUN_KEEPER, order_of, top_up


def refund(number: int, order_id: str, amount: int) -> RefundOrder:
    return RefundOrder(
        actor_id=ADMIN, order_id=OrderId(order_id), amount=amount, reason=f"r{number}",
        transfer_id=TransferId(f"r{number}"),
    )  # fmt: skip


async def test_an_order_comes_with_its_stall_and_its_own_refunds_the_oldest_first(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 5_000, number=1)])
        await festival.do([order_of(FALAFEL, 1, number=3), order_of(FALAFEL, 1, number=4)])
        reads = Reads(database)
        seen = await reads.order(OrderId("o3"))
        assert seen is not None
        business = Business(legal_name="Sonne ü GmbH", tax_id="1/2", address="Am Feld 1")
        await festival.do([ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, business=business)])
        await festival.do([refund(1, "o3", 5), refund(2, "o4", 7), refund(3, "o3", 11)])
        paid = await reads.paid_order(seen.order)  # read before the refunds; what it says is newer
        assert (paid.order.order_id, paid.order.refunded) == (OrderId("o3"), 16)
        assert (paid.vendor.vendor_id, paid.vendor.legal_name) == (SUN, "Sonne ü GmbH")
        assert [(each.amount, each.note) for each in paid.went_back] == [(5, "r1"), (11, "r3")]


async def test_a_receipt_lists_no_more_refunds_than_fit(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 5_000, number=1), order_of(FALAFEL, 1, number=3)])
        await festival.do([refund(number, "o3", 1) for number in range(REFUNDS_MAX + 2)])
        reads = Reads(database)
        seen = await reads.order(OrderId("o3"))
        assert seen is not None
        paid = await reads.paid_order(seen.order)
        assert [each.note for each in paid.went_back] == [f"r{number}" for number in range(REFUNDS_MAX)]
        assert paid.order.refunded == REFUNDS_MAX + 2


async def test_a_top_up_is_found_by_its_wallet_with_what_was_taken_back(database: Database) -> None:
    async with populated(database) as festival:
        topped = top_up(ANNA, 5_000, number=1)
        await festival.do([topped, order_of(FALAFEL, 1, number=3)])
        for number, amount in enumerate((100, 20)):
            await festival.do([
                ReverseTransfer(
                    actor_id=ADMIN, transfer_id=topped.transfer_id, amount=amount, reason="typo",
                    reversal_id=TransferId(f"back{number}"),
                )
            ])  # fmt: skip
        reads = Reads(database)
        found = await reads.top_up(topped.transfer_id, user_account(ANNA))
        assert found is not None
        assert (found.transfer.amount, found.reversed) == (5_000, 120)
        assert await reads.top_up(topped.transfer_id, user_account(BEN)) is None
        assert await reads.top_up(TransferId("o3-paid"), user_account(ANNA)) is None
        assert await reads.top_up(TransferId("back0"), user_account(ANNA)) is None


async def test_no_receipt_reads_more_than_what_its_wallet_has_got_since(database: Database) -> None:
    async with populated(database) as festival:
        topped = top_up(ANNA, 5_000, number=1)
        await festival.do([topped, order_of(FALAFEL, 1, number=3)])
        seen = await Reads(database).order(OrderId("o3"))
        assert seen is not None
        explaining = Explaining(database)
        await Reads(explaining).paid_order(seen.order)
        await Reads(explaining).top_up(topped.transfer_id, user_account(ANNA))
    if database.dialect == "sqlite":  # PostgreSQL rightly scans tables of three rows
        plans = "\n".join(explaining.plans)
        assert "SCAN" not in plans
        assert "USING INDEX transfers_credit (credit=? AND seq>?)" in plans
