"""Rights: the organiser adds people, suspends them, and changes what they are; a role is shorthand for relations."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import UserChanged
from festival_push.domain.look_alikes import name_key
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.people.endings import end_things, things_of
from festival_push.domain.people.keepers import appoint, attend, caught_up, dismiss, leave_rooms
from festival_push.domain.people.people import add_user
from festival_push.domain.people.relations import Act, Person
from festival_push.domain.people.standing import changed_standing, standing
from festival_push.domain.refusals import (
    AlreadyExists,
    LastAdmin,
    NameTaken,
    NotFound,
    OwnsStall,
    Refusals,
    TooManyKeepers,
    TooManyStalls,
)
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import User
from festival_push.domain.signing_in.pin_lengths import require_long_enough
from festival_push.domain.signing_in.refusals import PinTooShort, SignInTaken
from festival_push.domain.signing_in.sign_in import sign_in_names
from festival_push.domain.stalls.opening import open_new_stall
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Instant, Part, Role, UserId, VendorId, staff_actor


class AdmitUser(msgspec.Struct, frozen=True, kw_only=True):
    """Add a person, as the organiser; a vendor gets a stall of their own, or keeps one that exists."""

    REFUSES: ClassVar[Refusals] = (AlreadyExists, NameTaken, NotFound, PinTooShort, SignInTaken, TooManyKeepers)

    actor_id: UserId
    user_id: UserId
    role: Role
    name: str
    pin_hash: str | None
    top_up_code: str
    vendor_id: VendorId | None = None  # of the stall that a vendor keeps; None: one of their own
    new_vendor_id: VendorId | None = None  # of the stall of their own; None: the same as the person's id
    sign_in: str | None = None  # None: they don't sign in by a PIN
    pin_digits: int = 0  # how long the PIN is

    def needs(self) -> Needs:
        """Name the caller, the id and the sign-in name, which must be free, and the stall."""
        stalls = (_stall(self),) if self.role is Role.VENDOR else ()
        keys = (name_key(self.name),) if stalls and self.vendor_id is None else ()
        names = () if self.sign_in is None else sign_in_names(self.sign_in)
        return Needs(
            users=(self.actor_id, self.user_id), sign_ins=names, vendors=stalls, keepers_of=stalls, name_keys=keys
        )

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Create the person with an empty wallet.

        Raises Forbidden, AlreadyExists, PinTooShort, TooManyKeepers; NameTaken for a stall of their own; NotFound for
        an unknown one; SignInTaken for a name that is not free.
        """
        book.organiser(self.actor_id, Act.MANAGE_PEOPLE)
        assert self.vendor_id is None or self.role is Role.VENDOR, self.role
        draft = Draft(book, now, user=self.actor_id)
        admin = self.role is Role.ADMIN
        user = add_user(
            draft, self.user_id, name=self.name, pin_hash=self.pin_hash, top_up_code=self.top_up_code, admin=admin,
            sign_in=self.sign_in, pin_digits=self.pin_digits,
        )  # fmt: skip
        if admin:
            user = msgspec.structs.replace(user, rights_at=now)
            draft.put(user)
        person = self._placed(draft, user)
        draft.deed(DeedKind.ADD_USER, "user", self.user_id, after={"name": self.name, **standing(person)})
        return draft.decision(person)

    def _placed(self, draft: Draft, user: User) -> Person:
        """Return the new person, with the stall if they are to keep one."""
        require_long_enough(Person(user, {_stall(self): Part.KEEPER} if self.role is Role.VENDOR else {}))
        if self.role is not Role.VENDOR:
            return Person(user)
        if self.vendor_id is not None:
            draft.book.vendor(self.vendor_id)
            return appoint(draft, Person(user), self.vendor_id, Part.KEEPER)
        open_new_stall(draft, _stall(self), user, name=self.name, by_organiser=True)
        return Person(user, {_stall(self): Part.OWNER})


