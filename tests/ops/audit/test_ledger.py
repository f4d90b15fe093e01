"""The audit knows every kind of transfer that an order makes."""

import pytest

from festival_push.domain.rows import Transfer
from festival_push.domain.values import AccountId, Actor, Instant, OrderId, TransferId, TransferKind
from festival_push.ops.audit.ledger import Moved

WITHOUT_ORDER = {
    TransferKind.TOP_UP, TransferKind.PAYOUT, TransferKind.ADJUSTMENT, TransferKind.CASH, TransferKind.DONATION,
}  # fmt: skip


@pytest.mark.parametrize("kind", TransferKind)
def test_a_transfer_of_an_order_is_counted(kind: TransferKind) -> None:
    moved = Moved()
    moved.add(
        Transfer(
            transfer_id=TransferId("t"), seq=1, kind=kind, debit=AccountId("user:anna"), credit=AccountId("user:sun"),
            amount=7, debit_balance=0, credit_balance=7, order_id=OrderId("o"), note=None, at=Instant(0),
            actor=Actor("user:anna"),
        )
    )  # fmt: skip
    assert (moved == Moved()) == (kind in WITHOUT_ORDER)
