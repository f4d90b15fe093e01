"""X reports, which show the open books, and Z reports, which close them: of a stall, and of the festival."""

import re
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import NotFound
from festival_push.domain.reports.figures import CashierLine, Figures
from festival_push.domain.reports.rows import ZReport, scope_of
from festival_push.domain.reports.z_reports import CloseBooks
from festival_push.domain.values import AccountId, Actor, VendorId, rfc3339, till_owner
from festival_push.store.reads.reports.windows import after_transfer
from festival_push.store.reads.reports.z_reports import OpenBooks
from festival_push.store.writing.answers import Committed
from festival_push.web.api.reports.views import (
    FiguresView,
    MethodView,
    SoldView,
    figures_of,
    method_view,
    sold_view,
    stall_of,
)
from festival_push.web.api.views import Page, View, page
from festival_push.web.parsing.fields import Body, left_out
from festival_push.web.parsing.queries import NoQuery, PageQuery
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, Key, json_response

ENDPOINTS: Final = Endpoints()

_STALL: Final = who_may(Act.SEE_TILL)
_OFFICE: Final = who_may(Act.SEE_OFFICE)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")


class CloseBooksBody(Body, frozen=True, kw_only=True):
    """Nothing to say: the books are closed as they are."""


class CashierView(View, frozen=True, kw_only=True):
    """What one person booked at the desk by one method."""

    actor: Actor
    source: str
    method: str
    top_ups: int
    amount: int
    back: int | UnsetType = UNSET
    paid_out: int | UnsetType = UNSET


class BooksView(FiguresView, frozen=True, kw_only=True):
    """The figures since the last Z report; a stall's have items, the festival's methods and cashiers."""

    vendor_id: VendorId | UnsetType = UNSET  # left out: the festival's
    number: int  # of the Z report, or of the one that is next
    begins: str | UnsetType = UNSET  # when the last Z report was made; left out: there was none
    ends: str  # when this one was made, or now
    after_transfer: int  # they are of the transfers after this one
    up_to_transfer: int  # and up to this one
    transfers: int
    paid_out: int  # of tills: asked for, less what came back
    other: int
    items: tuple[SoldView, ...] | UnsetType = UNSET
    methods: tuple[MethodView, ...] | UnsetType = UNSET
    cashiers: tuple[CashierView, ...] | UnsetType = UNSET


class ZReportView(BooksView, frozen=True, kw_only=True):
    """Closed books. They stay as they are."""

    actor: Actor


class ZAnswer(View, frozen=True, kw_only=True):
    """The Z report that was made."""

    report: ZReportView
    position: int


class ZListedView(View, frozen=True, kw_only=True):
    """A Z report in a list."""

    number: int
    begins: str | UnsetType = UNSET
    ends: str
    actor: Actor
    orders: int
    net: int


@ENDPOINTS.get("/v1/vendors/{vendorId}/x-report", _STALL, query=NoQuery, answers={200: BooksView})
async def show_x_report(call: Call) -> Response:
    """GET /v1/vendors/{vendorId}/x-report: the books since the last Z report, as they stand."""
    call.query(NoQuery)
    vendor = await stall_of(call, Act.SEE_TILL)
    return await _x_report(call, vendor.vendor_id)


@ENDPOINTS.get("/v1/admin/x-report", _OFFICE, query=NoQuery, answers={200: BooksView})
async def show_festivals_x_report(call: Call) -> Response:
    """GET /v1/admin/x-report: of the whole festival."""
    call.query(NoQuery)
    return await _x_report(call, None)


@ENDPOINTS.get("/v1/vendors/{vendorId}/z-reports", _STALL, query=PageQuery, answers={200: Page[ZListedView]})
async def list_z_reports(call: Call) -> Response:
    """GET /v1/vendors/{vendorId}/z-reports: newest first."""
    query = call.query(PageQuery)
    vendor = await stall_of(call, Act.SEE_TILL)
    return await _list(call, query, vendor.vendor_id)


@ENDPOINTS.get("/v1/admin/z-reports", _OFFICE, query=PageQuery, answers={200: Page[ZListedView]})
async def list_festivals_z_reports(call: Call) -> Response:
    """GET /v1/admin/z-reports: of the whole festival, newest first."""
    return await _list(call, call.query(PageQuery), None)


@ENDPOINTS.get("/v1/vendors/{vendorId}/z-reports/{number}", _STALL, query=NoQuery, answers={200: ZReportView})
async def show_z_report(call: Call) -> Response:
    """GET /v1/vendors/{vendorId}/z-reports/{number}."""
    call.query(NoQuery)
    vendor = await stall_of(call, Act.SEE_TILL)
    return await _one(call, vendor.vendor_id)


@ENDPOINTS.get("/v1/admin/z-reports/{number}", _OFFICE, query=NoQuery, answers={200: ZReportView}, refuses=(NotFound,))
async def show_festivals_z_report(call: Call) -> Response:
    """GET /v1/admin/z-reports/{number}: of the whole festival."""
    call.query(NoQuery)
    return await _one(call, None)


