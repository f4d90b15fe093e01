"""Displays: screens whose streams may follow one stall's board and nothing else."""

from typing import ClassVar, Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import DisplayRevoked
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.people.relations import Act, require
from festival_push.domain.refusals import NotFound, Refusals, TooManyDisplays
from festival_push.domain.row_kinds import Needs
from festival_push.domain.stall_rows import Display
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import DisplayId, Instant, UserId, VendorId

DISPLAYS_MAX: Final = 50
"""How many displays one stall may have that are not revoked; each may hold streams, and a stall has a handful."""


class AddDisplay(msgspec.Struct, frozen=True, kw_only=True):
    """Add a display to a stall."""

    REFUSES: ClassVar[Refusals] = (TooManyDisplays,)

    actor_id: UserId
    vendor_id: VendorId
    display_id: DisplayId
    name: str

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), vendors=(self.vendor_id,), display_counts=(self.vendor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[Display]:
        """Add the display. Raises Forbidden, NotFound for someone else's stall, TooManyDisplays."""
        book.own_stall(self.actor_id, self.vendor_id, Act.KEEP_DISPLAYS)
        draft = Draft(book, now, user=self.actor_id)
        display = add_display(draft, self.display_id, self.vendor_id, name=self.name, by=self.actor_id)
        after = {"vendorId": self.vendor_id, "name": self.name}
        draft.deed(DeedKind.ADD_DISPLAY, "display", self.display_id, after=after)
        return draft.decision(display)


class RevokeDisplay(msgspec.Struct, frozen=True, kw_only=True):
    """Revoke a display's access; its open streams end."""

    actor_id: UserId
    display_id: DisplayId

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), displays=(self.display_id,))

    def decide(self, book: Book, now: Instant) -> Decision[Display]:
        """Revoke the display; doing so again changes nothing. Raises Forbidden, NotFound for someone else's display."""
        actor = book.actor(self.actor_id)
        display = book.displays.get(self.display_id)
        require(actor, Act.KEEP_DISPLAYS, vendor_id=None if display is None else display.vendor_id, what="display")
        if display is None:
            raise NotFound(what="display")
        draft = Draft(book, now, user=self.actor_id)
        if display.revoked:
            return draft.decision(display)
        return draft.decision(revoke(draft, display))


def revoke(draft: Draft, display: Display) -> Display:
    """Revoke a display, and end its streams, as a deed of the draft's actor."""
    revoked = msgspec.structs.replace(display, revoked=True)
    draft.put(revoked)
    before = {"vendorId": display.vendor_id, "name": display.name}
    draft.deed(DeedKind.REVOKE_DISPLAY, "display", display.display_id, before=before)
    draft.tell(DisplayRevoked(timestamp=draft.timestamp, display_id=display.display_id), SYSTEM)
    return revoked


def add_display(draft: Draft, display_id: DisplayId, vendor_id: VendorId, *, name: str, by: UserId) -> Display:
    """Create a display of a stall whose displays the book has counted. Raises TooManyDisplays."""
    if draft.book.display_counts[vendor_id] >= DISPLAYS_MAX:
        raise TooManyDisplays(displays_max=DISPLAYS_MAX)
    display = Display(display_id=display_id, vendor_id=vendor_id, name=name, created_at=draft.now, created_by=by)
    draft.new(display)
    return display
