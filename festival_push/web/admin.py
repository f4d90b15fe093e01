"""The organiser's desk: cash top-ups, money without an owner, invitations for stalls."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.responses import Response

from festival_push.domain.funds import AssignFunds, TopUp, TopUpReply
from festival_push.domain.people import AddVendorCodes
from festival_push.domain.refusals import AlreadyAssigned, BalanceLimit, NotFound
from festival_push.domain.values import ReceiptId, TransferId, UserId
from festival_push.store.committer import Committed
from festival_push.web.calls import PAGE_LIMIT, PAGE_LIMIT_MAX, Call, Key, json_response
from festival_push.web.endpoints import ADMIN, Endpoint
from festival_push.web.fields import Amount, Body, Id, Note, clean_note, matching, require_id
from festival_push.web.ids import new_id, new_vendor_code, vendor_code_hash
from festival_push.web.problems import field_error
from festival_push.web.views import HeldView, Page, TopUpView, VendorCodesView, held_view, page_of, top_up_view

VENDOR_CODES_MAX: Final = 100  # at once

Method = Annotated[
    str,
    matching(
        r"^[a-z](?![\s\S]*[^a-z0-9-])",
        "^[a-z][a-z0-9-]*$",
        chars_max=32,
        description="`cash`, `card` …: small letters.",
    ),
]


class TopUpBody(Body, frozen=True, kw_only=True):
    """Money taken at the cash desk."""

    user_id: Id
    amount: Amount
    method: Method
    note: Note = ""


class AssignBody(Body, frozen=True, kw_only=True):
    """Whose money it is."""

    user_id: Id


class VendorCodesBody(Body, frozen=True, kw_only=True):
    """How many invitations."""

    count: Annotated[int, Meta(ge=1, le=VENDOR_CODES_MAX)]


class HeldQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of the held money; `before` is the `next` of the page before."""

    limit: Annotated[int, Meta(ge=1, le=PAGE_LIMIT_MAX)] = PAGE_LIMIT
    before: Id | None = None


async def top_up(call: Call) -> Response:
    """POST /v1/admin/top-ups: 201, once per idempotency key."""
    body = await call.body(TopUpBody)
    if body.method in call.services.settings.funds:  # its account must hold what its webhooks tell of, and no more
        raise field_error("method", "is the name of a payment provider")
    command = TopUp(
        actor_id=call.user().user.user_id,
        user_id=UserId(body.user_id),
        amount=call.check_amount(body.amount),
        method=body.method,
        note=clean_note(body.note, "note"),
        transfer_id=TransferId(new_id()),
    )
    return await call.run_once(command, body, _top_up_view, status=201)


async def list_held(call: Call) -> Response:
    """GET /v1/admin/funds/held: money that waits for its owner, newest first."""
    query = call.query(HeldQuery)
    before = None if query.before is None else ReceiptId(query.before)
    found = await call.services.reads.held(before=before, limit=query.limit + 1)
    shown = found[: query.limit]
    next_before = shown[-1].receipt_id if len(found) > len(shown) else None
    currency = call.services.rules.currency
    return json_response(page_of([held_view(receipt, currency) for receipt in shown], next_before=next_before))


async def assign_funds(call: Call) -> Response:
    """POST /v1/admin/funds/{fundsId}/assign: once per idempotency key."""
    body = await call.body(AssignBody)
    command = AssignFunds(
        actor_id=call.user().user.user_id,
        funds_id=ReceiptId(require_id(call.path("fundsId"), what="funds")),
        user_id=UserId(body.user_id),
    )
    return await call.run_once(command, body, _top_up_view)


async def add_vendor_codes(call: Call) -> Response:
    """POST /v1/admin/vendor-codes: 201 with the codes, this once."""
    body = await call.body(VendorCodesBody)
    codes = tuple(new_vendor_code() for _ in range(body.count))
    command = AddVendorCodes(
        actor_id=call.user().user.user_id, code_hashes=tuple(vendor_code_hash(code) for code in codes)
    )
    return await call.run(command, lambda _: VendorCodesView(codes=codes), status=201)


def _top_up_view(committed: Committed[TopUpReply]) -> TopUpView:
    return top_up_view(committed.reply, committed.position)


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/v1/admin/top-ups",
        top_up,
        ADMIN,
        body=TopUpBody,
        key=Key.REQUIRED,
        answers={201: TopUpView},
        refuses=(NotFound, BalanceLimit),
    ),
    Endpoint("GET", "/v1/admin/funds/held", list_held, ADMIN, query=HeldQuery, answers={200: Page[HeldView]}),
    Endpoint(
        "POST",
        "/v1/admin/funds/{fundsId}/assign",
        assign_funds,
        ADMIN,
        body=AssignBody,
        key=Key.REQUIRED,
        answers={200: TopUpView},
        refuses=(AlreadyAssigned, BalanceLimit),
    ),
    Endpoint(
        "POST", "/v1/admin/vendor-codes", add_vendor_codes, ADMIN, body=VendorCodesBody, answers={201: VendorCodesView}
    ),
)
