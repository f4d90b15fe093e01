"""Events of the office, which only organisers hear."""

from typing import ClassVar

from festival_push.domain.event import Event
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.values import UserId


class NewDeed(Event, frozen=True, kw_only=True):
    """Something that a member of staff did; `before` and `after` have what changed of the subject."""

    TYPE: ClassVar[str] = "new-deed"
    TO: ClassVar[tuple[str, ...]] = ("role:admin",)
    seq: int
    actor: str
    act: DeedKind
    subject: str  # `user:anna`: its kind and its id
    before: dict[str, str | int | bool | None]
    after: dict[str, str | int | bool | None]
    hash: str


class PayoutRunUpdated(Event, frozen=True, kw_only=True):
    """A payout run was opened, sent or undone, or has lost a payout."""

    TYPE: ClassVar[str] = "payout-run-updated"
    TO: ClassVar[tuple[str, ...]] = ("role:admin",)
    run_id: str
    status: str  # open, sent or undone
    count: int  # of its payouts
    total: int  # minor units


class ConfirmationUpdated(Event, frozen=True, kw_only=True):
    """Something about much money waits for a second organiser, or was confirmed or refused."""

    TYPE: ClassVar[str] = "confirmation-updated"
    TO: ClassVar[tuple[str, ...]] = ("role:admin",)
    confirmation_id: str
    act: DeedKind
    subject: str
    amount: int
    asked_by: UserId
    status: str  # waiting, confirmed or refused
    expires_at: str  # RFC 3339
