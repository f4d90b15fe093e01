"""Payouts: asked for by the owner of the money, settled by the organiser."""

from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.payouts.ibans import HOLDER_CHARS_MAX, IBAN_CHARS_MAX, WrongIban, parse_iban
from festival_push.domain.payouts.payouts import PayoutReply, RequestPayout, SettlePayout, WithdrawPayout
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import NotFound
from festival_push.domain.values import AccountKind, PayoutId, PayoutStatus, VendorId, rfc3339
from festival_push.store.writing.answers import Committed
from festival_push.web.api.payouts.sepa import bank_text
from festival_push.web.api.payouts.views import PayoutView, own, whole
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
    line_of,
)
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.problems import field_error
from festival_push.web.parsing.queries import NoQuery, PageQuery
from festival_push.web.parsing.text import clean_line
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import USER, Call, Endpoints, Key, json_response

ENDPOINTS: Final = Endpoints()

Iban = Annotated[str, line_of(2 * IBAN_CHARS_MAX)]  # with the blanks that people type


class PayoutBody(AmountOrAll, frozen=True, kw_only=True):
    """How much, of which account; and where to pay it: an account, or what the note says."""

    note: Note = ""
    iban: Iban | UnsetType = UNSET
    account_holder: Annotated[str, line_of(HOLDER_CHARS_MAX)] | UnsetType = UNSET  # whose account it is
    donate_rest: (
        Annotated[bool, Meta(description="What the wallet still holds then is given to the festival.")] | UnsetType
    ) = UNSET
    account: AccountKind | UnsetType = UNSET
    vendor_id: Id | UnsetType = UNSET
    pin: Pin | UnsetType = UNSET  # asked for again, unless the caller has just signed in


class CompleteBody(Body, frozen=True, kw_only=True):
    """Only the PIN again, unless the caller has just signed in."""

    pin: Pin | UnsetType = UNSET


class WithdrawBody(Body, frozen=True, kw_only=True):
    """Nothing to say: all of it comes back."""


class RejectBody(Body, frozen=True, kw_only=True):
    """Why it can't be paid."""

    reason: Reason


class PayoutsQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """Which payouts."""

    status: PayoutStatus | None = None


class TermsView(View, frozen=True, kw_only=True):
    """What holds for payouts of wallets. Amounts are in minor units."""

    currency: str
    currency_digits: int
    min: int  # the least that is paid out; 0: any amount
    fee: int  # beside what is paid out; 0: none
    until: str | UnsetType = UNSET  # when they can be asked for no more; left out: they always can
    over: bool  # that time has come
    donations_for: str | UnsetType = UNSET  # to what one can give; left out: nothing can be donated


class PayoutAnswer(View, frozen=True, kw_only=True):
    """What became of a payout; `balance` is for its owner."""

    payout: PayoutView
    balance: int | UnsetType = UNSET
    donated: int | UnsetType = UNSET  # of the rest; left out: nothing
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
    iban, holder = _destination(body)
    command = RequestPayout(
        actor_id=call.actor_id,
        payout_id=PayoutId(new_id()),
        iban=iban,
        account_holder=holder,
        donate_rest=body.donate_rest is True,
        account=given(body.account),
        vendor_id=None if body.vendor_id is UNSET else VendorId(body.vendor_id),
        amount=call.share(body, of_balance=True),
        note=clean_note(body.note, "note"),
    )
    await require_pin(call, body.pin)
    return await call.run_once(command, without_pin(body), _owner_view, status=201)


@ENDPOINTS.post(
    "/v1/payouts/{payoutId}/withdraw",
    USER,
    body=WithdrawBody,
    key=Key.REQUIRED,
    answers={200: PayoutAnswer},
    refuses=WithdrawPayout.REFUSES,
)
async def withdraw_payout(call: Call) -> Response:
    """POST /v1/payouts/{payoutId}/withdraw: by who asked for it, while it waits; the money and the fee are back."""
    body = await call.body(WithdrawBody)
    command = WithdrawPayout(actor_id=call.actor_id, payout_id=PayoutId(call.id("payoutId")))
    return await call.run_once(command, body, _owner_view)


@ENDPOINTS.get("/v1/payouts/terms", USER, query=NoQuery, answers={200: TermsView})
async def show_terms(call: Call) -> Response:
    """GET /v1/payouts/terms: what holds for payouts of wallets; amounts in minor units."""
    call.query(NoQuery)
    rules, settings = call.services.rules, call.services.settings.payouts
    until = rules.payouts_until
    return json_response(
        TermsView(
            currency=rules.currency.code,
            currency_digits=rules.currency.digits,
            min=rules.payout_min,
            fee=rules.payout_fee,
            until=UNSET if until is None else rfc3339(until),
            over=until is not None and call.services.now() >= until,
            donations_for=settings.donations_for or UNSET,
        )
    )


@ENDPOINTS.get("/v1/payouts", who_may(Act.SEE_OFFICE), query=PayoutsQuery, answers={200: Page[PayoutView]})
async def list_payouts(call: Call) -> Response:
    """GET /v1/payouts: newest first."""
    query = call.query(PayoutsQuery)
    found = await call.services.reads.payouts(status=query.status, before=query.before, limit=query.limit + 1)
    return json_response(page(found, query.limit, whole, before=lambda payout: payout.seq))


@ENDPOINTS.get("/v1/me/payouts", USER, query=SideQuery, answers={200: Page[PayoutView]}, refuses=(NotFound,))
async def list_own_payouts(call: Call) -> Response:
    """GET /v1/me/payouts: of the caller's wallet, or of the till of a stall that they keep; newest first."""
    query = call.query(SideQuery)
    account = account_of(call.person, query)
    found = await call.services.reads.payouts_from(account, before=query.before, limit=query.limit + 1)
    return json_response(page(found, query.limit, own, before=lambda payout: payout.seq))


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


def _destination(body: PayoutBody) -> tuple[str | None, str | None]:
    """Return IBAN and account holder of a request, as they are kept. Raises BadRequest, which names the wrong field."""
    if body.iban is UNSET:
        if body.account_holder is not UNSET:
            raise field_error("iban", "is required with accountHolder")
        return None, None
    try:
        iban = parse_iban(body.iban)
    except WrongIban as error:
        raise field_error("iban", str(error)) from None
    if body.account_holder is UNSET:
        raise field_error("accountHolder", "is required with iban: banks compare the name")
    holder = clean_line(body.account_holder, field="accountHolder", chars_max=HOLDER_CHARS_MAX)
    if not bank_text(holder, HOLDER_CHARS_MAX):
        raise field_error("accountHolder", "has no letter that a bank can write")
    return iban, holder


def _settle(call: Call, status: PayoutStatus, reason: str | None = None) -> SettlePayout:
    return SettlePayout(
        actor_id=call.actor_id,
        payout_id=PayoutId(call.id("payoutId")),
        status=status,
        reason=reason,
    )


def _organiser_view(committed: Committed[PayoutReply]) -> PayoutAnswer:
    return PayoutAnswer(payout=whole(committed.reply.payout), position=committed.position)


def _owner_view(committed: Committed[PayoutReply]) -> PayoutAnswer:
    reply = committed.reply
    return PayoutAnswer(
        payout=own(reply.payout), balance=reply.balance, donated=reply.donated or UNSET, position=committed.position
    )
