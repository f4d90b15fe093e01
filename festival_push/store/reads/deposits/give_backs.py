"""Reads of give-backs, for the guest who scans one."""

# ruff: noqa: S608  # only names of columns are filled in

from typing import Final

import msgspec

from festival_push.domain.deposits.rows import GiveBackOffer
from festival_push.domain.rows import Vendor
from festival_push.domain.values import GiveBackId
from festival_push.store.database import Database
from festival_push.store.tables import GIVE_BACKS, VENDORS

_OFFER: Final = f"SELECT {GIVE_BACKS.columns} FROM give_backs WHERE give_back_id = $1"
_VENDOR: Final = f"""
    SELECT {VENDORS.columns} FROM vendors WHERE vendor_id = (SELECT vendor_id FROM give_backs WHERE give_back_id = $1)
"""


class OfferSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A give-back, and the stall that offers it."""

    offer: GiveBackOffer
    vendor: Vendor


class GiveBackReads:
    """Reads of give-backs. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def give_back(self, give_back_id: GiveBackId) -> OfferSeen | None:
        """Return a give-back; None if it is unknown. Checks no rights: whoever has scanned it may see it."""
        found, vendors = await self._database.read((_OFFER, (give_back_id,)), (_VENDOR, (give_back_id,)))
        if not found:
            return None
        return OfferSeen(offer=GIVE_BACKS.decode(found[0]), vendor=VENDORS.decode(vendors[0]))
