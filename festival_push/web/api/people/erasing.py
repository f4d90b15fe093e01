"""A person's own data: one file of all that is kept of them, and its end."""

from typing import Any, Final

from msgspec import UNSET, UnsetType
from starlette.responses import Response, StreamingResponse

from festival_push.domain.people.erasing import ErasePerson
from festival_push.domain.people.relations import Act, Person
from festival_push.domain.refusals import NotFound
from festival_push.domain.rows import User
from festival_push.domain.values import Instant, UserId, rfc3339
from festival_push.ops.person_export import person_json
from festival_push.store.writing.answers import Committed
from festival_push.web.api.pin_again import PIN_REFUSES, require_pin
from festival_push.web.api.sheets import file_name
from festival_push.web.api.views import View
from festival_push.web.identity.pins import Pin
from festival_push.web.parsing.fields import NOTE_CHARS_MAX, Body, Reason
from festival_push.web.parsing.ids import new_top_up_code
from festival_push.web.parsing.problems import JSON_TYPE
from festival_push.web.parsing.queries import NoQuery
from festival_push.web.parsing.text import clean_line
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import USER, Call, Endpoints

ENDPOINTS: Final = Endpoints()


class EraseSelfBody(Body, frozen=True, kw_only=True):
    """The PIN again, of whoever has one and did not sign in just now."""

    pin: Pin | UnsetType = UNSET


class ErasePersonBody(Body, frozen=True, kw_only=True):
    """Why, and the organiser's own PIN again."""

    reason: Reason
    pin: Pin | UnsetType = UNSET


class ErasedView(View, frozen=True, kw_only=True):
    """Somebody who was erased."""

    user_id: UserId
    erased_at: str
    position: int


class PersonFile(View, frozen=True, kw_only=True):
    """All that is kept of a person; each part has the fields of its rows, and grows with them."""

    person: dict[str, Any]
    sessions: tuple[dict[str, Any], ...]
    identities: tuple[dict[str, Any], ...]  # by which an identity provider knows them
    second_factors: tuple[dict[str, Any], ...]
    orders: tuple[dict[str, Any], ...]
    transactions: tuple[dict[str, Any], ...]  # of the wallet
    allowance_transactions: tuple[dict[str, Any], ...]
    payouts: tuple[dict[str, Any], ...]
    payments: tuple[dict[str, Any], ...]  # that providers reported, with the names that came with them
    notifications: tuple[dict[str, Any], ...]  # as far back as the log is kept; so are the messages
    messages: tuple[dict[str, Any], ...]
    deeds: tuple[dict[str, Any], ...]  # what staff did to them


@ENDPOINTS.get("/v1/me/export", USER, query=NoQuery, answers={200: PersonFile})
async def export_me(call: Call) -> Response:
    """GET /v1/me/export: one JSON of all that is kept of the caller, as a file."""
    call.query(NoQuery)
    return _file(call, call.person)


@ENDPOINTS.get("/v1/admin/people/{userId}/export", who_may(Act.MANAGE_PEOPLE), query=NoQuery, answers={200: PersonFile})
async def export_person(call: Call) -> Response:
    """GET /v1/admin/people/{userId}/export: the same of anybody, for an organiser who hands it to them."""
    call.query(NoQuery)
    person = await call.services.reads.person(UserId(call.id("userId")))
    if person is None:
        raise NotFound(what="user")
    return _file(call, person)


@ENDPOINTS.post(
    "/v1/me/erase",
    USER,
    body=EraseSelfBody,
    answers={200: ErasedView},
    refuses=(*ErasePerson.REFUSES, *PIN_REFUSES),
)
async def erase_me(call: Call) -> Response:
    """POST /v1/me/erase: for good; all sessions end."""
    body = await call.body(EraseSelfBody)
    await require_pin(call, body.pin)
    return await _erase(call, call.actor_id, reason=None)


@ENDPOINTS.post(
    "/v1/admin/people/{userId}/erase",
    who_may(Act.MANAGE_PEOPLE),
    body=ErasePersonBody,
    answers={200: ErasedView},
    refuses=(*ErasePerson.REFUSES, *PIN_REFUSES),
)
async def erase_person(call: Call) -> Response:
    """POST /v1/admin/people/{userId}/erase: for somebody who has asked for it."""
    body = await call.body(ErasePersonBody)
    reason = clean_line(body.reason, field="reason", chars_max=NOTE_CHARS_MAX)
    await require_pin(call, body.pin)
    return await _erase(call, UserId(call.id("userId")), reason=reason)


async def _erase(call: Call, user_id: UserId, *, reason: str | None) -> Response:
    command = ErasePerson(actor_id=call.actor_id, user_id=user_id, reason=reason, top_up_code=new_top_up_code())
    return await call.run(command, _view)


def _view(committed: Committed[User]) -> ErasedView:
    user = committed.reply
    erased_at = user.erased_at or Instant(0)
    return ErasedView(user_id=user.user_id, erased_at=rfc3339(erased_at), position=committed.position)


def _file(call: Call, person: Person) -> Response:
    return StreamingResponse(
        person_json(call.services.reads, person),
        media_type=JSON_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{file_name("data", person.user_id)}.json"'},
    )
