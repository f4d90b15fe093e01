"""People: adding users, vendor codes, and the tokens that are no longer valid."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision, Needs
from festival_push.domain.draft import Draft
from festival_push.domain.events import SessionEnded
from festival_push.domain.people.pin_lengths import require_long_enough
from festival_push.domain.people.sign_in import require_free, sign_in_key, sign_in_names
from festival_push.domain.refusals import (
    AlreadyExists,
    InvalidVendorCode,
    PinTooShort,
    Refusals,
    SignInTaken,
    TokenSpent,
)
from festival_push.domain.rows import Account, SpentToken, User, Vendor, VendorCode
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Instant, Role, UserId, VendorId, user_account


class AddUser(msgspec.Struct, frozen=True, kw_only=True):
    """Add a person; a vendor gets a stall of the same name and id."""

    REFUSES: ClassVar[Refusals] = (AlreadyExists, InvalidVendorCode, PinTooShort, SignInTaken)

    user_id: UserId
    role: Role
    name: str
    pin_hash: str | None
    top_up_code: str
    vendor_code_hash: str | None = None  # required of a person who registers as a vendor on their own
    self_registered: bool = False
    sign_in: str | None = None  # None: they don't sign in by a PIN
    pin_digits: int = 0  # how long the PIN is

    def needs(self) -> Needs:
        """Name the id and the sign-in name, which must be free, and the invitation."""
        return Needs(
            users=(self.user_id,),
            sign_ins=() if self.sign_in is None else sign_in_names(self.sign_in),
            vendors=() if self.sign_in is None else tuple(map(VendorId, dict.fromkeys(sign_in_names(self.sign_in)))),
            vendor_codes=(self.vendor_code_hash,) if self.vendor_code_hash else (),
        )

    def decide(self, book: Book, now: Instant) -> Decision[User]:
        """Create the person with an empty wallet. Raises AlreadyExists, InvalidVendorCode, PinTooShort, SignInTaken."""
        draft = Draft(book, now)
        user = add_user(
            draft,
            self.user_id,
            self.role,
            name=self.name,
            pin_hash=self.pin_hash,
            top_up_code=self.top_up_code,
            sign_in=self.sign_in,
            pin_digits=self.pin_digits,
        )
        if self.self_registered and self.role is Role.VENDOR:
            code = book.vendor_codes.get(self.vendor_code_hash or "")
            if code is None or code.used_by is not None:
                raise InvalidVendorCode
            draft.put(msgspec.structs.replace(code, used_by=self.user_id))
        return draft.decision(user)


class MeetUser(msgspec.Struct, frozen=True, kw_only=True):
    """Find a person whom a trusted identity provider vouches for; create a customer at the first sign-in."""

    user_id: UserId
    name: str
    top_up_code: str

    def needs(self) -> Needs:
        return Needs(users=(self.user_id,))

    def decide(self, book: Book, now: Instant) -> Decision[User]:
        """Return the known person unchanged, or create the customer."""
        draft = Draft(book, now)
        if known := book.users.get(self.user_id):
            return draft.decision(known)
        user = add_user(draft, self.user_id, Role.CUSTOMER, name=self.name, pin_hash=None, top_up_code=self.top_up_code)
        return draft.decision(user)


class AddVendorCodes(msgspec.Struct, frozen=True, kw_only=True):
    """Add vendor codes: each invites one person to open a stall."""

    actor_id: UserId | None  # None: the organiser at the command line
    code_hashes: tuple[str, ...]

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,) if self.actor_id else ())

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """Store the hashes of the codes. Raises Forbidden."""
        if self.actor_id is not None:
            book.actor(self.actor_id, Role.ADMIN)
        draft = Draft(book, now)
        draft.put(*(VendorCode(code_hash=code_hash, created_at=now) for code_hash in self.code_hashes))
        return draft.decision(None)


class SpendToken(msgspec.Struct, frozen=True, kw_only=True):
    """Use up a one-time ticket."""

    REFUSES: ClassVar[Refusals] = (TokenSpent,)

    jti: str
    expires_at: Instant

    def needs(self) -> Needs:
        return Needs(tokens=(self.jti,))

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """Mark the ticket as used. Raises TokenSpent the second time."""
        if self.jti in book.tokens:
            raise TokenSpent
        draft = Draft(book, now)
        draft.put(SpentToken(jti=self.jti, expires_at=self.expires_at))
        return draft.decision(None)


class EndSession(msgspec.Struct, frozen=True, kw_only=True):
    """Sign out: the session's token is no longer valid, in any process."""

    jti: str
    expires_at: Instant

    def needs(self) -> Needs:
        return Needs(tokens=(self.jti,))

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """End the session; ending it again changes nothing."""
        draft = Draft(book, now)
        if self.jti not in book.tokens:
            draft.put(SpentToken(jti=self.jti, expires_at=self.expires_at))
            draft.tell(SessionEnded(timestamp=draft.timestamp, jti=self.jti), SYSTEM)
        return draft.decision(None)


def add_user(
    draft: Draft,
    user_id: UserId,
    role: Role,
    *,
    name: str,
    pin_hash: str | None,
    top_up_code: str,
    stall: VendorId | None = None,
    sign_in: str | None = None,
    pin_digits: int = 0,
) -> User:
    """Create a person with an empty wallet. Raises AlreadyExists, PinTooShort, SignInTaken.

    Args:
        stall: The stall that a vendor works for; None: one of their own, of the same name and id.
    """
    if user_id in draft.book.users:
        raise AlreadyExists(what="user")
    own = VendorId(user_id) if role is Role.VENDOR and stall is None else None
    user = User(
        user_id=user_id,
        role=role,
        name=name,
        pin_hash=pin_hash,
        vendor_id=stall or own,
        top_up_code=top_up_code,
        created_at=draft.now,
        sign_in=sign_in,
        sign_in_key=None if sign_in is None else sign_in_key(sign_in),
        pin_digits=pin_digits,
    )
    require_long_enough(user)
    if sign_in is not None:
        require_free(draft.book, user_id, sign_in, is_id=own is None)
    draft.put(user, Account(account_id=user_account(user_id), overdraft=own is not None))
    if own is not None:
        draft.put(Vendor(vendor_id=own, name=name))
    return user
