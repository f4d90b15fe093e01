"""Stock: what a stall counts of its items goes down with each sale, and comes back with what is given back.

An item of which none is left can't be ordered, and is offered again as soon as one comes back.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from festival_push.domain.book import Book, Outgoing
from festival_push.domain.draft import Draft
from festival_push.domain.orders.rows import LineBack, Order, OrderLine
from festival_push.domain.rows import MenuItem
from festival_push.domain.stalls.events import ItemStock, MenuUpdated, StockUpdated
from festival_push.domain.topics import role_topic, stall_topic
from festival_push.domain.values import Instant, ItemId, Role, VendorId, rfc3339


class Quantity(Protocol):
    """A line that somebody wants, or that was sold."""

    @property
    def item_id(self) -> ItemId | None: ...

    @property
    def quantity(self) -> int: ...


def quantities_of(lines: Iterable[Quantity]) -> dict[ItemId, int]:
    """Return how many of each item some lines are of; the same item may be in several."""
    quantities: dict[ItemId, int] = {}
    for line in lines:
        if line.item_id is not None:
            quantities[line.item_id] = quantities.get(line.item_id, 0) + line.quantity
    return quantities


def has(item: MenuItem, quantity: int) -> bool:
    """Return whether so many of an item can be sold now."""
    return item.sells and (item.stock is None or item.stock >= quantity)


def take(draft: Draft, lines: Iterable[Quantity]) -> None:
    """Count down what is sold. Its items are loaded, and have enough of it."""
    items = draft.book.items
    counted = [line for line in lines if line.item_id is not None and items[line.item_id].stock is not None]
    if counted:
        _count(draft, quantities_of(counted), sign=-1)


def put_back(draft: Draft, order: Order, lines: Iterable[LineBack]) -> None:
    """Count up again what is given back of an order, whose items are loaded (`Needs.sold_items`)."""
    back: Counter[ItemId] = Counter()
    for line in lines:
        if (item_id := order.lines[line.index].item_id) is not None:
            back[item_id] += line.quantity
    _count(draft, back, sign=1)


def lines_left(order: Order) -> tuple[LineBack, ...]:
    """Return all of an order's lines that were not given back yet."""
    left = ((index, line.quantity - (line.refunded or 0)) for index, line in enumerate(order.lines))
    return tuple(LineBack(index=index, quantity=quantity) for index, quantity in left if quantity)


def given_back(lines: tuple[OrderLine, ...], back: Iterable[LineBack]) -> tuple[OrderLine, ...]:
    """Return an order's lines with what was given back of them."""
    counts = {line.index: line.quantity for line in back}
    return tuple(
        msgspec.structs.replace(line, refunded=(line.refunded or 0) + counts[index]) if index in counts else line
        for index, line in enumerate(lines)
    )


def tell_item(draft: Draft, item: MenuItem) -> None:
    """Tell customers and the stall how an item is now."""
    event = MenuUpdated(
        timestamp=draft.timestamp,
        vendor_id=item.vendor_id,
        item_id=item.item_id,
        available=item.sells,
        price=item.price,
        name=item.name,
    )
    draft.tell(event, role_topic(Role.CUSTOMER), stall_topic(item.vendor_id))


def stock_changes(book: Book, now: Instant) -> list[Outgoing]:
    """Return one event for each stall of whose items a batch left another number, however many sales did so."""
    changed: dict[VendorId, list[ItemStock]] = {}
    for item in book.take_stock_changes():
        changed.setdefault(item.vendor_id, []).append(ItemStock(item_id=item.item_id, stock=item.stock))
    return [
        Outgoing(
            (stall_topic(vendor_id),),
            StockUpdated(timestamp=rfc3339(now), vendor_id=vendor_id, items=tuple(items)),
        )
        for vendor_id, items in sorted(changed.items())
    ]


def _count(draft: Draft, quantities: Mapping[ItemId, int], *, sign: int) -> None:
    for item_id, quantity in quantities.items():
        before = draft.book.items[item_id]
        if before.stock is None:
            continue
        item = msgspec.structs.replace(before, stock=before.stock + sign * quantity)
        draft.put(item)
        if item.sells is not before.sells:
            tell_item(draft, item)
