"""People, as the office finds them, takes them in, suspends them, and changes what they may do."""

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.people.relations import Act, Person, may
from festival_push.domain.people.rights import AdmitUser, ChangeRole, MakeCashier, SuspendUser
from festival_push.domain.refusals import AlreadyExists, Forbidden, NotFound
from festival_push.domain.signing_in.pins import ResetPin
from festival_push.domain.signing_in.refusals import PinTooShort, SignInTaken
from festival_push.domain.values import Part, Role, UserId, VendorId, rfc3339
from festival_push.store.writing.answers import Committed
from festival_push.web.api.people.new_pins import WEAK, names_of, new_pin
from festival_push.web.api.views import Page, View, page
from festival_push.web.identity.pins import BUSY, Pin
from festival_push.web.identity.principal import words_of
from festival_push.web.parsing.fields import Body, Id, Name, left_out
from festival_push.web.parsing.ids import new_sign_in, new_top_up_code, new_user_id, new_vendor_id
from festival_push.web.parsing.problems import field_error
from festival_push.web.parsing.queries import PAGE_LIMIT, PAGE_LIMIT_MAX
from festival_push.web.parsing.text import NAME_CHARS_MAX, clean_line, clean_name
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, json_response

ENDPOINTS: Final = Endpoints()

_MANAGERS: Final = who_may(Act.MANAGE_PEOPLE)
_MADE_HERE: Final = (AlreadyExists, SignInTaken)  # ids and sign-in names are made at random


class AdmitBody(Body, frozen=True, kw_only=True):
    """A new person. Without a PIN they sign in by a token, or through an identity provider."""

    role: Role
    name: Name
    pin: Pin | UnsetType = UNSET
    vendor_id: Id | UnsetType = UNSET


class RoleBody(Body, frozen=True, kw_only=True):
    """The most that somebody is from now on; a vendor without `vendorId` gets a stall of their own."""

    role: Role
    vendor_id: Id | UnsetType = UNSET


class CashierBody(Body, frozen=True, kw_only=True):
    """Whether they top up wallets at the cash desk."""

    cashier: bool


class PinBody(Body, frozen=True, kw_only=True):
    """What they will sign in with; `newSignIn`: also a new sign-in name, for they have forgotten theirs."""

    pin: Pin
    new_sign_in: bool = False


class SuspendBody(Body, frozen=True, kw_only=True):
    """Nothing to say."""


class UsersQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which people; `before` is the `next` of the page before. `search`: in names and ids, or a top-up code."""

    limit: Annotated[int, Meta(ge=1, le=PAGE_LIMIT_MAX)] = PAGE_LIMIT
    before: Id | None = None
    search: Annotated[str, Meta(max_length=80)] = ""


class PartView(View, frozen=True, kw_only=True):
    """A stall that somebody keeps."""

    vendor_id: VendorId
    part: Part


class UserView(View, frozen=True, kw_only=True):
    """A person, as the office sees them."""

    user_id: UserId
    user_type: Role  # the most that they are
    name: str
    suspended: bool
    vendor_id: VendorId | UnsetType = UNSET  # the first stall that they keep, unless they are an organiser
    top_up_code: str
    created_at: str
    is_: tuple[str, ...] = msgspec.field(name="is")  # customer, keeper, cashier, admin
    stalls: tuple[PartView, ...]


class HandedView(UserView, frozen=True, kw_only=True):
    """A person whom the office has given something to sign in with: shown this once, to be handed to them."""

    sign_in: str | UnsetType = UNSET


@ENDPOINTS.get("/v1/admin/users", who_may(Act.FIND_PERSON), query=UsersQuery, answers={200: Page[UserView]})
async def list_users(call: Call) -> Response:
    """GET /v1/admin/users: newest first. Cashiers must say whom they look for."""
    query = call.query(UsersQuery)
    before = None if query.before is None else UserId(query.before)
    search = clean_line(query.search, field="search", chars_max=NAME_CHARS_MAX, blank=True)
    if not search and not may(call.person, Act.MANAGE_PEOPLE):
        raise Forbidden  # the list of everybody is the organisers'
    found = await call.services.reads.users(search=search, before=before, limit=query.limit + 1)
    return json_response(page(found, query.limit, _user_view, before=lambda person: person.user_id))


@ENDPOINTS.post(
    "/v1/admin/users",
    _MANAGERS,
    body=AdmitBody,
    answers={201: HandedView},
    refuses=(*(kind for kind in AdmitUser.REFUSES if kind not in _MADE_HERE), WEAK, BUSY),
)
async def admit_user(call: Call) -> Response:
    """POST /v1/admin/users: 201."""
    body = await call.body(AdmitBody)
    name = clean_name(body.name)
    pin = None if body.pin is UNSET else await new_pin(call, body.pin, (name,))
    command = AdmitUser(
        actor_id=call.actor_id,
        user_id=UserId(new_user_id()),
        role=body.role,
        name=name,
        pin_hash=None if pin is None else pin.pin_hash,
        pin_digits=0 if pin is None else pin.digits,
        sign_in=None if pin is None else new_sign_in(),
        top_up_code=new_top_up_code(),
        vendor_id=_stall(body.role, body.vendor_id),
        new_vendor_id=VendorId(new_vendor_id()),
    )
    return await call.run(command, _handed_view, status=201)


@ENDPOINTS.post(
    "/v1/admin/users/{userId}/suspend",
    _MANAGERS,
    body=SuspendBody,
    answers={200: UserView},
    refuses=SuspendUser.REFUSES,
)
async def suspend_user(call: Call) -> Response:
    """POST /v1/admin/users/{userId}/suspend: their open streams end within a second."""
    return await _suspend(call, suspended=True)


@ENDPOINTS.post("/v1/admin/users/{userId}/unsuspend", _MANAGERS, body=SuspendBody, answers={200: UserView})
async def unsuspend_user(call: Call) -> Response:
    """POST /v1/admin/users/{userId}/unsuspend."""
    return await _suspend(call, suspended=False)


@ENDPOINTS.post(
    "/v1/admin/users/{userId}/role",
    _MANAGERS,
    body=RoleBody,
    answers={200: UserView},
    refuses=ChangeRole.REFUSES,
)
async def change_role(call: Call) -> Response:
    """POST /v1/admin/users/{userId}/role: their open streams end within a second, and come back with the new rights."""
    body = await call.body(RoleBody)
    command = ChangeRole(
        actor_id=call.actor_id,
        user_id=_user_id(call),
        role=body.role,
        vendor_id=_stall(body.role, body.vendor_id),
        new_vendor_id=VendorId(new_vendor_id()),
    )
    return await call.run(command, _changed_view)


@ENDPOINTS.post("/v1/admin/users/{userId}/cashier", _MANAGERS, body=CashierBody, answers={200: UserView})
async def make_cashier(call: Call) -> Response:
    """POST /v1/admin/users/{userId}/cashier: their open streams end within a second, and come back."""
    body = await call.body(CashierBody)
    command = MakeCashier(actor_id=call.actor_id, user_id=_user_id(call), cashier=body.cashier)
    return await call.run(command, _changed_view)


@ENDPOINTS.post(
    "/v1/admin/users/{userId}/pin",
    _MANAGERS,
    body=PinBody,
    answers={200: HandedView},
    refuses=(PinTooShort, WEAK, BUSY),
)
async def reset_pin(call: Call) -> Response:
    """POST /v1/admin/users/{userId}/pin: for somebody who has forgotten theirs; all their sessions end."""
    body = await call.body(PinBody)
    services = call.services
    known = await services.reads.person(_user_id(call))
    if known is None:
        raise NotFound(what="user")
    pin = await new_pin(call, body.pin, names_of(known))
    sign_in = known.user.sign_in
    named = sign_in is not None and not body.new_sign_in
    command = ResetPin(
        actor_id=call.actor_id,
        user_id=known.user_id,
        pin_hash=pin.pin_hash,
        pin_digits=pin.digits,
        sign_in=None if named else new_sign_in(),
        guesses=services.guessing.keys.of_person(known.user_id, sign_in),
    )
    return await call.run(command, _changed_view if named else _handed_view)


async def _suspend(call: Call, *, suspended: bool) -> Response:
    await call.body(SuspendBody)
    command = SuspendUser(actor_id=call.actor_id, user_id=_user_id(call), suspended=suspended)
    return await call.run(command, _changed_view)


def _user_id(call: Call) -> UserId:
    return UserId(call.id("userId"))


def _stall(role: Role, vendor_id: str | UnsetType) -> VendorId | None:
    if vendor_id is UNSET:
        return None
    if role is not Role.VENDOR:
        raise field_error("vendorId", "is for vendors only")
    return VendorId(vendor_id)


def _changed_view(committed: Committed[Person]) -> UserView:
    return _user_view(committed.reply)


def _handed_view(committed: Committed[Person]) -> HandedView:
    seen, sign_in = _user_view(committed.reply), committed.reply.user.sign_in
    return HandedView(**msgspec.structs.asdict(seen), sign_in=left_out(sign_in))


def _user_view(person: Person) -> UserView:
    user = person.user
    return UserView(
        user_id=user.user_id,
        user_type=person.user_type,
        name=user.name,
        suspended=user.suspended,
        vendor_id=left_out(person.vendor_id),
        top_up_code=user.top_up_code,
        created_at=rfc3339(user.created_at),
        is_=words_of(person),
        stalls=tuple(PartView(vendor_id=vendor_id, part=part) for vendor_id, part in person.stalls.items()),
    )
