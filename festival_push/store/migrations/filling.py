"""What a migration fills in by the program's own rules, because SQL can't say them."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final

from festival_push.domain.look_alikes import name_key
from festival_push.domain.people.name_words import words_of
from festival_push.domain.stall_rows import VendorName
from festival_push.domain.values import VendorId
from festival_push.store.database import Writer
from festival_push.store.sql import Rows, Write
from festival_push.store.tables import TABLES


async def _vendor_names(writer: Writer) -> Write:
    """Return the keys of all stalls' names. Stalls whose names are alike keep them: all but the first of them get keys
    that no name has."""
    [rows] = await writer.select(("SELECT vendor_id, name FROM vendors ORDER BY vendor_id", ()))
    table = TABLES[VendorName]
    return table.put, [table.encode(row) for row in _named(rows)]


def _named(rows: Rows) -> Iterator[VendorName]:
    met: dict[str, int] = {}
    for vendor_id, name in rows:
        key = name_key(name)
        met[key] = met.get(key, 0) + 1
        suffix = "" if met[key] == 1 else f" {met[key]}"  # no key has a blank
        yield VendorName(vendor_id=VendorId(vendor_id), name_key=key + suffix)


async def _name_words(writer: Writer) -> Write:
    """Return the words of all people's names, as the desk looks for them."""
    [rows] = await writer.select(("SELECT user_id, name FROM users", ()))
    words = [(words_of(name), user_id) for user_id, name in rows]
    return "UPDATE users SET name_words = $1 WHERE user_id = $2", words


FILLS: Final[Mapping[str, Callable[[Writer], Awaitable[Write]]]] = {
    "0020_endings": _vendor_names,
    "0027_guests": _name_words,
}
"""By the name of a migration: what it writes after its script."""
