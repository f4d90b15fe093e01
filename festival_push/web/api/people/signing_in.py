"""The answer to everybody who has just signed in, whichever way: who they are, and their session."""

import msgspec
from starlette.responses import Response

from festival_push.domain.people.relations import Person
from festival_push.domain.values import Role, UserId, rfc3339
from festival_push.web.parsing.devices import device_name
from festival_push.web.routing.endpoint import Call, json_response


class SignedIn(msgspec.Struct, frozen=True, rename="camel"):
    """A session."""

    user_id: UserId
    user_type: Role
    name: str
    token: str
    expires_at: str
    top_up_code: str


async def sign_in(call: Call, person: Person, *, status: int) -> Response:
    """Begin a person's session on the device that calls, and answer with it, by body and by cookie. The caller has
    checked that they are who they say. Raises what `Issuing.begin` raises."""
    services, user = call.services, person.user
    issued = await services.issuing.begin(user, device=device_name(call.request.headers.get("user-agent")))
    signed_in = SignedIn(
        user_id=user.user_id,
        user_type=person.user_type,
        name=user.name,
        token=issued.token,
        expires_at=rfc3339(issued.expires_at),
        top_up_code=user.top_up_code,
    )
    response = json_response(signed_in, status)
    services.cookies.set_session(response, issued.token, services.settings.auth.token_ttl_s)
    return response
