"""The sign-in name: forgiving to whoever types it, one person's alone, and never an id that others know."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.people.people import AddUser
from festival_push.domain.signing_in.refusals import SignInTaken
from festival_push.domain.signing_in.sign_in import RenewSignIn, sign_in_key, sign_in_names
from festival_push.domain.topics import SYSTEM, user_topic
from festival_push.domain.values import Role, UserId
from tests.support.festival import ANNA, BEN, SUN, Festival

VISIBLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64)


@given(VISIBLE)
def test_case_blanks_and_hyphens_are_forgiven(name: str) -> None:
    key = sign_in_key(name)
    assert sign_in_key(key) == key or set(name) == {"-"}
    if set(name) - {"-"}:
        for typed in (name.upper(), name.lower(), f" {name} ", " ".join(name), "-".join(name)):
            assert sign_in_names(typed)[1] == key


def test_nobody_gets_the_name_of_somebody_else() -> None:
    festival = Festival.opened()
    festival.do(RenewSignIn(user_id=ANNA, sign_in="k7mp-x3wd-9qrt"))
    festival.do(RenewSignIn(user_id=ANNA, sign_in="k7mp-x3wd-9qrt"))  # one's own is free
    for taken in ("K7MPX3WD9QRT", str(SUN), SUN.upper(), str(BEN)):
        with pytest.raises(SignInTaken) as refused:
            festival.do(RenewSignIn(user_id=BEN, sign_in=taken))
        assert refused.value.params() == {}, "it does not tell whose it is"
    festival.do(RenewSignIn(user_id=ANNA, sign_in="another"))
    festival.do(RenewSignIn(user_id=BEN, sign_in="k7mpx3wd9qrt"))
    assert set(festival.book.sign_ins) == {"another", "k7mpx3wd9qrt"}


def test_the_change_is_told_without_the_name() -> None:
    festival = Festival.opened()
    before = len(festival.events)
    festival.do(RenewSignIn(user_id=ANNA, sign_in="k7mp-x3wd-9qrt"))
    told = festival.told(SYSTEM, user_topic(ANNA), after=before)
    assert len(told) == 2
    assert b"k7mp" not in msgspec.json.encode(told)


def test_a_stall_is_not_signed_in_to_by_its_id() -> None:
    festival = Festival.opened()
    stall = AddUser(
        user_id=UserId("stars"), role=Role.VENDOR, name="Stars", pin_hash="#", top_up_code="S", sign_in="stars",
        pin_digits=6,
    )  # fmt: skip
    with pytest.raises(SignInTaken):
        festival.do(stall)
    festival.do(msgspec.structs.replace(stall, sign_in="twinkle"))
    customer = msgspec.structs.replace(
        stall, role=Role.CUSTOMER, user_id=UserId("carl"), sign_in="carl", top_up_code="C"
    )
    assert festival.do(customer) is not None
