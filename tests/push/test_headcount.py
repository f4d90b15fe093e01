"""The headcount knows who has how many streams, and which parts of it have changed."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from festival_push.push.headcount import Headcount, Who, part_of

PEOPLE = st.tuples(
    st.sampled_from([f"guest-{number}" for number in range(20)]), st.sampled_from(["customer", "vendor"])
)


@given(st.lists(st.tuples(PEOPLE, st.booleans(), st.booleans())))
def test_it_counts_what_is_open(steps: list[tuple[Who, bool, bool]]) -> None:
    headcount, model, told = Headcount(), Counter[Who](), Counter[Who]()
    for who, comes, tells in steps:
        if comes:
            headcount.add(who)
            model[who] += 1
        elif model[who]:
            headcount.remove(who)
            model[who] -= 1
        assert headcount.total == model.total()
        assert headcount.streams() == +model
        differ = {part_of(other) for other in model | told if model[other] != told[other]}
        assert differ <= headcount.changed
        if tells:
            headcount.changed.clear()
            told = model.copy()
    for number, people in enumerate(headcount.parts):
        assert all(count > 0 and part_of(who) == number for who, count in people.items())


def test_a_crowd_is_spread_over_the_parts() -> None:
    headcount = Headcount()
    for number in range(20_000):
        headcount.add((f"{number:022d}", "customer"))
    assert max(map(len, headcount.parts)) < 256
