"""Menus: what a stall sells. Every change reaches the customers' open pages."""

from typing import Literal

import msgspec

from festival_push.domain.book import Book, Decision, Needs
from festival_push.domain.draft import Draft
from festival_push.domain.events import MenuUpdated
from festival_push.domain.refusals import NotFound
from festival_push.domain.rows import MenuItem, User
from festival_push.domain.topics import role_topic, user_topic
from festival_push.domain.values import Instant, ItemId, Role, UserId, VendorId


class AddMenuItem(msgspec.Struct, frozen=True, kw_only=True):
    """A new item."""

    actor_id: UserId
    vendor_id: VendorId
    item_id: ItemId
    name: str
    description: str
    price: int  # 1..amount_max
    available: bool

    def needs(self) -> Needs:
        """Who asks, and the stall."""
        return Needs(users=(self.actor_id,), vendors=(self.vendor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[MenuItem]:
        """Put it on the menu. Raises NotFound for someone else's stall."""
        require_stall(book.actor(self.actor_id, Role.VENDOR, Role.ADMIN), self.vendor_id, what="vendor")
        book.vendor(self.vendor_id)
        item = MenuItem(
            item_id=self.item_id,
            vendor_id=self.vendor_id,
            name=self.name,
            description=self.description,
            price=self.price,
            available=self.available,
            created_at=now,
        )
        return _changed(book, now, item)


class ChangeMenuItem(msgspec.Struct, frozen=True, kw_only=True):
    """New values for some fields of an item; None leaves one as it is."""

    actor_id: UserId
    item_id: ItemId
    name: str | None = None
    description: str | None = None
    price: int | None = None
    available: bool | None = None
    deleted: Literal[True] | None = None

    def needs(self) -> Needs:
        """Who asks, and the item."""
        return Needs(users=(self.actor_id,), items=(self.item_id,))

    def decide(self, book: Book, now: Instant) -> Decision[MenuItem]:
        """Change it, or take it off the menu. Raises NotFound for someone else's item."""
        item = book.item(self.item_id)
        require_stall(book.actor(self.actor_id, Role.VENDOR, Role.ADMIN), item.vendor_id, what="item")
        names = ("name", "description", "price", "available", "deleted")
        asked = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        return _changed(book, now, msgspec.structs.replace(item, **asked))


def require_stall(actor: User, vendor_id: VendorId, *, what: str) -> None:
    """Raises NotFound unless the stall is this person's, or they are an organiser."""
    if actor.role is not Role.ADMIN and actor.vendor_id != vendor_id:
        raise NotFound(what=what)


def _changed(book: Book, now: Instant, item: MenuItem) -> Decision[MenuItem]:
    draft = Draft(book, now)
    draft.put(item)
    event = MenuUpdated(
        timestamp=draft.timestamp,
        vendor_id=item.vendor_id,
        item_id=item.item_id,
        available=item.available and not item.deleted,
        price=item.price,
        name=item.name,
    )
    draft.tell(event, role_topic(Role.CUSTOMER), user_topic(item.vendor_id))
    return draft.decision(item)
