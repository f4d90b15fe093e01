"""Payouts in cash at the desk."""

from typing import Final

from starlette.responses import Response

from festival_push.domain.desk.payouts import DeskPayoutReply, PayOutAtDesk
from festival_push.domain.people.relations import Act
from festival_push.domain.values import DrawerId, PayoutId, TransferId, UserId
from festival_push.store.writing.answers import Committed
from festival_push.web.api.second_person import WaitingView, run_with_second
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import AmountOrAll, Note, clean_note
from festival_push.web.parsing.ids import new_id
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, Key

ENDPOINTS: Final = Endpoints()


class DeskPayoutBody(AmountOrAll, frozen=True, kw_only=True):
    """How much the guest gets, or all that the wallet holds; and why, where that may be asked later."""

    reason: Note = ""


class DeskPayoutView(View, frozen=True, kw_only=True):
    """What was paid out in cash."""

    user_id: UserId
    payout_id: PayoutId
    transaction_id: TransferId
    amount: int
    balance: int  # what the wallet has left
    drawer_id: DrawerId
    position: int


@ENDPOINTS.post(
    "/v1/admin/people/{userId}/payouts",
    who_may(Act.PAY_OUT_AT_DESK),
    body=DeskPayoutBody,
    key=Key.REQUIRED,
    answers={201: DeskPayoutView, 202: WaitingView},
    refuses=PayOutAtDesk.REFUSES,
)
async def pay_out(call: Call) -> Response:
    """POST /v1/admin/people/{userId}/payouts: 201, once per idempotency key. The cash is the caller's drawer's."""
    body = await call.body(DeskPayoutBody)
    command = PayOutAtDesk(
        actor_id=call.actor_id,
        user_id=UserId(call.id("userId")),
        payout_id=PayoutId(new_id()),
        amount=call.share(body, of_balance=True),
        reason=clean_note(body.reason, "reason"),
    )
    return await run_with_second(call, command, body, _view, status=201)


def _view(committed: Committed[DeskPayoutReply]) -> DeskPayoutView:
    reply = committed.reply
    return DeskPayoutView(
        user_id=reply.user_id,
        payout_id=reply.payout_id,
        transaction_id=reply.transfer_id,
        amount=reply.amount,
        balance=reply.balance,
        drawer_id=reply.drawer_id,
        position=committed.position,
    )
