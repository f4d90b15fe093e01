"""A stretch of the ledger, by time or by its transfers, as a condition of SQL."""

from typing import Final, Literal, NamedTuple

from festival_push.domain.values import Instant, VendorId, till_account
from festival_push.store.reads.orders import NEWEST
from festival_push.store.sql import Param

INTO_TILLS: Final = "t.credit >= 'till:' AND t.credit < 'till;'"
"""The condition for movements into tills, in exactly the words of the partial index, else it would not be used."""
OUT_OF_TILLS: Final = "t.debit >= 'till:' AND t.debit < 'till;'"
OFFICE: Final = "t.kind NOT IN ('purchase', 'tip', 'fee', 'refund', 'deposit', 'allowance')"
DEPOSITS_BACK: Final = "t.kind = 'deposit' AND t.order_id IS NOT NULL AND t.credit >= 'user:' AND t.credit < 'user;'"
REFUNDS: Final = "t.kind = 'refund'"


class Window(NamedTuple):
    """A stretch: of the instants, or of the numbers of transfers, from `first` up to but without `end`."""

    column: Literal["at", "seq"]
    first: int
    end: int

    @property
    def condition(self) -> str:
        """Return the condition for transfers `t` in it; its numbers are parameters 1 and 2."""
        return f"t.{self.column} >= $1 AND t.{self.column} < $2"

    @property
    def is_exact(self) -> bool:
        """Return whether its last transfer is named: then it must be there, or books would be closed without it."""
        return self.column == "seq" and self.end < NEWEST

    def params(self, vendor_id: VendorId | None) -> tuple[Param, ...]:
        """Return the parameters: of the stretch and, third, of a stall's till."""
        return (self.first, self.end, *(() if vendor_id is None else (till_account(vendor_id),)))


WHOLE: Final = Window("seq", 1, NEWEST)
"""The whole ledger."""


def between(first: Instant, end: Instant) -> Window:
    """Return the stretch from an instant up to another."""
    return Window("at", first, end)


def after_transfer(after_seq: int, up_to_seq: int) -> Window:
    """Return the stretch after one transfer, up to another and with it."""
    return Window("seq", after_seq + 1, up_to_seq + 1)
