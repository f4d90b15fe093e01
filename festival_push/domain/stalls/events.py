"""The events of stalls: their menus and stock, how they sell, their boards and displays. Part of `events.py`."""

from typing import ClassVar

import msgspec

from festival_push.domain.event import Event
from festival_push.domain.values import ItemId, PairingId, VendorId


class MenuUpdated(Event, frozen=True, kw_only=True):
    """An item of a menu is new, changed or gone."""

    TYPE: ClassVar[str] = "menu-updated"
    TO: ClassVar[tuple[str, ...]] = ("role:customer", "stall:<stall>")
    vendor_id: VendorId
    item_id: str
    available: bool
    price: int
    name: str


class ItemStock(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How many of an item are left."""

    item_id: ItemId
    stock: int | None  # None: it is not counted any more


class StockUpdated(Event, frozen=True, kw_only=True):
    """Of some items of a stall another number is left; for who keeps it. Many sales at once are one event."""

    TYPE: ClassVar[str] = "stock-updated"
    TO: ClassVar[tuple[str, ...]] = ("stall:<stall>",)
    vendor_id: VendorId
    items: tuple[ItemStock, ...]


class VendorUpdated(Event, frozen=True, kw_only=True):
    """A stall has opened, closed, or changed its name or how it accepts orders."""

    TYPE: ClassVar[str] = "vendor-updated"
    TO: ClassVar[tuple[str, ...]] = ("role:customer", "stall:<stall>")
    vendor_id: VendorId
    name: str
    open: bool  # and attended
    auto_accept: bool
    attended: bool  # there is somebody who may serve its orders
    at_once: bool | msgspec.UnsetType = msgspec.UNSET  # true: what is paid there is handed over at once


class CalledNumber(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A ready number, and when it was called last."""

    number: int
    called_at: str  # RFC 3339


class BoardUpdated(Event, frozen=True, kw_only=True):
    """A stall's whole pickup board: numbers only, in the order they were placed; in `called` the newest call first."""

    TYPE: ClassVar[str] = "board-updated"
    TO: ClassVar[tuple[str, ...]] = ("board:<stall>",)
    vendor_id: VendorId
    preparing: tuple[int, ...]
    ready: tuple[int, ...]
    called: tuple[CalledNumber, ...]  # those of `ready`


class DisplayWaiting(Event, frozen=True, kw_only=True):
    """A stall's code was typed on a screen, which waits to be confirmed or refused; the name is the code's."""

    TYPE: ClassVar[str] = "display-waiting"
    TO: ClassVar[tuple[str, ...]] = ("stall:<stall>",)
    pairing_id: PairingId
    vendor_id: VendorId
    name: str
