"""Relations: what a person is to the thing that they ask for. `MAY` is the one place that decides who may do what."""

from collections.abc import Iterable, Mapping
from enum import StrEnum, auto
from types import MappingProxyType
from typing import Final

import msgspec

from festival_push.domain.refusals import Forbidden, NotFound, Thing
from festival_push.domain.rows import Keeper, User
from festival_push.domain.values import AccountId, Part, Role, UserId, VendorId, till_account, user_account


class Person(msgspec.Struct, frozen=True):
    """A person with the stalls that they keep: those that they own first, then the oldest part first."""

    user: User
    stalls: Mapping[VendorId, Part] = MappingProxyType({})

    @property
    def user_id(self) -> UserId:
        """Return the person's id."""
        return self.user.user_id

    @property
    def name(self) -> str:
        """Return the person's name."""
        return self.user.name

    @property
    def user_type(self) -> Role:
        """Return the most that the person is, as the wire has said it from the beginning."""
        if self.user.admin:
            return Role.ADMIN
        return Role.VENDOR if self.stalls else Role.CUSTOMER

    @property
    def vendor_id(self) -> VendorId | None:
        """Return the first stall of a person who keeps some, which the wire calls theirs; None for organisers too."""
        return None if self.user.admin else next(iter(self.stalls), None)

    @property
    def account_id(self) -> AccountId:
        """Return the account that requests which name none mean: the first stall's till, else the wallet."""
        return user_account(self.user_id) if self.vendor_id is None else till_account(self.vendor_id)

    @property
    def groups(self) -> tuple[Role, ...]:
        """Return the groups that are told something together and that the person belongs to; customers are all."""
        own = {Role.CUSTOMER: True, Role.VENDOR: bool(self.stalls), Role.ADMIN: self.user.admin}
        return tuple(role for role, belongs in own.items() if belongs)


def person_of(user: User, keepers: Iterable[Keeper]) -> Person:
    """Return the person, given all rows of theirs as a keeper, in any order."""
    ordered = sorted(keepers, key=lambda keeper: (keeper.part is not Part.OWNER, keeper.created_at, keeper.vendor_id))
    return Person(user, MappingProxyType({keeper.vendor_id: keeper.part for keeper in ordered}))


def is_staff(person: Person) -> bool:
    """Return whether somebody has let this person in as more than a customer."""
    return bool(person.stalls) or person.user.cashier or person.user.admin


class Relation(StrEnum):
    """What a person is to a thing, or to everything. An owner is a keeper too."""

    SELF = auto()  # the thing is of this person
    KEEPER = auto()  # it is of a stall that they keep
    OWNER = auto()
    CASHIER = auto()
    ADMIN = auto()


class Act(StrEnum):
    """Something that can be done to a thing. The comments say whose relation counts: to a person or to a stall."""

    USE_ACCOUNT = auto()  # their own: profile, notifications, rooms, PIN, sessions
    SEE_WALLET = auto()
    PLACE_ORDER = auto()  # and pay a request, with their own wallet
    PAY_OUT_WALLET = auto()
    CLAIM_DEPOSIT = auto()  # that a stall gives back, into their own wallet
    SEE_ORDER = auto()  # of a person, at a stall; so are the seven below
    CANCEL_OWN_ORDER = auto()  # by the customer's rules
    COME_FOR_ORDER = auto()
    SERVE_ORDER = auto()  # every step of the stall's, its estimate too
    CANCEL_SILENTLY = auto()  # a step to `cancelled` without a reason, by the stall's rules
    WRITE_TO_STALL = auto()
    WRITE_TO_CUSTOMER = auto()
    REFUND_ORDER = auto()
    REFUND_SALE = auto()  # an order that is open, or was handed over at once today
    SEE_STALL_ORDERS = auto()  # of a stall; so are those down to SEE_KEEPERS
    CHANGE_STALL = auto()
    CHANGE_BUSINESS = auto()  # what its receipts say of whoever sells
    CHANGE_MENU = auto()
    KEEP_DISPLAYS = auto()
    REQUEST_PAYMENT = auto()
    SEE_TILL = auto()
    GIVE_DEPOSIT_BACK = auto()
    PAY_OUT_TILL = auto()
    CLOSE_TILL = auto()
    APPOINT_KEEPER = auto()
    DISMISS_KEEPER = auto()  # of a person, at a stall: anybody may go
    SEE_KEEPERS = auto()
    FIND_PERSON = auto()  # of the festival; so are the rest
    SEE_GUEST = auto()  # a person's card at the desk
    FREEZE_WALLET = auto()  # of a person; a cashier's: of guests alone, and so are the two below
    MOVE_WALLET = auto()  # to another person's, from theirs
    OFFER_SIGN_IN = auto()  # a new way to sign in, to somebody who has lost theirs
    TOP_UP = auto()
    PAY_OUT_AT_DESK = auto()
    REVERSE_OWN_BOOKING = auto()  # of the desk, a short while ago
    KEEP_DRAWER = auto()  # one's own
    KEEP_ANY_DRAWER = auto()
    ASSIGN_FUNDS = auto()
    GIVE_BACK_FUNDS = auto()
    REVERSE_TRANSFER = auto()
    GRANT_ALLOWANCE = auto()  # and take it back
    SETTLE_PAYOUT = auto()
    CLOSE_BOOKS = auto()
    SEE_OFFICE = auto()
    MANAGE_PEOPLE = auto()
    FOLLOW_ANYBODY = auto()
    INVITE_STALLS = auto()
    ANNOUNCE = auto()
    CONFIRM = auto()  # what another member of staff has asked for


