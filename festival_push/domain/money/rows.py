"""The rows of what providers take back, and of proven payments that could not be read.

They are rows like those in `rows.py`.
"""

from enum import StrEnum

import msgspec

from festival_push.domain.values import ClaimId, Instant, ReceiptId, UnreadId, UserId


class ClaimKind(StrEnum):
    """Why a provider takes money of a payment back."""

    REFUND = "refund"
    DISPUTE = "dispute"


class ClaimStatus(StrEnum):
    """Where a claim stands."""

    WAITING = "waiting"  # for its payment, which the provider has not reported yet
    TAKEN = "taken"
    WON = "won"  # a dispute that the festival has won: the money is back


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider takes back of one payment: a refund or a dispute, counted once however often it is reported."""

    claim_id: ClaimId  # `claim_id(provider, external_id)`
    provider: str
    external_id: str  # of the refund or the dispute, as the provider calls it
    payment_id: str  # of the payment, as the provider calls it
    receipt_id: ReceiptId  # of that payment, which may not have been reported yet
    kind: ClaimKind
    amount: int  # minor units
    taken: int = 0  # of it from held money and wallets
    lost: int = 0  # of it to `losses:<provider>`
    status: ClaimStatus
    user_id: UserId | None = None  # from whose wallet it was taken
    created_at: Instant
    updated_at: Instant


class UnreadStatus(StrEnum):
    """Where an unread receipt stands."""

    WAITING = "waiting"
    BOOKED = "booked"
    DISMISSED = "dismissed"


class UnreadReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A report that a provider has proved to be its own, and that could not be taken as it is. It is kept for good."""

    unread_id: UnreadId  # a hash of the provider and the body, so that the same report counts once
    provider: str
    external_id: str | None  # None: it could not be read either
    meaning: str = ""  # as far as it was understood: paid, refunded, disputed …; empty: not at all
    field: str  # which one is wrong, as the provider calls it; empty: the whole body
    detail: str  # what is wrong with it
    body: str  # as far as it is kept
    status: UnreadStatus = UnreadStatus.WAITING
    receipt_id: ReceiptId | None = None  # of the money, once it is booked
    answered_by: UserId | None = None
    reason: str | None = None  # why it was dismissed
    created_at: Instant
    updated_at: Instant
