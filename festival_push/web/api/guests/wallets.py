"""Freeze a guest's wallet, and move what is in it to a new person's: they have lost their phone."""

from typing import Final

from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.desk.lost_wallets import FreezeWallet, MoveWallet, MoveWalletReply
from festival_push.domain.people.relations import Act
from festival_push.domain.rows import User
from festival_push.domain.values import TransferId, UserId
from festival_push.store.writing.answers import Committed
from festival_push.web.api.second_person import WaitingView, run_with_second
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import NOTE_CHARS_MAX, Body, Id, Note, Reason, clean_note, left_out
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.problems import field_error
from festival_push.web.parsing.text import clean_line
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, Key

ENDPOINTS: Final = Endpoints()

_FREEZERS: Final = who_may(Act.FREEZE_WALLET)


class FreezeBody(Body, frozen=True, kw_only=True):
    """Why; the guest is told."""

    reason: Reason


class UnfreezeBody(Body, frozen=True, kw_only=True):
    """Why, if there is something to say."""

    reason: Note = ""


class MoveBody(Body, frozen=True, kw_only=True):
    """Whose wallet gets all of it, and why; both people are told."""

    to_user_id: Id
    reason: Reason


class FrozenView(View, frozen=True, kw_only=True):
    """Whether a wallet is frozen."""

    user_id: UserId
    frozen: bool
    moved_to: UserId | UnsetType = UNSET
    position: int


class MovedView(View, frozen=True, kw_only=True):
    """What was moved; `balance` is what the new wallet holds."""

    user_id: UserId
    to_user_id: UserId
    moved: int
    allowance: int | UnsetType = UNSET  # moved beside it
    balance: int
    transaction_id: TransferId | UnsetType = UNSET  # left out: there was nothing to move
    position: int


@ENDPOINTS.post("/v1/admin/people/{userId}/freeze", _FREEZERS, body=FreezeBody, answers={200: FrozenView})
async def freeze_wallet(call: Call) -> Response:
    """POST /v1/admin/people/{userId}/freeze: money still comes in; streams go on."""
    body = await call.body(FreezeBody)
    reason = clean_line(body.reason, field="reason", chars_max=NOTE_CHARS_MAX)
    return await _freeze(call, frozen=True, reason=reason)


@ENDPOINTS.post("/v1/admin/people/{userId}/unfreeze", _FREEZERS, body=UnfreezeBody, answers={200: FrozenView})
async def unfreeze_wallet(call: Call) -> Response:
    """POST /v1/admin/people/{userId}/unfreeze: also of a wallet that was moved, whose owner has come back."""
    body = await call.body(UnfreezeBody)
    return await _freeze(call, frozen=False, reason=clean_note(body.reason, "reason"))


@ENDPOINTS.post(
    "/v1/admin/people/{userId}/move",
    who_may(Act.MOVE_WALLET),
    body=MoveBody,
    key=Key.REQUIRED,
    answers={200: MovedView, 202: WaitingView},
    refuses=MoveWallet.REFUSES,
)
async def move_wallet(call: Call) -> Response:
    """POST /v1/admin/people/{userId}/move: once per idempotency key; above the limit a second organiser confirms it."""
    body = await call.body(MoveBody)
    user_id = UserId(call.id("userId"))
    if body.to_user_id == user_id:
        raise field_error("toUserId", "must be somebody else's")
    command = MoveWallet(
        actor_id=call.actor_id,
        user_id=user_id,
        to_user_id=UserId(body.to_user_id),
        reason=clean_line(body.reason, field="reason", chars_max=NOTE_CHARS_MAX),
        transfer_id=TransferId(new_id()),
    )
    return await run_with_second(call, command, body, _moved_view)


async def _freeze(call: Call, *, frozen: bool, reason: str | None) -> Response:
    user_id = UserId(call.id("userId"))
    return await call.run(
        FreezeWallet(actor_id=call.actor_id, user_id=user_id, frozen=frozen, reason=reason), _frozen_view
    )


def _frozen_view(committed: Committed[User]) -> FrozenView:
    user = committed.reply
    return FrozenView(
        user_id=user.user_id, frozen=user.frozen, moved_to=left_out(user.moved_to), position=committed.position
    )


def _moved_view(committed: Committed[MoveWalletReply]) -> MovedView:
    reply = committed.reply
    return MovedView(
        user_id=reply.user_id,
        to_user_id=reply.to_user_id,
        moved=reply.amount,
        allowance=reply.allowance or UNSET,
        balance=reply.balance,
        transaction_id=left_out(reply.transfer_id),
        position=committed.position,
    )
