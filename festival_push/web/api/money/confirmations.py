"""What waits for a second organiser: the list, and the answer to it."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.desk.second_person import Confirm, RefuseConfirmation, waiting_command
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.office.rows import Confirmation, ConfirmationStatus
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import NotFound
from festival_push.domain.values import ConfirmationId, Instant, UserId, rfc3339
from festival_push.web.api.pin_again import PIN_REFUSES, require_pin, without_pin
from festival_push.web.api.views import Page, View, page
from festival_push.web.identity.pins import Pin
from festival_push.web.parsing.fields import Body, Id, Note, clean_note, left_out
from festival_push.web.parsing.queries import PAGE_LIMIT, PAGE_LIMIT_MAX
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, Key, json_response

ENDPOINTS: Final = Endpoints()

_SECOND: Final = who_may(Act.CONFIRM)


class ConfirmBody(Body, frozen=True, kw_only=True):
    """Only the PIN again, unless the caller has just signed in."""

    pin: Pin | UnsetType = UNSET


class RefuseBody(Body, frozen=True, kw_only=True):
    """Why not, if one likes to say."""

    reason: Note = ""


class ConfirmationsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of them: all, or those that wait; `before` is the `next` of the page before."""

    limit: Annotated[int, Meta(ge=1, le=PAGE_LIMIT_MAX)] = PAGE_LIMIT
    before: Id | None = None
    status: Literal["waiting"] | None = None


class ConfirmationView(View, frozen=True, kw_only=True):
    """Something that one member of staff has asked for, and another organiser confirms or refuses."""

    confirmation_id: ConfirmationId
    act: DeedKind
    subject: str  # `user:anna`: its kind and its id
    amount: int
    asked_by: UserId
    status: ConfirmationStatus
    settled_by: UserId | UnsetType = UNSET
    created_at: str
    expires_at: str
    settled_at: str | UnsetType = UNSET


@ENDPOINTS.get("/v1/admin/confirmations", _SECOND, query=ConfirmationsQuery, answers={200: Page[ConfirmationView]})
async def list_confirmations(call: Call) -> Response:
    """GET /v1/admin/confirmations: newest first."""
    query, now = call.query(ConfirmationsQuery), call.services.now()
    found = await call.services.reads.confirmations(
        waiting_at=None if query.status is None else now,
        before=None if query.before is None else ConfirmationId(query.before),
        limit=query.limit + 1,
    )
    return json_response(
        page(found, query.limit, lambda each: _view(each, now), before=lambda each: each.confirmation_id)
    )


@ENDPOINTS.post(
    "/v1/admin/confirmations/{confirmationId}/confirm",
    _SECOND,
    body=ConfirmBody,
    key=Key.WELCOME,
    answers={200: ConfirmationView},
    refuses=(*Confirm.REFUSES, *Confirm.PASSES_ON, *PIN_REFUSES),
)
async def confirm(call: Call) -> Response:
    """POST /v1/admin/confirmations/{confirmationId}/confirm: it is done now, by the rules of now."""
    body = await call.body(ConfirmBody)
    confirmation_id = ConfirmationId(call.id("confirmationId"))
    known = await call.services.reads.confirmation(confirmation_id)
    if known is None:
        raise NotFound(what="confirmation")
    await require_pin(call, body.pin)
    command = Confirm(actor_id=call.actor_id, confirmation_id=confirmation_id, command=waiting_command(known))
    return await call.run_once(command, without_pin(body), lambda done: _view(done.reply, call.services.now()))


@ENDPOINTS.post(
    "/v1/admin/confirmations/{confirmationId}/refuse",
    _SECOND,
    body=RefuseBody,
    key=Key.WELCOME,
    answers={200: ConfirmationView},
    refuses=RefuseConfirmation.REFUSES,
)
async def refuse(call: Call) -> Response:
    """POST /v1/admin/confirmations/{confirmationId}/refuse: nothing is done."""
    body = await call.body(RefuseBody)
    command = RefuseConfirmation(
        actor_id=call.actor_id,
        confirmation_id=ConfirmationId(call.id("confirmationId")),
        reason=clean_note(body.reason, "reason"),
    )
    return await call.run_once(command, body, lambda done: _view(done.reply, call.services.now()))


def _view(confirmation: Confirmation, now: Instant) -> ConfirmationView:
    settled_at = confirmation.settled_at
    return ConfirmationView(
        confirmation_id=confirmation.confirmation_id,
        act=confirmation.act,
        subject=confirmation.subject,
        amount=confirmation.amount,
        asked_by=confirmation.asked_by,
        status=confirmation.status_at(now),
        settled_by=left_out(confirmation.settled_by),
        created_at=rfc3339(confirmation.created_at),
        expires_at=rfc3339(confirmation.expires_at),
        settled_at=UNSET if settled_at is None else rfc3339(settled_at),
    )
