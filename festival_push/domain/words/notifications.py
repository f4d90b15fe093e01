"""Notifications: the position up to which a person has read them, the same on all their devices."""

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import NotificationsRead
from festival_push.domain.row_kinds import Needs
from festival_push.domain.topics import user_topic
from festival_push.domain.values import Instant, UserId


class MarkRead(msgspec.Struct, frozen=True, kw_only=True):
    """Mark a person's notifications as read up to a position."""

    actor_id: UserId
    up_to: int

    def needs(self) -> Needs:
        return Needs(readers=(self.actor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[int]:
        """Store the position and tell the person's other devices; the reply is how many are still unread.

        The position never goes back, so that a device that is behind makes nothing unread; and never beyond the log's
        end, where nobody can have read anything.
        """
        user = book.actor(self.actor_id).user
        up_to = max(user.read_up_to, min(self.up_to, book.position))
        unread = sum(1 for position in book.unread[user.user_id] if position > up_to)
        draft = Draft(book, now)
        if up_to > user.read_up_to:
            draft.put(msgspec.structs.replace(user, read_up_to=up_to))
            read = NotificationsRead(timestamp=draft.timestamp, up_to=up_to, unread=unread)
            draft.tell(read, user_topic(user.user_id))
        return draft.decision(unread)
