"""Signing up, in and out; tickets for streams."""

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.people.people import AddUser
from festival_push.domain.people.relations import Person
from festival_push.domain.refusals import InvalidVendorCode, NameTaken, Suspended
from festival_push.domain.signing_in.guesses import CountTry
from festival_push.domain.signing_in.pins import ChangePin
from festival_push.domain.signing_in.refusals import PinTooShort
from festival_push.domain.signing_in.sessions import EndSession
from festival_push.domain.signing_in.sign_in import RenewSignIn
from festival_push.domain.values import Role, UserId, VendorId, rfc3339
from festival_push.web.api.people.new_pins import WEAK, names_of, new_pin
from festival_push.web.api.people.pin_check import remember_device, require_own_pin, signed_in_by_pin
from festival_push.web.api.people.second_step import second_step_asked
from festival_push.web.api.people.signing_in import SignedIn, sign_in
from festival_push.web.identity.claims import TokenUse
from festival_push.web.identity.cookies import sent_cookies
from festival_push.web.identity.factors.challenges import SECOND_FACTOR_REQUIRED
from festival_push.web.identity.limits import BudgetKind
from festival_push.web.identity.pins import BUSY, Pin
from festival_push.web.identity.principal import DisplayCaller, Principal, bearer_token
from festival_push.web.parsing.fields import Body, Name, NewSignIn, TypedSignIn
from festival_push.web.parsing.ids import new_sign_in, new_top_up_code, new_user_id, new_vendor_id, vendor_code_hash
from festival_push.web.parsing.problems import Unauthorized, field_error
from festival_push.web.parsing.text import clean_name
from festival_push.web.routing.endpoint import ANYONE, USER, Access, Call, Endpoints, json_response, no_content

ENDPOINTS: Final = Endpoints()

TICKET_TTL_S: Final = 60


class Register(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A new person; with an unused vendor code, a new stall."""

    name: Name
    pin: Pin
    vendor_code: Annotated[str, Meta(min_length=1, max_length=100)] | None = None


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", kw_only=True):
    """Somebody who was here before. `userId`, as it was called before, is read as `signIn`; one of them is required."""

    sign_in: TypedSignIn | UnsetType = UNSET
    user_id: TypedSignIn | UnsetType = UNSET
    pin: Pin

    def name(self) -> str:
        """Return the sign-in name as it was typed. Raises BadRequest unless there is just one."""
        if self.sign_in is not UNSET and self.user_id is not UNSET:
            raise field_error("userId", "must not stand beside signIn")
        name = self.user_id if self.sign_in is UNSET else self.sign_in
        if name is UNSET:
            raise field_error("signIn", "is required")
        return name


class SignInBody(Body, frozen=True, kw_only=True):
    """Another sign-in name; without one it is made at random."""

    sign_in: NewSignIn | UnsetType = UNSET


class SignInView(msgspec.Struct, frozen=True, rename="camel"):
    """What the caller signs in with from now on."""

    sign_in: str


class ChangePinBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The PIN as it is, and as it shall be."""

    pin: Pin
    new_pin: Pin


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
    refuses=(InvalidVendorCode, NameTaken, PinTooShort, WEAK, BUSY),
)
async def register(call: Call) -> Response:
    """POST /v1/auth/register."""
    body = await call.body(Register)
    name = clean_name(body.name)
    invited = body.vendor_code is not None
    pin = await new_pin(call, body.pin, (name,))
    added = AddUser(
        user_id=UserId(new_user_id()),
        role=Role.VENDOR if invited else Role.CUSTOMER,
        name=name,
        pin_hash=pin.pin_hash,
        pin_digits=pin.digits,
        top_up_code=new_top_up_code(),
        sign_in=new_sign_in(),
        vendor_code_hash=vendor_code_hash(body.vendor_code) if body.vendor_code is not None else None,
        self_registered=True,
        vendor_id=VendorId(new_vendor_id()),
    )
    committed = await call.services.committer.submit(added)
    return await sign_in(call, committed.reply, status=201)


@ENDPOINTS.post(
    "/v1/auth/login",
    ANYONE,
    body=Login,
    budget=BudgetKind.SIGN_IN,
    answers={200: SignedIn},
    refuses=(*CountTry.REFUSES, Suspended, (401, "invalid-credentials"), (401, SECOND_FACTOR_REQUIRED), BUSY),
)
async def login(call: Call) -> Response:
    """POST /v1/auth/login."""
    body = await call.body(Login)
    person = await signed_in_by_pin(call, body.name(), body.pin)
    return await _signed_in(call, person)


async def _signed_in(call: Call, person: Person) -> Response:
    """Answer somebody whose PIN was right."""
    if person.user.factors:
        raise await second_step_asked(call, person.user)
    return await sign_in(call, person, status=200)


@ENDPOINTS.post(
    "/v1/me/pin",
    USER,
    unproven=True,
    body=ChangePinBody,
    answers={204: None},
    refuses=(*CountTry.REFUSES, *ChangePin.REFUSES, WEAK, BUSY),
)
async def change_pin(call: Call) -> Response:
    """POST /v1/me/pin: the other sessions end, and this one goes on."""
    body = await call.body(ChangePinBody)
    person = await require_own_pin(call, body.pin)
    pin = await new_pin(call, body.new_pin, names_of(person), field="newPin")
    command = ChangePin(
        user_id=person.user_id,
        known_hash=person.user.pin_hash,
        pin_hash=pin.pin_hash,
        pin_digits=pin.digits,
        session=call.user().jti,
    )
    return await call.run(command, lambda _: None, status=204)


@ENDPOINTS.post(
    "/v1/me/sign-in", USER, unproven=True, body=SignInBody, answers={200: SignInView}, refuses=RenewSignIn.REFUSES
)
async def renew_sign_in(call: Call) -> Response:
    """POST /v1/me/sign-in: the old name is forgotten; sessions go on."""
    body = await call.body(SignInBody)
    command = RenewSignIn(user_id=call.actor_id, sign_in=new_sign_in() if body.sign_in is UNSET else body.sign_in)
    renewed = (await call.services.committer.submit(command)).reply
    response = json_response(SignInView(renewed.user.sign_in or ""))
    remember_device(call, response, renewed.user)
    return response


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


@ENDPOINTS.post(
    "/v1/auth/stream-tickets", frozenset({Access.USER, Access.DISPLAY}), unproven=True, answers={201: Ticket}
)
async def issue_stream_ticket(call: Call) -> Response:
    """POST /v1/auth/stream-tickets."""
    version, key = 0, None
    match call.principal:
        case Principal(user=user):
            subject, screen, key = str(user.user_id), False, call.principal.key
            version = user.session_version if call.principal.version is None else call.principal.version
        case DisplayCaller(display=display):
            subject, screen = str(display.display_id), True
        case None:
            raise Unauthorized
    caller = call.principal
    issued = call.services.tokens.issue(
        subject, TokenUse.TICKET, TICKET_TTL_S, until=caller.expires_at,
        session=caller.jti, session_expires_at=caller.expires_at, version=version, screen=screen,
        key=key,
    )  # fmt: skip
    return json_response(Ticket(issued.token, rfc3339(issued.expires_at)), 201)
