"""The rows of the office: what waits for a second person, the desk's sums, and the settings that were in force.

They are rows like those in `rows.py`.
"""

from enum import StrEnum

import msgspec

from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.values import ConfirmationId, Instant, UserId


class ConfirmationStatus(StrEnum):
    """Where a confirmation stands."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    EXPIRED = "expired"  # never kept: it is waiting, and its time is over


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """Something about much money that one member of staff has asked for, and that another organiser has to confirm."""

    confirmation_id: ConfirmationId
    act: DeedKind  # what is done when it is confirmed
    subject: str  # to whom or what, as in a deed
    amount: int  # minor units
    command: str  # JSON of the command that waits
    asked_by: UserId
    status: ConfirmationStatus
    settled_by: UserId | None
    created_at: Instant
    expires_at: Instant  # from this instant on it can't be confirmed
    settled_at: Instant | None

    def status_at(self, now: Instant) -> ConfirmationStatus:
        """Return where it stands at a moment."""
        if self.status is ConfirmationStatus.WAITING and now >= self.expires_at:
            return ConfirmationStatus.EXPIRED
        return self.status


class DeskSum(msgspec.Struct, frozen=True, kw_only=True):
    """How much one person has topped up and paid out at the desk on the last day on which they did either, in minor
    units, less what was taken back of it on that day."""

    user_id: UserId
    day: str  # `domain/reports/days.py`: `2026-07-04`
    amount: int  # topped up
    paid_out: int = 0  # in cash


class KeptSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that money depends on, as the server that started last had them."""

    name: str
    state: str  # JSON
