"""Second factors end by their owner or by another organiser, and nothing of what proved them is kept."""

import msgspec
import pytest

from festival_push.domain.events import NewNotification
from festival_push.domain.refusals import Forbidden, NotFound
from festival_push.domain.signing_in.lost_factors import RemoveFactor, RenewRecoveryCodes, ResealFactors, ResetFactors
from festival_push.domain.topics import user_topic
from festival_push.domain.values import FactorId, UserId
from tests.support.festival import ADMIN, ANNA, BEN, Festival, app_of


def test_with_the_last_one_the_recovery_codes_go() -> None:
    festival = Festival.opened()
    festival.do(app_of(ANNA, 0))
    festival.do(app_of(ANNA, 1))
    assert festival.do(RemoveFactor(user_id=ANNA, factor_id=FactorId("anna-0"))).factors == 1
    assert festival.book.recovery_codes[ANNA].hashes == ("r1", "r2")
    assert festival.do(RemoveFactor(user_id=ANNA, factor_id=FactorId("anna-1"))).factors == 0
    assert festival.book.recovery_codes[ANNA].hashes == ()
    assert {factor.secret for factor in festival.book.factors.values()} == {None}
    for factor_id in ("anna-0", "none"):
        with pytest.raises(NotFound):
            festival.do(RemoveFactor(user_id=ANNA, factor_id=FactorId(factor_id)))


def test_nobody_removes_another_ones() -> None:
    festival = Festival.opened()
    festival.do(app_of(ANNA, 0))
    with pytest.raises(NotFound):
        festival.do(RemoveFactor(user_id=BEN, factor_id=FactorId("anna-0")))


def test_a_reset_ends_everything_and_warns() -> None:
    festival = Festival.opened()
    festival.do(app_of(ANNA, 0, session="phone"))
    festival.do(app_of(ANNA, 1))
    reset = festival.do(ResetFactors(actor_id=ADMIN, user_id=ANNA))
    assert (reset.factors, reset.session_version, reset.kept_session) == (0, 2, None)
    assert festival.book.recovery_codes[ANNA].hashes == ()
    [*_, told] = festival.told(user_topic(ANNA))
    assert isinstance(told, NewNotification)
    assert told.type == "warning"
    before = len(festival.events)
    assert festival.do(ResetFactors(actor_id=None, user_id=ANNA)) == reset, "nothing is left to reset"
    assert len(festival.events) == before


def test_a_reset_is_another_organisers() -> None:
    festival = Festival.opened()
    festival.do(app_of(ADMIN, 0))
    for actor_id, user_id in ((BEN, ANNA), (ADMIN, ADMIN)):
        with pytest.raises(Forbidden):
            festival.do(ResetFactors(actor_id=actor_id, user_id=user_id))
    with pytest.raises(NotFound):
        festival.do(ResetFactors(actor_id=ADMIN, user_id=UserId("nobody")))
    assert festival.do(ResetFactors(actor_id=None, user_id=ADMIN)).factors == 0


def test_recovery_codes_stand_in_for_something() -> None:
    festival = Festival.opened()
    renew = RenewRecoveryCodes(user_id=ANNA, hashes=("n1", "n2"))
    with pytest.raises(NotFound):
        festival.do(renew)
    festival.do(app_of(ANNA, 0))
    festival.do(renew)
    assert festival.book.recovery_codes[ANNA].hashes == ("n1", "n2")


def test_a_secret_is_sealed_anew_unless_it_has_changed_meanwhile() -> None:
    festival = Festival.opened()
    for number in range(3):
        festival.do(app_of(ANNA, number))
    festival.do(RemoveFactor(user_id=ANNA, factor_id=FactorId("anna-2")))
    ids = [FactorId(f"anna-{number}") for number in range(3)]
    festival.do(
        ResealFactors(sealed=((ids[0], "sealed 0", "new"), (ids[1], "older", "new"), (ids[2], "sealed 2", "new")))
    )
    assert [festival.book.factors[factor_id].secret for factor_id in ids] == ["new", "sealed 1", None]
    assert msgspec.structs.replace(festival.book.users[ANNA], factors=2) == festival.book.users[ANNA]
