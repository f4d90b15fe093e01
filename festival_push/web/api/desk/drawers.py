"""Drawers of cash: opened with a float, filled and emptied from the safe, closed with a count; and their bookings."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.desk.drawers import (
    CashReply,
    CloseDrawer,
    ClosingReply,
    Direction,
    MoveCash,
    OpenDrawer,
)
from festival_push.domain.desk.rows import Drawer
from festival_push.domain.money.amounts import Currency
from festival_push.domain.people.relations import Act, may
from festival_push.domain.refusals import NotFound
from festival_push.domain.values import (
    Actor,
    DrawerId,
    TransferId,
    TransferKind,
    UserId,
    drawer_account,
    rfc3339,
)
from festival_push.store.reads.desk.drawers import Booking, DrawerSeen, DrawerSums
from festival_push.store.writing.answers import Committed
from festival_push.web.api.views import Page, View, page
from festival_push.web.parsing.fields import AMOUNT_MAX, NOTE_CHARS_MAX, Amount, Body, Id, Name, Note, Reason, left_out
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.queries import PAGE_LIMIT, PAGE_LIMIT_MAX, NoQuery, PageQuery
from festival_push.web.parsing.text import NAME_CHARS_MAX, clean_line
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, Key, json_response

ENDPOINTS: Final = Endpoints()

_DESK: Final = who_may(Act.KEEP_DRAWER)

Counted = Annotated[int, Meta(ge=0, le=AMOUNT_MAX, description="Minor units; cash that somebody has counted.")]


class OpenBody(Body, frozen=True, kw_only=True):
    """Where the drawer is, and with how much cash it begins."""

    name: Name
    float_amount: Counted = msgspec.field(name="float")


class CashBody(Body, frozen=True, kw_only=True):
    """Which way cash goes between the drawer and the safe, and why."""

    direction: Annotated[Direction, Meta(description="`in`: into the drawer.")]
    amount: Amount
    reason: Reason


class CloseDrawerBody(Body, frozen=True, kw_only=True):
    """All the cash that was counted; the reason is needed if that is not what should be there."""

    counted: Counted
    reason: Note = ""


class DrawersQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which drawers; `before` is the `next` of the page before."""

    status: Literal["open", "closed"] | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_LIMIT_MAX)] = PAGE_LIMIT
    before: Id | None = None


class DrawerView(View, frozen=True, kw_only=True):
    """One opening of a cash drawer; amounts are in minor units."""

    drawer_id: DrawerId
    name: str
    cashier_id: UserId
    cashier_name: str
    status: Literal["open", "closed"]
    opened_at: str
    float_amount: int = msgspec.field(name="float")
    currency: str
    currency_digits: int
    closed_at: str | UnsetType = UNSET
    closed_by: UserId | UnsetType = UNSET
    counted: int | UnsetType = UNSET
    difference: int | UnsetType = UNSET  # counted less expected
    reason: str | UnsetType = UNSET  # of the difference


class DrawerSumsView(DrawerView, frozen=True, kw_only=True):
    """A drawer with its sums: float + topUps − payouts + movedIn − movedOut = expected."""

    top_ups: int  # less what was given back of them
    payouts: int  # less what came back of them
    moved_in: int  # from the safe, without the float
    moved_out: int
    expected: int  # cash that should be in it, or that should have been when it was counted
    bookings: int  # of guests' money, with those that took others back
    other_methods: dict[str, int]  # what its cashier took meanwhile: card …


class OpenedView(DrawerView, frozen=True, kw_only=True):
    """A drawer that was opened."""

    position: int


class BookingView(View, frozen=True, kw_only=True):
    """A movement of a drawer's cash."""

    transaction_id: TransferId
    kind: TransferKind  # top-up, payout, adjustment: a top-up that was given back, or a difference; cash: the safe's
    direction: Direction
    amount: int
    user_id: UserId | UnsetType = UNSET  # the guest whose wallet it concerned
    name: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    actor: Actor
    timestamp: str
    reverses: TransferId | UnsetType = UNSET
    reversed: int  # how much of it was taken back


