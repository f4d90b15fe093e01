"""Which callers a route is for is what the table of relations says, and nothing else."""

import re
from itertools import product
from pathlib import Path
from typing import Final

import pytest

import festival_push
from festival_push.domain.people.relations import MAY, Act, Person, Relation, could
from festival_push.domain.rows import User
from festival_push.domain.values import Instant, Part, UserId, VendorId
from festival_push.web.routing.access import accesses_of, who_may
from festival_push.web.routing.endpoint import USER, Access


def person(*, admin: bool, cashier: bool, part: Part | None) -> Person:
    user = User(
        user_id=UserId("anna"), name="Anna", pin_hash=None, admin=admin, cashier=cashier, top_up_code="A",
        created_at=Instant(0),
    )  # fmt: skip
    return Person(user, {} if part is None else {VendorId("sun"): part})


PEOPLE: Final = [
    person(admin=admin, cashier=cashier, part=part)
    for admin, cashier, part in product([False, True], [False, True], [None, *Part])
]


@pytest.mark.parametrize("act", Act)
def test_who_could_do_something_passes_and_nobody_else_does(act: Act) -> None:
    for each in PEOPLE:
        passes = not accesses_of(each).isdisjoint(who_may(act))
        # One gate for all who keep a stall: whether they own it is asked when it is known which.
        owns = MAY[act] & {Relation.OWNER, Relation.KEEPER} == {Relation.OWNER}
        keeps_only = Part.KEEPER in each.stalls.values()
        assert passes == could(each, act) or (owns and keeps_only), each


def test_what_people_do_to_their_own_things_is_open_to_all_of_them() -> None:
    own = [act for act in Act if Relation.SELF in MAY[act]]
    assert {who_may(act) for act in own} == {USER}
    assert all(Access.USER in accesses_of(each) for each in PEOPLE)


def test_nothing_else_here_looks_at_what_a_person_is() -> None:
    """What somebody may do is asked of the table; only `is` and the shares of the limits are made of the flags."""
    package = Path(festival_push.__file__).parent
    looking = re.compile(r"\buser\.(admin|cashier)\b|\.user_type (is|==|in)\b|\bRole\.ADMIN\b")
    found = {
        path.relative_to(package).as_posix()
        for folder in ("web", "push")
        for path in (package / folder).rglob("*.py")
        if looking.search(path.read_text("utf-8"))
    }
    assert found == {"web/identity/principal.py"}
