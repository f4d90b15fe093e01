"""A new sign-in for somebody who has lost theirs: the desk shows a link, and whoever scans it chooses a PIN."""

import asyncio
from typing import Annotated, Final
from urllib.parse import urlencode

from msgspec import Meta
from starlette.responses import Response

from festival_push.domain.people.relations import Act, Person
from festival_push.domain.refusals import Suspended
from festival_push.domain.signing_in.new_sign_ins import OfferNewSignIn, TakeNewSignIn
from festival_push.domain.signing_in.refusals import NewSignInSpent, PinTooShort
from festival_push.domain.values import UserId, rfc3339
from festival_push.web.api.people.new_pins import WEAK, names_of, new_pin
from festival_push.web.api.people.second_step import second_step_asked
from festival_push.web.api.people.signing_in import SignedIn, sign_in
from festival_push.web.api.views import View
from festival_push.web.identity.claims import Claims, ExpiredToken, InvalidToken, TokenUse
from festival_push.web.identity.factors.challenges import SECOND_FACTOR_REQUIRED
from festival_push.web.identity.limits import BudgetKind
from festival_push.web.identity.pins import BUSY, Pin
from festival_push.web.parsing.addresses import public_url
from festival_push.web.parsing.fields import Body
from festival_push.web.parsing.ids import new_sign_in
from festival_push.web.parsing.problems import Unauthorized
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import ANYONE, Call, Endpoints, Refusal, json_response
from festival_push.web.routing.pictures import Picture, draw

ENDPOINTS: Final = Endpoints()

OFFER_S: Final = 15 * 60
"""How long the link can be taken: the guest stands at the desk."""
FRAGMENT: Final = "new-sign-in"
"""What the link's fragment begins with. No server is sent it, so no log has it."""
_REFUSES: Final[tuple[Refusal, ...]] = (
    NewSignInSpent, Suspended, (401, "invalid-credentials"), (401, "token-expired"),
)  # fmt: skip

Code = Annotated[str, Meta(min_length=1, max_length=4096)]


class NewSignInBody(Body, frozen=True, kw_only=True):
    """Nothing to say."""


class NewSignInView(View, frozen=True, kw_only=True):
    """A link that gives somebody a new sign-in, once: for their eyes, and their camera."""

    url: str
    qr: str  # the link as a picture, in SVG
    expires_at: str


class CodeBody(Body, frozen=True, kw_only=True):
    """What the link holds."""

    code: Code


class TakeBody(Body, frozen=True, kw_only=True):
    """What the link holds, and the PIN that they will sign in with."""

    code: Code
    pin: Pin


class OfferedView(View, frozen=True, kw_only=True):
    """For whom the link is."""

    name: str
    expires_at: str


@ENDPOINTS.post(
    "/v1/admin/people/{userId}/new-sign-in",
    who_may(Act.OFFER_SIGN_IN),
    body=NewSignInBody,
    answers={201: NewSignInView},
    refuses=OfferNewSignIn.REFUSES,
)
async def offer_new_sign_in(call: Call) -> Response:
    """POST /v1/admin/people/{userId}/new-sign-in: 201. Their sessions end, and links of before are void."""
    await call.body(NewSignInBody)
    services = call.services
    command = OfferNewSignIn(actor_id=call.actor_id, user_id=UserId(call.id("userId")))
    user = (await services.committer.submit(command)).reply
    issued = services.tokens.issue(user.user_id, TokenUse.NEW_SIGN_IN, OFFER_S, version=user.session_version)
    url = f"{public_url(services.settings.server)}/customer/#{urlencode({FRAGMENT: issued.token})}"
    picture = await asyncio.to_thread(draw, Picture(url, "svg"))  # kept nowhere: it is a secret
    return json_response(NewSignInView(url=url, qr=picture.decode(), expires_at=rfc3339(issued.expires_at)), 201)


@ENDPOINTS.post("/v1/auth/new-sign-in/read", ANYONE, body=CodeBody, answers={200: OfferedView}, refuses=_REFUSES)
async def read_new_sign_in(call: Call) -> Response:
    """POST /v1/auth/new-sign-in/read: for whom it is. Nothing happens."""
    person, claims = await _offered(call, (await call.body(CodeBody)).code)
    return json_response(OfferedView(name=person.name, expires_at=rfc3339(claims.expires_at)))


@ENDPOINTS.post(
    "/v1/auth/new-sign-in",
    ANYONE,
    body=TakeBody,
    budget=BudgetKind.SIGN_IN,
    answers={200: SignedIn},
    refuses=(*_REFUSES, PinTooShort, WEAK, BUSY, (401, SECOND_FACTOR_REQUIRED)),
)
async def take_new_sign_in(call: Call) -> Response:
    """POST /v1/auth/new-sign-in: a new sign-in name, the PIN, and a session; once. A second factor is still asked."""
    body, services = await call.body(TakeBody), call.services
    known, claims = await _offered(call, body.code)
    pin = await new_pin(call, body.pin, names_of(known))
    command = TakeNewSignIn(
        user_id=known.user_id,
        version=claims.ver,
        pin_hash=pin.pin_hash,
        pin_digits=pin.digits,
        sign_in=new_sign_in(),
        guesses=services.guessing.keys.of_person(known.user_id, known.user.sign_in),
    )
    person = (await services.committer.submit(command)).reply
    if person.user.factors:
        raise await second_step_asked(call, person.user)
    return await sign_in(call, person, status=200)


async def _offered(call: Call, code: str) -> tuple[Person, Claims]:
    """Return for whom a link is, and what it says. Raises Unauthorized, NewSignInSpent, Suspended."""
    services = call.services
    try:
        claims = await services.tokens.verify(code, TokenUse.NEW_SIGN_IN)
    except ExpiredToken as error:
        raise Unauthorized("token-expired", "The link has expired: ask at the cash desk for another one.") from error
    except InvalidToken as error:
        raise Unauthorized("invalid-credentials", "This is no link that gives somebody a new sign-in.") from error
    person = await services.reads.person(UserId(claims.sub))
    if person is None or person.user.session_version != claims.ver:
        raise NewSignInSpent
    if person.user.suspended:
        raise Suspended
    return person, claims
