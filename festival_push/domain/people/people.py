"""People: adding users, vendor codes, and the tokens that are no longer valid."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.look_alikes import name_key
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.people.name_words import words_of
from festival_push.domain.people.relations import Act, Person
from festival_push.domain.refusals import AlreadyExists, InvalidVendorCode, NameTaken, Refusals, TokenSpent
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import Account, User
from festival_push.domain.signing_in.pin_lengths import require_long_enough
from festival_push.domain.signing_in.refusals import PinTooShort, SignInTaken
from festival_push.domain.signing_in.rows import SpentToken
from festival_push.domain.signing_in.sign_in import require_free, sign_in_key, sign_in_names
from festival_push.domain.stall_rows import VendorCode
from festival_push.domain.stalls.opening import open_new_stall
from festival_push.domain.values import Actor, Instant, Part, Role, UserId, VendorId, staff_actor, user_account


class AddUser(msgspec.Struct, frozen=True, kw_only=True):
    """Add a person; a vendor gets a stall of the same name, which they own."""

    REFUSES: ClassVar[Refusals] = (AlreadyExists, InvalidVendorCode, NameTaken, PinTooShort, SignInTaken)

    user_id: UserId
    role: Role
    name: str
    pin_hash: str | None
    top_up_code: str
    vendor_id: VendorId | None = None  # of the stall that a vendor opens; None: the same as the person's id
    vendor_code_hash: str | None = None  # required of a person who registers as a vendor on their own
    self_registered: bool = False
    sign_in: str | None = None  # None: they don't sign in by a PIN
    pin_digits: int = 0  # how long the PIN is
    actor: Actor | None = None  # who adds them, if it is a deed of staff; None: they themselves

    def needs(self) -> Needs:
        """Name the id and the sign-in name, which must be free, the stall's id, and the invitation."""
        codes = (self.vendor_code_hash,) if self.vendor_code_hash else ()
        names = () if self.sign_in is None else sign_in_names(self.sign_in)
        own = (self._stall,) if self.role is Role.VENDOR else ()
        return Needs(
            users=(self.user_id,),
            sign_ins=names,
            vendors=tuple(dict.fromkeys((*map(VendorId, names), *own))),
            vendor_codes=codes,
            name_keys=(name_key(self.name),) if own else (),
        )

    @property
    def _stall(self) -> VendorId:
        return self.vendor_id or VendorId(self.user_id)

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Create the person with an empty wallet.

        Raises AlreadyExists, InvalidVendorCode, NameTaken, PinTooShort, SignInTaken.
        """
        draft = Draft(book, now, actor=self.actor)
        admin = self.role is Role.ADMIN
        user = add_user(
            draft, self.user_id, name=self.name, pin_hash=self.pin_hash, top_up_code=self.top_up_code, admin=admin,
            sign_in=self.sign_in, pin_digits=self.pin_digits,
        )  # fmt: skip
        if self.actor is not None:
            draft.deed(DeedKind.ADD_USER, "user", self.user_id, after={"name": self.name, "role": self.role.value})
        stalls = {self._stall: Part.OWNER} if self.role is Role.VENDOR else {}
        require_long_enough(Person(user, stalls))
        if not stalls:
            return draft.decision(Person(user))
        if self.sign_in is not None and sign_in_key(self.sign_in) == sign_in_key(self._stall):
            raise SignInTaken  # everybody will see the stall's id
        if self.self_registered:
            code = book.vendor_codes.get(self.vendor_code_hash or "")
            if code is None or code.used_by is not None:
                raise InvalidVendorCode
            draft.put(msgspec.structs.replace(code, used_by=self.user_id))
        open_new_stall(draft, self._stall, user, name=self.name, by_organiser=not self.self_registered)
        return draft.decision(Person(user, stalls))


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


def add_user(
    draft: Draft, user_id: UserId, *, name: str, pin_hash: str | None, top_up_code: str, admin: bool = False,
    sign_in: str | None = None, pin_digits: int = 0,
) -> User:  # fmt: skip
    """Create a person with an empty wallet, to whom nothing that was said before is news.

    Raises AlreadyExists, SignInTaken.
    """
    if user_id in draft.book.users:
        raise AlreadyExists(what="user")
    user = User(
        user_id=user_id,
        name=name,
        name_words=words_of(name),
        pin_hash=pin_hash,
        admin=admin,
        top_up_code=top_up_code,
        read_up_to=draft.book.position,
        created_at=draft.now,
        sign_in=sign_in,
        sign_in_key=None if sign_in is None else sign_in_key(sign_in),
        pin_digits=pin_digits,
    )
    if sign_in is not None:
        require_free(draft.book, user_id, sign_in, is_id=True)
    draft.new(user, Account(account_id=user_account(user_id)))
    return user
