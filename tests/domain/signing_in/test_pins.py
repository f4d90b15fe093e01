"""A new PIN raises the session version, keeps one session at most, and is told to whom it concerns."""

import msgspec
import pytest

from festival_push.domain.events import NewNotification, UserChanged
from festival_push.domain.people.rights import ChangeRole, SuspendUser
from festival_push.domain.refusals import Forbidden, NotFound, Suspended
from festival_push.domain.signing_in.guesses import FREE, Counts, CountTry
from festival_push.domain.signing_in.pin_lengths import STAFF_DIGITS_MIN, is_too_short
from festival_push.domain.signing_in.pins import ChangePin, ResetPin
from festival_push.domain.signing_in.refusals import PinTooShort, SignInTaken, TooManyTries, WrongPin
from festival_push.domain.topics import SYSTEM, user_topic
from festival_push.domain.values import Role, UserId
from tests.support.festival import ADMIN, ANNA, BEN, SUN_KEEPER, Festival


def test_the_session_that_asked_goes_on_until_the_next_change() -> None:
    festival = Festival.opened()
    first = festival.do(ChangePin(user_id=ANNA, known_hash=None, pin_hash="one", pin_digits=6, session="phone")).user
    assert first == festival.book.users[ANNA]
    assert (first.pin_hash, first.session_version) == ("one", 1)
    assert first.admits(version=1, session="new")
    assert first.admits(version=0, session="phone")
    assert not first.admits(version=0, session="tablet")
    second = festival.do(ChangePin(user_id=ANNA, known_hash="one", pin_hash="two", pin_digits=6, session="tablet")).user
    assert [second.admits(version=version, session="phone") for version in (0, 1, 2)] == [False, False, True]
    third = festival.do(ResetPin(actor_id=ADMIN, user_id=ANNA, pin_hash="three", pin_digits=6)).user
    assert (third.session_version, third.kept_session) == (3, None)


def test_a_pin_that_was_set_anew_meanwhile_stays() -> None:
    festival = Festival.opened()
    stolen = ChangePin(user_id=ANNA, known_hash=None, pin_hash="theirs", pin_digits=6, session="thief")
    festival.do(ResetPin(actor_id=ADMIN, user_id=ANNA, pin_hash="one", pin_digits=6))
    with pytest.raises(WrongPin):
        festival.do(stolen)
    assert (festival.book.users[ANNA].pin_hash, festival.book.users[ANNA].kept_session) == ("one", None)


def test_the_person_and_every_process_are_told() -> None:
    festival = Festival.opened()
    festival.do(ResetPin(actor_id=ADMIN, user_id=ANNA, pin_hash="one", pin_digits=6))
    changed, notification = festival.told(SYSTEM, user_topic(ANNA))[-2:]
    assert isinstance(changed, UserChanged)
    assert isinstance(notification, NewNotification)
    assert (changed.user_id, notification.type) == (ANNA, "warning")


def test_a_reset_is_the_organisers_and_forgets_the_tries() -> None:
    festival = Festival.opened()
    with pytest.raises(Forbidden):
        festival.do(ResetPin(actor_id=BEN, user_id=ANNA, pin_hash="one", pin_digits=6))
    with pytest.raises(NotFound):
        festival.do(ResetPin(actor_id=ADMIN, user_id=UserId("nobody"), pin_hash="one", pin_digits=6))
    festival.do(SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True))
    with pytest.raises(Suspended):
        festival.do(ChangePin(user_id=ANNA, known_hash=None, pin_hash="one", pin_digits=6, session="phone"))
    counts = Counts(account="k")
    for _ in range(FREE):
        festival.do(CountTry(counts=counts))
    with pytest.raises(TooManyTries):
        festival.do(CountTry(counts=counts))
    festival.do(ResetPin(actor_id=ADMIN, user_id=ANNA, pin_hash="one", pin_digits=6, guesses=("k",)))
    festival.do(CountTry(counts=counts))


def test_an_organiser_resets_no_pin_of_their_own() -> None:
    """Money leaves only by the PIN: whoever has an organiser's phone must not be able to set another."""
    festival = Festival.opened()
    first = ResetPin(actor_id=ADMIN, user_id=ADMIN, pin_hash="one", pin_digits=6)
    festival.do(first)  # who has none sets one
    with pytest.raises(Forbidden):
        festival.do(msgspec.structs.replace(first, pin_hash="theirs"))
    assert festival.book.users[ADMIN].pin_hash == "one"


def test_who_has_forgotten_the_sign_in_name_gets_another() -> None:
    festival = Festival.opened()
    reset = ResetPin(actor_id=ADMIN, user_id=ANNA, pin_hash="one", pin_digits=6, sign_in="New-Name 1")
    festival.do(reset)
    anna = festival.book.users[ANNA]
    assert (anna.sign_in, anna.sign_in_key) == ("New-Name 1", "newname1")
    with pytest.raises(SignInTaken):
        festival.do(msgspec.structs.replace(reset, user_id=BEN, sign_in="NEWNAME1"))


def test_whoever_can_do_more_needs_a_longer_pin() -> None:
    festival = Festival.opened()
    festival.do(ChangePin(user_id=ANNA, known_hash=None, pin_hash="one", pin_digits=4, session="phone"))
    for command in (
        ChangePin(user_id=ADMIN, known_hash=None, pin_hash="one", pin_digits=5, session="phone"),
        ResetPin(actor_id=ADMIN, user_id=SUN_KEEPER, pin_hash="one", pin_digits=5),
    ):
        with pytest.raises(PinTooShort) as refused:
            festival.do(command)
        assert refused.value.params() == {"pin_digits_min": STAFF_DIGITS_MIN}
    assert not is_too_short(festival.book.person(ANNA))
    festival.do(ChangeRole(actor_id=ADMIN, user_id=ANNA, role=Role.ADMIN))
    assert is_too_short(festival.book.person(ANNA)), "who is staff from now on is told"
    festival.do(ChangePin(user_id=ANNA, known_hash="one", pin_hash="two", pin_digits=6, session="phone"))
    assert not is_too_short(festival.book.person(ANNA))
