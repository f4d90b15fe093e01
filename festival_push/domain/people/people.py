"""People: adding users, counting PIN tries, vendor codes, and the tokens that are no longer valid."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision, Needs
from festival_push.domain.draft import Draft
from festival_push.domain.events import SessionEnded
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.people.relations import Act, Person
from festival_push.domain.refusals import AlreadyExists, InvalidVendorCode, Refusals, TokenSpent, TooManyTries
from festival_push.domain.rows import Account, SpentToken, User, VendorCode
from festival_push.domain.stalls.opening import open_new_stall
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import (
    Actor,
    Instant,
    Part,
    Role,
    UserId,
    VendorId,
    staff_actor,
    user_account,
)


class AddUser(msgspec.Struct, frozen=True, kw_only=True):
    """Add a person; a vendor gets a stall of the same name, which they own."""

    REFUSES: ClassVar[Refusals] = (AlreadyExists, InvalidVendorCode)

    user_id: UserId
    role: Role
    name: str
    pin_hash: str | None
    top_up_code: str
    vendor_id: VendorId | None = None  # of the stall that a vendor opens; None: the same as the person's id
    vendor_code_hash: str | None = None  # required of a person who registers as a vendor on their own
    self_registered: bool = False
    actor: Actor | None = None  # who adds them, if it is a deed of staff; None: they themselves

    def needs(self) -> Needs:
        """Name the id, which must be free, the stall's, and the invitation."""
        codes = (self.vendor_code_hash,) if self.vendor_code_hash else ()
        stalls = (self._stall,) if self.role is Role.VENDOR else ()
        return Needs(users=(self.user_id,), vendors=stalls, vendor_codes=codes)

    @property
    def _stall(self) -> VendorId:
        return self.vendor_id or VendorId(self.user_id)

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Create the person with an empty wallet. Raises AlreadyExists, InvalidVendorCode."""
        draft = Draft(book, now, actor=self.actor)
        admin = self.role is Role.ADMIN
        user = add_user(
            draft, self.user_id, name=self.name, pin_hash=self.pin_hash, top_up_code=self.top_up_code, admin=admin
        )
        if self.actor is not None:
            draft.deed(DeedKind.ADD_USER, "user", self.user_id, after={"name": self.name, "role": self.role.value})
        if self.role is not Role.VENDOR:
            return draft.decision(Person(user))
        if self.self_registered:
            code = book.vendor_codes.get(self.vendor_code_hash or "")
            if code is None or code.used_by is not None:
                raise InvalidVendorCode
            draft.put(msgspec.structs.replace(code, used_by=self.user_id))
        open_new_stall(draft, self._stall, user, name=self.name)
        return draft.decision(Person(user, {self._stall: Part.OWNER}))


class MeetUser(msgspec.Struct, frozen=True, kw_only=True):
    """Find a person whom a trusted identity provider vouches for; create them at the first sign-in."""

    user_id: UserId
    name: str
    top_up_code: str

    def needs(self) -> Needs:
        return Needs(users=(self.user_id,))

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Return the known person unchanged, or create them."""
        draft = Draft(book, now)
        if self.user_id in book.users:
            return draft.decision(book.person(self.user_id))
        user = add_user(draft, self.user_id, name=self.name, pin_hash=None, top_up_code=self.top_up_code)
        return draft.decision(Person(user))


class TryPin(msgspec.Struct, frozen=True, kw_only=True):
    """Count a PIN try before the PIN is checked, so that parallel guesses can't exceed the limit."""

    REFUSES: ClassVar[Refusals] = (TooManyTries,)

    user_id: UserId

    def needs(self) -> Needs:
        return Needs(users=(self.user_id,))

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Count the try. Raises NotFound; TooManyTries, until one more is free.

        All tries may be used at once, and come back one by one. The web edge counts the tries of people who don't exist
        in the same way (GCRA), so that nobody can tell by the refusals who does.
        """
        user, rules = book.user(self.user_id), book.rules
        ahead_ms = user.pin_window_at - now
        if not 0 < ahead_ms <= rules.pin_window_ms:  # all are free, or the clock was set back
            ahead_ms, user = 0, msgspec.structs.replace(user, pin_tries=0)
        ahead_ms += rules.pin_window_ms // rules.pin_tries_max
        if (over_ms := ahead_ms - rules.pin_window_ms) > 0:
            raise TooManyTries(retry_after=-(-over_ms // 1000))
        draft = Draft(book, now)
        draft.put(msgspec.structs.replace(user, pin_tries=user.pin_tries + 1, pin_window_at=Instant(now + ahead_ms)))
        return draft.decision(msgspec.structs.replace(book.person(self.user_id), user=user))


class ClearPinTries(msgspec.Struct, frozen=True, kw_only=True):
    """Reset the count of PIN tries, because the PIN was right."""

    user_id: UserId

    def needs(self) -> Needs:
        return Needs(users=(self.user_id,))

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """Set the count to 0. Raises NotFound."""
        draft = Draft(book, now)
        draft.put(msgspec.structs.replace(book.user(self.user_id), pin_tries=0, pin_window_at=Instant(0)))
        return draft.decision(None)


class AddVendorCodes(msgspec.Struct, frozen=True, kw_only=True):
    """Add vendor codes: each invites one person to open a stall."""

    actor_id: UserId | None  # None: the organiser at the command line
    code_hashes: tuple[str, ...]

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,) if self.actor_id else ())

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """Store the hashes of the codes. Raises Forbidden."""
        if self.actor_id is not None:
            book.organiser(self.actor_id, Act.INVITE_STALLS)
        draft = Draft(book, now, actor=staff_actor(self.actor_id))
        draft.deed(DeedKind.INVITE, "vendor-codes", "new", after={"count": len(self.code_hashes)})
        draft.new(*(VendorCode(code_hash=code_hash, created_at=now) for code_hash in self.code_hashes))
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
        draft.new(SpentToken(jti=self.jti, expires_at=self.expires_at))
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
            draft.new(SpentToken(jti=self.jti, expires_at=self.expires_at))
            draft.tell(SessionEnded(timestamp=draft.timestamp, jti=self.jti), SYSTEM)
        return draft.decision(None)


def add_user(
    draft: Draft, user_id: UserId, *, name: str, pin_hash: str | None, top_up_code: str, admin: bool = False
) -> User:
    """Create a person with an empty wallet, to whom nothing that was said before is news. Raises AlreadyExists."""
    if user_id in draft.book.users:
        raise AlreadyExists(what="user")
    user = User(
        user_id=user_id,
        name=name,
        pin_hash=pin_hash,
        admin=admin,
        top_up_code=top_up_code,
        read_up_to=draft.book.position,
        created_at=draft.now,
    )
    draft.new(user, Account(account_id=user_account(user_id)))
    return user
