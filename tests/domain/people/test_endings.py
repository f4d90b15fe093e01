"""What ends with a keeper, and what does not; and stalls where nobody is left."""

from typing import Any

import pytest

from festival_push.domain.book import Command
from festival_push.domain.events import DisplayRevoked
from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.orders.payment_requests import OwnLine, PayRequest, RequestPayment, status_of
from festival_push.domain.people.keepers import AppointKeeper, DismissKeeper
from festival_push.domain.people.people import AddUser
from festival_push.domain.people.rights import ChangeRole, SuspendUser
from festival_push.domain.refusals import (
    InvalidPairingCode,
    InvalidTransition,
    PaymentRequestExpired,
    VendorClosed,
    VendorUnattended,
)
from festival_push.domain.stalls.displays import AddDisplay
from festival_push.domain.stalls.events import VendorUpdated
from festival_push.domain.stalls.pairings import AnswerPairing, OfferPairing, RequestPairing
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.topics import SYSTEM, role_topic
from festival_push.domain.values import (
    DisplayId,
    Instant,
    OrderId,
    OrderStatus,
    PairingId,
    PairingStatus,
    Part,
    PaymentRequestId,
    Role,
    UserId,
    VendorId,
)
from tests.support.festival import ADMIN, ANNA, BAR, SUN, SUN_KEEPER, Festival

KIM = UserId("kim")
ENDINGS: dict[str, Command[Any]] = {
    "dismissed": DismissKeeper(actor_id=ADMIN, vendor_id=SUN, user_id=KIM),
    "gone": DismissKeeper(actor_id=KIM, vendor_id=SUN, user_id=KIM),
    "suspended": SuspendUser(actor_id=ADMIN, user_id=KIM, suspended=True),
    "a customer": ChangeRole(actor_id=ADMIN, user_id=KIM, role=Role.CUSTOMER),
    "at another stall": ChangeRole(actor_id=ADMIN, user_id=KIM, role=Role.VENDOR, vendor_id=BAR),
}


@pytest.fixture
def festival() -> Festival:
    """Kim keeps the sun with its owner, and the bar."""
    festival = Festival.opened(funds=5_000)
    festival.do(AddUser(user_id=KIM, role=Role.CUSTOMER, name="Kim", pin_hash=None, top_up_code="CODE-kim"))
    for vendor_id in (SUN, BAR):
        festival.do(AppointKeeper(actor_id=ADMIN, vendor_id=vendor_id, user_id=KIM, part=Part.KEEPER))
    return festival


def made_by(festival: Festival, user_id: UserId, vendor_id: VendorId = SUN) -> tuple[DisplayId, PaymentRequestId]:
    """A display and a payment request that somebody makes for a stall."""
    name = f"{user_id}-{vendor_id}"
    display = AddDisplay(actor_id=user_id, vendor_id=vendor_id, display_id=DisplayId(name), name="Screen")
    request = RequestPayment(
        request_id=PaymentRequestId(name), actor_id=user_id, vendor_id=vendor_id,
        wanted=OwnLine(description="Deposit", amount=200), expires_s=300,
    )  # fmt: skip
    festival.do(display)
    festival.do(request)
    return display.display_id, request.request_id


def paid(request_id: PaymentRequestId, number: int = 1) -> PayRequest:
    return PayRequest(request_id=request_id, order_id=OrderId(f"paid-{number}"), customer_id=ANNA)


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
def test_what_a_keeper_has_made_for_a_stall_ends_with_them_at_once(festival: Festival, ending: Command[Any]) -> None:
    display_id, request_id = made_by(festival, KIM)
    theirs, their_request = made_by(festival, SUN_KEEPER)
    festival.now = Instant(festival.now + 1_000)
    decision = festival.decided(ending)
    assert festival.book.displays[display_id].revoked
    assert [told.event.display_id for told in decision.events if isinstance(told.event, DisplayRevoked)] == [display_id]
    assert all(told.topics == (SYSTEM,) for told in decision.events if isinstance(told.event, DisplayRevoked))
    assert status_of(festival.book.payment_requests[request_id], festival.now) == "expired"
    with pytest.raises(PaymentRequestExpired):
        festival.do(paid(request_id))
    assert not festival.book.displays[theirs].revoked
    festival.do(paid(their_request))


def test_what_they_made_elsewhere_stays_but_of_somebody_suspended_nothing_does(festival: Festival) -> None:
    made_by(festival, KIM)
    elsewhere, request_id = made_by(festival, KIM, BAR)
    festival.do(ENDINGS["dismissed"])
    assert not festival.book.displays[elsewhere].revoked
    festival.do(paid(request_id))
    festival.do(ENDINGS["suspended"])
    assert festival.book.displays[elsewhere].revoked
    festival.do(SuspendUser(actor_id=ADMIN, user_id=KIM, suspended=False))
    assert festival.book.displays[elsewhere].revoked  # nothing comes back by itself


def test_what_is_made_in_the_very_moment_ends_too(festival: Festival) -> None:
    _, request_id = made_by(festival, KIM)
    festival.do(ENDINGS["dismissed"])
    festival.now = Instant(festival.now + 1)
    with pytest.raises(PaymentRequestExpired):
        festival.do(paid(request_id))


def test_a_request_that_was_paid_stays_as_it_is(festival: Festival) -> None:
    _, request_id = made_by(festival, KIM)
    festival.do(paid(request_id))
    before = festival.book.payment_requests[request_id]
    festival.do(ENDINGS["dismissed"])
    assert festival.book.payment_requests[request_id] == before


