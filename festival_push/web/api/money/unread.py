"""What providers take back, and what they report unreadably: the lists, and the organisers' answers."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.money.amounts import Currency
from festival_push.domain.money.funds import FundsStatus
from festival_push.domain.money.providers.unread import BookReply, BookUnread, DismissUnread
from festival_push.domain.money.rows import Claim, ClaimKind, ClaimStatus, UnreadReceipt, UnreadStatus
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import NotFound
from festival_push.domain.values import ClaimId, ReceiptId, TransferId, UnreadId, UserId, rfc3339
from festival_push.store.writing.answers import Committed
from festival_push.web.api.second_person import WaitingView, run_with_second
from festival_push.web.api.views import Page, View, page
from festival_push.web.parsing.fields import NOTE_CHARS_MAX, Amount, Body, Id, Reason, left_out, matching
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.queries import PAGE_LIMIT, PAGE_LIMIT_MAX
from festival_push.web.parsing.text import clean_line
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, Key, json_response

ENDPOINTS: Final = Endpoints()

ExternalId = Annotated[
    str, matching(r"^[!-~]+(?![\s\S])", "^[!-~]+$", chars_max=255, description="A payment's id, as its provider says.")
]


class UnreadQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of them: all, or those that wait; `before` is the `next` of the page before."""

    limit: Annotated[int, Meta(ge=1, le=PAGE_LIMIT_MAX)] = PAGE_LIMIT
    before: Id | None = None
    status: Literal["waiting"] | None = None


class ClaimsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of the claims; `before` is the `next` of the page before."""

    limit: Annotated[int, Meta(ge=1, le=PAGE_LIMIT_MAX)] = PAGE_LIMIT
    before: Id | None = None


class BookBody(Body, frozen=True, kw_only=True):
    """What the report says, as an organiser has read it; without a `userId` the money is held."""

    amount: Amount
    external_id: ExternalId | UnsetType = UNSET  # absent: the report's own
    user_id: Id | UnsetType = UNSET


class DismissBody(Body, frozen=True, kw_only=True):
    """Why it is no money that has to be booked."""

    reason: Reason


class UnreadReportView(View, frozen=True, kw_only=True):
    """A report that its provider has proved, and that could not be taken as it was."""

    unread_id: UnreadId
    provider: str
    external_id: str | None
    meaning: str  # paid, refunded …; empty: it was not understood at all
    field: str  # what is wrong, as the provider calls it; empty: the whole body
    detail: str
    body: str
    status: UnreadStatus
    funds_id: ReceiptId | UnsetType = UNSET
    answered_by: UserId | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    created_at: str
    updated_at: str


class ClaimView(View, frozen=True, kw_only=True):
    """What a provider takes back of one payment."""

    claim_id: ClaimId
    provider: str
    external_id: str
    payment_id: str
    funds_id: ReceiptId  # of the payment, which may not have been reported yet
    kind: ClaimKind
    amount: int
    currency: str
    currency_digits: int
    taken: int
    lost: int
    status: ClaimStatus
    user_id: UserId | UnsetType = UNSET
    created_at: str
    updated_at: str


class BookedView(View, frozen=True, kw_only=True):
    """Where the money of a booked report is."""

    unread_id: UnreadId
    status: FundsStatus
    funds_id: ReceiptId | None
    transaction_id: TransferId
    amount: int
    position: int


@ENDPOINTS.get(
    "/v1/admin/funds/unread", who_may(Act.SEE_OFFICE), query=UnreadQuery, answers={200: Page[UnreadReportView]}
)
async def list_unread(call: Call) -> Response:
    """GET /v1/admin/funds/unread: newest first."""
    query = call.query(UnreadQuery)
    found = await call.services.reads.unread_receipts(
        waiting=query.status is not None,
        before=None if query.before is None else UnreadId(query.before),
        limit=query.limit + 1,
    )
    return json_response(page(found, query.limit, _unread_view, before=lambda each: each.unread_id))


@ENDPOINTS.get("/v1/admin/funds/claims", who_may(Act.SEE_OFFICE), query=ClaimsQuery, answers={200: Page[ClaimView]})
async def list_claims(call: Call) -> Response:
    """GET /v1/admin/funds/claims: newest first."""
    query, currency = call.query(ClaimsQuery), call.services.rules.currency
    before = None if query.before is None else ClaimId(query.before)
    found = await call.services.reads.claims(before=before, limit=query.limit + 1)
    return json_response(
        page(found, query.limit, lambda each: _claim_view(each, currency), before=lambda each: each.claim_id)
    )


@ENDPOINTS.post(
    "/v1/admin/funds/unread/{unreadId}/book",
    who_may(Act.ASSIGN_FUNDS),
    body=BookBody,
    key=Key.REQUIRED,
    answers={200: BookedView, 202: WaitingView},
    refuses=BookUnread.REFUSES,
)
async def book_unread(call: Call) -> Response:
    """POST /v1/admin/funds/unread/{unreadId}/book: once per idempotency key."""
    body = await call.body(BookBody)
    unread_id = UnreadId(call.id("unreadId"))
    known = await call.services.reads.unread_receipt(unread_id)
    if known is None:
        raise NotFound(what="funds")
    command = BookUnread(
        actor_id=call.actor_id,
        unread_id=unread_id,
        provider=known.provider,
        amount=body.amount,
        external_id=body.external_id or known.external_id or f"unread-{unread_id}",
        user_id=UserId(body.user_id) if body.user_id else None,
        transfer_id=TransferId(new_id()),
    )
    return await run_with_second(call, command, body, _booked_view)


@ENDPOINTS.post(
    "/v1/admin/funds/unread/{unreadId}/dismiss",
    who_may(Act.ASSIGN_FUNDS),
    body=DismissBody,
    key=Key.WELCOME,
    answers={200: UnreadReportView},
    refuses=DismissUnread.REFUSES,
)
async def dismiss_unread(call: Call) -> Response:
    """POST /v1/admin/funds/unread/{unreadId}/dismiss: the report stays, with the reason."""
    body = await call.body(DismissBody)
    command = DismissUnread(
        actor_id=call.actor_id,
        unread_id=UnreadId(call.id("unreadId")),
        reason=clean_line(body.reason, field="reason", chars_max=NOTE_CHARS_MAX),
    )
    return await call.run_once(command, body, lambda done: _unread_view(done.reply))


def _booked_view(committed: Committed[BookReply]) -> BookedView:
    reply = committed.reply
    return BookedView(
        unread_id=reply.unread.unread_id,
        status=reply.status,
        funds_id=reply.unread.receipt_id,
        transaction_id=reply.transfer_id,
        amount=reply.amount,
        position=committed.position,
    )


def _unread_view(unread: UnreadReceipt) -> UnreadReportView:
    return UnreadReportView(
        unread_id=unread.unread_id,
        provider=unread.provider,
        external_id=unread.external_id,
        meaning=unread.meaning,
        field=unread.field,
        detail=unread.detail,
        body=unread.body,
        status=unread.status,
        funds_id=left_out(unread.receipt_id),
        answered_by=left_out(unread.answered_by),
        reason=left_out(unread.reason),
        created_at=rfc3339(unread.created_at),
        updated_at=rfc3339(unread.updated_at),
    )


def _claim_view(claim: Claim, currency: Currency) -> ClaimView:
    return ClaimView(
        claim_id=claim.claim_id,
        provider=claim.provider,
        external_id=claim.external_id,
        payment_id=claim.payment_id,
        funds_id=claim.receipt_id,
        kind=claim.kind,
        amount=claim.amount,
        currency=currency.code,
        currency_digits=currency.digits,
        taken=claim.taken,
        lost=claim.lost,
        status=claim.status,
        user_id=left_out(claim.user_id),
        created_at=rfc3339(claim.created_at),
        updated_at=rfc3339(claim.updated_at),
    )
