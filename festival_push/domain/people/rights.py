"""Rights: the organiser adds people, suspends them, and changes their role."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision, Needs
from festival_push.domain.draft import Draft
from festival_push.domain.events import UserChanged
from festival_push.domain.people.people import add_user
from festival_push.domain.people.sign_in import sign_in_names
from festival_push.domain.refusals import (
    AlreadyExists,
    LastAdmin,
    NotFound,
    OwnsStall,
    PinTooShort,
    Refusals,
    SignInTaken,
)
from festival_push.domain.rows import User, Vendor
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Instant, Role, UserId, VendorId, user_account
from festival_push.domain.words.rooms import change_rooms


class AdmitUser(msgspec.Struct, frozen=True, kw_only=True):
    """Add a person, as the organiser; a vendor gets a stall of their own, or works for one that exists."""

    REFUSES: ClassVar[Refusals] = (AlreadyExists, NotFound, PinTooShort, SignInTaken)

    actor_id: UserId
    user_id: UserId
    role: Role
    name: str
    pin_hash: str | None
    top_up_code: str
    vendor_id: VendorId | None = None  # of a vendor only
    sign_in: str | None = None  # None: they don't sign in by a PIN
    pin_digits: int = 0  # how long the PIN is

    def needs(self) -> Needs:
        """Name the caller, the id and the sign-in name, which must be free, and the stall."""
        vendors = () if self.vendor_id is None else (self.vendor_id,)
        sign_ins = () if self.sign_in is None else sign_in_names(self.sign_in)
        return Needs(users=(self.actor_id, self.user_id), vendors=vendors, sign_ins=sign_ins)

    def decide(self, book: Book, now: Instant) -> Decision[User]:
        """Create the person with an empty wallet.

        Raises Forbidden, AlreadyExists, PinTooShort; NotFound for an unknown stall; SignInTaken for a name that is not
        free.
        """
        book.actor(self.actor_id, Role.ADMIN)
        assert self.vendor_id is None or self.role is Role.VENDOR, self.role
        draft = Draft(book, now)
        user = add_user(
            draft,
            self.user_id,
            self.role,
            name=self.name,
            pin_hash=self.pin_hash,
            top_up_code=self.top_up_code,
            stall=None if self.vendor_id is None else book.vendor(self.vendor_id).vendor_id,
            sign_in=self.sign_in,
            pin_digits=self.pin_digits,
        )
        return draft.decision(user)


class SuspendUser(msgspec.Struct, frozen=True, kw_only=True):
    """Suspend a person, or end the suspension. Their open streams end; their money stays theirs."""

    REFUSES: ClassVar[Refusals] = (LastAdmin,)

    actor_id: UserId
    user_id: UserId
    suspended: bool

    def needs(self) -> Needs:
        """Name both people, and all organisers: one must be left."""
        return Needs(users=(self.actor_id, self.user_id), roles=(Role.ADMIN,))

    def decide(self, book: Book, now: Instant) -> Decision[User]:
        """Change it; nothing happens if it is so already. Raises Forbidden, NotFound, LastAdmin."""
        book.actor(self.actor_id, Role.ADMIN)
        user = book.user(self.user_id)
        draft = Draft(book, now)
        if user.suspended is not self.suspended:
            if self.suspended:
                _require_other_admin(book, user)
            user = msgspec.structs.replace(user, suspended=self.suspended)
            draft.put(user)
            draft.tell(UserChanged(timestamp=draft.timestamp, user_id=user.user_id), SYSTEM)
        return draft.decision(user)


class ChangeRole(msgspec.Struct, frozen=True, kw_only=True):
    """Change a person's role, and the stall that they work for."""

    REFUSES: ClassVar[Refusals] = (LastAdmin, OwnsStall)

    actor_id: UserId
    user_id: UserId
    role: Role
    vendor_id: VendorId | None = None  # the stall that a vendor works for; None: one of their own

    def needs(self) -> Needs:
        """Name both people, the rooms, the stall, and all organisers: one must be left."""
        stall = self.vendor_id or VendorId(self.user_id)
        return Needs(
            users=(self.actor_id, self.user_id),
            roles=(Role.ADMIN,),
            vendors=(stall,) if self.role is Role.VENDOR else (),
            rooms=(self.user_id,),
        )

    def decide(self, book: Book, now: Instant) -> Decision[User]:
        """Change it; nothing happens if it is so already. Raises Forbidden, NotFound, LastAdmin, OwnsStall.

        A person who has opened a stall stays its keeper, because their account is its till. A person whose role changes
        leaves all their rooms, because they may no longer be allowed to see them.
        """
        book.actor(self.actor_id, Role.ADMIN)
        user = book.user(self.user_id)
        draft = Draft(book, now)
        stall = self._stall(draft, user) if self.role is Role.VENDOR else None
        if (user.role, user.vendor_id) == (self.role, stall):
            return Draft(book, now).decision(user)
        if user.vendor_id == VendorId(user.user_id):
            raise OwnsStall
        if self.role is not Role.ADMIN:
            _require_other_admin(book, user)
        changed = msgspec.structs.replace(user, role=self.role, vendor_id=stall)
        draft.put(changed)
        if (rooms := book.rooms.get(user.user_id)) is not None and rooms.topics:
            change_rooms(draft, user.user_id, ())
        draft.tell(UserChanged(timestamp=draft.timestamp, user_id=user.user_id), SYSTEM)
        return draft.decision(changed)

    def _stall(self, draft: Draft, user: User) -> VendorId:
        """Return the stall that the person will work for; if none is named, make one whose till is their wallet."""
        if self.vendor_id is not None:
            return draft.book.vendor(self.vendor_id).vendor_id
        own = VendorId(user.user_id)
        if own not in draft.book.vendors:
            till = draft.book.account(user_account(user.user_id))
            draft.put(Vendor(vendor_id=own, name=user.name), msgspec.structs.replace(till, overdraft=True))
        return own


def _require_other_admin(book: Book, user: User) -> None:
    """Raise LastAdmin if, without this person, no organiser would be left who is not suspended."""
    if user.role is Role.ADMIN and not user.suspended:
        others = (other for other in book.users.values() if other.user_id != user.user_id)
        if not any(other.role is Role.ADMIN and not other.suspended for other in others):
            raise LastAdmin
