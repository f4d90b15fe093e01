"""Take a transfer back."""

from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.money.reversals import ReversalReply, ReverseTransfer
from festival_push.domain.people.relations import Act
from festival_push.domain.values import TransferId
from festival_push.store.writing.answers import Committed
from festival_push.web.api.second_person import WaitingView, run_with_second
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import NOTE_CHARS_MAX, AmountOrAll, Reason, left_out
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.text import clean_line
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, Key

ENDPOINTS: Final = Endpoints()


class ReverseBody(AmountOrAll, frozen=True, kw_only=True):
    """How much is taken back, or all that is left of it; why; and whether the festival pays what was spent already."""

    reason: Reason
    accept_loss: Annotated[bool, Meta(description="What the wallet no longer holds comes from `losses`.")] = False


class ReversalView(View, frozen=True, kw_only=True):
    """What was taken back."""

    transaction_id: TransferId
    reverses: TransferId
    amount: int  # the loss included
    loss: int  # of it had been spent already
    balance: int | UnsetType = UNSET  # of the wallet or the till that it concerns
    position: int


@ENDPOINTS.post(
    "/v1/admin/transfers/{transactionId}/reverse",
    who_may(Act.REVERSE_OWN_BOOKING),
    body=ReverseBody,
    key=Key.REQUIRED,
    answers={201: ReversalView, 202: WaitingView},
    refuses=ReverseTransfer.REFUSES,
)
async def reverse_transfer(call: Call) -> Response:
    """POST /v1/admin/transfers/{transactionId}/reverse: 201, once per idempotency key."""
    body = await call.body(ReverseBody)
    command = ReverseTransfer(
        actor_id=call.actor_id,
        transfer_id=TransferId(call.id("transactionId")),
        amount=call.share(body, of_balance=True),
        reason=clean_line(body.reason, field="reason", chars_max=NOTE_CHARS_MAX),
        accept_loss=body.accept_loss,
        reversal_id=TransferId(new_id()),
    )
    return await run_with_second(call, command, body, _view, status=201)


def _view(committed: Committed[ReversalReply]) -> ReversalView:
    reply = committed.reply
    return ReversalView(
        transaction_id=reply.transfer_id,
        reverses=reply.reverses,
        amount=reply.amount,
        loss=reply.loss,
        balance=left_out(reply.balance),
        position=committed.position,
    )