_SELF: Final = frozenset({Relation.SELF})
_STALL: Final = frozenset({Relation.KEEPER, Relation.ADMIN})
_OWNER: Final = frozenset({Relation.OWNER, Relation.ADMIN})
_DESK: Final = frozenset({Relation.CASHIER, Relation.ADMIN})
_ADMIN: Final = frozenset({Relation.ADMIN})
_KNOWS: Final = frozenset({Relation.SELF, Relation.KEEPER, Relation.ADMIN})
"""Those who know that the thing exists, whatever they may do to it."""

MAY: Final[Mapping[Act, frozenset[Relation]]] = MappingProxyType(
    {
        Act.USE_ACCOUNT: _SELF,
        Act.SEE_WALLET: _SELF | _ADMIN,
        Act.PLACE_ORDER: _SELF,
        Act.PAY_OUT_WALLET: _SELF,
        Act.CLAIM_DEPOSIT: _SELF,
        Act.SEE_ORDER: _SELF | _STALL,
        Act.CANCEL_OWN_ORDER: _SELF,
        Act.COME_FOR_ORDER: _SELF,
        Act.SERVE_ORDER: _STALL,
        Act.CANCEL_SILENTLY: _ADMIN,
        Act.WRITE_TO_STALL: _SELF,
        Act.WRITE_TO_CUSTOMER: _STALL,
        Act.REFUND_ORDER: _ADMIN,
        Act.REFUND_SALE: _STALL,
        Act.SEE_STALL_ORDERS: _STALL,
        Act.CHANGE_STALL: _STALL,
        Act.CHANGE_BUSINESS: _OWNER,
        Act.CHANGE_MENU: _STALL,
        Act.KEEP_DISPLAYS: _STALL,
        Act.REQUEST_PAYMENT: frozenset({Relation.KEEPER}),
        Act.SEE_TILL: _STALL,
        Act.GIVE_DEPOSIT_BACK: frozenset({Relation.KEEPER}),
        Act.PAY_OUT_TILL: _OWNER,
        Act.CLOSE_TILL: _OWNER,
        Act.APPOINT_KEEPER: _OWNER,
        Act.DISMISS_KEEPER: _SELF | _OWNER,
        Act.SEE_KEEPERS: _STALL,
        Act.FIND_PERSON: _DESK,
        Act.SEE_GUEST: _DESK,
        Act.FREEZE_WALLET: _DESK,
        Act.MOVE_WALLET: _DESK,
        Act.OFFER_SIGN_IN: _DESK,
        Act.TOP_UP: _DESK,
        Act.PAY_OUT_AT_DESK: _DESK,
        Act.REVERSE_OWN_BOOKING: _DESK,
        Act.KEEP_DRAWER: _DESK,
        Act.KEEP_ANY_DRAWER: _ADMIN,
        Act.ASSIGN_FUNDS: _ADMIN,
        Act.GIVE_BACK_FUNDS: _ADMIN,
        Act.REVERSE_TRANSFER: _ADMIN,
        Act.GRANT_ALLOWANCE: _ADMIN,
        Act.SETTLE_PAYOUT: _ADMIN,
        Act.CLOSE_BOOKS: _ADMIN,
        Act.SEE_OFFICE: _ADMIN,
        Act.MANAGE_PEOPLE: _ADMIN,
        Act.FOLLOW_ANYBODY: _ADMIN,
        Act.INVITE_STALLS: _ADMIN,
        Act.ANNOUNCE: _ADMIN,
        Act.CONFIRM: _ADMIN,
    }
)
"""For each act, the relations of which one is enough."""


def relations(
    person: Person, *, user_id: UserId | None = None, vendor_id: VendorId | None = None
) -> frozenset[Relation]:
    """Return what a person is to a thing.

    Args:
        user_id: The person that the thing belongs to; None: to none.
        vendor_id: The stall that it belongs to; None: to none.
    """
    part = None if vendor_id is None else person.stalls.get(vendor_id)
    held = {
        Relation.SELF: user_id is not None and user_id == person.user_id,
        Relation.KEEPER: part is not None,
        Relation.OWNER: part is Part.OWNER,
        Relation.CASHIER: person.user.cashier,
        Relation.ADMIN: person.user.admin,
    }
    return frozenset(relation for relation, holds in held.items() if holds)


def may(person: Person, act: Act, *, user_id: UserId | None = None, vendor_id: VendorId | None = None) -> bool:
    """Return whether a person may do this to a thing of that person or stall."""
    return not MAY[act].isdisjoint(relations(person, user_id=user_id, vendor_id=vendor_id))


def could(person: Person, act: Act) -> bool:
    """Return whether there can be a thing to which the person may do this; `may` decides about each."""
    stalls = (relations(person, vendor_id=vendor_id) for vendor_id in person.stalls)
    return not MAY[act].isdisjoint(relations(person, user_id=person.user_id).union(*stalls))


def require(
    person: Person,
    act: Act,
    *,
    user_id: UserId | None = None,
    vendor_id: VendorId | None = None,
    what: Thing | None = None,
) -> None:
    """Refuse what `may` does not allow.

    Args:
        what: The kind of the thing, if the person may not know that it exists: ids can't be probed.
    Raises:
        NotFound: Of `what`; the person could do this to other things, and is nothing to this one.
        Forbidden: Else.
    """
    if may(person, act, user_id=user_id, vendor_id=vendor_id):
        return
    held = relations(person, user_id=user_id, vendor_id=vendor_id)
    if what is None or not could(person, act) or not held.isdisjoint(_KNOWS):
        raise Forbidden
    raise NotFound(what=what)


def require_guest(actor: Person, person: Person) -> None:
    """Raise Forbidden if a cashier would do to somebody of the staff what the desk does to guests."""
    if is_staff(person) and not actor.user.admin:
        raise Forbidden
