"""Reads of stalls and their menus."""

# ruff: noqa: S608  # only names of columns and numbers of parameters are filled in

from typing import Final

from festival_push.domain.rows import MenuItem, Vendor
from festival_push.domain.values import ItemId, VendorId
from festival_push.store.database import Database
from festival_push.store.tables import MENU_ITEMS, VENDORS

_VENDORS: Final = f"SELECT {VENDORS.columns} FROM vendors ORDER BY name, vendor_id"
_VENDOR: Final = f"SELECT {VENDORS.columns} FROM vendors WHERE vendor_id = $1"
_MENU: Final = f"""
    SELECT {MENU_ITEMS.columns} FROM menu_items
     WHERE vendor_id = $1 AND deleted = 0 ORDER BY created_at, item_id
"""
_ITEM: Final = f"SELECT {MENU_ITEMS.columns} FROM menu_items WHERE item_id = $1 AND deleted = 0"


class MenuReads:
    """Reads of stalls and menu items. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def vendors(self) -> list[Vendor]:
        """Return all stalls, ordered by name."""
        (found,) = await self._database.read((_VENDORS, ()))
        return [VENDORS.decode(row) for row in found]

    async def vendor(self, vendor_id: VendorId) -> Vendor | None:
        """Return a stall; None if it is unknown."""
        (found,) = await self._database.read((_VENDOR, (vendor_id,)))
        return VENDORS.decode(found[0]) if found else None

    async def menu(self, vendor_id: VendorId) -> list[MenuItem]:
        """Return a stall's menu items, oldest first; an empty list for an unknown stall."""
        (found,) = await self._database.read((_MENU, (vendor_id,)))
        return [MENU_ITEMS.decode(row) for row in found]

    async def item(self, item_id: ItemId) -> MenuItem | None:
        """Return a menu item; None if it is unknown or was taken off the menu."""
        (found,) = await self._database.read((_ITEM, (item_id,)))
        return MENU_ITEMS.decode(found[0]) if found else None