def offered(festival: Festival, user_id: UserId, code_hash: str = "code") -> None:
    """A code of this keeper."""
    offer = OfferPairing(
        actor_id=user_id, vendor_id=SUN, pairing_id=PairingId("pairing"), code_hash=code_hash, name="Screen"
    )
    festival.do(offer)
    festival.now = Instant(festival.now + 1_000)


def test_a_code_and_a_screen_that_waits_are_refused(festival: Festival) -> None:
    offered(festival, KIM)
    festival.do(ENDINGS["dismissed"])
    with pytest.raises(InvalidPairingCode):
        festival.do(RequestPairing(code_hash="code", secret_hash="secret"))
    offered(festival, SUN_KEEPER, "next")  # in its place
    festival.do(RequestPairing(code_hash="next", secret_hash="secret"))
    festival.do(SuspendUser(actor_id=ADMIN, user_id=SUN_KEEPER, suspended=True))
    assert festival.book.pairings[PairingId("pairing")].status is PairingStatus.REFUSED


def test_a_screen_ends_with_whoever_confirmed_it(festival: Festival) -> None:
    offered(festival, SUN_KEEPER)
    festival.do(RequestPairing(code_hash="code", secret_hash="secret"))
    display_id = DisplayId("confirmed")
    festival.do(
        AnswerPairing(actor_id=KIM, vendor_id=SUN, pairing_id=PairingId("pairing"), accept=True, display_id=display_id)
    )
    festival.do(ENDINGS["dismissed"])
    assert festival.book.displays[display_id].revoked


def test_what_an_organiser_put_up_ends_when_they_are_none_any_more(festival: Festival) -> None:
    festival.do(AddUser(user_id=UserId("olga"), role=Role.ADMIN, name="Olga", pin_hash=None, top_up_code="CODE-olga"))
    for vendor_id in (SUN, BAR):
        display_id = DisplayId(f"olga-{vendor_id}")
        festival.do(AddDisplay(actor_id=UserId("olga"), vendor_id=vendor_id, display_id=display_id, name="Screen"))
    festival.do(ChangeRole(actor_id=ADMIN, user_id=UserId("olga"), role=Role.VENDOR, vendor_id=BAR))
    assert festival.book.displays[DisplayId("olga-sun")].revoked
    assert not festival.book.displays[DisplayId("olga-bar")].revoked  # they keep that stall


def suspend(festival: Festival, *user_ids: UserId, suspended: bool = True) -> list[VendorUpdated]:
    """Suspend people; what customers are told of stalls by that."""
    before = len(festival.events)
    for user_id in user_ids:
        festival.do(SuspendUser(actor_id=ADMIN, user_id=user_id, suspended=suspended))
    told = festival.told(role_topic(Role.CUSTOMER), after=before)
    return [event for event in told if isinstance(event, VendorUpdated)]


def test_a_stall_sells_until_its_last_keeper_is_suspended_and_again_with_the_first(festival: Festival) -> None:
    _, request_id = made_by(festival, SUN_KEEPER)
    assert suspend(festival, KIM) == []
    festival.placed()
    (event,) = suspend(festival, SUN_KEEPER)
    assert (event.vendor_id, event.open, event.attended) == (SUN, False, False)
    with pytest.raises(VendorUnattended):
        festival.placed()
    del request_id  # it has ended with its maker
    (event,) = suspend(festival, KIM, suspended=False)
    assert (event.vendor_id, event.open, event.attended) == (SUN, True, True)
    festival.placed()


def test_nobody_pays_a_request_of_a_stall_without_a_keeper(festival: Festival) -> None:
    """An organiser's request outlives all keepers; here it is one of before, whose maker is not known."""
    _, request_id = made_by(festival, KIM)
    request = festival.book.payment_requests[request_id]
    festival.book.payment_requests[request_id] = type(request)(
        **{name: getattr(request, name) for name in request.__struct_fields__ if name != "created_by"}
    )
    suspend(festival, KIM, SUN_KEEPER)
    with pytest.raises(VendorUnattended):
        festival.do(paid(request_id))


def test_a_closed_stall_is_closed_whoever_is_there(festival: Festival) -> None:
    festival.do(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, open=False))
    suspend(festival, KIM, SUN_KEEPER)
    with pytest.raises(VendorClosed):
        festival.placed()
    (event,) = suspend(festival, KIM, suspended=False)
    assert (event.open, event.attended) == (False, True)
    with pytest.raises(VendorClosed):
        festival.placed()


def cancelled(order_id: OrderId) -> ChangeOrderStatus:
    return ChangeOrderStatus(order_id=order_id, actor_id=ANNA, status=OrderStatus.CANCELLED)


@pytest.mark.parametrize("status", [OrderStatus.CONFIRMED, OrderStatus.PREPARING, OrderStatus.READY])
def test_what_nobody_can_serve_any_more_can_be_cancelled(festival: Festival, status: OrderStatus) -> None:
    order = festival.placed()
    if status is OrderStatus.READY:
        festival.do(ChangeOrderStatus(order_id=order.order_id, actor_id=KIM, status=status))
    festival.now = Instant(festival.now + festival.book.rules.cancel_ms)
    with pytest.raises(InvalidTransition):
        festival.do(cancelled(order.order_id))
    suspend(festival, KIM, SUN_KEEPER)
    if status is OrderStatus.READY:  # it may have been eaten
        with pytest.raises(InvalidTransition):
            festival.do(cancelled(order.order_id))
        return
    assert festival.do(cancelled(order.order_id)).balance == 5_000
