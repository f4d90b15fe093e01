"""What a stall has taken on a day, as its own page shows it."""

from typing import Final

from starlette.responses import Response

from festival_push.domain.people.relations import Act
from festival_push.domain.values import VendorId
from festival_push.web.api.reports.periods import DayQuery, one_day
from festival_push.web.api.reports.views import ITEMS_MAX, FiguresView, SoldView, figures_of, sold_view, stall_of
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, json_response

ENDPOINTS: Final = Endpoints()


class TakingsView(FiguresView, frozen=True, kw_only=True):
    """What a stall has taken on one day of the festival, counted to the last order."""

    vendor_id: VendorId
    day: str
    begins: str
    ends: str
    items: tuple[SoldView, ...]  # those that took most first
    left: int  # how many items are not listed


@ENDPOINTS.get("/v1/vendors/{vendorId}/takings", who_may(Act.SEE_TILL), query=DayQuery, answers={200: TakingsView})
async def show_takings(call: Call) -> Response:
    """GET /v1/vendors/{vendorId}/takings: of a day; today, if none is named."""
    period = one_day(call, call.query(DayQuery).day)
    vendor = await stall_of(call, Act.SEE_TILL)
    figures = await call.services.reads.figures(period.window, vendor.vendor_id)
    view = TakingsView(
        vendor_id=vendor.vendor_id,
        day=period.first,
        begins=period.begins_at,
        ends=period.ends_at,
        items=tuple(map(sold_view, figures.items[:ITEMS_MAX])),
        left=max(len(figures.items) - ITEMS_MAX, 0),
        **figures_of(figures, call.services.rules.currency),
    )
    return json_response(view)
