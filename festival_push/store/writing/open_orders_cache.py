"""The stalls' open orders, kept from batch to batch, and brought up to date from the log if others wrote meanwhile."""

# ruff: noqa: S608  # only names of columns, types of events and a number are filled in

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple, get_args

from festival_push.domain.book import Book
from festival_push.domain.events import OrderChange
from festival_push.domain.open_orders import OpenOrders
from festival_push.domain.orders.rows import OpenOrder
from festival_push.domain.values import VendorId
from festival_push.store.sql import SqlRow, Statement
from festival_push.store.tables import OPEN_ORDER_COLUMNS, open_order_of

EVENTS_MAX: Final = 2_000
"""How many events of others are looked at; after more, reading the open orders anew costs less."""

_TYPES: Final = ", ".join(sorted(f"'{event.TYPE}'" for event in get_args(OrderChange)))
CHANGED: Final = f"""
    WITH told AS MATERIALIZED (
        SELECT DISTINCT data{{json}} ->> 'orderId' AS told_id
          FROM (SELECT type, data FROM event_log WHERE position > $1 ORDER BY position LIMIT {EVENTS_MAX}) AS later
         WHERE type IN ({_TYPES})
    )
    SELECT {OPEN_ORDER_COLUMNS} FROM told LEFT JOIN orders ON order_id = told_id
"""


class LogState(NamedTuple):
    """Where a transaction finds or leaves the log."""

    epoch: str
    position: int
    connection: int  # the number of the writer's connection: another one may lead to a server with other events


class OpenOrdersCache:
    """The open orders of the stalls that this process has sold for: in a rush they are most of what a batch would read.

    Every change of an order appends an event that names it (`Book.apply` sees to that). So the cache is valid while the
    log is where the last batch left it; and if other processes have written since, only the orders that their events
    name are read anew, in the same round trip as all else. The cache is cleared if a batch failed, if those events are
    too many or trimmed, if one names an order that does not exist (erasing a person rewrites events), and if the log
    has another epoch or is reached over another connection, because its events may be others then.
    """

    def __init__(self) -> None:
        self._left: LogState | None = None  # by the last batch; None: the cache is not valid
        self._asked: LogState | None = None  # the same, once `changed` has asked for what came after it
        self._found = LogState("", 0, 0)  # by the present batch
        self._by_vendor: dict[VendorId, OpenOrders] = {}

    def __contains__(self, vendor_id: VendorId) -> bool:
        return vendor_id in self._by_vendor

    def changed(self) -> list[Statement]:
        """Begin to arrive: return the SELECT, if one is needed, whose rows `arrive` takes. Run it in the transaction
        that arrives. If it fails, the cache is not valid any more."""
        self._asked, self._left = self._left, None
        return [(CHANGED, (self._asked.position,))] if self._asked is not None and self._by_vendor else []

    def arrive(self, state: LogState, trimmed_to: int, changed: Sequence[SqlRow]) -> None:
        """Begin a transaction; the cache is not valid for later ones until `leave`.

        Args:
            state: The log as this transaction finds it.
            trimmed_to: The position up to which events have left the log.
            changed: What the SELECT of `changed` has found.
        """
        left, self._asked = self._asked, None
        if left is None or not self._follows(left, state, trimmed_to) or any(row[0] is None for row in changed):
            self._by_vendor.clear()
        else:
            self._renew(changed)
        self._found = state

    def join(self, book: Book) -> None:
        """Give the book the cached open orders of its stalls, which it changes in place."""
        for vendor_id in book.vendors:
            self._by_vendor[vendor_id] = book.open_orders.get(vendor_id) or self._by_vendor.get(vendor_id, OpenOrders())
            book.open_orders[vendor_id] = self._by_vendor[vendor_id]

    def leave(self, position: int) -> None:
        """End a committed transaction; the log is now at this position."""
        self._left = self._found._replace(position=position)

    def _follows(self, left: LogState, state: LogState, trimmed_to: int) -> bool:
        """Return whether all that has happened since `left` is in the log, and was looked at."""
        same_log = left._replace(position=state.position) == state
        return same_log and trimmed_to <= left.position <= state.position <= left.position + EVENTS_MAX

    def _renew(self, changed: Sequence[SqlRow]) -> None:
        by_vendor = defaultdict[VendorId, list[OpenOrder]](list)
        for row in changed:
            order = open_order_of(row)
            by_vendor[order.vendor_id].append(order)
        for vendor_id in by_vendor.keys() & self._by_vendor.keys():
            self._by_vendor[vendor_id].renew(by_vendor[vendor_id])
