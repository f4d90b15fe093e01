"""A new sign-in: offered by the desk, taken once; what was there before opens nothing any more."""

import json

import msgspec
import pytest

from festival_push.domain.events import NewNotification, SessionEnded, UserChanged
from festival_push.domain.people.rights import MakeCashier, SuspendUser
from festival_push.domain.refusals import Forbidden, NotFound, Suspended
from festival_push.domain.rows import User
from festival_push.domain.signing_in.guesses import Counts, CountTry
from festival_push.domain.signing_in.new_sign_ins import OfferNewSignIn, TakeNewSignIn
from festival_push.domain.signing_in.pins import ChangePin, ResetPin
from festival_push.domain.signing_in.refusals import NewSignInSpent, PinTooShort, SignInTaken
from festival_push.domain.signing_in.sessions import BeginSession
from festival_push.domain.signing_in.sign_in import sign_in_names
from festival_push.domain.topics import SYSTEM, user_topic
from festival_push.domain.values import Instant, UserId
from tests.support.festival import ADMIN, ANNA, BEN, SUN_KEEPER, Festival, Put


def desk() -> Festival:
    """Ben is the cashier; Anna has a PIN and a name that she has forgotten."""
    festival = Festival.opened()
    festival.do(MakeCashier(actor_id=ADMIN, user_id=BEN, cashier=True))
    festival.do(ResetPin(actor_id=ADMIN, user_id=ANNA, pin_hash="old", pin_digits=4, sign_in="old-name"))
    return festival


def offer(festival: Festival, user_id: UserId = ANNA, *, actor_id: UserId = BEN) -> User:
    return festival.do(OfferNewSignIn(actor_id=actor_id, user_id=user_id))


def take_of(user: User, *, digits: int = 4, sign_in: str = "new-name") -> TakeNewSignIn:
    return TakeNewSignIn(
        user_id=user.user_id, version=user.session_version, pin_hash="new", pin_digits=digits, sign_in=sign_in
    )


def test_the_offer_ends_all_sessions_and_says_nothing_of_the_name() -> None:
    festival = desk()
    version = festival.book.users[ANNA].session_version
    begun = BeginSession(
        session_id="s1", user_id=ANNA, version=version, device="", expires_at=Instant(festival.now + 1_000)
    )
    festival.do(begun)
    before = len(festival.events)
    decision = festival.decided(OfferNewSignIn(actor_id=BEN, user_id=ANNA))
    assert not decision.reply.admits(version=version, session="s1")
    told = festival.told(SYSTEM, after=before)
    assert [event.TYPE for event in told] == [SessionEnded.TYPE, UserChanged.TYPE]
    [notice] = festival.told(user_topic(ANNA), after=before)
    assert isinstance(notice, NewNotification)
    assert (notice.code, notice.priority) == ("sign-in-offered", "high")
    [deed] = decision.deeds
    assert (deed.subject, deed.actor) == ("user:anna", "user:ben")
    assert json.loads(deed.before) == {"sessionVersion": version}
    assert "old-name" not in str(decision.events) + deed.before + deed.after


def test_it_is_taken_once() -> None:
    festival = desk()
    offered = offer(festival)
    person = festival.do(take_of(offered))
    assert (person.user.pin_hash, person.user.sign_in, person.user.pin_digits) == ("new", "new-name", 4)
    assert person.user.session_version == offered.session_version + 1
    for again in (take_of(offered), take_of(offered, sign_in="third")):
        with pytest.raises(NewSignInSpent):
            festival.do(again)
    assert festival.do(CountTry(counts=Counts(account="k"), names=sign_in_names("new-name"))).user == person.user
    assert festival.do(CountTry(counts=Counts(account="k"), names=sign_in_names("old-name"))).user is None


def test_a_newer_offer_and_a_new_pin_void_it() -> None:
    festival = desk()
    first, second = offer(festival), offer(festival)
    with pytest.raises(NewSignInSpent):
        festival.do(take_of(first))
    festival.do(ChangePin(user_id=ANNA, known_hash="old", pin_hash="own", pin_digits=4, session="s"))
    with pytest.raises(NewSignInSpent):
        festival.do(take_of(second))


@pytest.mark.parametrize("staff", [SUN_KEEPER, BEN, ADMIN])
def test_a_cashier_offers_it_to_guests_alone(staff: UserId) -> None:
    festival = desk()
    with pytest.raises(Forbidden):
        offer(festival, staff)
    assert offer(festival, SUN_KEEPER, actor_id=ADMIN).user_id == SUN_KEEPER
    with pytest.raises(Forbidden):
        offer(festival, ADMIN, actor_id=ADMIN)
    with pytest.raises(Forbidden):
        offer(festival, ANNA, actor_id=SUN_KEEPER)
    with pytest.raises(NotFound):
        offer(festival, UserId("nobody"))


def test_whom_an_organiser_has_let_in_is_no_second_person_for_a_while() -> None:
    festival = desk()
    assert offer(festival, SUN_KEEPER, actor_id=ADMIN).rights_at == festival.now


def test_a_suspended_person_gets_none() -> None:
    festival = desk()
    offered = offer(festival)
    festival.do(SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True))
    with pytest.raises(Suspended):
        offer(festival)
    with pytest.raises(Suspended):
        festival.do(take_of(offered))


def test_a_person_who_was_erased_gets_none() -> None:
    festival = desk()
    offered = offer(festival)
    festival.do(Put((msgspec.structs.replace(offered, erased_at=festival.now),)))
    with pytest.raises(NotFound):
        offer(festival)
    with pytest.raises(NewSignInSpent):
        festival.do(take_of(offered))


def test_the_pin_is_as_long_as_the_person_needs_and_the_name_is_free() -> None:
    festival = desk()
    offered = offer(festival, SUN_KEEPER, actor_id=ADMIN)
    with pytest.raises(PinTooShort):
        festival.do(take_of(offered))
    with pytest.raises(SignInTaken):
        festival.do(take_of(offered, digits=6, sign_in="OLD NAME"))
    festival.do(take_of(offered, digits=6))
    assert festival.book.users[SUN_KEEPER].sign_in == "new-name"
