"""Places: nobody takes those of everybody else, and nobody is refused who has a place left."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.push.streams import places as module
from festival_push.push.streams.endings import CAPACITY, TOO_MANY
from festival_push.push.streams.places import CROWDED_MAX, Place, Places, Standing

STAFF, CUSTOMER, PASSER_BY = Standing.STAFF, Standing.CUSTOMER, Standing.PASSER_BY
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.1"
PER_PERSON = 8


class Room:
    """Streams of people at places, as a registry would count them."""

    def __init__(self, streams_max: int, per_person: int = PER_PERSON) -> None:
        self.places = Places(streams_max=streams_max, streams_per_user=per_person)
        self.open: list[tuple[str, Place]] = []

    def knock(self, who: str, standing: Standing, share: str | None = HOME) -> str:
        """`in`, or the code of the refusal."""
        place = Place(standing, share)
        refusal = self.places.refusal_of(place, own=0 if standing is PASSER_BY else self.open.count((who, place)))
        if refusal is not None:
            return refusal.code
        self.places.take(place)
        self.open.append((who, place))
        return "in"

    def leave(self, which: int) -> None:
        """The stream of this number is over."""
        _, place = self.open.pop(which % len(self.open))
        self.places.free(place)

    def crowd(self, people: int, each: int, standing: Standing, share: str) -> int:
        """How many streams so many people get, each of whom asks for so many."""
        return sum(self.knock(f"{share}-{who}", standing, share) == "in" for who in range(people) for _ in range(each))


def test_fifty_accounts_at_an_address_take_no_more_than_its_share() -> None:
    room = Room(400)
    assert room.crowd(50, 8, CUSTOMER, HOME) == 8 * 11 + 2 * 39, "from half of the share on, two each"
    assert room.crowd(50, 8, CUSTOMER, HOME) == 0, "the same people: each has two by now"
    assert room.crowd(100, 8, CUSTOMER, HOME + "0") == 180
    assert [room.knock("ben", CUSTOMER, ELSEWHERE) for _ in range(3)] == ["in", "in", TOO_MANY.code]
    for who, share in (("sun", "sun"), ("a display", "sun"), ("admin", None)):
        assert [room.knock(who, STAFF, share) for _ in range(9)] == ["in"] * 8 + [TOO_MANY.code]


def test_the_share_of_an_address_is_half_of_what_is_not_kept() -> None:
    room = Room(400)
    assert room.crowd(1_000, 2, CUSTOMER, HOME) == 180
    assert room.knock("ben", CUSTOMER, HOME) == CAPACITY.code
    assert room.crowd(1_000, 2, CUSTOMER, ELSEWHERE) == 180
    assert room.knock("ben", CUSTOMER, "203.0.113.1") == CAPACITY.code
    assert sum(room.knock(f"admin-{number}", STAFF, None) == "in" for number in range(50)) == 40


def test_one_stall_takes_half_of_the_kept_places_and_staff_take_the_rest_of_all_others() -> None:
    room = Room(400)
    assert room.crowd(50, 8, STAFF, "sun") == 20
    assert room.knock("sun-new", STAFF, "sun") == TOO_MANY.code
    assert room.crowd(50, 8, CUSTOMER, HOME) + room.crowd(50, 8, CUSTOMER, ELSEWHERE) > 250
    assert room.knock("moon", STAFF, "moon") == "in"
    empty = Room(400)
    assert sum(empty.knock(f"admin-{number}", STAFF, None) == "in" for number in range(500)) == 400
    assert empty.knock("anna", CUSTOMER, HOME) == CAPACITY.code


def test_passers_by_take_half_of_an_addresses_share_and_half_of_the_rest_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = Room(400)
    assert room.crowd(1, 1_000, PASSER_BY, HOME) == 90
    assert room.knock("public", PASSER_BY, HOME) == TOO_MANY.code
    assert room.crowd(1, 1_000, PASSER_BY, ELSEWHERE) == 90
    assert room.knock("public", PASSER_BY, "203.0.113.1") == CAPACITY.code
    assert room.knock("anna", CUSTOMER, HOME) == "in"
    monkeypatch.setattr(module, "PASSERS_BY_MAX", 3)
    assert Room(400).crowd(1, 1_000, PASSER_BY, HOME) == 3


@pytest.mark.parametrize("streams_max", range(1, 12))
def test_a_small_server_lets_somebody_in(streams_max: int) -> None:
    for standing in Standing:
        room = Room(streams_max, per_person=1)
        assert room.knock("first", standing) == "in"
        assert len(room.open) == 1


knocks = st.tuples(
    st.sampled_from([STAFF, CUSTOMER, CUSTOMER, PASSER_BY]), st.integers(0, 9), st.sampled_from([HOME, ELSEWHERE, "a"])
)
some_rules = st.tuples(st.integers(0, 60), st.integers(1, 8))


@given(some_rules, st.lists(st.one_of(knocks, st.integers(0, 99)), max_size=120))
def test_every_bound_holds_and_nothing_else_keeps_anybody_out(
    rules: tuple[int, int], deeds: list[tuple[Standing, int, str] | int]
) -> None:
    streams_max, per_person = rules
    kept = streams_max // 10
    rest = streams_max - kept
    address = (rest + 1) // 2
    room = Room(streams_max, per_person)
    for deed in deeds:
        if isinstance(deed, int):
            if room.open:
                room.leave(deed)
            continue
        standing, number, share = deed
        who = f"{standing.value}-{number}"
        by_standing = Counter(place.standing for _, place in room.open)
        common = by_standing[CUSTOMER] + by_standing[PASSER_BY]
        of_share = Counter((place.standing, place.share) for _, place in room.open)
        here = of_share[CUSTOMER, share] + of_share[PASSER_BY, share]
        own = room.open.count((who, Place(standing, share)))
        if standing is STAFF:
            fits = own < per_person and of_share[STAFF, share] < max(kept // 2, per_person)
        else:
            fits = common < rest and here < address
        if standing is PASSER_BY:
            fits = fits and by_standing[PASSER_BY] < (rest + 1) // 2 and of_share[PASSER_BY, share] < (address + 1) // 2
        if standing is CUSTOMER:
            crowded = 2 * common >= rest or 2 * here >= address
            fits = fits and own < (min(CROWDED_MAX, per_person) if crowded else per_person)
        fits = fits and len(room.open) < streams_max
        assert (room.knock(who, standing, share) == "in") == fits
    while room.open:
        room.leave(0)
    assert not room.places._of_share, "nothing is left of who has gone"