class SuspendUser(msgspec.Struct, frozen=True, kw_only=True):
    """Suspend a person, or end the suspension. Their open streams end, and what they made for stalls; their money stays
    theirs.
    """

    REFUSES: ClassVar[Refusals] = (LastAdmin,)

    actor_id: UserId
    user_id: UserId
    suspended: bool

    def needs(self) -> Needs:
        """Name both people, the keepers of the person's stalls, and all organisers: one must be left."""
        return Needs(
            users=(self.actor_id, self.user_id), colleagues=(self.user_id,), admins=(1,), **things_of(self.user_id)
        )

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Change it; nothing happens if it is so already. Raises Forbidden, NotFound, LastAdmin."""
        book.organiser(self.actor_id, Act.MANAGE_PEOPLE)
        person = book.person(self.user_id)
        draft = Draft(book, now, user=self.actor_id)
        if person.user.suspended is not self.suspended:
            if self.suspended:
                _require_other_admin(book, person.user)
            person = msgspec.structs.replace(
                person, user=msgspec.structs.replace(person.user, suspended=self.suspended)
            )
            draft.put(person.user)
            act = DeedKind.SUSPEND if self.suspended else DeedKind.UNSUSPEND
            after = {"suspended": self.suspended, **(end_things(draft, person) if self.suspended else {})}
            draft.deed(act, "user", self.user_id, before={"suspended": not self.suspended}, after=after)
            for vendor_id in person.stalls:
                attend(draft, vendor_id, book.keepers_of(vendor_id), suspended={person.user_id: self.suspended})
            draft.tell(UserChanged(timestamp=draft.timestamp, user_id=person.user_id), SYSTEM)
        return draft.decision(person)


class ChangeRole(msgspec.Struct, frozen=True, kw_only=True):
    """Make a person a customer only, a keeper of one stall, or an organiser."""

    REFUSES: ClassVar[Refusals] = (AlreadyExists, LastAdmin, NameTaken, OwnsStall, TooManyKeepers, TooManyStalls)

    actor_id: UserId | None  # None: the organiser at the command line
    user_id: UserId
    role: Role
    vendor_id: VendorId | None = None  # the stall that a vendor keeps; None: one of their own
    new_vendor_id: VendorId | None = None  # of the stall of their own, if it is new; None: the same as the person's id

    def needs(self) -> Needs:
        """Name both people, the rooms, the stalls with their keepers, and all organisers: one must be left."""
        stalls = (_stall(self),) if self.role is Role.VENDOR else ()
        return Needs(
            users=(self.user_id,) if self.actor_id is None else (self.actor_id, self.user_id),
            admins=(1,),
            vendors=stalls,
            keepers_of=stalls,
            colleagues=(self.user_id,),
            founders=(self.user_id,) if stalls and self.vendor_id is None else (),
            rooms=(self.user_id,),
            readers=(self.user_id,),
            **things_of(self.user_id),
        )

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Change it; nothing happens if it is so already. Raises Forbidden, NotFound, LastAdmin, OwnsStall,
        NameTaken.

        A customer has no relation left. An organiser keeps their stalls. A vendor is no organiser, keeps the one stall
        and what they own, and works at no other. Whoever loses something leaves all their rooms, because they may no
        longer be allowed to see them.
        """
        if self.actor_id is not None:
            book.organiser(self.actor_id, Act.MANAGE_PEOPLE)
        before = book.person(self.user_id)
        draft = Draft(book, now, actor=staff_actor(self.actor_id))
        user = self._flags(before.user)
        if user.admin and not before.user.admin:
            user = caught_up(book, user)
            if self.actor_id is not None:
                user = msgspec.structs.replace(user, rights_at=now)
        after = msgspec.structs.replace(before, user=user)
        if before.user.admin and not after.user.admin:
            _require_other_admin(book, before.user)
        if after.user != before.user:
            draft.put(after.user)
        if self.role is Role.VENDOR:
            after = self._keep_stall(draft, after)
        elif self.role is Role.CUSTOMER:
            after = dismiss(draft, after, tuple(after.stalls))
        over: State = {}
        if _has_lost(before, after):
            leave_rooms(draft, self.user_id)
            over = end_things(draft, after)
        if after != before:
            was, is_now = changed_standing(before, after)
            draft.deed(DeedKind.CHANGE_ROLE, "user", self.user_id, before=was, after={**is_now, **over})
            draft.tell(UserChanged(timestamp=draft.timestamp, user_id=self.user_id), SYSTEM)
        return draft.decision(after)

    def _flags(self, user: User) -> User:
        is_admin, is_customer = self.role is Role.ADMIN, self.role is Role.CUSTOMER
        return msgspec.structs.replace(user, admin=is_admin, cashier=user.cashier and not is_customer)

    def _keep_stall(self, draft: Draft, person: Person) -> Person:
        owned = tuple(vendor_id for vendor_id, part in person.stalls.items() if part is Part.OWNER)
        if self.vendor_id is None and not owned:
            vendor_id = _stall(self)
            open_new_stall(draft, vendor_id, person.user, name=person.name, by_organiser=True)
        elif self.vendor_id is not None:
            vendor_id = draft.book.vendor(self.vendor_id).vendor_id
        else:
            vendor_id = owned[0]
        left = tuple(each for each in person.stalls if each not in owned and each != vendor_id)
        stayed = {each: part for each, part in person.stalls.items() if each not in left}
        dismiss(draft, person, left)
        if self.vendor_id is None:
            return Person(person.user, {**stayed, vendor_id: Part.OWNER})
        if vendor_id not in stayed:
            person = appoint(draft, Person(person.user, stayed), vendor_id, Part.KEEPER)
            stayed[vendor_id] = Part.KEEPER
        return Person(person.user, stayed)


class MakeCashier(msgspec.Struct, frozen=True, kw_only=True):
    """Let somebody top up wallets at the cash desk, or end that."""

    actor_id: UserId
    user_id: UserId
    cashier: bool

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id, self.user_id))

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Change it; nothing happens if it is so already. Raises Forbidden, NotFound."""
        book.organiser(self.actor_id, Act.MANAGE_PEOPLE)
        person = book.person(self.user_id)
        draft = Draft(book, now, user=self.actor_id)
        if person.user.cashier is not self.cashier:
            user = msgspec.structs.replace(person.user, cashier=self.cashier)
            if self.cashier and not user.admin:  # what they ask for at once, one organiser may have asked for
                user = msgspec.structs.replace(user, rights_at=now)
            person = msgspec.structs.replace(person, user=user)
            draft.put(user)
            state = {"cashier": not self.cashier}, {"cashier": self.cashier}
            draft.deed(DeedKind.CASHIER, "user", self.user_id, before=state[0], after=state[1])
            draft.tell(UserChanged(timestamp=draft.timestamp, user_id=person.user_id), SYSTEM)
        return draft.decision(person)


def _has_lost(before: Person, after: Person) -> bool:
    user, now = before.user, after.user
    return (
        (user.admin and not now.admin)
        or (user.cashier and not now.cashier)
        or not before.stalls.keys() <= after.stalls.keys()
    )


def _stall(command: AdmitUser | ChangeRole) -> VendorId:
    return command.vendor_id or command.new_vendor_id or VendorId(command.user_id)


def _require_other_admin(book: Book, user: User) -> None:
    """Raise LastAdmin if, without this person, no organiser would be left who is not suspended."""
    if user.admin and not user.suspended:
        others = (other for other in book.users.values() if other.user_id != user.user_id)
        if not any(other.admin and not other.suspended for other in others):
            raise LastAdmin
