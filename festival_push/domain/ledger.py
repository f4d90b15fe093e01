"""The platform fee, and the name of a transfer in its wallet's history."""

from typing import Final

from festival_push.domain.orders.rows import Order
from festival_push.domain.rows import Transfer
from festival_push.domain.values import PAYOUTS, AccountId, PayoutId, TransferId, TransferKind, drawer_of, wallet_owner

BASIS_POINTS: Final = 10_000
_ASKED: Final = "-asked"
_FEE: Final = "-fee"


def platform_fee(total: int, fee_bp: int) -> int:
    """Return the organiser's share of a sale in minor units, rounded down: the fraction of a cent stays with the stall.

    Args:
        fee_bp: Basis points, 0..BASIS_POINTS.
    """
    return total * fee_bp // BASIS_POINTS


def fee_share(order: Order, refunded: int) -> int:
    """Return how much of the fee is refunded, in all, when `refunded` of the order's total is, in minor units.

    Rounded down once, however many refunds it takes; exactly the whole fee when all of the total has been refunded.
    """
    return order.platform_fee * refunded // order.total


def wallet_kind(kind: TransferKind, *, credited: bool) -> str:
    """Return the kind of a transfer as one wallet shows it: a purchase for the customer is a sale for the stall."""
    return "sale" if kind is TransferKind.PURCHASE and credited else kind.value


def kind_seen(transfer: Transfer, account_id: AccountId) -> str:
    """Return the kind of a transfer as a statement of one of its accounts says it; a moved wallet has its own."""
    if transfer.kind is TransferKind.ADJUSTMENT and wallet_owner(transfer.debit) and wallet_owner(transfer.credit):
        return "moved"
    return wallet_kind(transfer.kind, credited=transfer.credit == account_id)


def payout_transfer(payout_id: PayoutId) -> TransferId:
    """Return the id of the transfer that takes a payout out of its account."""
    return TransferId(f"{payout_id}{_ASKED}")


def payout_fee_transfer(payout_id: PayoutId) -> TransferId:
    """Return the id of the transfer that takes the fee of a payout out of its account."""
    return TransferId(f"{payout_id}{_FEE}")


def asked_payout(transfer: Transfer) -> PayoutId | None:
    """Return the payout for which a transfer took the money out of an account; None if it is of none."""
    if transfer.kind is not TransferKind.PAYOUT or not (transfer.credit == PAYOUTS or drawer_of(transfer.credit)):
        return None
    return PayoutId(transfer.transfer_id.removesuffix(_ASKED))
