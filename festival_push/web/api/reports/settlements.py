"""What each stall sold in some days, in one file for the treasurer."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from starlette.responses import Response

from festival_push.domain.people.relations import Act
from festival_push.domain.reports.figures import Sums, TaxLine
from festival_push.domain.values import VendorId
from festival_push.store.reads.reports.reports import StallSums
from festival_push.web.api.reports.periods import Day, DaysQuery, one_day, saved_as, some_days
from festival_push.web.api.reports.views import tax_cells
from festival_push.web.api.sheets import Cell, amount_cell, sheet
from festival_push.web.parsing.problems import field_error
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints

ENDPOINTS: Final = Endpoints()


class SettlementsQuery(DaysQuery, frozen=True, forbid_unknown_fields=True):
    """`?day=`, or `?from=&to=`."""

    day: Day | None = None


@ENDPOINTS.get("/v1/admin/settlements.csv", who_may(Act.SEE_OFFICE), query=SettlementsQuery, answers={200: "text/csv"})
async def download_settlements(call: Call) -> Response:
    """GET /v1/admin/settlements.csv: a row for each stall that sold anything, with the tax by rate."""
    query = call.query(SettlementsQuery)
    if query.day is not None and (query.first is not None or query.to is not None):
        raise field_error("day", "does not go with from and to")
    period = one_day(call, query.day) if query.day else some_days(call, query.first, query.to)
    stalls = await call.services.reads.by_stall(period.window)
    currency = call.services.rules.currency
    rows = _table(stalls, currency.code, currency.digits)
    return sheet(saved_as(call, "settlements", period.name), rows)


def _table(stalls: list[StallSums], currency: str, digits: int) -> Iterator[Iterable[Cell]]:
    rates = sorted({line.tax_bp for stall in stalls for line in stall.taxes if line.tax_bp is not None}, reverse=True)
    nobody = StallSums(vendor_id=VendorId(""), name="", sums=Sums())
    yield _row(nobody, rates, currency, digits)
    for stall in stalls:
        yield _row(stall, rates, currency, digits).values()


def _row(stall: StallSums, rates: list[int], currency: str, digits: int) -> dict[str, Cell]:
    sums, taxes = stall.sums, {line.tax_bp: line for line in stall.taxes}
    money = {name: getattr(sums, name) for name in ("sales", "tips", "refunds", "fees", "net")}
    cells: dict[str, Cell] = {
        "vendorId": stall.vendor_id, "vendorName": stall.name, "currency": currency, "orders": sums.orders,
        **{name: amount_cell(amount, digits) for name, amount in money.items()},
        "paidOut": amount_cell(sums.paid_out, digits),
    }  # fmt: skip
    for rate in (*rates, None):
        line = taxes.get(rate, TaxLine(tax_bp=rate, gross=0, net=0, tax=0))
        cells |= tax_cells(rate, msgspec.structs.asdict(line), digits)
    return cells
