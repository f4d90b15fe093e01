"""The answer to everybody who has just signed in, whichever way: who they are, and their session."""

import msgspec
from starlette.responses import Response

from festival_push.domain.rows import User
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


async def sign_in(call: Call, user: User, *, status: int) -> Response:
    """Begin a person's session on the device that calls, and answer with it, by body and by cookie. The caller has
    checked that they are who they say. Raises what `Issuing.begin` raises."""
    services = call.services
    issued = await services.issuing.begin(user, device=device_name(call.request.headers.get("user-agent")))
    signed_in = SignedIn(user.user_id, user.role, user.name, issued.token, rfc3339(issued.expires_at), user.top_up_code)
    response = json_response(signed_in, status)
    services.cookies.set_session(response, issued.token, services.settings.auth.token_ttl_s)
    return response
