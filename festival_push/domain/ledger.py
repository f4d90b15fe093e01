"""The platform fee, and how a wallet names a transfer."""

from typing import Final

from festival_push.domain.values import TransferKind

BASIS_POINTS: Final = 10_000


def platform_fee(total: int, fee_bp: int) -> int:
    """The organiser's share of a sale, in minor units; the fraction of a cent stays with the stall."""
    return total * fee_bp // BASIS_POINTS


def wallet_kind(kind: TransferKind, *, credited: bool) -> str:
    """The kind as one wallet sees it: what the customer calls a purchase is the stall's sale."""
    return "sale" if kind is TransferKind.PURCHASE and credited else kind.value
