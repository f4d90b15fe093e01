"""Orders: every price from the menu, every step along the table, every refusal without a trace."""

from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.orders.orders import sees
from festival_push.domain.orders.placing import PlaceOrder
from festival_push.domain.orders.rows import Order
from festival_push.domain.orders.steps import CUSTOMER_STEPS, STALL_STEPS
from festival_push.domain.payouts.payouts import RequestPayout
from festival_push.domain.people.keepers import AppointKeeper, DismissKeeper
from festival_push.domain.refusals import (
    AmountTooLarge,
    InsufficientFunds,
    InvalidTransition,
    ItemUnavailable,
    MoneyUnearned,
    NotFound,
    PriceChanged,
    ReasonRequired,
    Refused,
    Suspended,
    VendorClosed,
)
from festival_push.domain.values import Instant, ItemId, OrderId, OrderStatus, Part, PayoutId, Role, UserId, VendorId
from tests.support.festival import (
    ADMIN,
    ANNA,
    AYRAN,
    BAR,
    BAR_KEEPER,
    BEER,
    BEN,
    FALAFEL,
    RULES,
    SUN,
    SUN_KEEPER,
    Festival,
    order_of,
    step,
)

PENDING, CONFIRMED, PREPARING, READY, COMPLETED, CANCELLED = OrderStatus
# The contract's table, written down a second time on purpose; test_steps.py has how long each step is possible.
STALL = {
    PENDING: {CONFIRMED, PREPARING, READY, CANCELLED},
    CONFIRMED: {PREPARING, READY, CANCELLED},
    PREPARING: {READY, CANCELLED},
    READY: {PREPARING, COMPLETED, CANCELLED},
    COMPLETED: {READY},
}
CUSTOMER = {PENDING: {CANCELLED}, CONFIRMED: {CANCELLED}, PREPARING: {CANCELLED}}
TABLE = {Role.CUSTOMER: CUSTOMER, Role.VENDOR: STALL, Role.ADMIN: STALL}
ACTORS = {Role.CUSTOMER: ANNA, Role.VENDOR: BAR_KEEPER, Role.ADMIN: ADMIN}


def standing(status: OrderStatus) -> tuple[Festival, OrderId]:
    """A festival with one order of Anna's at the bar that stands there."""
    festival = Festival.opened(funds=5_000)
    order_id = festival.placed(item_id=BEER, quantity=2).order_id
    way = {COMPLETED: (READY, COMPLETED), PENDING: ()}.get(status, (status,))
    for stop in way:
        festival.do(step(order_id, BAR_KEEPER, stop))
    assert festival.book.orders[order_id].status is status
    return festival, order_id


def refused(festival: Festival, command: PlaceOrder, refusal: type[Refused]) -> Refused:
    with pytest.raises(refusal) as raised:
        festival.do(command)
    assert festival.book.orders == {}
    assert len(festival.transfers) == 1  # the top-up
    return raised.value


def test_an_order_is_paid_placed_and_answered_at_once() -> None:
    festival = Festival.opened(funds=5_000)
    reply = festival.do(order_of(FALAFEL, 2, AYRAN, 1, number=7))
    order = reply.order
    assert (order.total, order.platform_fee, order.refunded) == (1_499, 37, 0)
    assert [(line.name, line.quantity, line.unit_price, line.total) for line in order.lines] == [
        ("Falafel", 2, 650, 1_300), ("Ayran", 1, 199, 199),
    ]  # fmt: skip
    assert (order.number, order.status, reply.queue_position, reply.balance) == (1, PREPARING, 1, 3_501)
    assert (order.customer_name, order.vendor_name) == ("Anna", "Sun")
    assert order.placed == festival.transfers[1].seq
    assert (festival.balance(ANNA), festival.till(SUN)) == (3_501, 1_499 - 37)


def test_a_stall_that_does_not_accept_by_itself_gets_pending_orders_in_a_queue() -> None:
    festival = Festival.opened(funds=5_000)
    replies = [festival.do(order_of(BEER, 1, number=number)) for number in (1, 2, 3)]
    assert {reply.order.status for reply in replies} == {PENDING}
    assert [reply.queue_position for reply in replies] == [1, 2, 3]
    assert festival.do(step(replies[0].order.order_id, BAR_KEEPER, READY)).queue_position is None
    assert festival.do(step(replies[2].order.order_id, BAR_KEEPER, CONFIRMED)).queue_position == 2


@given(balance=st.integers(0, 3_000), quantity=st.integers(1, 4))
def test_one_cent_too_little_is_too_little_and_just_enough_is_enough(balance: int, quantity: int) -> None:
    festival = Festival.opened(funds=balance)
    try:
        festival.placed(quantity=quantity)
    except InsufficientFunds:
        assert balance < 650 * quantity
        assert festival.balance(ANNA) == balance
    else:
        assert festival.balance(ANNA) == balance - 650 * quantity >= 0


