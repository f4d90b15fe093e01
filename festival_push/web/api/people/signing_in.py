"""The answer to everybody who has just signed in, whichever way: who they are, and their session."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.people.relations import Person
from festival_push.domain.signing_in.pin_lengths import is_too_short
from festival_push.domain.values import Role, UserId, rfc3339
from festival_push.web.api.people.pin_check import remember_device
from festival_push.web.parsing.devices import device_name
from festival_push.web.parsing.fields import left_out
from festival_push.web.routing.endpoint import Call, json_response


class SignedIn(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A session."""

    user_id: UserId
    user_type: Role
    name: str
    token: str
    expires_at: str
    top_up_code: str
    sign_in: str | UnsetType = UNSET  # what they sign in with; nobody else is shown it
    pin_too_short: Literal[True] | UnsetType = UNSET  # they should set a longer PIN, for what they are


async def sign_in(call: Call, person: Person, *, status: int) -> Response:
    """Begin a person's session on the device that calls, and answer with it, by body and by cookie; remember the
    device. The caller has checked that they are who they say. Raises what `Issuing.begin` raises."""
    services, user = call.services, person.user
    issued = await services.issuing.begin(user, device=device_name(call.request.headers.get("user-agent")))
    signed_in = SignedIn(
        user_id=user.user_id,
        user_type=person.user_type,
        name=user.name,
        token=issued.token,
        expires_at=rfc3339(issued.expires_at),
        top_up_code=user.top_up_code,
        sign_in=left_out(user.sign_in),
        pin_too_short=True if is_too_short(person) else UNSET,
    )
    response = json_response(signed_in, status)
    services.cookies.set_session(response, issued.token, (issued.expires_at - services.now()) // 1000)
    remember_device(call, response, user)
    return response
