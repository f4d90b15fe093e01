"""A new PIN raises the session version, keeps one session at most, and is told to whom it concerns."""

import pytest

from festival_push.domain.events import NewNotification, UserChanged
from festival_push.domain.people.pins import ChangePin, ResetPin
from festival_push.domain.people.rights import SuspendUser
from festival_push.domain.refusals import Forbidden, NotFound, Suspended, WrongPin
from festival_push.domain.topics import SYSTEM, user_topic
from festival_push.domain.values import UserId
from tests.support.festival import ADMIN, ANNA, BEN, Festival


def test_the_session_that_asked_goes_on_until_the_next_change() -> None:
    festival = Festival.opened()
    first = festival.do(ChangePin(user_id=ANNA, known_hash=None, pin_hash="one", session="phone")).user
    assert first == festival.book.users[ANNA]
    assert (first.pin_hash, first.session_version) == ("one", 1)
    assert first.admits(version=1, session="new")
    assert first.admits(version=0, session="phone")
    assert not first.admits(version=0, session="tablet")
    second = festival.do(ChangePin(user_id=ANNA, known_hash="one", pin_hash="two", session="tablet")).user
    assert [second.admits(version=version, session="phone") for version in (0, 1, 2)] == [False, False, True]
    third = festival.do(ResetPin(actor_id=ADMIN, user_id=ANNA, pin_hash="three")).user
    assert (third.session_version, third.kept_session) == (3, None)


def test_a_pin_that_was_set_anew_meanwhile_stays() -> None:
    festival = Festival.opened()
    stolen = ChangePin(user_id=ANNA, known_hash=None, pin_hash="theirs", session="thief")
    festival.do(ResetPin(actor_id=ADMIN, user_id=ANNA, pin_hash="one"))
    with pytest.raises(WrongPin):
        festival.do(stolen)
    assert (festival.book.users[ANNA].pin_hash, festival.book.users[ANNA].kept_session) == ("one", None)


def test_the_person_and_every_process_are_told() -> None:
    festival = Festival.opened()
    festival.do(ResetPin(actor_id=ADMIN, user_id=ANNA, pin_hash="one"))
    changed, notification = festival.told(SYSTEM, user_topic(ANNA))[-2:]
    assert isinstance(changed, UserChanged)
    assert isinstance(notification, NewNotification)
    assert (changed.user_id, notification.type) == (ANNA, "warning")


def test_a_reset_is_the_organisers_and_forgets_the_tries() -> None:
    festival = Festival.opened()
    with pytest.raises(Forbidden):
        festival.do(ResetPin(actor_id=BEN, user_id=ANNA, pin_hash="one"))
    with pytest.raises(NotFound):
        festival.do(ResetPin(actor_id=ADMIN, user_id=UserId("nobody"), pin_hash="one"))
    festival.do(SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True))
    with pytest.raises(Suspended):
        festival.do(ChangePin(user_id=ANNA, known_hash=None, pin_hash="one", session="phone"))
    assert festival.do(ResetPin(actor_id=ADMIN, user_id=ANNA, pin_hash="one")).user.pin_tries == 0
