"""PINs: changed by whoever knows the old one, or set anew by the organiser for somebody who has forgotten theirs.

Either way the sessions of before end, because somebody else may be in one of them.
"""

import msgspec

from festival_push.domain.book import Book, Decision, Needs
from festival_push.domain.draft import Draft
from festival_push.domain.events import NewNotification, NoticeType, UserChanged
from festival_push.domain.refusals import WrongPin
from festival_push.domain.rows import User
from festival_push.domain.topics import SYSTEM, user_topic
from festival_push.domain.values import Instant, Role, UserId


class ChangePin(msgspec.Struct, frozen=True, kw_only=True):
    """A person has said the old PIN, which was looked at before, and wants a new one."""

    user_id: UserId
    known_hash: str | None  # of the PIN that they said
    pin_hash: str
    session: str  # the jti of theirs that goes on

    def needs(self) -> Needs:
        """The person."""
        return Needs(users=(self.user_id,))

    def decide(self, book: Book, now: Instant) -> Decision[User]:
        """Change it. Raises NotFound, Suspended; WrongPin when it was set anew since it was looked at: hashing takes a
        while, and whoever the organiser has just shut out must not have the last word."""
        user = book.actor(self.user_id, *Role)
        if user.pin_hash != self.known_hash:
            raise WrongPin
        return _set_pin(Draft(book, now), user, self.pin_hash, session=self.session, said="Your PIN was changed.")


class ResetPin(msgspec.Struct, frozen=True, kw_only=True):
    """The organiser gives somebody a new PIN."""

    actor_id: UserId
    user_id: UserId
    pin_hash: str

    def needs(self) -> Needs:
        """Who asks, and whose PIN it is."""
        return Needs(users=(self.actor_id, self.user_id))

    def decide(self, book: Book, now: Instant) -> Decision[User]:
        """Set it. Raises NotFound."""
        book.actor(self.actor_id, Role.ADMIN)
        said = "The organiser has given you a new PIN. If you did not ask for it, tell them."
        return _set_pin(Draft(book, now), book.user(self.user_id), self.pin_hash, said=said, kind="warning")


def _set_pin(
    draft: Draft, user: User, pin_hash: str, *, said: str, session: str | None = None, kind: NoticeType = "info"
) -> Decision[User]:
    changed = msgspec.structs.replace(
        user,
        pin_hash=pin_hash,
        pin_tries=0,
        session_version=user.session_version + 1,
        kept_session=session,
    )
    draft.put(changed)
    draft.tell(UserChanged(timestamp=draft.timestamp, user_id=user.user_id), SYSTEM)
    notice = NewNotification(timestamp=draft.timestamp, message=said, type=kind)
    draft.tell(notice, user_topic(user.user_id))
    return draft.decision(changed)