class CashView(View, frozen=True, kw_only=True):
    """A drawer after cash came or went."""

    drawer_id: DrawerId
    transaction_id: TransferId
    amount: int
    cash: int  # that should be in it now
    position: int


class ClosedView(View, frozen=True, kw_only=True):
    """How a drawer was closed."""

    drawer_id: DrawerId
    expected: int
    counted: int
    difference: int  # counted less expected
    position: int


@ENDPOINTS.post(
    "/v1/admin/drawers",
    _DESK,
    body=OpenBody,
    key=Key.REQUIRED,
    answers={201: OpenedView},
    refuses=OpenDrawer.REFUSES,
)
async def open_drawer(call: Call) -> Response:
    """POST /v1/admin/drawers: the caller's own; 201, once per idempotency key."""
    body = await call.body(OpenBody)
    command = OpenDrawer(
        actor_id=call.actor_id,
        drawer_id=DrawerId(new_id()),
        name=clean_line(body.name, field="name", chars_max=NAME_CHARS_MAX),
        float_amount=body.float_amount,
    )
    name, currency = call.person.name, call.services.rules.currency

    def view(committed: Committed[Drawer]) -> OpenedView:
        return OpenedView(**_facts(DrawerSeen(committed.reply, name), currency), position=committed.position)

    return await call.run_once(command, body, view, status=201)


@ENDPOINTS.get("/v1/admin/drawers", _DESK, query=DrawersQuery, answers={200: Page[DrawerView]})
async def list_drawers(call: Call) -> Response:
    """GET /v1/admin/drawers: newest first; an organiser sees all, a cashier their own."""
    query = call.query(DrawersQuery)
    found = await call.services.reads.drawers(
        is_open=None if query.status is None else query.status == "open",
        cashier_id=None if may(call.person, Act.KEEP_ANY_DRAWER) else call.actor_id,
        before=None if query.before is None else DrawerId(query.before),
        limit=query.limit + 1,
    )
    currency = call.services.rules.currency

    def view(seen: DrawerSeen) -> DrawerView:
        return DrawerView(**_facts(seen, currency))

    return json_response(page(found, query.limit, view, before=lambda seen: seen.drawer.drawer_id))


@ENDPOINTS.get("/v1/admin/drawers/{drawerId}", _DESK, query=NoQuery, answers={200: DrawerSumsView}, refuses=(NotFound,))
async def show_drawer(call: Call) -> Response:
    """GET /v1/admin/drawers/{drawerId}: with its sums."""
    call.query(NoQuery)
    found = await call.services.reads.drawer_sums(DrawerId(call.id("drawerId")))
    if found is None or not _is_theirs(call, found[0].drawer):
        raise NotFound(what="drawer")
    return json_response(_sums_view(*found, call.services.rules.currency))


@ENDPOINTS.get(
    "/v1/admin/drawers/{drawerId}/movements",
    _DESK,
    query=PageQuery,
    answers={200: Page[BookingView]},
    refuses=(NotFound,),
)
async def list_bookings(call: Call) -> Response:
    """GET /v1/admin/drawers/{drawerId}/movements: newest first."""
    query = call.query(PageQuery)
    reads, drawer_id = call.services.reads, DrawerId(call.id("drawerId"))
    seen = await reads.drawer(drawer_id)
    if seen is None or not _is_theirs(call, seen.drawer):
        raise NotFound(what="drawer")
    found = await reads.bookings(drawer_id, before=query.before, limit=query.limit + 1)

    def view(booking: Booking) -> BookingView:
        return _booking_view(booking, drawer_id)

    return json_response(page(found, query.limit, view, before=lambda booking: booking.transfer.seq))


