"""Signing up, in and out; tickets for streams."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.responses import Response

from festival_push.domain.people.people import AddUser, ClearPinTries, EndSession, TryPin
from festival_push.domain.people.pins import ChangePin
from festival_push.domain.people.relations import Person
from festival_push.domain.refusals import InvalidVendorCode, NameTaken, NotFound, Suspended, TooManyTries, WrongPin
from festival_push.domain.values import Role, UserId, VendorId, rfc3339
from festival_push.web.identity.claims import TokenUse
from festival_push.web.identity.cookies import sent_cookies
from festival_push.web.identity.limits import BudgetKind
from festival_push.web.identity.pins import BUSY, Pin
from festival_push.web.identity.principal import DisplayCaller, Principal, bearer_token
from festival_push.web.parsing.fields import Id, Name
from festival_push.web.parsing.ids import new_top_up_code, new_user_id, new_vendor_id, vendor_code_hash
from festival_push.web.parsing.problems import Unauthorized
from festival_push.web.parsing.text import clean_name
from festival_push.web.routing.endpoint import ANYONE, USER, Access, Call, Endpoints, json_response, no_content

ENDPOINTS: Final = Endpoints()

TICKET_TTL_S: Final = 60


class Register(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A new person; with an unused vendor code, a new stall."""

    name: Name
    pin: Pin
    vendor_code: Annotated[str, Meta(min_length=1, max_length=100)] | None = None


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Somebody who was here before."""

    user_id: Id
    pin: Pin


class ChangePinBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The PIN as it is, and as it shall be."""

    pin: Pin
    new_pin: Pin


class SignedIn(msgspec.Struct, frozen=True, rename="camel"):
    """A session."""

    user_id: UserId
    user_type: Role
    name: str
    token: str
    expires_at: str
    top_up_code: str


class Ticket(msgspec.Struct, frozen=True, rename="camel"):
    """Opens one stream, once, within a minute."""

    ticket: str
    expires_at: str


@ENDPOINTS.post(
    "/v1/auth/register",
    ANYONE,
    body=Register,
    budget=BudgetKind.REGISTRATION,
    answers={201: SignedIn},
    refuses=(InvalidVendorCode, NameTaken, BUSY),
)
async def register(call: Call) -> Response:
    """POST /v1/auth/register."""
    body = await call.body(Register)
    name = clean_name(body.name)
    invited = body.vendor_code is not None
    added = AddUser(
        user_id=UserId(new_user_id()),
        role=Role.VENDOR if invited else Role.CUSTOMER,
        name=name,
        pin_hash=await call.hash_pin(body.pin),
        top_up_code=new_top_up_code(),
        vendor_code_hash=vendor_code_hash(body.vendor_code) if body.vendor_code is not None else None,
        self_registered=True,
        vendor_id=VendorId(new_vendor_id()),
    )
    committed = await call.services.committer.submit(added)
    return _sign_in(call, committed.reply, status=201)


@ENDPOINTS.post(
    "/v1/auth/login",
    ANYONE,
    body=Login,
    budget=BudgetKind.SIGN_IN,
    answers={200: SignedIn},
    refuses=(*TryPin.REFUSES, Suspended, (401, "invalid-credentials"), BUSY),
)
async def login(call: Call) -> Response:
    """POST /v1/auth/login. A wrong PIN and an unknown person get the same answer, after the same hashing."""
    body = await call.body(Login)
    services = call.services
    person = await _count_try(call, UserId(body.user_id))
    if not await call.verify_pin(person.user.pin_hash if person else None, body.pin) or person is None:
        raise Unauthorized("invalid-credentials", "User id and PIN don't match.")
    await services.committer.submit(ClearPinTries(user_id=person.user_id))
    if person.user.suspended:
        raise Suspended
    return _sign_in(call, person, status=200)


