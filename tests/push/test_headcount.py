"""The headcount knows who has how many streams, and which parts of it have changed."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from festival_push.push.headcount import PARTS, Headcount, Who, part_of

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
    parts = {
        (name, user_type): (number, count)
        for number in range(PARTS)
        for user_type, people in headcount.part(number).items()
        for name, count in people.items()
    }
    assert parts == {who: (part_of(who), count) for who, count in (+model).items()}
    assert all(headcount.part(number) == {} for number in {*range(PARTS)} - {number for number, _ in parts.values()})


def test_a_crowd_is_spread_over_the_parts() -> None:
    headcount = Headcount()
    for number in range(20_000):
        headcount.add((f"{number:022d}", "customer"))
    assert max(len(headcount.part(number)["customer"]) for number in range(PARTS)) < 256
