"""Notifications: what was read, on every device of a person."""

import msgspec

from festival_push.domain.book import Book, Decision, Needs
from festival_push.domain.draft import Draft
from festival_push.domain.events import NotificationsRead
from festival_push.domain.topics import user_topic
from festival_push.domain.values import Instant, Role, UserId


class MarkRead(msgspec.Struct, frozen=True, kw_only=True):
    """Someone has seen their notifications up to a position."""

    actor_id: UserId
    up_to: int

    def needs(self) -> Needs:
        """Who reads, and what they have not read."""
        return Needs(readers=(self.actor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[int]:
        """Remember it and tell their other devices; the reply is how many are left.

        It never goes back, so that a device that is behind makes nothing unread; nor beyond the log, where nobody can
        have read anything.
        """
        user = book.actor(self.actor_id, *Role)
        up_to = max(user.read_up_to, min(self.up_to, book.position))
        unread = sum(1 for position in book.unread[user.user_id] if position > up_to)
        draft = Draft(book, now)
        if up_to > user.read_up_to:
            draft.put(msgspec.structs.replace(user, read_up_to=up_to))
            read = NotificationsRead(timestamp=draft.timestamp, up_to=up_to, unread=unread)
            draft.tell(read, user_topic(user.user_id))
        return draft.decision(unread)
