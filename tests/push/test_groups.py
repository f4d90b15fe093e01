"""Groups hold what a dictionary of sets would, whatever their size, and forget names that nobody belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.push.groups import Groups

NAMES = ["a", "b", "c"]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 7), st.sampled_from(NAMES))))
def test_groups_are_a_dictionary_of_sets(steps: list[tuple[bool, int, str]]) -> None:
    groups: Groups[int] = Groups()
    model: dict[str, set[int]] = {name: set() for name in NAMES}
    for adds, member, name in steps:
        if adds:
            groups.add(member, (name,))
            model[name].add(member)
        elif member in model[name]:
            groups.discard(member, (name,))
            model[name].discard(member)
        assert {each: len(groups.of((each,))) for each in NAMES} == {each: len(model[each]) for each in NAMES}
    assert len(groups) == sum(bool(members) for members in model.values())
    for names in (["a"], ["a", "b"], NAMES, ["nobody"]):
        found = groups.of(names)
        assert len(found) == len(set(found))
        assert set(found) == set().union(*(model.get(name, set()) for name in names))
    assert groups.everybody() == set().union(*model.values())


def test_who_does_not_belong_cannot_leave() -> None:
    with pytest.raises(KeyError):
        Groups[int]().discard(1, ("a",))
