"""Import stalls and what they sell."""

from collections import Counter
from typing import Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.imports.tally import Became, Imported, Tally, twice
from festival_push.domain.look_alikes import name_key
from festival_push.domain.orders.stock import tell_item
from festival_push.domain.refusals import NameTaken
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import MenuItem, Vendor
from festival_push.domain.signing_in.sign_in import sign_in_names
from festival_push.domain.stalls.names import claim_name
from festival_push.domain.stalls.opening import open_new_stall, tell_stall
from festival_push.domain.values import Instant, ItemId, UserId, VendorId

_OF_STALL: Final = ("name", "open", "auto_accept", "at_once", "legal_name", "tax_id", "address")
_OF_ITEM: Final = ("name", "description", "price", "available", "tax_bp", "age_min", "stock", "deposit")


class StallRow(msgspec.Struct, frozen=True, kw_only=True):
    """A stall of a file. None: a stall that is there keeps what it has, and a new one gets the default."""

    line: int
    vendor_id: VendorId
    name: str
    owner_id: UserId | None  # who opens a new one
    open: bool | None = None
    auto_accept: bool | None = None
    at_once: bool | None = None
    legal_name: str | None = None
    tax_id: str | None = None
    address: str | None = None

    def applied(self, vendor: Vendor) -> Vendor:
        """Return the stall with what the row says."""
        said = {name: getattr(self, name) for name in _OF_STALL if getattr(self, name) is not None}
        return msgspec.structs.replace(vendor, **said)


class ImportStalls(msgspec.Struct, frozen=True, kw_only=True):
    """Open stalls, each with its owner, and change those that are there."""

    stalls: tuple[StallRow, ...]
    apply: bool

    def needs(self) -> Needs:
        return Needs(
            users=tuple(dict.fromkeys(row.owner_id for row in self.stalls if row.owner_id is not None)),
            sign_ins=tuple(dict.fromkeys(name for row in self.stalls for name in sign_in_names(row.vendor_id))),
            vendors=tuple(row.vendor_id for row in self.stalls),
            name_keys=tuple(dict.fromkeys(name_key(row.name) for row in self.stalls)),
        )

    def decide(self, book: Book, now: Instant) -> Decision[Imported]:
        """Decide each row. Raises nothing."""
        tally = Tally(book, now, "stalls")
        twice(tally, [(row.line, row.vendor_id) for row in self.stalls], "id")
        twice(tally, [(row.line, name_key(row.name)) for row in self.stalls], "name")
        for row in self.stalls:
            try:
                became = _stall(tally, row)
            except NameTaken:
                tally.fault(row.line, "name", "is another stall's, or looks like it")
            else:
                if became is not None:
                    tally.note(row.line, f"{row.vendor_id}\t{row.name}", became)
        return tally.decision(apply=self.apply)


def _stall(tally: Tally, row: StallRow) -> Became | None:
    """Decide a row; None if it has a fault. Raises NameTaken."""
    draft, before = tally.draft, tally.draft.book.vendors.get(row.vendor_id)
    if before is None:
        owner = None if row.owner_id is None else draft.book.users.get(row.owner_id)
        if owner is None or owner.erased_at is not None:
            tally.fault(row.line, "owner", "must be somebody's id: import people first")
            return None
        if any(name in draft.book.sign_ins for name in sign_in_names(row.vendor_id)):
            tally.fault(row.line, "id", "can't be had: somebody signs in with it")
            return None
        vendor = open_new_stall(draft, row.vendor_id, owner, name=row.name, by_organiser=True)
    else:
        vendor = before
    changed = row.applied(vendor)
    if changed != vendor:
        if changed.name != vendor.name:
            draft.put(claim_name(draft.book, row.vendor_id, row.name, by_organiser=True))
        draft.put(changed)
        tell_stall(draft, changed)
    if before is None:
        return Became.MADE
    return Became.LEFT if changed == before else Became.CHANGED


class ItemRow(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a menu. None: an item that is there keeps what it has, and a new one gets the default."""

    line: int
    item_id: ItemId
    vendor_id: VendorId
    name: str
    price: int  # minor units, 1..amount_max
    description: str | None = None
    available: bool | None = None
    tax_bp: int | None = None
    age_min: int | None = None
    stock: int | None = None  # of a new item; one that is there has sold some of it since
    deposit: int | None = None

    def applied(self, item: MenuItem, *, is_new: bool) -> MenuItem:
        """Return the item with what the row says."""
        names = (name for name in _OF_ITEM if is_new or name != "stock")
        return msgspec.structs.replace(
            item, **{name: getattr(self, name) for name in names if getattr(self, name) is not None}
        )


class ImportMenus(msgspec.Struct, frozen=True, kw_only=True):
    """Put items on menus, and change those that are there."""

    items: tuple[ItemRow, ...]
    apply: bool

    def needs(self) -> Needs:
        stalls = tuple(dict.fromkeys(row.vendor_id for row in self.items))
        return Needs(items=tuple(row.item_id for row in self.items), vendors=stalls, menu_sizes=stalls)

    def decide(self, book: Book, now: Instant) -> Decision[Imported]:
        """Decide each row. Raises nothing."""
        tally, added = Tally(book, now, "menus"), Counter[VendorId]()
        twice(tally, [(row.line, row.item_id) for row in self.items], "id")
        for row in self.items:
            if (became := _item(tally, row, added)) is not None:
                tally.note(row.line, f"{row.item_id}\t{row.name}", became)
        return tally.decision(apply=self.apply)


def _item(tally: Tally, row: ItemRow, added: Counter[VendorId]) -> Became | None:
    """Decide a row; None if it has a fault."""
    draft, before = tally.draft, tally.draft.book.items.get(row.item_id)
    added[row.vendor_id] += before is None
    if (wrong := _wrong(draft.book, row, before, added[row.vendor_id])) is not None:
        tally.fault(row.line, *wrong)
        return None
    blank = MenuItem(
        item_id=row.item_id, vendor_id=row.vendor_id, name=row.name, description="", price=row.price,
        created_at=draft.now,
    )  # fmt: skip
    item = row.applied(before or blank, is_new=before is None)
    if item == before:
        return Became.LEFT
    if before is None:
        draft.new(item)
    else:
        draft.put(item)
    tell_item(draft, item)
    return Became.MADE if before is None else Became.CHANGED


def _wrong(book: Book, row: ItemRow, before: MenuItem | None, added: int) -> tuple[str, str] | None:
    """Return the column of a row that is at fault, and why; None if none is."""
    rules = book.rules
    if row.vendor_id not in book.vendors:
        return "stall", "there is no stall of this id: import stalls first"
    if before is not None and before.deleted:
        return "id", "was taken off the menu"
    if before is not None and before.vendor_id != row.vendor_id:
        return "id", f"is an item of stall {before.vendor_id}"
    if row.tax_bp is not None and rules.tax_rates_bp and row.tax_bp not in rules.tax_rates_bp:
        return "taxBp", "is none of `festival.tax_rates_bp`"
    if book.menu_sizes[row.vendor_id] + added > rules.menu_items_max:
        return "stall", f"its menu is full: {rules.menu_items_max} items"
    return None
