"""Which callers a route is for: read off the table of `domain.people.relations`, so that nothing is decided twice."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from festival_push.domain.people.relations import MAY, Act, Person, Relation, relations
from festival_push.web.routing.endpoint import Access

_ACCESS_OF: Final[Mapping[Relation, Access]] = MappingProxyType({
    Relation.SELF: Access.USER,
    Relation.KEEPER: Access.KEEPER,
    Relation.OWNER: Access.KEEPER,
    Relation.CASHIER: Access.CASHIER,
    Relation.ADMIN: Access.ADMIN,
})  # fmt: skip


def who_may(act: Act) -> frozenset[Access]:
    """Return who may call a route that does this to something of theirs; whether the thing is theirs, is asked later.

    Everybody, for what people do to their own things.
    """
    found = frozenset(_ACCESS_OF[relation] for relation in MAY[act])
    return frozenset({Access.USER}) if Access.USER in found else found


def accesses_of(person: Person) -> frozenset[Access]:
    """Return what a person may call routes as: all that they are to something of theirs."""
    held = set(relations(person, user_id=person.user_id))
    for vendor_id in person.stalls:
        held |= relations(person, vendor_id=vendor_id)
    return frozenset(_ACCESS_OF[relation] for relation in held)
