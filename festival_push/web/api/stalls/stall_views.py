"""Stalls and their menus as JSON."""

from msgspec import UNSET, UnsetType

from festival_push.domain.money.amounts import Currency
from festival_push.domain.rows import MenuItem, Vendor
from festival_push.domain.values import (
    ItemId,
    VendorId,
)
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import left_out


class VendorView(View, frozen=True, kw_only=True):
    """A stall."""

    vendor_id: VendorId
    name: str
    open: bool  # it takes orders: its keepers have opened it, and one of them is there
    auto_accept: bool  # orders start at `preparing`
    attended: bool  # an owner or keeper who is not suspended exists
    legal_name: str | UnsetType = UNSET  # of the business; for those who may change the stall, as the two below
    tax_id: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    at_once: bool | UnsetType = UNSET  # true: what is paid there is handed over at once


class ItemView(View, frozen=True, kw_only=True):
    """A menu item."""

    item_id: ItemId
    vendor_id: VendorId
    name: str
    description: str
    price: int
    available: bool
    currency: str
    currency_digits: int
    tax_bp: int | UnsetType = UNSET  # of the price without it; left out: nobody said
    age_min: int | UnsetType = UNSET  # years; left out: any age
    deposit: int | UnsetType = UNSET  # of each, beside the price; left out: none
    stock: int | UnsetType = UNSET  # for those who may change the menu; left out: not counted


def vendor_view(vendor: Vendor, *, keeps: bool) -> VendorView:
    """Render a stall.

    Args:
        keeps: Whether the reader may change it, and sees what its receipts say of the business.
    """
    return VendorView(
        vendor_id=vendor.vendor_id,
        name=vendor.name,
        open=vendor.sells,
        auto_accept=vendor.auto_accept,
        attended=vendor.attended,
        legal_name=left_out(vendor.legal_name) if keeps else UNSET,
        tax_id=left_out(vendor.tax_id) if keeps else UNSET,
        address=left_out(vendor.address) if keeps else UNSET,
        at_once=vendor.at_once or UNSET,
    )


def item_view(item: MenuItem, currency: Currency, *, keeps: bool) -> ItemView:
    """Render a menu item; one that was taken off the menu is not available.

    Args:
        keeps: Whether the reader may change the menu, and sees how many are left.
    """
    return ItemView(
        item_id=item.item_id,
        vendor_id=item.vendor_id,
        name=item.name,
        description=item.description,
        price=item.price,
        available=item.sells,
        currency=currency.code,
        currency_digits=currency.digits,
        tax_bp=left_out(item.tax_bp),
        age_min=item.age_min or UNSET,
        deposit=item.deposit or UNSET,
        stock=left_out(item.stock) if keeps else UNSET,
    )
