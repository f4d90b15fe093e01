"""Links that sign somebody in: the demo prints them, and a page asks before it takes one."""

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.people.relations import Person
from festival_push.domain.refusals import Suspended
from festival_push.domain.values import Role, UserId, rfc3339
from festival_push.web.api.views import View
from festival_push.web.identity.claims import Claims, ExpiredToken, InvalidToken, TokenUse
from festival_push.web.identity.principal import words_of
from festival_push.web.parsing.problems import ProblemError, Unauthorized
from festival_push.web.routing.endpoint import ANYONE, Call, Endpoints, Refusal, json_response

ENDPOINTS: Final = Endpoints()

_REFUSES: Final[tuple[Refusal, ...]] = (
    Suspended, (403, "links-off"), (401, "invalid-credentials"), (401, "token-expired"),
)  # fmt: skip


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The token of a link."""

    link: Annotated[str, Meta(min_length=1, max_length=4096)]


class LinkView(View, frozen=True, kw_only=True):
    """Whom a link signs in; shown before anybody is."""

    user_type: Role
    name: str
    expires_at: str
    is_: tuple[str, ...] | UnsetType = msgspec.field(name="is", default=UNSET)  # of a customer who is more than that


class LinkSession(View, frozen=True, kw_only=True):
    """A session for one tab: no cookie is set, so the browser stays whose it is."""

    user_type: Role
    name: str
    token: str
    expires_at: str


@ENDPOINTS.post("/v1/auth/links/read", ANYONE, body=Link, answers={200: LinkView}, refuses=_REFUSES)
async def read_link(call: Call) -> Response:
    """POST /v1/auth/links/read: whom the link would sign in. Nobody is signed in."""
    person, claims = await _open(call)
    parts = words_of(person)
    view = LinkView(
        user_type=person.user_type,
        name=person.name,
        expires_at=rfc3339(claims.expires_at),
        is_=parts if "cashier" in parts else UNSET,
    )
    return json_response(view)


@ENDPOINTS.post("/v1/auth/links", ANYONE, body=Link, answers={200: LinkSession}, refuses=_REFUSES)
async def take_link(call: Call) -> Response:
    """POST /v1/auth/links: a session of the person whom the link is for, until the link expires at the latest."""
    person, claims = await _open(call)
    issued = call.services.tokens.issue(
        person.user_id,
        TokenUse.SESSION,
        call.services.settings.auth.token_ttl_s,
        until=claims.expires_at,
        version=person.user.session_version,
    )
    session = LinkSession(
        user_type=person.user_type, name=person.name, token=issued.token, expires_at=rfc3339(issued.expires_at)
    )
    return json_response(session)


async def _open(call: Call) -> tuple[Person, Claims]:
    """Return whom a link is for, and what it says. Raises ProblemError in production, Unauthorized, Suspended.

    Whoever takes a stranger's link pays into the stranger's wallet. So in production there is no such link, whoever
    has signed it; and a token of any other use is none: a stolen session can't be sent around as one.
    """
    services, body = call.services, await call.body(Link)
    if services.settings.production:
        raise ProblemError(403, "links-off", "Nobody is signed in by a link here.")
    try:
        claims = await services.tokens.verify(body.link, TokenUse.LINK)
    except ExpiredToken as error:
        raise Unauthorized("token-expired", "The link has expired.") from error
    except InvalidToken as error:
        raise Unauthorized("invalid-credentials", "This is no link that signs somebody in.") from error
    person = await services.reads.person(UserId(claims.sub))
    if person is None or not person.user.admits(version=claims.ver, session=claims.session):
        raise Unauthorized("token-expired", "The link has expired.")
    if person.user.suspended:
        raise Suspended
    return person, claims
