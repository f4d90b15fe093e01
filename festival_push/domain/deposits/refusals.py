"""What is refused about deposits that go back to guests."""

from dataclasses import dataclass

from festival_push.domain.orders.refusals import DepositsExhausted as DepositsExhausted  # noqa: PLC0414  # orders refuse it too
from festival_push.domain.refusals import Refused


@dataclass(eq=False, kw_only=True)
class AlreadyClaimed(Refused):
    code = "already-claimed"
    title = "Someone has taken this deposit already."


@dataclass(eq=False, kw_only=True)
class GiveBackExpired(Refused):
    code = "give-back-expired"
    title = "The time to take this deposit is over; ask the stall for a new code."


@dataclass(eq=False, kw_only=True)
class NoDeposit(Refused):
    code = "no-deposit"
    title = "None of these items has a deposit."
