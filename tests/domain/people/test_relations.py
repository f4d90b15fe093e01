"""Relations: one table decides, and nobody may by what they are elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.people.relations import MAY, Act, Person, Relation, could, may, person_of, relations, require
from festival_push.domain.refusals import Forbidden, NotFound
from festival_push.domain.rows import Keeper, User, keeper_id
from festival_push.domain.values import Instant, Part, Role, UserId, VendorId, till_account, user_account

IDS = st.sampled_from(["anna", "ben", "sun", "bar"])  # people and stalls may have the same ids


def user_of(user_id: str, *, admin: bool = False, cashier: bool = False) -> User:
    return User(
        user_id=UserId(user_id), name=user_id, pin_hash=None, admin=admin, cashier=cashier, top_up_code=user_id,
        created_at=Instant(0),
    )  # fmt: skip


@st.composite
def people(draw: st.DrawFn) -> Person:
    """Somebody with any relations at once."""
    user = user_of(draw(IDS), admin=draw(st.booleans()), cashier=draw(st.booleans()))
    parts = draw(st.dictionaries(IDS, st.sampled_from(Part), max_size=3))
    return Person(user, {VendorId(vendor_id): part for vendor_id, part in parts.items()})


owners = st.fixed_dictionaries({"user_id": st.none() | IDS.map(UserId), "vendor_id": st.none() | IDS.map(VendorId)})


def test_every_act_has_its_relations() -> None:
    assert set(MAY) == set(Act)
    assert all(MAY.values())


@given(person=people(), act=st.sampled_from(Act), owner=owners)
def test_what_one_may_follows_from_the_relation_to_that_thing_alone(
    person: Person, act: Act, owner: dict[str, UserId | VendorId | None]
) -> None:
    user_id, vendor_id = owner["user_id"], owner["vendor_id"]
    part = person.stalls.get(VendorId(vendor_id)) if vendor_id is not None else None
    held = {
        *([Relation.SELF] if user_id == person.user_id else []),
        *([Relation.KEEPER] if part is not None else []),
        *([Relation.OWNER] if part is Part.OWNER else []),
        *([Relation.CASHIER] if person.user.cashier else []),
        *([Relation.ADMIN] if person.user.admin else []),
    }
    assert relations(person, **owner) == held  # type: ignore[arg-type]  # of these keys
    allowed = bool(held & MAY[act])
    assert may(person, act, **owner) is allowed  # type: ignore[arg-type]
    assert not allowed or could(person, act)
    elsewhere = Person(person.user, {key: value for key, value in person.stalls.items() if key == vendor_id})
    assert may(elsewhere, act, **owner) is allowed, "other stalls change nothing"  # type: ignore[arg-type]


@given(person=people(), act=st.sampled_from(Act), owner=owners)
def test_whoever_is_nothing_to_a_thing_does_not_learn_that_it_exists(
    person: Person, act: Act, owner: dict[str, UserId | VendorId | None]
) -> None:
    stranger = not relations(person, **owner) - {Relation.CASHIER}  # type: ignore[arg-type]
    if may(person, act, **owner):  # type: ignore[arg-type]
        require(person, act, **owner, what="order")  # type: ignore[arg-type]
        return
    expected = NotFound if stranger and could(person, act) else Forbidden
    with pytest.raises(expected):
        require(person, act, **owner, what="order")  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        require(person, act, **owner)  # type: ignore[arg-type]


def test_a_person_is_what_the_wire_calls_the_most() -> None:
    sun, bar = VendorId("sun"), VendorId("bar")
    plain = Person(user_of("anna"))
    assert (plain.user_type, plain.vendor_id, plain.account_id) == (Role.CUSTOMER, None, user_account(UserId("anna")))
    assert plain.groups == (Role.CUSTOMER,)
    parts = [
        Keeper(keeper_id=keeper_id(stall, plain.user_id), vendor_id=stall, user_id=plain.user_id, part=part,
               created_at=Instant(at))
        for stall, part, at in ((bar, Part.KEEPER, 1), (sun, Part.OWNER, 2))
    ]  # fmt: skip
    keeper = person_of(plain.user, parts)
    assert (keeper.user_type, keeper.vendor_id, keeper.account_id) == (Role.VENDOR, sun, till_account(sun))
    assert list(keeper.stalls.items()) == [(sun, Part.OWNER), (bar, Part.KEEPER)], "what is owned comes first"
    assert keeper.groups == (Role.CUSTOMER, Role.VENDOR)
    organiser = person_of(user_of("anna", admin=True), parts)
    assert (organiser.user_type, organiser.vendor_id) == (Role.ADMIN, None)
    assert organiser.account_id == user_account(UserId("anna"))
    assert organiser.groups == (Role.CUSTOMER, Role.VENDOR, Role.ADMIN)
