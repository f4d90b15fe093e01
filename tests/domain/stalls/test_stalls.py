"""Stalls: opened, closed, named, and set to accept by hand."""

import pytest

from festival_push.domain.refusals import Forbidden, NotFound, VendorClosed
from festival_push.domain.stalls.events import VendorUpdated
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.topics import role_topic, stall_topic
from festival_push.domain.values import OrderStatus, Role, VendorId
from tests.support.festival import ADMIN, ANNA, BAR_KEEPER, SUN, SUN_KEEPER, Festival, step


def test_a_closed_stall_takes_no_orders_and_finishes_those_it_has() -> None:
    festival = Festival.opened(funds=5_000)
    order = festival.placed()
    decision = festival.decided(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, open=False))
    (told,) = decision.events
    assert told.topics == (role_topic(Role.CUSTOMER), stall_topic(SUN))
    event = told.event
    assert isinstance(event, VendorUpdated)
    assert (event.vendor_id, event.name, event.open, event.auto_accept) == (SUN, "Sun", False, True)
    with pytest.raises(VendorClosed):
        festival.placed()
    festival.do(step(order.order_id, SUN_KEEPER, OrderStatus.READY))
    festival.do(ChangeVendor(actor_id=ADMIN, vendor_id=SUN, open=True))
    assert festival.placed().number == 2


def test_a_stall_that_accepts_by_hand_begins_with_pending() -> None:
    festival = Festival.opened(funds=5_000)
    festival.do(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, auto_accept=False, name="Falafel Sun"))
    order = festival.placed()
    assert (order.status, order.vendor_name) == (OrderStatus.PENDING, "Falafel Sun")


def test_what_is_so_already_is_told_to_nobody() -> None:
    festival = Festival.opened()
    decision = festival.decided(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, open=True, name="Sun"))
    assert (decision.events, decision.rows, decision.reply) == ((), (), festival.book.vendors[SUN])


def test_nobody_changes_another_stall() -> None:
    festival = Festival.opened()
    with pytest.raises(NotFound):
        festival.do(ChangeVendor(actor_id=BAR_KEEPER, vendor_id=SUN, open=False))
    with pytest.raises(NotFound):
        festival.do(ChangeVendor(actor_id=ADMIN, vendor_id=VendorId("nowhere"), open=False))
    with pytest.raises(Forbidden):
        festival.do(ChangeVendor(actor_id=ANNA, vendor_id=SUN, open=False))