def test_the_expected_total_must_be_the_menus() -> None:
    festival = Festival.opened(funds=5_000)
    wish = order_of(FALAFEL, 1, number=1)
    refusal = refused(festival, msgspec.structs.replace(wish, expected_total=649), PriceChanged)
    assert refusal.params() == {"total": 650, "expected_total": 649}
    assert festival.do(msgspec.structs.replace(wish, expected_total=650)).order.total == 650


@pytest.mark.parametrize(
    ("wanted", "vendor_id", "missing"),
    [
        ((FALAFEL, 1, BEER, 1), SUN, ("beer",)),  # another stall's
        ((ItemId("nothing"), 1, FALAFEL, 1), SUN, ("nothing",)),
        ((BEER, 1, ItemId("a"), 1), SUN, ("a", "beer")),
    ],
)
def test_what_the_stall_does_not_sell_is_named(
    wanted: tuple[ItemId | int, ...], vendor_id: VendorId, missing: tuple[str, ...]
) -> None:
    refusal = refused(Festival.opened(funds=5_000), order_of(*wanted, number=1, vendor_id=vendor_id), ItemUnavailable)
    assert refusal.params() == {"item_ids": missing}


@pytest.mark.parametrize("change", [{"available": False}, {"deleted": True}])
def test_what_is_sold_out_or_off_the_menu_cannot_be_bought(change: dict[str, bool]) -> None:
    festival = Festival.opened(funds=5_000)
    festival.book.items[FALAFEL] = msgspec.structs.replace(festival.book.items[FALAFEL], **change)
    refused(festival, order_of(FALAFEL, 1, number=1), ItemUnavailable)


def test_a_closed_stall_sells_nothing() -> None:
    festival = Festival.opened(funds=5_000)
    festival.book.vendors[SUN] = msgspec.structs.replace(festival.book.vendors[SUN], open=False)
    refused(festival, order_of(FALAFEL, 1, number=1), VendorClosed)


def test_an_order_is_no_larger_than_the_largest_amount() -> None:
    festival = Festival.opened(msgspec.structs.replace(RULES, amount_max=1_300), funds=5_000)
    assert refused(festival, order_of(FALAFEL, 2, AYRAN, 1, number=1), AmountTooLarge).params() == {
        "amount": 1_499, "amount_max": 1_300,
    }  # fmt: skip
    assert festival.placed(quantity=2).total == 1_300


@pytest.mark.parametrize("customer_id", [ANNA, BAR_KEEPER, SUN_KEEPER, ADMIN])
def test_everybody_buys_with_the_money_of_their_own_wallet(customer_id: UserId) -> None:
    festival = Festival.opened()
    festival.top_up(customer_id, 1_000)
    festival.placed(customer_id)
    assert festival.balance(customer_id) == 350
    assert festival.till(SUN) == 650 - 16


def test_whoever_is_suspended_buys_nothing() -> None:
    festival = Festival.opened(funds=5_000)
    refused(festival, order_of(FALAFEL, 1, number=1, vendor_id=VendorId("nobody")), NotFound)
    festival.book.users[ANNA] = msgspec.structs.replace(festival.book.users[ANNA], suspended=True)
    refused(festival, order_of(FALAFEL, 1, number=1), Suspended)


@pytest.mark.parametrize(("role", "present", "asked"), list(product(TABLE, OrderStatus, OrderStatus)))
def test_an_order_steps_only_along_the_table(role: Role, present: OrderStatus, asked: OrderStatus) -> None:
    festival, order_id = standing(present)
    before = festival.book.orders[order_id]
    command = step(order_id, ACTORS[role], asked)
    told = len(festival.events)
    if asked is present:
        decision = festival.decided(command)
        assert (decision.rows, decision.events, decision.transfers) == ((), (), ())
        assert decision.reply.order == before
    elif asked in TABLE[role].get(present, set()):
        assert festival.do(command).order.status is asked
        assert festival.book.orders[order_id].status is asked
        assert len(festival.events) > told
    else:
        with pytest.raises(InvalidTransition) as raised:
            festival.do(command)
        assert raised.value.params() == {"status": present, "asked": asked}
        assert festival.book.orders[order_id] == before


def test_the_table_names_no_step_but_these() -> None:
    written = {Role.CUSTOMER: CUSTOMER_STEPS, Role.VENDOR: STALL_STEPS, Role.ADMIN: STALL_STEPS}
    assert {role: {key: set(to) for key, to in steps.items()} for role, steps in written.items()} == TABLE


@pytest.mark.parametrize("status", [PENDING, CONFIRMED, PREPARING, READY])
def test_a_stall_says_why_it_cancels_an_organiser_need_not(status: OrderStatus) -> None:
    festival, order_id = standing(status)
    for reason in (None, ""):
        with pytest.raises(ReasonRequired):
            festival.do(step(order_id, BAR_KEEPER, CANCELLED, reason))
    assert festival.do(step(order_id, ADMIN, CANCELLED, None)).order.refunded == 900
    assert festival.balance(ANNA) == 5_000


