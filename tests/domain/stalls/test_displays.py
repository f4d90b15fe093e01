"""Displays: added and revoked by their stall or an organiser."""

import msgspec
import pytest

from festival_push.domain.refusals import Forbidden, NotFound, TooManyDisplays
from festival_push.domain.stalls.displays import DISPLAYS_MAX, AddDisplay, RevokeDisplay
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import DisplayId, UserId, VendorId
from tests.support.festival import ADMIN, ANNA, BAR, BAR_KEEPER, NOON, SUN, SUN_KEEPER, Festival

LEFT = DisplayId("left")


def add(actor_id: UserId = SUN_KEEPER, vendor_id: VendorId = SUN) -> AddDisplay:
    return AddDisplay(actor_id=actor_id, vendor_id=vendor_id, display_id=LEFT, name="Left of the till")


@pytest.mark.parametrize("actor_id", [SUN_KEEPER, ADMIN])
def test_a_screen_is_put_up_and_revoked_once(actor_id: UserId) -> None:
    festival = Festival.opened()
    display = festival.do(add(actor_id))
    assert (display.vendor_id, display.revoked, display.created_at) == (SUN, False, NOON)
    decision = festival.decided(RevokeDisplay(actor_id=actor_id, display_id=LEFT))
    assert [(told.topics, told.event.TYPE) for told in decision.events] == [((SYSTEM,), "system-display-revoked")]
    assert festival.book.displays[LEFT].revoked
    again = festival.decided(RevokeDisplay(actor_id=actor_id, display_id=LEFT))
    assert (again.events, again.rows, again.reply.revoked) == ((), (), True)


def test_screens_are_their_stalls_and_the_organisers() -> None:
    festival = Festival.opened()
    for actor_id, refusal in ((BAR_KEEPER, NotFound), (ANNA, Forbidden), (UserId("nobody"), NotFound)):
        with pytest.raises(refusal):
            festival.do(add(actor_id))
    with pytest.raises(NotFound):
        festival.do(add(ADMIN, VendorId("nobody")))
    assert festival.book.displays == {}
    festival.do(add())
    for actor_id, refusal in ((BAR_KEEPER, NotFound), (ANNA, Forbidden)):
        with pytest.raises(refusal):
            festival.do(RevokeDisplay(actor_id=actor_id, display_id=LEFT))
    assert not festival.book.displays[LEFT].revoked
    with pytest.raises(NotFound):
        festival.do(RevokeDisplay(actor_id=ADMIN, display_id=DisplayId("nothing")))


def test_a_stall_has_a_bounded_number_of_screens_at_a_time() -> None:
    festival = Festival.opened()
    for number in range(DISPLAYS_MAX):
        festival.do(msgspec.structs.replace(add(), display_id=DisplayId(f"d{number}")))
    with pytest.raises(TooManyDisplays) as refused:
        festival.do(add(ADMIN))
    assert refused.value.displays_max == DISPLAYS_MAX
    festival.do(add(ADMIN, BAR))  # another stall has screens of its own
    for _ in range(2):  # the second time changes nothing, so it makes no room either
        festival.do(RevokeDisplay(actor_id=SUN_KEEPER, display_id=DisplayId("d0")))
    festival.do(msgspec.structs.replace(add(), display_id=DisplayId("right")))
    with pytest.raises(TooManyDisplays):
        festival.do(msgspec.structs.replace(add(), display_id=DisplayId("third")))
