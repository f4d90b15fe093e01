"""The rows of a report: what each day, hour, stall, item, rate, method or cashier has taken."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from festival_push.domain.orders.taxes import Rate
from festival_push.domain.reports.days import business_day, local_hour
from festival_push.domain.reports.figures import CashierLine, Figures, MethodLine, Sums, TaxLine, added, tax_lines
from festival_push.domain.values import Actor, Instant, ItemId, Rules, UserId, VendorId
from festival_push.store.reads.reads import Reads
from festival_push.store.reads.reports.windows import Window
from festival_push.web.api.reports.views import sums_of
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import left_out

L = TypeVar("L", MethodLine, CashierLine)

_PERSON: Final = "user:"


class By(StrEnum):
    """What the rows of a report are."""

    DAY = "day"
    HOUR = "hour"
    STALL = "stall"
    ITEM = "item"
    TAX = "tax"
    METHOD = "method"
    CASHIER = "cashier"


OF_STALLS: Final = frozenset({By.DAY, By.HOUR, By.ITEM, By.TAX})
"""What the rows of one stall's report may be."""


class ReportRowView(View, frozen=True, kw_only=True):
    """One row. Days, hours and stalls have the sums of tills; others what is said of them."""

    key: str  # a day, the beginning of an hour, an id, a rate in basis points, a method, an actor
    name: str | UnsetType = UNSET
    vendor_id: VendorId | UnsetType = UNSET
    item_id: ItemId | UnsetType = UNSET
    tax_bp: int | UnsetType = UNSET
    orders: int | UnsetType = UNSET
    sales: int | UnsetType = UNSET
    tips: int | UnsetType = UNSET
    refunds: int | UnsetType = UNSET
    fees: int | UnsetType = UNSET
    net: int | UnsetType = UNSET  # of a rate: without the tax
    gross: int | UnsetType = UNSET
    tax: int | UnsetType = UNSET
    quantity: int | UnsetType = UNSET
    source: str | UnsetType = UNSET
    method: str | UnsetType = UNSET
    top_ups: int | UnsetType = UNSET
    amount: int | UnsetType = UNSET
    back: int | UnsetType = UNSET  # of an item: how many; of a method: how much
    back_amount: int | UnsetType = UNSET
    paid_out: int | UnsetType = UNSET


class Report(NamedTuple):
    """All rows of a report, what they are together, and the tax in it."""

    rows: tuple[ReportRowView, ...]
    total: ReportRowView
    taxes: tuple[TaxLine, ...] = ()


TOTAL: Final = "total"

SUMS: Final = ("orders", "sales", "tips", "refunds", "fees", "net")
COLUMNS: Final[Mapping[By, tuple[str, ...]]] = {
    By.DAY: ("key", *SUMS),
    By.HOUR: ("key", *SUMS),
    By.STALL: ("key", "name", *SUMS),
    By.ITEM: ("vendorId", "itemId", "name", "taxBp", "quantity", "amount", "back", "backAmount"),
    By.TAX: ("taxBp", "gross", "net", "tax"),
    By.METHOD: ("source", "method", "topUps", "amount", "back", "paidOut"),
    By.CASHIER: ("key", "name", "source", "method", "topUps", "amount", "back", "paidOut"),
}
"""The columns of a report's file."""


async def read_report(reads: Reads, rules: Rules, window: Window, by: By, vendor_id: VendorId | None) -> Report:
    """Return a report of a stall, or of the festival."""
    if by in (By.DAY, By.HOUR):
        found = await reads.by_quarter(window, vendor_id)
        name_of = business_day if by is By.DAY else local_hour
        parts = _joined(found.sums, lambda quarter: name_of(quarter, rules))
        rows = tuple(ReportRowView(key=key, **sums_of(sums)) for key, sums in parts.items())
        return Report(rows, _total(list(parts.values())), found.taxes)
    if by is By.STALL:
        stalls = await reads.by_stall(window)
        rows = tuple(
            ReportRowView(key=stall.vendor_id, name=stall.name, vendor_id=stall.vendor_id, **sums_of(stall.sums))
            for stall in stalls
        )
        return Report(rows, _total([stall.sums for stall in stalls]), _together([stall.taxes for stall in stalls]))
    figures = await reads.figures(window, vendor_id)
    if by is By.ITEM:
        return Report(_items(figures), _sold(figures), figures.taxes)
    if by is By.TAX:
        return _by_rate(figures)
    if by is By.METHOD:
        return _by_method(figures)
    actors = sorted({line.actor for line in figures.cashiers})
    names = await reads.names_of([UserId(actor.removeprefix(_PERSON)) for actor in actors])
    return _by_cashier(figures, {Actor(f"{_PERSON}{user_id}"): name for user_id, name in names.items()})