def test_someone_elses_order_is_not_found() -> None:
    festival, order_id = standing(PENDING)
    for stranger in (BEN, SUN_KEEPER):
        with pytest.raises(NotFound):
            festival.do(step(order_id, stranger, CANCELLED))
    with pytest.raises(NotFound):
        festival.do(step(OrderId("nothing"), ADMIN, CANCELLED))


def test_the_customer_its_stall_and_organisers_see_an_order() -> None:
    festival, order_id = standing(PENDING)
    order, book = festival.book.orders[order_id], festival.book
    assert {user_id for user_id in book.users if sees(order, book.person(user_id))} == {ANNA, BAR_KEEPER, ADMIN}


def test_nobody_sees_an_order_by_having_no_stall() -> None:
    festival, order_id = standing(PENDING)
    order: Order = festival.book.orders[order_id]
    assert not festival.book.person(BEN).stalls
    assert not sees(order, festival.book.person(BEN))


# Whoever is two things at once


@pytest.mark.parametrize("status", [READY, COMPLETED])
@pytest.mark.parametrize("asked", [PREPARING, READY, COMPLETED, CANCELLED])
def test_who_keeps_another_stall_is_a_customer_like_any_other_here(status: OrderStatus, asked: OrderStatus) -> None:
    festival, order_id = standing(status)
    festival.do(AppointKeeper(actor_id=ADMIN, vendor_id=SUN, user_id=ANNA, part=Part.KEEPER))
    if asked is status:
        return
    with pytest.raises(InvalidTransition):
        festival.do(step(order_id, ANNA, asked))
    assert festival.balance(ANNA) == 5_000 - 900


def test_a_keeper_who_is_the_customer_elsewhere_says_nothing_for_that_stall() -> None:
    festival, order_id = standing(PENDING)
    festival.do(AppointKeeper(actor_id=ADMIN, vendor_id=SUN, user_id=ANNA, part=Part.OWNER))
    festival.do(msgspec.structs.replace(step(order_id, ANNA, PENDING), estimated_time=200))
    assert festival.book.orders[order_id].estimated_time is None
    assert festival.do(step(order_id, ANNA, CANCELLED, None)).order.status is CANCELLED, "as every customer may"


def test_who_keeps_this_stall_serves_their_own_order_too() -> None:
    festival, order_id = standing(PREPARING)
    festival.now = Instant(festival.now + 60_000)
    festival.do(AppointKeeper(actor_id=ADMIN, vendor_id=BAR, user_id=ANNA, part=Part.KEEPER))
    with pytest.raises(ReasonRequired):
        festival.do(step(order_id, ANNA, CANCELLED, None))
    assert festival.do(step(order_id, ANNA, READY)).order.status is READY


def test_a_dismissed_keeper_serves_nothing_any_more() -> None:
    festival, order_id = standing(PREPARING)
    festival.do(AppointKeeper(actor_id=ADMIN, vendor_id=BAR, user_id=BEN, part=Part.KEEPER))
    festival.do(DismissKeeper(actor_id=BAR_KEEPER, vendor_id=BAR, user_id=BEN))
    with pytest.raises(NotFound):
        festival.do(step(order_id, BEN, READY))


def test_a_stall_can_not_recall_what_it_has_been_paid_out() -> None:
    festival, order_id = standing(COMPLETED)
    payout = RequestPayout(actor_id=BAR_KEEPER, payout_id=PayoutId("p"), amount=None, note=None)
    assert festival.do(payout).payout.amount == 900 - 22
    with pytest.raises(MoneyUnearned) as refusal:
        festival.do(step(order_id, BAR_KEEPER, READY))
    assert refusal.value.params() == {"available": 0, "balance": 0}


def test_an_estimate_stays_until_there_is_a_new_one() -> None:
    festival, order_id = standing(PENDING)
    wish = msgspec.structs.replace(step(order_id, BAR_KEEPER, CONFIRMED, None), estimated_time=15)
    assert festival.do(wish).order.estimated_time == 15
    assert festival.do(step(order_id, BAR_KEEPER, PREPARING)).order.estimated_time == 15
    wish = msgspec.structs.replace(step(order_id, BAR_KEEPER, READY), estimated_time=0)
    assert festival.do(wish).order.estimated_time == 0


def test_an_order_that_was_not_ready_after_all_is_back_in_the_queue_at_its_position() -> None:
    festival = Festival.opened(funds=5_000)
    first, second = festival.placed(), festival.placed()
    festival.do(step(first.order_id, SUN_KEEPER, READY))
    assert festival.do(step(second.order_id, SUN_KEEPER, PREPARING)).queue_position == 1
    assert festival.do(step(first.order_id, SUN_KEEPER, PREPARING)).queue_position == 1
    assert festival.do(step(second.order_id, SUN_KEEPER, PREPARING)).queue_position == 2
    assert BAR not in {order.vendor_id for order in festival.book.orders.values()}
