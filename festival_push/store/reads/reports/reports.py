"""Reads of what was sold and taken in a stretch of the ledger, each from one snapshot."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import msgspec

from festival_push.domain.reports.days import QUARTER_MS
from festival_push.domain.reports.figures import Figures, ItemLine, Sums, TaxLine, sold_by_rate, tax_lines
from festival_push.domain.reports.returns import returned
from festival_push.domain.values import Instant, UserId, VendorId
from festival_push.store.database import Database
from festival_push.store.reads.reports.desk import cashier_lines, method_lines, office_movements
from festival_push.store.reads.reports.items import item_lines, sold_items
from festival_push.store.reads.reports.returns import by_stall, deposits_back, refunded_orders, refunds
from festival_push.store.reads.reports.tills import movements, stall_of, sums_by_part
from festival_push.store.reads.reports.windows import Window
from festival_push.store.sql import Rows, Statement

AT_ONCE_MAX: Final = 2
"""How many reports one process reads at once; a database has a few connections for reading."""
_TURNS: Final = WeakKeyDictionary[Database, asyncio.Semaphore]()
_NAMES: Final = "SELECT vendor_id, name FROM vendors"
_PEOPLE: Final = "SELECT user_id, name FROM users WHERE user_id {in_1}"
_ALL_BACK: Final = "SELECT CAST(COALESCE(SUM(t.amount), 0) AS BIGINT) FROM transfers AS t WHERE t.debit = 'deposits'"


class StallSums(msgspec.Struct, frozen=True, kw_only=True):
    """What one stall sold."""

    vendor_id: VendorId
    name: str
    sums: Sums
    taxes: tuple[TaxLine, ...] = ()


class ByQuarter(NamedTuple):
    """What was sold in each quarter of an hour, by its first instant, in order; and the tax in all of it."""

    sums: Mapping[Instant, Sums]
    taxes: tuple[TaxLine, ...]


class ReportReads:
    """Reads of figures. Every method may raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def figures(self, window: Window, vendor_id: VendorId | None = None) -> Figures:
        """Return all figures of a stall, or, for None, of the festival."""
        beside = deposits_back(window, vendor_id) if vendor_id is not None else _all_deposits_back(window)
        desk: list[Statement] = [] if vendor_id is not None else [office_movements(window)]
        moved, sold, refunded, back, *office = await self._in_turn(
            window,
            movements(window, vendor_id, "none"),
            sold_items(self._database.dialect, window, vendor_id),
            refunds(window, vendor_id),
            beside,
            *desk,
        )
        items = item_lines(sold)
        return Figures(
            sums=sums_by_part(moved).get(0, Sums()),
            taxes=tax_lines(sold_by_rate(items), returned(refunded_orders(refunded))),
            items=items,
            deposits=sum(item.deposits for item in items),
            deposits_back=sum(row[-1] for row in back),
            methods=method_lines(office[0]) if office else (),
            cashiers=cashier_lines(office[0]) if office else (),
            transfers=sum(count for _, _, _, count, _ in moved) + sum(row[4] for rows in office for row in rows),
        )

    async def sums(self, window: Window, vendor_id: VendorId | None = None) -> Sums:
        """Return what the till of a stall, or all tills, did."""
        (moved,) = await self._in_turn(window, movements(window, vendor_id, "none"))
        return sums_by_part(moved).get(0, Sums())

    async def by_stall(self, window: Window) -> list[StallSums]:
        """Return what each stall sold that sold anything, by name, with the tax in it."""
        moved, sold, refunded, names = await self._in_turn(
            window,
            movements(window, None, "stall"),
            sold_items(self._database.dialect, window, None),
            refunds(window, None),
            (_NAMES, ()),
        )
        known: dict[VendorId, str] = dict(names)
        items = defaultdict[VendorId, list[ItemLine]](list)
        for item in item_lines(sold):
            items[item.vendor_id].append(item)
        back = by_stall(refunded_orders(refunded))
        stalls = (
            StallSums(
                vendor_id=vendor_id,
                name=known.get(vendor_id, vendor_id),
                sums=sums,
                taxes=tax_lines(sold_by_rate(items[vendor_id]), returned(back.get(vendor_id, ()))),
            )
            for vendor_id, sums in ((stall_of(part), sums) for part, sums in sums_by_part(moved).items())
        )
        return sorted(stalls, key=lambda stall: (stall.name.casefold(), stall.vendor_id))

    async def by_quarter(self, window: Window, vendor_id: VendorId | None = None) -> ByQuarter:
        """Return what was sold in each quarter of an hour in which anything was, and the tax in all of it."""
        moved, sold, refunded = await self._in_turn(
            window,
            movements(window, vendor_id, "quarter"),
            sold_items(self._database.dialect, window, vendor_id),
            refunds(window, vendor_id),
        )
        quarters = sums_by_part(moved)
        return ByQuarter(
            {Instant(int(quarter) * QUARTER_MS): quarters[quarter] for quarter in sorted(quarters, key=int)},
            tax_lines(sold_by_rate(item_lines(sold)), returned(refunded_orders(refunded))),
        )

    async def _in_turn(self, window: Window, *statements: Statement) -> list[Rows]:
        """Read when it is a report's turn: a long one must leave connections to everybody else's short reads."""
        reader = self._database.books if window.is_exact else self._database.past
        async with _TURNS.setdefault(self._database, asyncio.Semaphore(AT_ONCE_MAX)):
            return await reader.read(*statements)

    async def names_of(self, user_ids: Sequence[UserId]) -> Mapping[UserId, str]:
        """Return the names of people."""
        (found,) = await self._database.read((_PEOPLE, (list(user_ids),)))
        return dict(found)


def _all_deposits_back(window: Window) -> Statement:
    """Return the SELECT for all deposits that were given back, with an order or with what it was for."""
    return f"{_ALL_BACK} AND {window.condition}", window.params(None)
