"""The row of a payout run: payouts that are paid together, by one file for the bank.

It is a row like those in `rows.py`; which payouts are in it their own rows say.
"""

from enum import StrEnum
from typing import Final, Literal

import msgspec

from festival_push.domain.values import Instant, PayoutRunId, Position, UserId

RUN_PAYOUTS_MAX: Final = 5_000
"""How many payouts one run takes at most; the others wait for the next."""


class PayoutRunStatus(StrEnum):
    """Where a run stands."""

    OPEN = "open"
    SENT = "sent"  # the bank has it: all its payouts are paid
    UNDONE = "undone"  # nothing was sent: its payouts wait again


class PayoutRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run of payouts. Amounts are in minor units."""

    run_id: PayoutRunId
    position: Position  # of the event that told of it: later runs have higher ones
    status: PayoutRunStatus
    account: Literal["wallet", "till"] | None  # whose payouts it gathered; None: all
    count: int  # how many payouts are in it, or were when it was undone
    total: int  # of what is due of them
    execution_date: str  # local, `2026-07-06`: when the bank shall pay
    created_by: UserId
    created_at: Instant
    settled_by: UserId | None = None  # who has sent or undone it
    settled_at: Instant | None = None
