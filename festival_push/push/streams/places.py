"""Places: how the open streams of one process are shared out, so that nobody can take those of everybody else.

    streams_max ─┬─ a tenth is kept for staff: stalls, organisers, displays; of it a stall takes half at most
                 └─ the rest is open to customers and passers-by; of it an address takes half at most

Staff get what is left of the rest, too. Where half of the rest or of an address's share is taken, a customer has two
streams at most. Passers-by get half of the rest at most, and half of each address's share: they could be anybody, again
and again, and each customer has a name. Source: decision 0030.
"""

from collections import Counter
from enum import Enum
from typing import Final

import msgspec

from festival_push.push.hub.unlogged import StreamError
from festival_push.push.streams.endings import CAPACITY, TOO_MANY

PASSERS_BY_MAX: Final = 2_000
"""Streams that passers-by of one address have, at most; less where half of the address's share is less."""
CROWDED_MAX: Final = 2
"""Streams that a customer has where many are taken: the one that is open, and the one that takes its place."""
_KEPT: Final = 10  # one of so many places is kept for staff


class Standing(Enum):
    """Out of whose places a stream takes one."""

    STAFF = "staff"  # stalls, organisers, displays: few, and each was let in by an organiser
    CUSTOMER = "customer"  # anybody may become one, as often as they like
    PASSER_BY = "passer-by"  # nobody signed in


class Place(msgspec.Struct, frozen=True, gc=False):
    """The place that a stream takes."""

    standing: Standing
    share: str | None  # an address, or a stall: its streams are counted together; None: an organiser's are not


class Places:
    """Counts the streams that are open, and says who may open one more.

    Args:
        streams_max: How many may be open together.
        streams_per_user: How many a person or a display may have.
    """

    def __init__(self, *, streams_max: int, streams_per_user: int) -> None:
        kept = streams_max // _KEPT
        self._all_max = streams_max
        self._person_max = streams_per_user
        self._rest_max = streams_max - kept
        self._passers_by_max = _half(self._rest_max)
        self._address_max = _half(self._rest_max)
        self._stall_max = max(kept // 2, streams_per_user)  # a small server's stall has one keeper at least
        self._taken: Counter[Standing] = Counter()
        self._of_share: Counter[tuple[Standing, str | None]] = Counter()

    def refusal_of(self, place: Place, *, own: int) -> StreamError | None:
        """Return why a stream may not take this place now; None if it may.

        Args:
            own: How many streams its person or display has open; 0 for a passer-by.
        """
        if self._taken.total() >= self._all_max:
            return CAPACITY
        if place.standing is not Standing.STAFF:
            return self._refusal_of_rest(place, own)
        is_full = place.share is not None and self._of(place) >= self._stall_max
        return TOO_MANY if is_full or own >= self._person_max else None

    def take(self, place: Place) -> None:
        """Count one more stream."""
        self._taken[place.standing] += 1
        self._of_share[place.standing, place.share] += 1

    def free(self, place: Place) -> None:
        """Count one stream less; it was taken before."""
        self._taken[place.standing] -= 1
        key = place.standing, place.share
        self._of_share[key] -= 1
        if not self._of_share[key]:
            del self._of_share[key]  # else every address that ever came would stay

    def _refusal_of_rest(self, place: Place, own: int) -> StreamError | None:
        taken = self._taken[Standing.CUSTOMER] + self._taken[Standing.PASSER_BY]
        at_address = sum(self._of_share[standing, place.share] for standing in (Standing.CUSTOMER, Standing.PASSER_BY))
        if taken >= self._rest_max or at_address >= self._address_max:
            return CAPACITY
        if place.standing is Standing.PASSER_BY:
            if self._taken[Standing.PASSER_BY] >= self._passers_by_max:
                return CAPACITY
            return TOO_MANY if self._of(place) >= min(PASSERS_BY_MAX, _half(self._address_max)) else None
        is_crowded = taken >= _half(self._rest_max) or at_address >= _half(self._address_max)
        most = min(CROWDED_MAX, self._person_max) if is_crowded else self._person_max
        return TOO_MANY if own >= most else None

    def _of(self, place: Place) -> int:
        return self._of_share[place.standing, place.share]


def _half(places: int) -> int:
    """Return half of some places, rounded up: half of one is one."""
    return (places + 1) // 2
