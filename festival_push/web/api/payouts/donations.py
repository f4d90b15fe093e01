"""Donations: what a guest gives of their own wallet."""

from typing import Final

from starlette.responses import Response

from festival_push.domain.payouts.donations import Donate, DonationReply
from festival_push.domain.values import TransferId
from festival_push.store.writing.answers import Committed
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import AmountOrAll
from festival_push.web.parsing.ids import new_id
from festival_push.web.routing.endpoint import USER, Call, Endpoints, Key

ENDPOINTS: Final = Endpoints()


class DonationBody(AmountOrAll, frozen=True, kw_only=True):
    """How much of the wallet."""


class DonationView(View, frozen=True, kw_only=True):
    """What was given. Amounts are in minor units."""

    transaction_id: TransferId
    amount: int
    balance: int  # of the wallet
    position: int


@ENDPOINTS.post(
    "/v1/donations",
    USER,
    body=DonationBody,
    key=Key.REQUIRED,
    answers={201: DonationView},
    refuses=Donate.REFUSES,
)
async def donate(call: Call) -> Response:
    """POST /v1/donations: 201, once per idempotency key. What is given leaves the wallet at once."""
    body = await call.body(DonationBody)
    command = Donate(
        actor_id=call.actor_id, amount=call.share(body, of_balance=True), transfer_id=TransferId(new_id())
    )  # fmt: skip
    return await call.run_once(command, body, _view, status=201)


def _view(committed: Committed[DonationReply]) -> DonationView:
    reply = committed.reply
    return DonationView(
        transaction_id=reply.transfer_id, amount=reply.amount, balance=reply.balance, position=committed.position
    )