@ENDPOINTS.post(
    "/v1/me/pin", USER, body=ChangePinBody, answers={204: None}, refuses=(*TryPin.REFUSES, *ChangePin.REFUSES, BUSY)
)
async def change_pin(call: Call) -> Response:
    """POST /v1/me/pin: the other sessions end, and this one goes on."""
    body = await call.body(ChangePinBody)
    caller = call.user()
    person = await _count_try(call, caller.user.user_id)
    known_hash = person.user.pin_hash if person else None
    if not await call.verify_pin(known_hash, body.pin):
        raise WrongPin  # a 401 would sign them out
    command = ChangePin(
        user_id=caller.user.user_id,
        known_hash=known_hash,
        pin_hash=await call.hash_pin(body.new_pin),
        session=caller.jti,
    )
    return await call.run(command, lambda _: None, status=204)


# No budget of the address: whoever used it up would keep its other people from signing out. A sign-out costs a command
# only once, because it ends its session.
@ENDPOINTS.post("/v1/auth/logout", ANYONE, budget=BudgetKind.NONE, answers={204: None})
async def logout(call: Call) -> Response:
    """POST /v1/auth/logout. Also with a session that is over, or with none: the browser forgets its cookies."""
    services, headers = call.services, call.request.headers
    cookies = sent_cookies(headers)
    tokens = [services.cookies.session(cookies), bearer_token(headers.get("authorization"))]
    for token in filter(None, tokens):
        try:
            caller = await services.authenticator.caller(token)
        except Unauthorized:
            continue
        if isinstance(caller, Principal):  # a display is revoked, it does not sign out
            await services.committer.submit(EndSession(jti=caller.jti, expires_at=caller.expires_at))
            services.authenticator.end_session(caller.jti)
    response = no_content()
    services.cookies.clear_session(response)
    services.cookies.clear_streams(response, cookies)
    return response


@ENDPOINTS.post("/v1/auth/stream-tickets", frozenset({Access.USER, Access.DISPLAY}), answers={201: Ticket})
async def issue_stream_ticket(call: Call) -> Response:
    """POST /v1/auth/stream-tickets."""
    version = 0
    match call.principal:
        case Principal(user=user):
            subject, screen = str(user.user_id), False
            version = user.session_version if call.principal.version is None else call.principal.version
        case DisplayCaller(display=display):
            subject, screen = str(display.display_id), True
        case None:
            raise Unauthorized
    caller = call.principal
    issued = call.services.tokens.issue(
        subject, TokenUse.TICKET, TICKET_TTL_S, until=caller.expires_at,
        session=caller.jti, session_expires_at=caller.expires_at, version=version, screen=screen,
    )  # fmt: skip
    return json_response(Ticket(issued.token, rfc3339(issued.expires_at)), 201)


async def _count_try(call: Call, user_id: UserId) -> Person | None:
    """Count every try before the PIN is checked, and return the person; None if unknown. Raises TooManyTries."""
    services, rules = call.services, call.services.rules
    try:
        return (await services.committer.submit(TryPin(user_id=user_id))).reply
    except NotFound:
        period_s = rules.pin_window_ms / 1000
        budget = await services.limiter.take(f"pin:{user_id}", rules.pin_tries_max, period_s=period_s)
        if not budget.allowed:
            raise TooManyTries(retry_after=budget.retry_after_s) from None
        return None


def _sign_in(call: Call, person: Person, *, status: int) -> Response:
    services, user = call.services, person.user
    ttl_s = services.settings.auth.token_ttl_s
    issued = services.tokens.issue(user.user_id, TokenUse.SESSION, ttl_s, version=user.session_version)
    signed_in = SignedIn(
        user_id=user.user_id,
        user_type=person.user_type,
        name=user.name,
        token=issued.token,
        expires_at=rfc3339(issued.expires_at),
        top_up_code=user.top_up_code,
    )
    response = json_response(signed_in, status)
    services.cookies.set_session(response, issued.token, ttl_s)
    return response
