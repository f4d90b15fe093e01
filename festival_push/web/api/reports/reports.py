"""Reports of some days: of the whole festival for the office, and of one stall for those who keep it."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

import msgspec
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import NotFound
from festival_push.domain.values import VendorId
from festival_push.web.api.reports.periods import DaysQuery, Period, saved_as, some_days
from festival_push.web.api.reports.rows import COLUMNS, OF_STALLS, By, Report, ReportRowView, read_report
from festival_push.web.api.reports.views import ITEMS_MAX, TaxView, stall_of, tax_view
from festival_push.web.api.sheets import Cell, amount_cell, sheet
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import Id, left_out
from festival_push.web.parsing.problems import field_error
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, json_response

ENDPOINTS: Final = Endpoints()

_OFFICE: Final = who_may(Act.SEE_OFFICE)
_STALL: Final = who_may(Act.SEE_TILL)
_RATE: Final = "taxBp"
_AMOUNTS: Final = frozenset(
    {"sales", "tips", "refunds", "fees", "net", "gross", "tax", "amount", "backAmount", "paidOut"}
)
"""The columns that are money; and `back`, except of items."""


class ReportQuery(DaysQuery, frozen=True, forbid_unknown_fields=True):
    """`?by=&vendorId=`, besides the days."""

    by: By = By.DAY
    vendor_id: Id | None = msgspec.field(default=None, name="vendorId")


class StallReportQuery(DaysQuery, frozen=True, forbid_unknown_fields=True):
    """`?by=`, besides the days."""

    by: Literal["day", "hour", "item", "tax"] = "day"


class ReportView(View, frozen=True, kw_only=True):
    """A report: its rows, and what they come to together."""

    first: str = msgspec.field(name="from")
    to: str
    begins: str
    ends: str
    by: By
    vendor_id: VendorId | UnsetType = UNSET
    currency: str
    currency_digits: int
    rows: tuple[ReportRowView, ...]
    left: int  # how many rows are not listed; the total is of all
    total: ReportRowView
    taxes: tuple[TaxView, ...]


@ENDPOINTS.get("/v1/admin/reports", _OFFICE, query=ReportQuery, answers={200: ReportView}, refuses=(NotFound,))
async def show_report(call: Call) -> Response:
    """GET /v1/admin/reports: of the festival, or of one stall."""
    query, period, vendor_id, _ = await _asked(call)
    return await _show(call, period, query.by, vendor_id)


@ENDPOINTS.get("/v1/admin/reports.csv", _OFFICE, query=ReportQuery, answers={200: "text/csv"}, refuses=(NotFound,))
async def download_report(call: Call) -> Response:
    """GET /v1/admin/reports.csv: the same for a spreadsheet, with all rows."""
    query, period, vendor_id, name = await _asked(call)
    return await _download(call, period, query.by, vendor_id, name)


@ENDPOINTS.get("/v1/vendors/{vendorId}/reports", _STALL, query=StallReportQuery, answers={200: ReportView})
async def show_stall_report(call: Call) -> Response:
    """GET /v1/vendors/{vendorId}/reports: of one stall."""
    query = call.query(StallReportQuery)
    period, vendor = some_days(call, query.first, query.to), await stall_of(call, Act.SEE_TILL)
    return await _show(call, period, By(query.by), vendor.vendor_id)


@ENDPOINTS.get("/v1/vendors/{vendorId}/reports.csv", _STALL, query=StallReportQuery, answers={200: "text/csv"})
async def download_stall_report(call: Call) -> Response:
    """GET /v1/vendors/{vendorId}/reports.csv: the same for a spreadsheet."""
    query = call.query(StallReportQuery)
    period, vendor = some_days(call, query.first, query.to), await stall_of(call, Act.SEE_TILL)
    return await _download(call, period, By(query.by), vendor.vendor_id, vendor.name)


async def _asked(call: Call) -> tuple[ReportQuery, Period, VendorId | None, str]:
    """Return what the office asks for, and the name of the stall that it names."""
    query = call.query(ReportQuery)
    period = some_days(call, query.first, query.to)
    if query.vendor_id is None:
        return query, period, None, ""
    if query.by not in OF_STALLS:
        raise field_error("vendorId", f"does not go with by={query.by}")
    vendor = await call.services.reads.vendor(VendorId(query.vendor_id))
    if vendor is None:
        raise NotFound(what="vendor")
    return query, period, vendor.vendor_id, vendor.name


async def _read(call: Call, period: Period, by: By, vendor_id: VendorId | None) -> Report:
    return await read_report(call.services.reads, call.services.rules, period.window, by, vendor_id)


async def _show(call: Call, period: Period, by: By, vendor_id: VendorId | None) -> Response:
    report, currency = await _read(call, period, by, vendor_id), call.services.rules.currency
    view = ReportView(
        first=period.first,
        to=period.last,
        begins=period.begins_at,
        ends=period.ends_at,
        by=by,
        vendor_id=left_out(vendor_id),
        currency=currency.code,
        currency_digits=currency.digits,
        rows=report.rows[:ITEMS_MAX],
        left=max(len(report.rows) - ITEMS_MAX, 0),
        total=report.total,
        taxes=tuple(map(tax_view, report.taxes)),
    )
    return json_response(view)


async def _download(call: Call, period: Period, by: By, vendor_id: VendorId | None, name: str) -> Response:
    report, digits = await _read(call, period, by, vendor_id), call.services.rules.currency.digits
    return sheet(saved_as(call, f"{name} by {by}", period.name), _table(report.rows, by, digits))


def _table(rows: Iterable[ReportRowView], by: By, digits: int) -> Iterator[Iterable[Cell]]:
    columns = COLUMNS[by]
    yield [by.value if column == "key" else "taxPercent" if column == _RATE else column for column in columns]
    for row in rows:
        cells = msgspec.to_builtins(row)
        yield [_cell(column, cells.get(column), by, digits) for column in columns]


def _cell(column: str, value: str | int | None, by: By, digits: int) -> Cell:
    if not isinstance(value, int):
        return 0 if value is None and column in ("back", "backAmount", "paidOut") else value
    if column == _RATE:
        return amount_cell(value, 2)
    is_money = column in _AMOUNTS or (column == "back" and by is not By.ITEM)
    return amount_cell(value, digits) if is_money else value
