"""The row of a Z report. It is like those in `rows.py`, but never changes."""

from typing import Final

import msgspec

from festival_push.domain.values import Actor, Instant, VendorId, till_account

FESTIVAL: Final = "festival"
"""The scope of the whole festival's books; a stall's is the account of its till."""


class ZReport(msgspec.Struct, frozen=True, kw_only=True):
    """The books of a stall or of the festival, closed: what moved after the Z report before it, up to one transfer."""

    z_report_id: str  # `z_report_id(scope, number)`
    scope: str  # `till:<vendorId>`, or FESTIVAL
    number: int  # 1, 2, 3 … of this scope
    after_seq: int  # of the last transfer of the one before; 0: there is none
    up_to_seq: int  # of its own last transfer
    after_at: Instant | None  # when the one before was made
    at: Instant
    actor: Actor
    figures: str  # JSON of `Figures`


def scope_of(vendor_id: VendorId | None) -> str:
    """Return whose books they are: a stall's, or, for None, the festival's."""
    return FESTIVAL if vendor_id is None else till_account(vendor_id)


def z_report_id(scope: str, number: int) -> str:
    """Return the key of a scope's Z report. Ids hold no space, so it names exactly one."""
    return f"{scope} {number}"
