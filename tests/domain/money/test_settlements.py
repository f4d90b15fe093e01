"""Settlements: a till's balance is explained to the cent."""

from contextlib import suppress

import pytest
from hypothesis import given

from festival_push.domain.money.settlements import Movement, settle
from festival_push.domain.refusals import Refused
from festival_push.domain.rows import Vendor
from festival_push.domain.values import TransferKind, till_account
from tests.support.festival import BAR, SUN, AnyCommand, Festival, wishes


@given(wishes(max_size=60))
def test_a_settlement_explains_the_tills_balance(commands: list[AnyCommand]) -> None:
    festival = Festival.opened(funds=8_000)
    for command in commands:
        with suppress(Refused):
            festival.do(command)
    for vendor_id in (SUN, BAR):
        till = till_account(vendor_id)
        moved = [
            Movement(kind=transfer.kind, credited=transfer.credit == till, count=1, amount=transfer.amount)
            for transfer in festival.transfers
            if till in (transfer.credit, transfer.debit)
        ]
        found = settle(festival.book.vendors[vendor_id], moved)
        orders = [order for order in festival.book.orders.values() if order.vendor_id == vendor_id]
        assert found.balance == festival.till(vendor_id) == found.payout_due - found.owed
        parts = found.sales + found.tips - found.refunds - found.fees - found.paid_out + found.other
        assert found.balance == parts
        assert (found.orders, found.sales) == (len(orders), sum(order.total for order in orders))
        assert found.tips == sum(order.tip for order in orders)
        assert found.refunds == sum(order.refunded + order.tip_refunded for order in orders)
        assert found.fees == sum(order.platform_fee - order.fee_refunded for order in orders)


@pytest.mark.parametrize("credited", [True, False])
@pytest.mark.parametrize("kind", TransferKind)
def test_a_settlement_has_a_line_for_every_kind_of_transfer(kind: TransferKind, *, credited: bool) -> None:
    vendor = Vendor(vendor_id=SUN, name="Sun")
    found = settle(vendor, [Movement(kind=kind, credited=credited, count=1, amount=7)])
    assert found.balance == (7 if credited else -7)
    assert found.balance == found.sales + found.tips - found.refunds - found.fees - found.paid_out + found.other
