"""PINs: a person who knows the old one changes it, or the organiser resets it for somebody who has forgotten theirs.

Either way all earlier sessions end, because somebody else may be using one of them; only the session in which a person
changes their own PIN stays.
"""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision, Needs
from festival_push.domain.draft import Draft
from festival_push.domain.events import NotificationType, UserChanged
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.people.relations import Act, Person
from festival_push.domain.refusals import Refusals, WrongPin
from festival_push.domain.topics import SYSTEM, user_topic
from festival_push.domain.values import Instant, UserId


class ChangePin(msgspec.Struct, frozen=True, kw_only=True):
    """Change a person's own PIN; the old PIN that they gave was checked before."""

    REFUSES: ClassVar[Refusals] = (WrongPin,)

    user_id: UserId
    known_hash: str | None  # the stored hash that the old PIN was checked against
    pin_hash: str
    session: str  # jti of the session that asks, which stays valid

    def needs(self) -> Needs:
        return Needs(users=(self.user_id,))

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Change the PIN.

        Raises NotFound, Suspended; WrongPin if the PIN was replaced after it was checked: hashing takes a while, and a
        person whom the organiser has just shut out by a reset must not undo that.
        """
        person = book.actor(self.user_id)
        if person.user.pin_hash != self.known_hash:
            raise WrongPin
        return _set_pin(Draft(book, now), person, self.pin_hash, session=self.session, said="Your PIN was changed.")


class ResetPin(msgspec.Struct, frozen=True, kw_only=True):
    """Give somebody a new PIN, as the organiser."""

    actor_id: UserId
    user_id: UserId
    pin_hash: str

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id, self.user_id))

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Set the PIN. Raises Forbidden, NotFound."""
        book.organiser(self.actor_id, Act.MANAGE_PEOPLE)
        said = "The organiser has given you a new PIN. If you did not ask for it, tell them."
        draft = Draft(book, now, user=self.actor_id)
        person = book.person(self.user_id)
        if self.actor_id != self.user_id:  # the organiser knows the PIN now
            person = msgspec.structs.replace(person, user=msgspec.structs.replace(person.user, rights_at=now))
        draft.deed(DeedKind.RESET_PIN, "user", self.user_id)  # of the PIN itself it says nothing
        return _set_pin(draft, person, self.pin_hash, said=said, kind="warning")


def _set_pin(
    draft: Draft,
    person: Person,
    pin_hash: str,
    *,
    said: str,
    session: str | None = None,
    kind: NotificationType = "info",
) -> Decision[Person]:
    user = person.user
    changed = msgspec.structs.replace(
        user,
        pin_hash=pin_hash,
        pin_tries=0,
        pin_window_at=Instant(0),
        session_version=user.session_version + 1,
        kept_session=session,
    )
    draft.put(changed)
    draft.tell(UserChanged(timestamp=draft.timestamp, user_id=user.user_id), SYSTEM)
    draft.notify(user_topic(user.user_id), said, kind)
    return draft.decision(msgspec.structs.replace(person, user=changed))
