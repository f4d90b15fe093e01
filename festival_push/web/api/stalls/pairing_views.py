"""Pairings in the contract: what the stall sees of them, and what the screen."""

from msgspec import UNSET, UnsetType

from festival_push.domain.stall_rows import Pairing
from festival_push.domain.values import PairingId, PairingStatus, VendorId, rfc3339
from festival_push.web.api.views import View


class PairingCodeView(View, frozen=True, kw_only=True):
    """A code that pairs one screen; it is shown only here. The screen's pairing will have the same id."""

    pairing_id: PairingId
    code: str
    expires_at: str


class PairingMade(View, frozen=True, kw_only=True):
    """A pairing that waits for the stall; only its secret, which is shown only here, opens it."""

    pairing_id: PairingId
    secret: str
    vendor_id: VendorId
    vendor_name: str
    expires_at: str


class WaitingPairingView(View, frozen=True, kw_only=True):
    """A pairing that waits for the stall, as the stall sees it."""

    pairing_id: PairingId
    vendor_id: VendorId
    name: str  # of the display that it makes
    expires_at: str


class AnsweredPairingView(View, frozen=True, kw_only=True):
    """A pairing after the stall's answer."""

    pairing_id: PairingId
    status: PairingStatus


class PairingView(View, frozen=True, kw_only=True):
    """What became of a pairing; once it is confirmed, with a new token at each read."""

    status: PairingStatus
    vendor_id: VendorId
    token: str | UnsetType = UNSET
    url: str | UnsetType = UNSET


def waiting_view(pairing: Pairing) -> WaitingPairingView:
    """Render a pairing for the stall that is to answer; nothing of it opens the pairing."""
    return WaitingPairingView(
        pairing_id=pairing.pairing_id,
        vendor_id=pairing.vendor_id,
        name=pairing.name,
        expires_at=rfc3339(pairing.expires_at),
    )