@ENDPOINTS.post(
    "/v1/vendors/{vendorId}/z-reports",
    who_may(Act.CLOSE_TILL),
    body=CloseBooksBody,
    key=Key.REQUIRED,
    answers={201: ZAnswer},
    refuses=CloseBooks.REFUSES,
)
async def close_till(call: Call) -> Response:
    """POST /v1/vendors/{vendorId}/z-reports: close the stall's books; 201, once per idempotency key."""
    body = await call.body(CloseBooksBody)
    vendor = await stall_of(call, Act.CLOSE_TILL)
    return await _close(call, body, vendor.vendor_id)


@ENDPOINTS.post(
    "/v1/admin/z-reports",
    who_may(Act.CLOSE_BOOKS),
    body=CloseBooksBody,
    key=Key.REQUIRED,
    answers={201: ZAnswer},
    refuses=CloseBooks.REFUSES,
)
async def close_books(call: Call) -> Response:
    """POST /v1/admin/z-reports: close the festival's books; 201, once per idempotency key."""
    return await _close(call, await call.body(CloseBooksBody), None)


async def _read(call: Call, vendor_id: VendorId | None) -> tuple[OpenBooks, Figures]:
    """Return the open books, and their figures: of transfers that are committed, so that they can't change."""
    reads = call.services.reads
    books = await reads.open_books(scope_of(vendor_id))
    figures = await reads.figures(after_transfer(books.after_seq, books.up_to_seq), vendor_id)
    if vendor_id is None:  # its items are many, and in the stalls' own reports
        figures = msgspec.structs.replace(figures, items=())
    return books, figures


async def _x_report(call: Call, vendor_id: VendorId | None) -> Response:
    books, figures = await _read(call, vendor_id)
    view = BooksView(
        vendor_id=left_out(vendor_id),
        number=books.number,
        begins=UNSET if books.after_at is None else rfc3339(books.after_at),
        ends=rfc3339(call.services.now()),
        after_transfer=books.after_seq,
        up_to_transfer=books.up_to_seq,
        **_fields(call, figures, vendor_id),
    )
    return json_response(view)


async def _close(call: Call, body: CloseBooksBody, vendor_id: VendorId | None) -> Response:
    books, figures = await _read(call, vendor_id)
    command = CloseBooks(
        actor_id=call.actor_id,
        vendor_id=vendor_id,
        number=books.number,
        after_seq=books.after_seq,
        up_to_seq=books.up_to_seq,
        figures=figures,
    )

    def view(committed: Committed[ZReport]) -> ZAnswer:
        return ZAnswer(report=_view(call, committed.reply), position=committed.position)

    return await call.run_once(command, body, view, status=201)


async def _list(call: Call, query: PageQuery, vendor_id: VendorId | None) -> Response:
    found = await call.services.reads.z_reports(scope_of(vendor_id), before=query.before, limit=query.limit + 1)
    return json_response(page(found, query.limit, _listed_view, before=lambda report: report.number))


async def _one(call: Call, vendor_id: VendorId | None) -> Response:
    number = call.path("number")
    report = None
    if _NUMBER.fullmatch(number):
        report = await call.services.reads.z_report(scope_of(vendor_id), int(number))
    if report is None:
        raise NotFound(what="z-report")
    return json_response(_view(call, report))


def _view(call: Call, report: ZReport) -> ZReportView:
    figures = msgspec.json.decode(report.figures, type=Figures)
    vendor_id = till_owner(AccountId(report.scope))
    return ZReportView(
        vendor_id=left_out(vendor_id),
        number=report.number,
        begins=UNSET if report.after_at is None else rfc3339(report.after_at),
        ends=rfc3339(report.at),
        after_transfer=report.after_seq,
        up_to_transfer=report.up_to_seq,
        actor=report.actor,
        **_fields(call, figures, vendor_id),
    )


def _listed_view(report: ZReport) -> ZListedView:
    sums = msgspec.json.decode(report.figures, type=Figures).sums
    return ZListedView(
        number=report.number,
        begins=UNSET if report.after_at is None else rfc3339(report.after_at),
        ends=rfc3339(report.at),
        actor=report.actor,
        orders=sums.orders,
        net=sums.net,
    )


def _fields(call: Call, figures: Figures, vendor_id: VendorId | None) -> dict[str, Any]:
    of_stall = vendor_id is not None
    return {
        **figures_of(figures, call.services.rules.currency),
        "transfers": figures.transfers,
        "paid_out": figures.sums.paid_out,
        "other": figures.sums.other,
        "items": tuple(map(sold_view, figures.items)) if of_stall else UNSET,
        "methods": UNSET if of_stall else tuple(map(method_view, figures.methods)),
        "cashiers": UNSET if of_stall else tuple(map(_cashier_view, figures.cashiers)),
    }


def _cashier_view(line: CashierLine) -> CashierView:
    return CashierView(
        actor=Actor(line.actor), source=line.source, method=line.method, top_ups=line.top_ups, amount=line.amount,
        back=line.back or UNSET, paid_out=line.paid_out or UNSET,
    )  # fmt: skip
