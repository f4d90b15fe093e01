"""What several answers about guests share."""

from collections.abc import Mapping

from msgspec import UNSET, UnsetType

from festival_push.domain.people.relations import Person
from festival_push.domain.values import Part, VendorId
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import left_out


class NamedPartView(View, frozen=True, kw_only=True):
    """A stall that somebody keeps."""

    vendor_id: VendorId
    name: str | UnsetType = UNSET
    part: Part


def parts_of(person: Person, names: Mapping[VendorId, str] | None = None) -> tuple[NamedPartView, ...]:
    """Render the stalls that somebody keeps, with their names where they are known."""
    return tuple(
        NamedPartView(vendor_id=vendor_id, name=left_out((names or {}).get(vendor_id)), part=part)
        for vendor_id, part in person.stalls.items()
    )
