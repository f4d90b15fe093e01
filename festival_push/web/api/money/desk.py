"""The desk: cash top-ups, also by cashiers; and for organisers money without an owner, and invitations for stalls."""

from functools import partial
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.money.amounts import Currency
from festival_push.domain.money.funds import TopUp, TopUpReply
from festival_push.domain.money.held import AssignFunds, GiveBack, GiveBackReply
from festival_push.domain.people.people import AddVendorCodes
from festival_push.domain.people.relations import Act
from festival_push.domain.values import (
    DrawerId,
    ReceiptId,
    TransferId,
    UserId,
    rfc3339,
)
from festival_push.store.reads.money import Wanted
from festival_push.store.writing.answers import Committed
from festival_push.web.api.second_person import WaitingView, run_with_second
from festival_push.web.api.views import Page, View, page
from festival_push.web.parsing.fields import (
    NOTE_CHARS_MAX,
    Amount,
    AmountOrAll,
    Body,
    Id,
    Note,
    Reason,
    clean_note,
    left_out,
    matching,
)
from festival_push.web.parsing.ids import new_id, new_vendor_code, vendor_code_hash
from festival_push.web.parsing.problems import field_error
from festival_push.web.parsing.queries import PAGE_LIMIT, PAGE_LIMIT_MAX
from festival_push.web.parsing.text import clean_line
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, Key, json_response

ENDPOINTS: Final = Endpoints()

VENDOR_CODES_MAX: Final = 100  # a request

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
    """Whose money it is; without an amount all that is held."""

    user_id: Id
    amount: Amount | UnsetType = UNSET


class GiveBackBody(AmountOrAll, frozen=True, kw_only=True):
    """How much goes back to whoever paid it, or all that is held; and why."""

    reason: Reason


class VendorCodesBody(Body, frozen=True, kw_only=True):
    """How many invitations."""

    count: Annotated[int, Meta(ge=1, le=VENDOR_CODES_MAX)]


class HeldQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of the held money; `before` is the `next` of the page before."""

    limit: Annotated[int, Meta(ge=1, le=PAGE_LIMIT_MAX)] = PAGE_LIMIT
    before: Id | None = None


class HeldView(View, frozen=True, kw_only=True):
    """Money that waits for its owner."""

    funds_id: ReceiptId
    provider: str
    external_id: str
    amount: int  # of the payment
    currency: str
    currency_digits: int
    donor_name: str | None
    donor_email: str | None
    reason: str | None  # unknown-owner, balance-limit, taken-back
    timestamp: str
    held: int  # of the amount
    wanted_user_id: str | None  # for whom it was meant, as the provider sent it or by the code
    wanted_name: str | None  # of that person, if there is one
    wanted_code: str | None  # the top-up code as it was sent


class GiveBackView(View, frozen=True, kw_only=True):
    """Held money that was given back."""

    funds_id: ReceiptId
    transaction_id: TransferId
    amount: int
    held: int  # what is still held of the payment
    position: int


class TopUpView(View, frozen=True, kw_only=True):
    """A wallet after money came in."""

    user_id: UserId
    transaction_id: TransferId
    amount: int
    balance: int
    drawer_id: DrawerId | UnsetType = UNSET  # into which the cash went
    position: int


class VendorCodesView(View, frozen=True, kw_only=True):
    """Invitations to open a stall; they are shown this once, only their hashes are kept."""

    codes: tuple[str, ...]


@ENDPOINTS.post(
    "/v1/admin/top-ups",
    who_may(Act.TOP_UP),
    body=TopUpBody,
    key=Key.REQUIRED,
    answers={201: TopUpView, 202: WaitingView},
    refuses=TopUp.REFUSES,
)
async def top_up(call: Call) -> Response:
    """POST /v1/admin/top-ups: 201, once per idempotency key."""
    body = await call.body(TopUpBody)
    if body.method in call.services.settings.funds:  # a provider's account holds just what its webhooks report
        raise field_error("method", "is the name of a payment provider")
    command = TopUp(
        actor_id=call.actor_id,
        user_id=UserId(body.user_id),
        amount=call.check_amount(body.amount),
        method=body.method,
        note=clean_note(body.note, "note"),
        transfer_id=TransferId(new_id()),
    )
    return await run_with_second(call, command, body, _top_up_view, status=201)


@ENDPOINTS.get("/v1/admin/funds/held", who_may(Act.SEE_OFFICE), query=HeldQuery, answers={200: Page[HeldView]})
async def list_held(call: Call) -> Response:
    """GET /v1/admin/funds/held: money that waits for its owner, newest first."""
    query = call.query(HeldQuery)
    before = None if query.before is None else ReceiptId(query.before)
    found = await call.services.reads.held(before=before, limit=query.limit + 1)
    view = partial(held_view, currency=call.services.rules.currency)
    return json_response(page(found, query.limit, view, before=lambda wanted: wanted.receipt.receipt_id))


@ENDPOINTS.post(
    "/v1/admin/funds/{fundsId}/assign",
    who_may(Act.ASSIGN_FUNDS),
    body=AssignBody,
    key=Key.REQUIRED,
    answers={200: TopUpView, 202: WaitingView},
    refuses=AssignFunds.REFUSES,
)
async def assign_funds(call: Call) -> Response:
    """POST /v1/admin/funds/{fundsId}/assign: once per idempotency key."""
    body = await call.body(AssignBody)
    command = AssignFunds(
        actor_id=call.actor_id,
        funds_id=ReceiptId(call.id("fundsId")),
        user_id=UserId(body.user_id),
        amount=None if body.amount is UNSET else call.check_amount(body.amount),
        transfer_id=TransferId(new_id()),
    )
    return await run_with_second(call, command, body, _top_up_view)


@ENDPOINTS.post(
    "/v1/admin/funds/{fundsId}/give-back",
    who_may(Act.GIVE_BACK_FUNDS),
    body=GiveBackBody,
    key=Key.REQUIRED,
    answers={200: GiveBackView, 202: WaitingView},
    refuses=GiveBack.REFUSES,
)
async def give_back(call: Call) -> Response:
    """POST /v1/admin/funds/{fundsId}/give-back: once per idempotency key."""
    body = await call.body(GiveBackBody)
    command = GiveBack(
        actor_id=call.actor_id,
        funds_id=ReceiptId(call.id("fundsId")),
        amount=call.share(body),
        reason=clean_line(body.reason, field="reason", chars_max=NOTE_CHARS_MAX),
        transfer_id=TransferId(new_id()),
    )
    return await run_with_second(call, command, body, _give_back_view)


@ENDPOINTS.post(
    "/v1/admin/vendor-codes", who_may(Act.INVITE_STALLS), body=VendorCodesBody, answers={201: VendorCodesView}
)
async def add_vendor_codes(call: Call) -> Response:
    """POST /v1/admin/vendor-codes: 201 with the codes, this once."""
    body = await call.body(VendorCodesBody)
    codes = tuple(new_vendor_code() for _ in range(body.count))
    command = AddVendorCodes(actor_id=call.actor_id, code_hashes=tuple(vendor_code_hash(code) for code in codes))
    return await call.run(command, lambda _: VendorCodesView(codes=codes), status=201)


def _top_up_view(committed: Committed[TopUpReply]) -> TopUpView:
    return top_up_view(committed.reply, committed.position)


def _give_back_view(committed: Committed[GiveBackReply]) -> GiveBackView:
    reply = committed.reply
    return GiveBackView(
        funds_id=reply.funds_id,
        transaction_id=reply.transfer_id,
        amount=reply.amount,
        held=reply.held,
        position=committed.position,
    )


def held_view(wanted: Wanted, currency: Currency) -> HeldView:
    """Render held money."""
    receipt = wanted.receipt
    return HeldView(
        funds_id=receipt.receipt_id,
        provider=receipt.provider,
        external_id=receipt.external_id,
        amount=receipt.amount,
        currency=currency.code,
        currency_digits=currency.digits,
        donor_name=receipt.donor_name,
        donor_email=receipt.donor_email,
        reason=receipt.held_reason,
        timestamp=rfc3339(receipt.at),
        held=receipt.held,
        wanted_user_id=receipt.wanted_user_id,
        wanted_name=wanted.name,
        wanted_code=receipt.wanted_code,
    )


def top_up_view(reply: TopUpReply, position: int) -> TopUpView:
    """Render a wallet after money came in."""
    return TopUpView(
        user_id=reply.user_id,
        transaction_id=reply.transfer_id,
        amount=reply.amount,
        balance=reply.balance,
        drawer_id=left_out(reply.drawer_id),
        position=position,
    )
