"""Payouts: asked for by the owner of the money, settled by the organiser."""

from typing import Final

from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.payouts.payouts import PayoutReply, RequestPayout, SettlePayout
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import NotFound
from festival_push.domain.rows import Payout
from festival_push.domain.values import (
    AccountKind,
    PayoutId,
    PayoutStatus,
    UserId,
    VendorId,
    rfc3339,
    till_owner,
    wallet_owner,
)
from festival_push.store.writing.answers import Committed
from festival_push.web.api.pin_again import PIN_REFUSES, require_pin, without_pin
from festival_push.web.api.second_person import WaitingView, run_with_second
from festival_push.web.api.sides import SideQuery, account_of
from festival_push.web.api.views import Page, View, page
from festival_push.web.identity.pins import Pin
from festival_push.web.parsing.fields import (
    NOTE_CHARS_MAX,
    AmountOrAll,
    Body,
    Id,
    Note,
    Reason,
    clean_note,
    given,
    left_out,
)
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.queries import PageQuery
from festival_push.web.parsing.text import clean_line
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import USER, Call, Endpoints, Key, json_response

ENDPOINTS: Final = Endpoints()


class PayoutBody(AmountOrAll, frozen=True, kw_only=True):
    """How much, of which account; and how to pay it, say."""

    note: Note = ""
    account: AccountKind | UnsetType = UNSET
    vendor_id: Id | UnsetType = UNSET
    pin: Pin | UnsetType = UNSET  # asked for again, unless the caller has just signed in


class CompleteBody(Body, frozen=True, kw_only=True):
    """Only the PIN again, unless the caller has just signed in."""

    pin: Pin | UnsetType = UNSET


class RejectBody(Body, frozen=True, kw_only=True):
    """Why it can't be paid."""

    reason: Reason


class PayoutsQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """Which payouts."""

    status: PayoutStatus | None = None


class PayoutView(View, frozen=True, kw_only=True):
    """A payout. `ownerId` is the person whose wallet, or the stall whose till it came from."""

    payout_id: PayoutId
    user_id: UserId
    name: str
    owner_id: str
    account: AccountKind
    vendor_id: VendorId | UnsetType = UNSET  # whose till
    amount: int
    status: PayoutStatus
    note: str | None
    reason: str | None
    created_at: str
    updated_at: str
    reversed: int | UnsetType = UNSET  # of the amount, back in the account by a reversal; left out: nothing


class PayoutAnswer(View, frozen=True, kw_only=True):
    """What became of a payout; `balance` is for its owner."""

    payout: PayoutView
    balance: int | UnsetType = UNSET
    position: int


@ENDPOINTS.post(
    "/v1/payouts",
    USER,
    body=PayoutBody,
    key=Key.REQUIRED,
    answers={201: PayoutAnswer},
    refuses=(*RequestPayout.REFUSES, *PIN_REFUSES),
)
async def request_payout(call: Call) -> Response:
    """POST /v1/payouts: 201, once per idempotency key. The money leaves the wallet or the till at once."""
    body = await call.body(PayoutBody)
    if body.account is AccountKind.WALLET and body.vendor_id is not UNSET:
        raise NotFound(what="vendor")  # a wallet is of no stall
    command = RequestPayout(
        actor_id=call.actor_id,
        payout_id=PayoutId(new_id()),
        account=given(body.account),
        vendor_id=None if body.vendor_id is UNSET else VendorId(body.vendor_id),
        amount=call.share(body),
        note=clean_note(body.note, "note"),
    )
    await require_pin(call, body.pin)
    return await call.run_once(command, without_pin(body), _owner_view, status=201)


@ENDPOINTS.get("/v1/payouts", who_may(Act.SEE_OFFICE), query=PayoutsQuery, answers={200: Page[PayoutView]})
async def list_payouts(call: Call) -> Response:
    """GET /v1/payouts: newest first."""
    query = call.query(PayoutsQuery)
    found = await call.services.reads.payouts(status=query.status, before=query.before, limit=query.limit + 1)
    return json_response(page(found, query.limit, _payout_view, before=lambda payout: payout.seq))


@ENDPOINTS.get("/v1/me/payouts", USER, query=SideQuery, answers={200: Page[PayoutView]}, refuses=(NotFound,))
async def list_own_payouts(call: Call) -> Response:
    """GET /v1/me/payouts: of the caller's wallet, or of the till of a stall that they keep; newest first."""
    query = call.query(SideQuery)
    account = account_of(call.person, query)
    found = await call.services.reads.payouts_from(account, before=query.before, limit=query.limit + 1)
    return json_response(page(found, query.limit, _payout_view, before=lambda payout: payout.seq))


@ENDPOINTS.post(
    "/v1/payouts/{payoutId}/complete",
    who_may(Act.SETTLE_PAYOUT),
    body=CompleteBody,
    key=Key.REQUIRED,
    answers={200: PayoutAnswer, 202: WaitingView},
    refuses=(*SettlePayout.REFUSES, *PIN_REFUSES),
)
async def complete_payout(call: Call) -> Response:
    """POST /v1/payouts/{payoutId}/complete: it was paid."""
    body = await call.body(CompleteBody)
    await require_pin(call, body.pin)
    command = _settle(call, PayoutStatus.COMPLETED)
    return await run_with_second(call, command, without_pin(body), _organiser_view)


@ENDPOINTS.post(
    "/v1/payouts/{payoutId}/reject",
    who_may(Act.SETTLE_PAYOUT),
    body=RejectBody,
    key=Key.REQUIRED,
    answers={200: PayoutAnswer},
    refuses=SettlePayout.REFUSES,
)
async def reject_payout(call: Call) -> Response:
    """POST /v1/payouts/{payoutId}/reject: the money goes back into the account."""
    body = await call.body(RejectBody)
    reason = clean_line(body.reason, field="reason", chars_max=NOTE_CHARS_MAX)
    return await call.run_once(_settle(call, PayoutStatus.REJECTED, reason), body, _organiser_view)


def _settle(call: Call, status: PayoutStatus, reason: str | None = None) -> SettlePayout:
    return SettlePayout(
        actor_id=call.actor_id,
        payout_id=PayoutId(call.id("payoutId")),
        status=status,
        reason=reason,
    )


def _payout_view(payout: Payout) -> PayoutView:
    vendor_id = till_owner(payout.account_id)
    return PayoutView(
        payout_id=payout.payout_id,
        user_id=payout.user_id,
        name=payout.name,
        owner_id=vendor_id or wallet_owner(payout.account_id) or "",
        account=AccountKind.WALLET if vendor_id is None else AccountKind.TILL,
        vendor_id=left_out(vendor_id),
        amount=payout.amount,
        status=payout.status,
        note=payout.note,
        reason=payout.reason,
        created_at=rfc3339(payout.created_at),
        updated_at=rfc3339(payout.updated_at),
        reversed=payout.reversed or UNSET,
    )


def _organiser_view(committed: Committed[PayoutReply]) -> PayoutAnswer:
    return PayoutAnswer(payout=_payout_view(committed.reply.payout), position=committed.position)


def _owner_view(committed: Committed[PayoutReply]) -> PayoutAnswer:
    reply = committed.reply
    return PayoutAnswer(payout=_payout_view(reply.payout), balance=reply.balance, position=committed.position)
