"""Who keeps a stall: its owners appoint people and dismiss them, and anybody may go."""

from typing import Final

from starlette.responses import Response

from festival_push.domain.people.keepers import AppointKeeper, DismissKeeper
from festival_push.domain.people.relations import Act, Person, require
from festival_push.domain.refusals import NotFound
from festival_push.domain.rows import User
from festival_push.domain.values import Part, UserId, VendorId
from festival_push.store.writing.answers import Committed
from festival_push.web.api.views import Page, View, only_page
from festival_push.web.parsing.fields import Body, Id
from festival_push.web.parsing.queries import NoQuery
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, json_response

ENDPOINTS: Final = Endpoints()


class AppointBody(Body, frozen=True, kw_only=True):
    """Who keeps the stall from now on, and as what."""

    user_id: Id
    part: Part = Part.KEEPER


class KeeperView(View, frozen=True, kw_only=True):
    """A person who keeps a stall."""

    user_id: UserId
    name: str
    part: Part
    suspended: bool


@ENDPOINTS.get(
    "/v1/vendors/{vendorId}/keepers",
    who_may(Act.SEE_KEEPERS),
    query=NoQuery,
    answers={200: Page[KeeperView]},
    refuses=(NotFound,),
)
async def list_keepers(call: Call) -> Response:
    """GET /v1/vendors/{vendorId}/keepers: all of them, the oldest first."""
    call.query(NoQuery)
    vendor_id = _vendor_id(call)
    require(call.person, Act.SEE_KEEPERS, vendor_id=vendor_id, what="vendor")
    found = await call.services.reads.keepers(vendor_id)
    if not found and await call.services.reads.vendor(vendor_id) is None:
        raise NotFound(what="vendor")
    return json_response(only_page(_keeper_view(kept.user, kept.keeper.part) for kept in found))


@ENDPOINTS.post(
    "/v1/vendors/{vendorId}/keepers",
    who_may(Act.APPOINT_KEEPER),
    body=AppointBody,
    answers={201: KeeperView},
    refuses=AppointKeeper.REFUSES,
)
async def appoint_keeper(call: Call) -> Response:
    """POST /v1/vendors/{vendorId}/keepers: 201, also where they have that part already. Their streams come back."""
    body = await call.body(AppointBody)
    vendor_id = _vendor_id(call)
    command = AppointKeeper(actor_id=call.actor_id, vendor_id=vendor_id, user_id=UserId(body.user_id), part=body.part)

    def view(committed: Committed[Person]) -> KeeperView:
        return _keeper_view(committed.reply.user, committed.reply.stalls[vendor_id])

    return await call.run(command, view, status=201)


@ENDPOINTS.delete(
    "/v1/vendors/{vendorId}/keepers/{userId}",
    who_may(Act.DISMISS_KEEPER),
    answers={204: None},
    refuses=DismissKeeper.REFUSES,
)
async def dismiss_keeper(call: Call) -> Response:
    """DELETE /v1/vendors/{vendorId}/keepers/{userId}: 204; 404 for who does not keep it."""
    command = DismissKeeper(actor_id=call.actor_id, vendor_id=_vendor_id(call), user_id=UserId(call.id("userId")))
    return await call.run(command, lambda _: None, status=204)


def _vendor_id(call: Call) -> VendorId:
    return VendorId(call.id("vendorId"))


def _keeper_view(user: User, part: Part) -> KeeperView:
    return KeeperView(user_id=user.user_id, name=user.name, part=part, suspended=user.suspended)
