"""New sign-ins: somebody who has lost theirs gets a link at the desk, and by it, once, a new name and PIN.

The link carries the person's `session_version`. Offering it raises that, which ends their sessions and voids the links
of before; taking it raises it again, so it is taken once.
"""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.people.relations import Act, Person, require_guest
from festival_push.domain.refusals import Forbidden, NotFound, Refusals, Suspended
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import User
from festival_push.domain.signing_in.guesses import forgotten
from festival_push.domain.signing_in.pins import set_pin
from festival_push.domain.signing_in.refusals import NewSignInSpent, PinTooShort, SignInTaken
from festival_push.domain.signing_in.sessions import end_sessions
from festival_push.domain.signing_in.sign_in import require_free, sign_in_key, sign_in_names
from festival_push.domain.topics import user_topic
from festival_push.domain.values import Instant, UserId


class OfferNewSignIn(msgspec.Struct, frozen=True, kw_only=True):
    """Offer somebody a new sign-in, as the desk. All their sessions end."""

    REFUSES: ClassVar[Refusals] = (Suspended,)

    actor_id: UserId
    user_id: UserId

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id, self.user_id), sessions_of=(self.user_id,))

    def decide(self, book: Book, now: Instant) -> Decision[User]:
        """Return the person with the version that the link must carry.

        Raises NotFound, Suspended; Forbidden for oneself, and for a cashier, if the person is of the staff.
        """
        actor, person = book.organiser(self.actor_id, Act.OFFER_SIGN_IN), book.person(self.user_id)
        if person.user.erased_at is not None:
            raise NotFound(what="user")
        require_guest(actor, person)
        if person.user_id == actor.user_id:
            raise Forbidden
        if person.user.suspended:
            raise Suspended
        draft = Draft(book, now, user=self.actor_id)
        # Whoever has made the link could be them now.
        user = end_sessions(draft, msgspec.structs.replace(person.user, rights_at=now))
        draft.put(user)
        draft.deed(
            DeedKind.OFFER_SIGN_IN, "user", user.user_id,
            before={"sessionVersion": person.user.session_version}, after={"sessionVersion": user.session_version},
        )  # fmt: skip
        draft.notify(user_topic(user.user_id), "sign-in-offered")
        return draft.decision(user)


class TakeNewSignIn(msgspec.Struct, frozen=True, kw_only=True):
    """Take a new sign-in by a link that the desk has offered: a new name and a new PIN."""

    REFUSES: ClassVar[Refusals] = (NewSignInSpent, PinTooShort, SignInTaken, Suspended)

    user_id: UserId
    version: int  # as the link says
    pin_hash: str
    pin_digits: int
    sign_in: str
    guesses: tuple[str, ...] = ()  # keys of the failures that no longer count

    def needs(self) -> Needs:
        """Name the person, the failures, and the name, which must be free."""
        return Needs(users=(self.user_id,), guesses=self.guesses, sign_ins=sign_in_names(self.sign_in))

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Set both. Raises NotFound, Suspended, PinTooShort; NewSignInSpent for a link that was taken, or is not the
        newest; SignInTaken for a name that is not free."""
        person = book.actor(self.user_id)
        if person.user.session_version != self.version or person.user.erased_at is not None:
            raise NewSignInSpent
        require_free(book, self.user_id, self.sign_in)
        user = msgspec.structs.replace(
            person.user, pin_hash=self.pin_hash, pin_digits=self.pin_digits,
            sign_in=self.sign_in, sign_in_key=sign_in_key(self.sign_in),
        )  # fmt: skip
        draft = Draft(book, now)
        for key in self.guesses:
            draft.put(*forgotten(book, key, now))
        return set_pin(draft, msgspec.structs.replace(person, user=user), "pin-changed")
