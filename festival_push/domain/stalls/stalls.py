"""Stalls: opening, closing and renaming them, how they take orders, and what their receipts say."""

from typing import ClassVar, Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.look_alikes import name_key
from festival_push.domain.office.deeds import DeedKind, changes
from festival_push.domain.people.relations import Act, require
from festival_push.domain.refusals import NameTaken, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import Vendor
from festival_push.domain.stalls.names import claim_name
from festival_push.domain.stalls.opening import tell_stall
from festival_push.domain.values import Instant, UserId, VendorId

_SHOWN: Final = ("open", "auto_accept", "at_once", "name")
"""What everybody is told of a stall."""
_BUSINESS: Final = ("legal_name", "tax_id", "address")


class Business(msgspec.Struct, frozen=True, kw_only=True):
    """What receipts say of whoever sells: new values; None leaves one as it is, and an empty one clears it."""

    legal_name: str | None = None
    tax_id: str | None = None
    address: str | None = None

    def changed(self, vendor: Vendor) -> Vendor:
        """Return the stall with these."""
        asked = {name: getattr(self, name) for name in _BUSINESS if getattr(self, name) is not None}
        return msgspec.structs.replace(vendor, **{name: value or None for name, value in asked.items()})


class ChangeVendor(msgspec.Struct, frozen=True, kw_only=True):
    """Change some fields of a stall; None leaves a field as it is."""

    REFUSES: ClassVar[Refusals] = (NameTaken,)

    actor_id: UserId
    vendor_id: VendorId
    open: bool | None = None  # False: takes no new orders; open orders go on
    auto_accept: bool | None = None
    at_once: bool | None = None  # True: what is paid is handed over at once; open orders go on
    name: str | None = None
    business: Business | None = None  # for its owners to change

    def needs(self) -> Needs:
        keys = () if self.name is None else (name_key(self.name),)
        return Needs(users=(self.actor_id,), vendors=(self.vendor_id,), name_keys=keys)

    def decide(self, book: Book, now: Instant) -> Decision[Vendor]:
        """Change the stall and tell the customers; nothing happens if it is so already.

        Raises Forbidden, also for the business of a stall that the caller keeps and does not own; NotFound for someone
        else's stall; NameTaken for a new name like another stall's.
        """
        before = book.own_stall(self.actor_id, self.vendor_id, Act.CHANGE_STALL)
        asked = {name: getattr(self, name) for name in _SHOWN if getattr(self, name) is not None}
        vendor = msgspec.structs.replace(before, **asked)
        if self.business is not None:
            require(book.actor(self.actor_id), Act.CHANGE_BUSINESS, vendor_id=self.vendor_id, what="vendor")
            vendor = self.business.changed(vendor)
        draft = Draft(book, now, user=self.actor_id)
        if vendor.name != before.name:
            by_organiser = book.user(self.actor_id).admin
            draft.put(claim_name(book, vendor.vendor_id, vendor.name, by_organiser=by_organiser))
        if vendor != before:
            draft.put(vendor)
            was, is_now = changes(before, vendor, *_SHOWN, *_BUSINESS)
            draft.deed(DeedKind.CHANGE_STALL, "vendor", self.vendor_id, before=was, after=is_now)
            if any(name in is_now for name in _SHOWN):
                tell_stall(draft, vendor)
        return draft.decision(vendor)
