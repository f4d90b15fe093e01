"""PINs: a person who knows the old one changes it, or the organiser resets it for somebody who has forgotten theirs.

Either way all earlier sessions end, because somebody else may be using one of them; only the session in which a person
changes their own PIN stays.
"""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import UserChanged
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.people.relations import Act, Person
from festival_push.domain.refusals import Forbidden, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.signing_in.guesses import forgotten
from festival_push.domain.signing_in.pin_lengths import require_long_enough
from festival_push.domain.signing_in.refusals import PinTooShort, SignInTaken, WrongPin
from festival_push.domain.signing_in.sign_in import require_free, sign_in_key, sign_in_names
from festival_push.domain.topics import SYSTEM, user_topic
from festival_push.domain.values import Instant, UserId, staff_actor


class ChangePin(msgspec.Struct, frozen=True, kw_only=True):
    """Change a person's own PIN; the old PIN that they gave was checked before."""

    REFUSES: ClassVar[Refusals] = (WrongPin, PinTooShort)

    user_id: UserId
    known_hash: str | None  # the stored hash that the old PIN was checked against
    pin_hash: str
    pin_digits: int
    session: str  # jti of the session that asks, which stays valid

    def needs(self) -> Needs:
        return Needs(users=(self.user_id,))

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Change the PIN.

        Raises NotFound, Suspended, PinTooShort; WrongPin if the PIN was replaced after it was checked: hashing takes a
        while, and a person whom the organiser has just shut out by a reset must not undo that.
        """
        person = book.actor(self.user_id)
        if person.user.pin_hash != self.known_hash:
            raise WrongPin
        user = msgspec.structs.replace(person.user, pin_hash=self.pin_hash, pin_digits=self.pin_digits)
        changed = msgspec.structs.replace(person, user=user)
        return set_pin(Draft(book, now), changed, "pin-changed", session=self.session)


class ResetPin(msgspec.Struct, frozen=True, kw_only=True):
    """Give somebody a new PIN, as the organiser; and a new sign-in name if they have forgotten theirs, or have none."""

    REFUSES: ClassVar[Refusals] = (PinTooShort, SignInTaken)

    actor_id: UserId | None  # None: at the command line
    user_id: UserId
    pin_hash: str
    pin_digits: int
    sign_in: str | None = None
    guesses: tuple[str, ...] = ()  # keys of the failures that no longer count

    def needs(self) -> Needs:
        """Name both people, the failures, and the name, which must be free."""
        return Needs(
            users=(self.user_id,) if self.actor_id is None else (self.actor_id, self.user_id),
            guesses=self.guesses,
            sign_ins=() if self.sign_in is None else sign_in_names(self.sign_in),
        )

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Set the PIN. Raises NotFound, PinTooShort; Forbidden, also for one's own, which `ChangePin` wants to hear
        first: else a stolen session could do without it; SignInTaken if the new name is not free."""
        if self.actor_id is not None:
            book.organiser(self.actor_id, Act.MANAGE_PEOPLE)
        person = book.person(self.user_id)
        if self.actor_id == self.user_id and person.user.pin_hash is not None:
            raise Forbidden
        user = msgspec.structs.replace(person.user, pin_hash=self.pin_hash, pin_digits=self.pin_digits)
        if self.actor_id not in (None, self.user_id):  # that organiser knows the PIN now
            user = msgspec.structs.replace(user, rights_at=now)
        if self.sign_in is not None:
            require_free(book, user.user_id, self.sign_in)
            user = msgspec.structs.replace(user, sign_in=self.sign_in, sign_in_key=sign_in_key(self.sign_in))
        draft = Draft(book, now, actor=staff_actor(self.actor_id))
        # Of the PIN and the name it says nothing.
        draft.deed(DeedKind.RESET_PIN, "user", self.user_id, after={"newSignIn": self.sign_in is not None})
        for key in self.guesses:
            draft.put(*forgotten(book, key, now))
        return set_pin(draft, msgspec.structs.replace(person, user=user), "pin-reset")


def set_pin(
    draft: Draft,
    person: Person,
    code: str,
    *,
    session: str | None = None,
) -> Decision[Person]:
    """Decide that a person, who is given with the new PIN, has it from now on."""
    require_long_enough(person)
    user = person.user
    changed = msgspec.structs.replace(user, session_version=user.session_version + 1, kept_session=session)
    draft.put(changed)
    draft.tell(UserChanged(timestamp=draft.timestamp, user_id=user.user_id), SYSTEM)
    draft.notify(user_topic(user.user_id), code)
    return draft.decision(msgspec.structs.replace(person, user=changed))
