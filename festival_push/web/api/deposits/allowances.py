"""Allowances: granted by organisers, to one person or to many at once, and taken back."""

from typing import Annotated, Final

from msgspec import Meta
from starlette.responses import Response

from festival_push.domain.deposits.allowances import PEOPLE_MAX, Allowance, GrantAllowance, TakeBackAllowance
from festival_push.domain.people.relations import Act
from festival_push.domain.values import TransferId, UserId
from festival_push.store.writing.answers import Committed
from festival_push.web.api.second_person import WaitingView, run_with_second
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import NOTE_CHARS_MAX, Amount, AmountOrAll, Body, Id, Reason
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.text import clean_line
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, Key

ENDPOINTS: Final = Endpoints()


class GrantBody(Body, frozen=True, kw_only=True):
    """How much is granted, and why."""

    amount: Amount
    reason: Reason


class GrantManyBody(GrantBody, frozen=True, kw_only=True):
    """To whom; each gets the amount, and who is named twice gets it once."""

    user_ids: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=PEOPLE_MAX)]


class TakeBackBody(AmountOrAll, frozen=True, kw_only=True):
    """How much is taken back, or all that is left; and why."""

    reason: Reason


class AllowanceView(View, frozen=True, kw_only=True):
    """A person's allowance after it changed."""

    user_id: UserId
    allowance: int
    amount: int
    transaction_id: TransferId


class AllowanceAnswer(AllowanceView, frozen=True, kw_only=True):
    """The same of one person."""

    position: int


class AllowancesAnswer(View, frozen=True, kw_only=True):
    """The same of many."""

    items: tuple[AllowanceView, ...]
    position: int


@ENDPOINTS.post(
    "/v1/admin/people/{userId}/allowance",
    who_may(Act.GRANT_ALLOWANCE),
    body=GrantBody,
    key=Key.REQUIRED,
    answers={201: AllowanceAnswer, 202: WaitingView},
    refuses=GrantAllowance.REFUSES,
)
async def grant_allowance(call: Call) -> Response:
    """POST /v1/admin/people/{userId}/allowance: 201, once per idempotency key."""
    body = await call.body(GrantBody)
    command = _granting(call, body, (UserId(call.id("userId")),))
    return await run_with_second(call, command, body, _first_view, status=201)


@ENDPOINTS.post(
    "/v1/admin/allowances",
    who_may(Act.GRANT_ALLOWANCE),
    body=GrantManyBody,
    key=Key.REQUIRED,
    answers={201: AllowancesAnswer, 202: WaitingView},
    refuses=GrantAllowance.REFUSES,
)
async def grant_allowances(call: Call) -> Response:
    """POST /v1/admin/allowances: 201, once per idempotency key; all of them or nobody."""
    body = await call.body(GrantManyBody)
    command = _granting(call, body, tuple(dict.fromkeys(map(UserId, body.user_ids))))

    def view(committed: Committed[tuple[Allowance, ...]]) -> AllowancesAnswer:
        return AllowancesAnswer(items=tuple(map(_view, committed.reply)), position=committed.position)

    return await run_with_second(call, command, body, view, status=201)


@ENDPOINTS.post(
    "/v1/admin/people/{userId}/allowance/take-back",
    who_may(Act.GRANT_ALLOWANCE),
    body=TakeBackBody,
    key=Key.REQUIRED,
    answers={200: AllowanceAnswer},
    refuses=TakeBackAllowance.REFUSES,
)
async def take_back_allowance(call: Call) -> Response:
    """POST /v1/admin/people/{userId}/allowance/take-back: once per idempotency key."""
    body = await call.body(TakeBackBody)
    command = TakeBackAllowance(
        actor_id=call.actor_id,
        user_id=UserId(call.id("userId")),
        amount=call.share(body),
        reason=_reason(body.reason),
        transfer_id=TransferId(new_id()),
    )
    return await call.run_once(command, body, lambda committed: _answer(committed.reply, committed.position))


def _granting(call: Call, body: GrantBody, user_ids: tuple[UserId, ...]) -> GrantAllowance:
    return GrantAllowance(
        actor_id=call.actor_id,
        user_ids=user_ids,
        amount=call.check_amount(body.amount),
        reason=_reason(body.reason),
        transfer_id=TransferId(new_id()),
    )


def _reason(text: str) -> str:
    return clean_line(text, field="reason", chars_max=NOTE_CHARS_MAX)


def _view(changed: Allowance) -> AllowanceView:
    return AllowanceView(
        user_id=changed.user_id,
        allowance=changed.allowance,
        amount=changed.amount,
        transaction_id=changed.transfer_id,
    )


def _answer(changed: Allowance, position: int) -> AllowanceAnswer:
    return AllowanceAnswer(
        user_id=changed.user_id,
        allowance=changed.allowance,
        amount=changed.amount,
        transaction_id=changed.transfer_id,
        position=position,
    )


def _first_view(committed: Committed[tuple[Allowance, ...]]) -> AllowanceAnswer:
    return _answer(committed.reply[0], committed.position)
