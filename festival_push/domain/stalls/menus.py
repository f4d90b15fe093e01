"""Menus: the items that a stall sells. Every change is sent to the customers' streams."""

from typing import ClassVar, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.office.deeds import DeedKind, State, changes
from festival_push.domain.orders.stock import tell_item
from festival_push.domain.people.relations import Act, require
from festival_push.domain.refusals import MenuFull, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import MenuItem
from festival_push.domain.values import Instant, ItemId, UserId, VendorId

AGE_MAX: Final = 99  # years
STOCK_MAX: Final = 1_000_000  # of one item
TAX_BP_MAX: Final = 10_000


class AddMenuItem(msgspec.Struct, frozen=True, kw_only=True):
    """Add an item to a stall's menu."""

    REFUSES: ClassVar[Refusals] = (MenuFull,)

    actor_id: UserId
    vendor_id: VendorId
    item_id: ItemId
    name: str
    description: str
    price: int  # minor units, 1..amount_max
    available: bool
    tax_bp: int | None = None  # 0..10_000, of the price without it
    age_min: int = 0  # 0..99 years
    stock: int | None = None  # 0..STOCK_MAX; None: not counted
    deposit: int = 0  # minor units of each, 0..amount_max

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), vendors=(self.vendor_id,), menu_sizes=(self.vendor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[MenuItem]:
        """Put the item on the menu. Raises Forbidden, NotFound for someone else's stall, MenuFull."""
        book.own_stall(self.actor_id, self.vendor_id, Act.CHANGE_MENU)
        if book.menu_sizes[self.vendor_id] >= book.rules.menu_items_max:
            raise MenuFull(menu_items_max=book.rules.menu_items_max)
        item = MenuItem(
            item_id=self.item_id,
            vendor_id=self.vendor_id,
            name=self.name,
            description=self.description,
            price=self.price,
            available=self.available,
            created_at=now,
            tax_bp=self.tax_bp,
            age_min=self.age_min,
            stock=self.stock,
            deposit=self.deposit,
        )
        draft = Draft(book, now, user=self.actor_id)
        draft.deed(DeedKind.ADD_ITEM, "item", self.item_id, after=_words(item))
        draft.new(item)
        return _told(draft, item)


class ChangeMenuItem(msgspec.Struct, frozen=True, kw_only=True):
    """Change some fields of a menu item; None leaves a field as it is. Where None is a value, UNSET leaves it so."""

    actor_id: UserId
    item_id: ItemId
    name: str | None = None
    description: str | None = None
    price: int | None = None
    available: bool | None = None
    deleted: Literal[True] | None = None
    tax_bp: int | UnsetType | None = UNSET  # None: nobody says any more
    age_min: int | None = None  # 0: any age again
    stock: int | UnsetType | None = UNSET  # None: not counted any more
    deposit: int | None = None  # 0: none any more

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), items=(self.item_id,))

    def decide(self, book: Book, now: Instant) -> Decision[MenuItem]:
        """Change the item, or take it off the menu. Raises Forbidden, NotFound for someone else's item."""
        item = book.item(self.item_id)
        require(book.actor(self.actor_id), Act.CHANGE_MENU, vendor_id=item.vendor_id, what="item")
        asked = self._asked()
        if self.available and item.stock == 0 and self.stock is UNSET:  # some turned up: nobody knows how many
            asked["stock"] = None
        changed = msgspec.structs.replace(item, **asked)
        draft = Draft(book, now, user=self.actor_id)
        if changed.deleted:
            draft.deed(DeedKind.REMOVE_ITEM, "item", self.item_id, before=_words(item))
        elif changed != item:
            was, is_now = changes(item, changed, *asked)
            draft.deed(DeedKind.CHANGE_ITEM, "item", self.item_id, before=was, after=is_now)
        draft.put(changed)
        return _told(draft, changed)

    def _asked(self) -> dict[str, object]:
        """Return the fields that change, with their new values."""
        asked = {name: getattr(self, name) for name in _PLAIN if getattr(self, name) is not None}
        return asked | {name: getattr(self, name) for name in _CLEARED_BY_NONE if getattr(self, name) is not UNSET}


_PLAIN: Final = ("name", "description", "price", "available", "deleted", "age_min", "deposit")
_CLEARED_BY_NONE: Final = ("tax_bp", "stock")


def _words(item: MenuItem) -> State:
    return {"vendorId": item.vendor_id, "name": item.name, "price": item.price}


def _told(draft: Draft, item: MenuItem) -> Decision[MenuItem]:
    tell_item(draft, item)
    return draft.decision(item)
