"""Rows of what a stall has besides its orders and money: its name, its displays, and how it came to be."""

import msgspec

from festival_push.domain.values import DisplayId, Instant, PairingId, PairingStatus, UserId, VendorId


class VendorName(msgspec.Struct, frozen=True, kw_only=True):
    """What of a stall's name no other stall may have: see `look_alikes.py`."""

    vendor_id: VendorId
    name_key: str


class Display(msgspec.Struct, frozen=True, kw_only=True):
    """A display: a screen that may follow one stall's board."""

    display_id: DisplayId
    vendor_id: VendorId
    name: str
    revoked: bool = False
    created_at: Instant
    created_by: UserId | None = None  # whom it ends with; None: it is older than this column


class Pairing(msgspec.Struct, frozen=True, kw_only=True):
    """A code by which a stall pairs a new screen, and then the request of the screen on which it was typed."""

    pairing_id: PairingId
    vendor_id: VendorId
    name: str  # of the display that it makes
    code_hash: str | None  # None: the code was typed, and does not work again
    secret_hash: str | None = None  # of the secret that only the screen knows; None: no screen has typed the code
    status: PairingStatus = PairingStatus.WAITING
    display_id: DisplayId | None = None  # None until it is confirmed
    created_at: Instant
    expires_at: Instant  # from this instant on it is as if it did not exist
    created_by: UserId | None = None  # as a display's: of the code


class VendorCode(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation to open a stall; only its hash is kept."""

    code_hash: str
    used_by: UserId | None = None
    created_at: Instant
