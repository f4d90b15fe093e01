"""Second factors: a code counts once, a passkey's count never goes back, and a challenge ends one sign-in."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.events import NewNotification, UserChanged
from festival_push.domain.people.rights import SuspendUser
from festival_push.domain.refusals import AlreadyExists, Suspended, TokenSpent
from festival_push.domain.signing_in.factors import EnrolFactor, UseFactor, lacks_factor
from festival_push.domain.signing_in.lost_factors import ResetFactors
from festival_push.domain.signing_in.pins import ResetPin
from festival_push.domain.signing_in.refusals import WrongFactor
from festival_push.domain.topics import SYSTEM, user_topic
from festival_push.domain.values import FactorId, FactorKind
from tests.support.festival import ADMIN, ANNA, BEN, RULES, Festival, app_of, use_of

PASSKEY = EnrolFactor(
    user_id=ANNA, factor_id=FactorId("key"), kind=FactorKind.PASSKEY, name="Key", credential_id="c", public_key="k",
    counter=0, recovery_hashes=("r1",), session="here",
)  # fmt: skip


def refused(festival: Festival, wish: UseFactor) -> bool:
    try:
        festival.do(wish)
    except WrongFactor:
        return True
    return False


@given(st.lists(st.integers(95, 110), max_size=30))
def test_no_code_counts_twice_nor_after_a_later_one(steps: list[int]) -> None:
    festival = Festival.opened()
    festival.do(app_of(ANNA, 0, step=100))
    counted = [step for step in steps if not refused(festival, use_of(ANNA, step))]
    assert counted == sorted(set(counted))
    assert all(step > 100 for step in counted), "the code that enrolled it counts once too"
    assert festival.book.factors[FactorId("anna-0")].counter == max([100, *counted])


@given(st.lists(st.integers(0, 5), max_size=30))
def test_the_count_of_a_passkey_never_goes_back(counts: list[int]) -> None:
    festival = Festival.opened()
    festival.do(PASSKEY)
    wish = UseFactor(user_id=ANNA, factor_id=PASSKEY.factor_id)
    used = [count for count in counts if not refused(festival, msgspec.structs.replace(wish, counter=count))]
    rising = used[used.count(0) :]
    assert used[: used.count(0)] == [0] * used.count(0), "one that has counted never comes back with nothing"
    assert rising == sorted(set(rising))


@pytest.mark.parametrize("wish", [app_of(ANNA, 0), PASSKEY], ids=["an app without", "a passkey with"])
def test_a_secret_where_none_belongs_is_found_before_the_database_refuses_the_batch(wish: EnrolFactor) -> None:
    """With a reset in the same batch the database would take it, and alone it would not."""
    festival = Festival.opened()
    with pytest.raises(AssertionError):
        festival.do(msgspec.structs.replace(wish, secret=None if wish.secret else "sealed"))


def test_the_first_one_ends_all_other_sessions_and_brings_recovery_codes() -> None:
    festival = Festival.opened()
    first = festival.do(app_of(ANNA, 0, session="phone"))
    assert (first.factors, first.session_version, first.kept_session) == (1, 1, "phone")
    assert festival.book.recovery_codes[ANNA].hashes == ("r1", "r2")
    changed, notification = festival.told(SYSTEM, user_topic(ANNA))[-2:]
    assert isinstance(changed, UserChanged)
    assert isinstance(notification, NewNotification)
    assert "App 0" in notification.message
    festival.do(UseFactor(user_id=ANNA, recovery_hash="r1"))
    second = festival.do(app_of(ANNA, 1, session="tablet"))
    assert (second.factors, second.session_version, second.kept_session) == (2, 1, "phone")
    assert festival.book.recovery_codes[ANNA].hashes == ("r2",), "the codes stay as they are"


def test_a_passkey_is_one_persons() -> None:
    festival = Festival.opened()
    festival.do(PASSKEY)
    with pytest.raises(AlreadyExists):
        festival.do(msgspec.structs.replace(PASSKEY, user_id=BEN, factor_id=FactorId("other")))


def test_a_recovery_code_counts_once_and_warns() -> None:
    festival = Festival.opened()
    festival.do(app_of(ANNA, 0))
    wish = UseFactor(user_id=ANNA, recovery_hash="r1")
    assert not refused(festival, wish)
    [*_, told] = festival.told(user_topic(ANNA))
    assert isinstance(told, NewNotification)
    assert (told.type, "1 are left" in told.message) == ("warning", True)
    assert refused(festival, wish)
    assert refused(festival, msgspec.structs.replace(wish, recovery_hash="made up"))
    assert refused(festival, msgspec.structs.replace(wish, user_id=BEN)), "and nobody else's"


def test_a_factor_is_its_owners_alone_and_ends() -> None:
    festival = Festival.opened()
    festival.do(app_of(ANNA, 0))
    assert refused(festival, msgspec.structs.replace(use_of(ANNA, 101), user_id=BEN))
    assert refused(festival, use_of(ANNA, 101, number=7))
    festival.do(ResetFactors(actor_id=ADMIN, user_id=ANNA))
    assert refused(festival, use_of(ANNA, 101))


def test_a_challenge_ends_one_sign_in_of_the_pin_that_it_came_with() -> None:
    festival = Festival.opened()
    festival.do(app_of(ANNA, 0))
    festival.do(use_of(ANNA, 101, challenge="one"))
    with pytest.raises(TokenSpent):
        festival.do(use_of(ANNA, 102, challenge="one"))
    festival.do(ResetPin(actor_id=ADMIN, user_id=ANNA, pin_hash="new", pin_digits=6))
    with pytest.raises(TokenSpent):
        festival.do(use_of(ANNA, 102, challenge="two", version=1))
    assert not refused(festival, use_of(ANNA, 102, challenge="three", version=2))


def test_a_wrong_code_leaves_the_challenge_for_the_right_one() -> None:
    festival = Festival.opened()
    festival.do(app_of(ANNA, 0))
    assert refused(festival, use_of(ANNA, 100, challenge="one"))
    assert not refused(festival, use_of(ANNA, 101, challenge="one"))


def test_who_is_suspended_gets_in_by_none() -> None:
    festival = Festival.opened()
    festival.do(app_of(ANNA, 0))
    festival.do(SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True))
    with pytest.raises(Suspended):
        festival.do(use_of(ANNA, 101))


def test_only_an_organiser_may_have_to_have_one() -> None:
    festival = Festival.opened()
    strict = msgspec.structs.replace(RULES, organisers_prove=True)
    admin, anna = festival.book.users[ADMIN], festival.book.users[ANNA]
    assert lacks_factor(admin, strict)
    assert not lacks_factor(admin, RULES)
    assert not lacks_factor(anna, strict)
    assert not lacks_factor(festival.do(app_of(ADMIN, 0)), strict)