def _joined(quarters: Mapping[Instant, Sums], name_of: Callable[[Instant], str]) -> dict[str, Sums]:
    """Return the sums of quarters of an hour by what they are part of, in the order of time."""
    parts: dict[str, list[Sums]] = {}
    for quarter, sums in quarters.items():
        parts.setdefault(name_of(quarter), []).append(sums)
    return {name: added(each) for name, each in parts.items()}


def _total(sums: Sequence[Sums]) -> ReportRowView:
    return ReportRowView(key=TOTAL, **sums_of(added(sums)))


def _together(stalls: Sequence[Sequence[TaxLine]]) -> tuple[TaxLine, ...]:
    gross: dict[Rate, int] = {}
    for line in (line for taxes in stalls for line in taxes):
        gross[line.tax_bp] = gross.get(line.tax_bp, 0) + line.gross
    return tax_lines(gross, {})


def _items(figures: Figures) -> tuple[ReportRowView, ...]:
    return tuple(
        ReportRowView(
            key=line.item_id or "", name=line.name, vendor_id=line.vendor_id, item_id=left_out(line.item_id),
            tax_bp=left_out(line.tax_bp), quantity=line.quantity, amount=line.amount, back=line.back or UNSET,
            back_amount=line.back_amount or UNSET,
        )
        for line in figures.items
    )  # fmt: skip


def _sold(figures: Figures) -> ReportRowView:
    items = figures.items
    return ReportRowView(
        key=TOTAL, quantity=sum(line.quantity for line in items), amount=sum(line.amount for line in items),
        back=sum(line.back for line in items), back_amount=sum(line.back_amount for line in items),
    )  # fmt: skip


def _by_rate(figures: Figures) -> Report:
    rows = tuple(
        ReportRowView(
            key="" if line.tax_bp is None else str(line.tax_bp), tax_bp=left_out(line.tax_bp), gross=line.gross,
            net=line.net, tax=line.tax,
        )
        for line in figures.taxes
    )  # fmt: skip
    lines = figures.taxes
    total = ReportRowView(
        key=TOTAL, gross=sum(line.gross for line in lines), net=sum(line.net for line in lines),
        tax=sum(line.tax for line in lines),
    )  # fmt: skip
    return Report(rows, total, lines)


def _by_method(figures: Figures) -> Report:
    return _booked(figures.methods, lambda line: ReportRowView(key=line.method, source=line.source, method=line.method))


def _by_cashier(figures: Figures, names: Mapping[Actor, str]) -> Report:
    return _booked(
        figures.cashiers,
        lambda line: ReportRowView(
            key=line.actor, name=left_out(names.get(Actor(line.actor))), source=line.source, method=line.method
        ),
    )


def _booked(lines: Sequence[L], row_of: Callable[[L], ReportRowView]) -> Report:
    def filled(row: ReportRowView, those: Sequence[L]) -> ReportRowView:
        return msgspec.structs.replace(
            row, top_ups=sum(line.top_ups for line in those), amount=sum(line.amount for line in those),
            back=sum(line.back for line in those), paid_out=sum(line.paid_out for line in those),
        )  # fmt: skip

    rows = tuple(filled(row_of(line), (line,)) for line in lines)
    return Report(rows, filled(ReportRowView(key=TOTAL), lines))
