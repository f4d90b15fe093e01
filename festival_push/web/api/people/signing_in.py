"""Signing in: every session that follows from a PIN begins here."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.people.pin_lengths import is_too_short
from festival_push.domain.people.relations import Person
from festival_push.domain.values import Role, UserId, rfc3339
from festival_push.web.api.people.pin_check import remember_device
from festival_push.web.identity.claims import TokenUse
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
    """Begin a session, and remember the device."""
    services, user = call.services, person.user
    ttl_s = services.settings.auth.token_ttl_s
    issued = services.tokens.issue(user.user_id, TokenUse.SESSION, ttl_s, version=user.session_version)
    view = SignedIn(
        user_id=user.user_id,
        user_type=person.user_type,
        name=user.name,
        token=issued.token,
        expires_at=rfc3339(issued.expires_at),
        top_up_code=user.top_up_code,
        sign_in=left_out(user.sign_in),
        pin_too_short=True if is_too_short(person) else UNSET,
    )
    response = json_response(view, status)
    services.cookies.set_session(response, issued.token, ttl_s)
    remember_device(call, response, user)
    return response
