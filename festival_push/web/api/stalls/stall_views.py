"""Stalls and their menus as JSON."""

from festival_push.domain.rows import MenuItem, Vendor
from festival_push.domain.values import (
    ItemId,
    VendorId,
)
from festival_push.web.api.views import View


class VendorView(View, frozen=True, kw_only=True):
    """A stall."""

    vendor_id: VendorId
    name: str
    open: bool  # it takes orders: its keepers have opened it, and one of them is there
    auto_accept: bool  # orders start at `preparing`
    attended: bool  # an owner or keeper who is not suspended exists


class ItemView(View, frozen=True, kw_only=True):
    """A menu item."""

    item_id: ItemId
    vendor_id: VendorId
    name: str
    description: str
    price: int
    available: bool


def vendor_view(vendor: Vendor) -> VendorView:
    """Render a stall."""
    return VendorView(
        vendor_id=vendor.vendor_id,
        name=vendor.name,
        open=vendor.sells,
        auto_accept=vendor.auto_accept,
        attended=vendor.attended,
    )


def item_view(item: MenuItem) -> ItemView:
    """Render a menu item; one that was taken off the menu is not available."""
    return ItemView(
        item_id=item.item_id,
        vendor_id=item.vendor_id,
        name=item.name,
        description=item.description,
        price=item.price,
        available=item.available and not item.deleted,
    )