@ENDPOINTS.post(
    "/v1/admin/drawers/{drawerId}/cash",
    _DESK,
    body=CashBody,
    key=Key.REQUIRED,
    answers={201: CashView},
    refuses=MoveCash.REFUSES,
)
async def move_cash(call: Call) -> Response:
    """POST /v1/admin/drawers/{drawerId}/cash: from or to the safe; 201, once per idempotency key."""
    body = await call.body(CashBody)
    command = MoveCash(
        actor_id=call.actor_id,
        drawer_id=DrawerId(call.id("drawerId")),
        direction=body.direction,
        amount=body.amount,
        reason=clean_line(body.reason, field="reason", chars_max=NOTE_CHARS_MAX),
        transfer_id=TransferId(new_id()),
    )
    return await call.run_once(command, body, _cash_view, status=201)


@ENDPOINTS.post(
    "/v1/admin/drawers/{drawerId}/close",
    _DESK,
    body=CloseDrawerBody,
    key=Key.REQUIRED,
    answers={200: ClosedView},
    refuses=CloseDrawer.REFUSES,
)
async def close_drawer(call: Call) -> Response:
    """POST /v1/admin/drawers/{drawerId}/close: by its cashier or an organiser, once per idempotency key."""
    body = await call.body(CloseDrawerBody)
    command = CloseDrawer(
        actor_id=call.actor_id,
        drawer_id=DrawerId(call.id("drawerId")),
        counted=body.counted,
        reason=clean_line(body.reason, field="reason", chars_max=NOTE_CHARS_MAX, blank=True) or None,
    )
    return await call.run_once(command, body, _closed_view)


def _is_theirs(call: Call, drawer: Drawer) -> bool:
    return drawer.cashier_id == call.actor_id or may(call.person, Act.KEEP_ANY_DRAWER)


def _facts(seen: DrawerSeen, currency: Currency) -> dict[str, Any]:
    drawer = seen.drawer
    return {
        "drawer_id": drawer.drawer_id,
        "name": drawer.name,
        "cashier_id": drawer.cashier_id,
        "cashier_name": seen.cashier,
        "status": "open" if drawer.is_open else "closed",
        "opened_at": rfc3339(drawer.opened_at),
        "float_amount": drawer.float_amount,
        "currency": currency.code,
        "currency_digits": currency.digits,
        "closed_at": UNSET if drawer.closed_at is None else rfc3339(drawer.closed_at),
        "closed_by": left_out(drawer.closed_by),
        "counted": left_out(drawer.counted),
        "difference": left_out(drawer.difference),
        "reason": left_out(drawer.reason),
    }


def _sums_view(seen: DrawerSeen, sums: DrawerSums, currency: Currency) -> DrawerSumsView:
    return DrawerSumsView(**_facts(seen, currency), **msgspec.structs.asdict(sums))


def _booking_view(booking: Booking, drawer_id: DrawerId) -> BookingView:
    transfer = booking.transfer
    came_in = transfer.debit == drawer_account(drawer_id)
    return BookingView(
        transaction_id=transfer.transfer_id,
        kind=transfer.kind,
        direction=Direction.IN if came_in else Direction.OUT,
        amount=transfer.amount,
        user_id=left_out(booking.guest_id),
        name=left_out(booking.guest),
        note=left_out(transfer.note),
        actor=transfer.actor,
        timestamp=rfc3339(transfer.at),
        reverses=left_out(transfer.reverses),
        reversed=booking.reversed,
    )


def _cash_view(committed: Committed[CashReply]) -> CashView:
    reply = committed.reply
    return CashView(
        drawer_id=reply.drawer_id,
        transaction_id=reply.transfer_id,
        amount=reply.amount,
        cash=reply.cash,
        position=committed.position,
    )


def _closed_view(committed: Committed[ClosingReply]) -> ClosedView:
    reply = committed.reply
    return ClosedView(
        drawer_id=reply.drawer_id,
        expected=reply.expected,
        counted=reply.counted,
        difference=reply.difference,
        position=committed.position,
    )
