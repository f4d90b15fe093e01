"""The row of a deposit that a stall gives back. It is a row like those in `rows.py`."""

import msgspec

from festival_push.domain.values import GiveBackId, Instant, ItemId, UserId, VendorId


class DepositLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was brought back: so many pieces of an item, or what the stall says that it is."""

    item_id: ItemId | None  # None: the stall has named the amount
    name: str
    quantity: int
    deposit: int  # minor units of each


class GiveBackOffer(msgspec.Struct, frozen=True, kw_only=True):
    """A stall's offer to give a deposit back, once, to the guest who scans it."""

    give_back_id: GiveBackId
    vendor_id: VendorId
    lines: tuple[DepositLine, ...]
    total: int
    claimed_by: UserId | None = None  # None: nobody has taken it yet
    claimed_at: Instant | None = None
    created_at: Instant
    expires_at: Instant  # from this instant on it can't be taken
    created_by: UserId  # whom it ends with
