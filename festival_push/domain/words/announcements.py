"""Announcements by the organiser: told once to an audience, edited, and withdrawn."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import AnnouncementChanged, AnnouncementWithdrawn, NewNotification
from festival_push.domain.office.deeds import DeedKind, changes
from festival_push.domain.people.relations import Act, Person
from festival_push.domain.refusals import AlreadyWithdrawn, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import Announcement
from festival_push.domain.topics import ALL, BOARDS, role_topic
from festival_push.domain.values import AnnouncementId, Audience, Instant, Position, Priority, Role, Topic, UserId

STANDS_MS: Final = 12 * 3600 * 1000
"""How long an announcement is shown to those who come later: yesterday's rain is no news."""
STANDING_MAX: Final = 20
"""How many of them, the newest: more than a screen has room for."""

ROLE_OF: Final[Mapping[Audience, Role]] = MappingProxyType(
    {Audience.CUSTOMERS: Role.CUSTOMER, Audience.VENDORS: Role.VENDOR}
)
"""The group of an audience; everybody is a customer. Everybody is in `Audience.ALL`, and so are the boards."""
_TOPICS_OF: Final[dict[Audience, tuple[Topic, ...]]] = {
    Audience.ALL: (ALL, BOARDS),
    **{audience: (role_topic(role),) for audience, role in ROLE_OF.items()},
}


class Announce(msgspec.Struct, frozen=True, kw_only=True):
    """Announce something to an audience: one event, however many people it has."""

    actor_id: UserId
    announcement_id: AnnouncementId
    message: str
    title: str | None
    audience: Audience
    priority: Priority | None  # None: the event has none, which means `normal`

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[Announcement]:
        """Keep the announcement, and append it as a notification. Raises Forbidden."""
        book.organiser(self.actor_id, Act.ANNOUNCE)
        draft = Draft(book, now, user=self.actor_id)
        announcement = Announcement(
            announcement_id=self.announcement_id,
            message=self.message,
            title=self.title,
            audience=self.audience,
            priority=self.priority or "normal",
            position=Position(book.position + 1),  # the event below is the first of this command
            created_at=now,
            created_by=self.actor_id,
        )
        draft.new(announcement)
        said = NewNotification(
            timestamp=draft.timestamp,
            message=self.message,
            type="announcement",
            title=self.title,
            priority=self.priority,
            announcement_id=self.announcement_id,
        )
        draft.tell(said, *_TOPICS_OF[self.audience])
        words = {"message": self.message, "title": self.title, "audience": self.audience.value}
        draft.deed(DeedKind.ANNOUNCE, "announcement", self.announcement_id, after=words)
        return draft.decision(announcement)


class EditAnnouncement(msgspec.Struct, frozen=True, kw_only=True):
    """Change the words of an announcement; None leaves a field as it is.

    The audience stays: those who were told can't be untold, and the others were never told.
    """

    REFUSES: ClassVar[Refusals] = (AlreadyWithdrawn,)

    actor_id: UserId
    announcement_id: AnnouncementId
    message: str | None = None
    title: str | None = None  # empty: takes the title away
    priority: Priority | None = None

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), announcements=(self.announcement_id,))

    def decide(self, book: Book, now: Instant) -> Decision[Announcement]:
        """Change the announcement and tell its audience; nothing happens if it says so already.

        Raises Forbidden, NotFound, AlreadyWithdrawn.
        """
        book.organiser(self.actor_id, Act.ANNOUNCE)
        before = book.announcement(self.announcement_id)
        if before.withdrawn_at is not None:
            raise AlreadyWithdrawn
        after = msgspec.structs.replace(
            before,
            message=before.message if self.message is None else self.message,
            title=before.title if self.title is None else self.title or None,
            priority=before.priority if self.priority is None else self.priority,
        )
        draft = Draft(book, now, user=self.actor_id)
        if after != before:
            was, is_now = changes(before, after, "message", "title", "priority")
            draft.deed(DeedKind.EDIT_ANNOUNCEMENT, "announcement", after.announcement_id, before=was, after=is_now)
            after = msgspec.structs.replace(after, edited_at=now)
            draft.put(after)
            event = AnnouncementChanged(
                timestamp=draft.timestamp,
                announcement_id=after.announcement_id,
                message=after.message,
                title=after.title,
                priority=after.priority,
                audience=after.audience,
            )
            draft.tell(event, *_TOPICS_OF[after.audience])
        return draft.decision(after)


class WithdrawAnnouncement(msgspec.Struct, frozen=True, kw_only=True):
    """Withdraw an announcement: it is shown to nobody any more."""

    actor_id: UserId
    announcement_id: AnnouncementId

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), announcements=(self.announcement_id,))

    def decide(self, book: Book, now: Instant) -> Decision[Announcement]:
        """Withdraw it and tell its audience; doing so again changes nothing. Raises Forbidden, NotFound."""
        book.organiser(self.actor_id, Act.ANNOUNCE)
        announcement = book.announcement(self.announcement_id)
        draft = Draft(book, now, user=self.actor_id)
        if announcement.withdrawn_at is None:
            announcement = msgspec.structs.replace(announcement, withdrawn_at=now)
            draft.put(announcement)
            words = {"message": announcement.message}
            draft.deed(DeedKind.WITHDRAW_ANNOUNCEMENT, "announcement", announcement.announcement_id, before=words)
            event = AnnouncementWithdrawn(timestamp=draft.timestamp, announcement_id=announcement.announcement_id)
            draft.tell(event, *_TOPICS_OF[announcement.audience])
        return draft.decision(announcement)


def audiences_of(person: Person | None) -> tuple[Audience, ...]:
    """Return the audiences that a person belongs to; for None, those of a screen or of somebody who passes by."""
    own = () if person is None else tuple(audience for audience, role in ROLE_OF.items() if role in person.groups)
    return (Audience.ALL, *own)
