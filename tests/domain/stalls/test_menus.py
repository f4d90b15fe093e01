"""Menus: their stall's and the organiser's to change, and every change is told."""

from typing import Any

import msgspec
import pytest

from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.refusals import Forbidden, MenuFull, NotFound, Suspended
from festival_push.domain.stalls.events import MenuUpdated
from festival_push.domain.stalls.menus import AddMenuItem, ChangeMenuItem
from festival_push.domain.topics import role_topic, stall_topic
from festival_push.domain.values import ItemId, Role, UserId, VendorId
from tests.support.festival import ADMIN, ANNA, BAR, BAR_KEEPER, FALAFEL, RULES, SUN, SUN_KEEPER, Festival

SOUP = ItemId("soup")


def add(actor_id: UserId = SUN_KEEPER, vendor_id: VendorId = SUN) -> AddMenuItem:
    return AddMenuItem(
        actor_id=actor_id, vendor_id=vendor_id, item_id=SOUP, name="Soup", description="hot", price=400, available=True
    )


def change(actor_id: UserId = SUN_KEEPER, **values: Any) -> ChangeMenuItem:
    return msgspec.structs.replace(ChangeMenuItem(actor_id=actor_id, item_id=FALAFEL), **values)


@pytest.mark.parametrize("actor_id", [SUN_KEEPER, ADMIN])
def test_a_new_item_is_told_to_customers_and_its_stall(actor_id: UserId) -> None:
    festival = Festival.opened()
    decision = festival.decided(add(actor_id))
    assert festival.book.items[SOUP] == decision.reply
    assert (decision.reply.name, decision.reply.description, decision.reply.price) == ("Soup", "hot", 400)
    (told,) = decision.events
    assert set(told.topics) == {role_topic(Role.CUSTOMER), stall_topic(SUN)}
    assert told.event == MenuUpdated(
        timestamp="2026-07-04T10:00:00.000Z", vendor_id=SUN, item_id=SOUP, available=True, price=400, name="Soup"
    )


def test_only_what_was_named_changes() -> None:
    festival = Festival.opened()
    before = festival.book.items[FALAFEL]
    assert festival.do(change(price=700)) == msgspec.structs.replace(before, price=700)
    assert festival.do(change(available=False)) == msgspec.structs.replace(before, price=700, available=False)
    assert festival.do(change(name="Falafel XL", description="")).name == "Falafel XL"


def test_what_is_taken_off_the_menu_is_told_as_unavailable_and_gone() -> None:
    festival = Festival.opened()
    decision = festival.decided(change(deleted=True))
    (told,) = decision.events
    assert isinstance(told.event, MenuUpdated)
    assert told.event.available is False
    assert festival.book.items[FALAFEL].deleted  # old orders still name it
    with pytest.raises(NotFound):
        festival.do(change(price=1))


def test_menus_are_their_stalls_and_the_organisers() -> None:
    festival = Festival.opened()
    book = dict(festival.book.items)
    for command, refusal in (
        (add(BAR_KEEPER), NotFound),
        (add(ANNA), Forbidden),
        (add(ADMIN, VendorId("nobody")), NotFound),
        (change(BAR_KEEPER, price=1), NotFound),
        (change(ANNA, price=1), Forbidden),
    ):
        with pytest.raises(refusal):
            festival.do(command)
    festival.book.users[SUN_KEEPER] = msgspec.structs.replace(festival.book.users[SUN_KEEPER], suspended=True)
    with pytest.raises(Suspended):
        festival.do(change(price=1))
    assert festival.book.items == book


def test_a_menu_has_an_end_and_what_is_taken_off_it_makes_room() -> None:
    festival = Festival.opened(msgspec.structs.replace(RULES, menu_items_max=3))  # the stall sells two things
    festival.do(add())
    with pytest.raises(MenuFull) as refused:
        festival.do(msgspec.structs.replace(add(ADMIN), item_id=ItemId("stew")))
    assert refused.value.menu_items_max == 3
    festival.do(msgspec.structs.replace(add(ADMIN, BAR), item_id=ItemId("nuts")))  # another stall's menu is its own
    festival.do(change(available=False))
    with pytest.raises(MenuFull):  # sold out today is on the menu all the same
        festival.do(msgspec.structs.replace(add(), item_id=ItemId("stew")))
    festival.do(change(deleted=True))
    festival.do(msgspec.structs.replace(add(), item_id=ItemId("stew")))
    with pytest.raises(MenuFull):
        festival.do(msgspec.structs.replace(add(), item_id=ItemId("pie")))


def test_a_new_item_says_its_tax_age_deposit_and_count() -> None:
    festival = Festival.opened()
    says = {"tax_bp": 1_900, "age_min": 18, "deposit": 200, "stock": 40}
    item = festival.do(msgspec.structs.replace(add(), **says))
    assert {name: getattr(item, name) for name in says} == says
    plain = festival.do(msgspec.structs.replace(add(), item_id=ItemId("stew")))
    assert (plain.tax_bp, plain.age_min, plain.deposit, plain.stock) == (None, 0, 0, None)


def test_what_an_item_says_changes_one_by_one_and_is_cleared() -> None:
    festival = Festival.opened()
    before = festival.book.items[FALAFEL]
    says: dict[str, Any] = {"tax_bp": 0, "age_min": 16, "deposit": 100, "stock": 0}
    assert festival.do(change(**says)) == msgspec.structs.replace(before, **says)
    assert festival.do(change(price=700)) == msgspec.structs.replace(before, price=700, **says)
    cleared: dict[str, Any] = {"tax_bp": None, "age_min": 0, "deposit": 0, "stock": None}
    for name, value in cleared.items():
        says[name] = value
        assert festival.do(change(**{name: value})) == msgspec.structs.replace(before, price=700, **says)


def test_what_changes_is_a_deed_and_told_as_before() -> None:
    festival = Festival.opened()
    decision = festival.decided(change(tax_bp=700, stock=5))
    [deed] = decision.deeds
    assert (deed.act, deed.before, deed.after) == (
        DeedKind.CHANGE_ITEM, '{"stock":null,"tax_bp":null}', '{"stock":5,"tax_bp":700}',
    )  # fmt: skip
    [told] = decision.events
    assert told.event == MenuUpdated(
        timestamp="2026-07-04T10:00:00.000Z", vendor_id=SUN, item_id=FALAFEL, available=True, price=650, name="Falafel"
    )


def test_an_order_keeps_what_its_items_said_when_they_were_sold() -> None:
    festival = Festival.opened(funds=10_000)
    plain = festival.placed()
    festival.do(change(tax_bp=0, age_min=16, deposit=100, stock=9))
    sold = festival.placed()
    festival.do(change(tax_bp=1_900, age_min=0, deposit=0, stock=None))
    [line] = festival.book.orders[plain.order_id].lines
    assert (line.tax_bp, line.age_min, line.deposit) == (msgspec.UNSET,) * 3
    [line] = festival.book.orders[sold.order_id].lines
    assert (line.tax_bp, line.age_min, line.deposit) == (0, 16, 100)
