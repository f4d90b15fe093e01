"""The row of a cash drawer. It is a row like those in `domain/rows.py`."""

import msgspec

from festival_push.domain.values import DrawerId, Instant, UserId


class Drawer(msgspec.Struct, frozen=True, kw_only=True):
    """One opening of a cash drawer, from its float to its count; `drawer:<drawerId>` is its account.

    A cashier has one that is open at most. Its cash is minus its account's balance, and a closed one has none.
    """

    drawer_id: DrawerId
    name: str  # of the desk: Gate 1
    cashier_id: UserId
    opened_at: Instant
    opened_after: int  # `seq` of the ledger's newest transfer when it was opened
    float_amount: int  # cash that was in it from the beginning, minor units
    closed_at: Instant | None = None
    closed_after: int | None = None  # `seq` of the newest transfer when it was closed
    closed_by: UserId | None = None
    counted: int | None = None
    difference: int | None = None  # counted less expected: below 0, if cash is short
    reason: str | None = None  # of the difference

    @property
    def is_open(self) -> bool:
        """Return whether it takes bookings."""
        return self.closed_at is None
