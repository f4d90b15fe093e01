"""The report has a line for every kind of transfer: none can move money unseen."""

import pytest

from festival_push.domain.money.figures import PEOPLE, Figures, Flow
from festival_push.domain.money.reconciliation import reconcile
from festival_push.domain.rows import Vendor
from festival_push.domain.values import HELD, TransferKind, VendorId, till_account

SUN = VendorId("sun")


def figures(kind: TransferKind, source: str, target: str) -> Figures:
    return Figures(
        position=1, transfer_seq=1, vendors=[Vendor(vendor_id=SUN, name="Sun")],
        balances={source: (1, -7), target: (1, 7)}, flows=[Flow(source, target, kind, 1, 7)], received=[],
        unexplained={}, sold=[], paid_out=[],
    )  # fmt: skip


@pytest.mark.parametrize("kind", TransferKind)
def test_a_wallet_shows_whatever_moved(kind: TransferKind) -> None:
    wallets = reconcile(figures(kind, HELD, PEOPLE), []).wallets
    parts = wallets.top_ups - wallets.purchases - wallets.tips + wallets.refunds - wallets.payouts
    parts += wallets.other - (wallets.payout_fees or 0) - (wallets.donations or 0)
    parts += (wallets.allowances or 0) - (wallets.deposits or 0)
    assert parts == 7
    assert wallets.balance == 7


@pytest.mark.parametrize("kind", TransferKind)
def test_a_till_shows_whatever_moved(kind: TransferKind) -> None:
    [till] = reconcile(figures(kind, HELD, till_account(SUN)), []).tills
    parts = till.sales + till.tips - till.refunds - till.fees + till.other
    assert parts == (0 if kind is TransferKind.PAYOUT else 7)  # payouts are shown by their own rows
    assert till.balance == 7
