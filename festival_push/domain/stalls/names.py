"""Names of stalls: no two have names that people take for one, or money meant for one stall goes to the other."""

from typing import Final

from festival_push.domain.book import Book
from festival_push.domain.look_alikes import name_key
from festival_push.domain.refusals import NameTaken
from festival_push.domain.stall_rows import VendorName
from festival_push.domain.values import VendorId

_OF_THE_FESTIVAL: Final = (
    "Admin", "Cash desk", "Festival", "Festival desk", "Festival office", "Festival Push", "Organiser", "Organisers",
    "Organizer", "Organizers", "Office", "Support",
)  # fmt: skip
RESERVED: Final = frozenset(map(name_key, _OF_THE_FESTIVAL))
"""Keys of the names by which the festival itself speaks; a stall gets one of them from an organiser only."""


def claim_name(book: Book, vendor_id: VendorId, name: str, *, by_organiser: bool) -> VendorName:
    """Return the row that makes a name this stall's, as one to put. Raises NameTaken.

    Args:
        book: It has the names of `Needs.name_keys` for this name.
        by_organiser: An organiser gives the name, so it may be one of the festival's own.
    """
    key = name_key(name)
    others = (other for other in book.vendor_names.values() if other.vendor_id != vendor_id)
    if any(other.name_key == key for other in others) or (key in RESERVED and not by_organiser):
        raise NameTaken(name=name)
    return VendorName(vendor_id=vendor_id, name_key=key)
