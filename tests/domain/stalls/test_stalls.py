"""Stalls: opened, closed, named, and set to accept by hand."""

from typing import Final

import pytest

from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.people.keepers import AppointKeeper
from festival_push.domain.refusals import Forbidden, NotFound, VendorClosed
from festival_push.domain.stalls.events import VendorUpdated
from festival_push.domain.stalls.stalls import Business, ChangeVendor
from festival_push.domain.topics import role_topic, stall_topic
from festival_push.domain.values import OrderStatus, Part, Role, VendorId
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


WHO: Final = Business(legal_name="Sonne GmbH", tax_id="12/345/67890", address="Am Feld 1, 12345 Ort")


def test_an_owner_and_an_organiser_say_what_receipts_say_of_the_business() -> None:
    festival = Festival.opened()
    decision = festival.decided(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, business=WHO))
    vendor = festival.book.vendors[SUN]
    assert (vendor.legal_name, vendor.tax_id, vendor.address) == (WHO.legal_name, WHO.tax_id, WHO.address)
    assert decision.events == ()  # it is nothing that menus show
    assert [deed.act for deed in decision.deeds] == [DeedKind.CHANGE_STALL]
    assert "Sonne GmbH" in decision.deeds[0].after
    festival.do(ChangeVendor(actor_id=ADMIN, vendor_id=SUN, business=Business(tax_id="")))
    vendor = festival.book.vendors[SUN]
    assert (vendor.legal_name, vendor.tax_id, vendor.address) == (WHO.legal_name, None, WHO.address)


def test_who_keeps_a_stall_of_somebody_else_does_not_say_whose_business_it_is() -> None:
    festival = Festival.opened()
    festival.do(AppointKeeper(actor_id=SUN_KEEPER, vendor_id=SUN, user_id=ANNA, part=Part.KEEPER))
    festival.do(ChangeVendor(actor_id=ANNA, vendor_id=SUN, auto_accept=False))  # the rest they may
    before = festival.book.vendors[SUN]
    with pytest.raises(Forbidden):
        festival.do(ChangeVendor(actor_id=ANNA, vendor_id=SUN, open=False, business=WHO))
    with pytest.raises(NotFound):
        festival.do(ChangeVendor(actor_id=BAR_KEEPER, vendor_id=SUN, business=WHO))
    assert festival.book.vendors[SUN] == before


def test_a_new_name_beside_the_business_is_told() -> None:
    festival = Festival.opened()
    decision = festival.decided(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, name="Sonne", business=WHO))
    assert [type(told.event) for told in decision.events] == [VendorUpdated]
    same = festival.decided(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, business=WHO))
    assert (same.events, same.rows, same.deeds) == ((), (), ())
