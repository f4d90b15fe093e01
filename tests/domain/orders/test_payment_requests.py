"""Payment requests: the first who confirms pays, once, what the stall had asked for."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.events import NewNotification, NewOrder, OrderStatusChanged
from festival_push.domain.orders.orders import OrderReply
from festival_push.domain.orders.payment_requests import EXPIRES_S, OwnLine, status_of
from festival_push.domain.orders.placing import WantedLine
from festival_push.domain.orders.rows import PaymentRequest
from festival_push.domain.people.keepers import AppointKeeper
from festival_push.domain.people.rights import SuspendUser
from festival_push.domain.refusals import (
    AlreadyPaid,
    AmountTooLarge,
    Forbidden,
    InsufficientFunds,
    ItemUnavailable,
    NotFound,
    PaymentRequestExpired,
    PriceChanged,
    Refused,
    Suspended,
    VendorClosed,
)
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.topics import stall_topic, user_topic
from festival_push.domain.values import Instant, ItemId, OrderStatus, Part, PaymentRequestId, UserId
from tests.support.festival import (
    ADMIN,
    ANNA,
    AYRAN,
    BAR,
    BAR_KEEPER,
    BEER,
    BEN,
    FALAFEL,
    NOON,
    SUN,
    SUN_KEEPER,
    Festival,
    order_of,
    paying,
    request_of,
    step,
    top_up,
)

DEPOSIT = OwnLine(description="Deposit", amount=200)
LUNCH = (WantedLine(item_id=FALAFEL, quantity=2, notes="no onions"), WantedLine(item_id=AYRAN, quantity=1))
Q1 = PaymentRequestId("q1")


def ask(
    festival: Festival, wanted: OwnLine | tuple[WantedLine, ...] = DEPOSIT, *, actor_id: UserId = SUN_KEEPER
) -> PaymentRequest:
    return festival.do(request_of(wanted, number=1, actor_id=actor_id))


def pay(festival: Festival, customer_id: UserId = ANNA) -> OrderReply:
    return festival.do(paying(Q1, customer_id, number=len(festival.transfers)))


def reprice(festival: Festival, item_id: ItemId, price: int | None = None, *, available: bool | None = None) -> None:
    festival.do(ChangeMenuItem(actor_id=ADMIN, item_id=item_id, price=price, available=available))


def test_a_request_of_items_costs_what_the_menu_says_and_moves_nothing() -> None:
    festival = Festival.opened(funds=2_000)
    request = ask(festival, LUNCH)
    assert (request.total, request.vendor_id, request.order_id) == (2 * 650 + 199, SUN, None)
    assert (request.created_at, request.expires_at) == (NOON, NOON + EXPIRES_S * 1000)
    assert [(line.name, line.quantity, line.notes) for line in request.lines] == [
        ("Falafel", 2, "no onions"), ("Ayran", 1, None),
    ]  # fmt: skip
    assert (festival.balance(ANNA), festival.till(SUN), festival.book.orders) == (2_000, 0, {})


def test_paying_places_the_very_order_that_the_customer_could_have_placed() -> None:
    """Number, fee, status, receipts and events: only the stall hears one thing more."""
    asked, ordered = Festival.opened(funds=2_000), Festival.opened(funds=2_000)
    ask(asked, LUNCH)
    before = len(ordered.events)
    reply = asked.do(paying(Q1, number=7))
    notes = order_of(FALAFEL, 2, AYRAN, 1, number=7)
    other = ordered.do(msgspec.structs.replace(notes, lines=LUNCH))
    assert reply == other
    assert asked.transfers == ordered.transfers
    assert asked.events[before:-1] == ordered.events[before:]
    (last,) = asked.events[-1:]
    assert (last.topics, last.event.TYPE) == ((stall_topic(SUN),), "payment-request-paid")
    assert msgspec.to_builtins(last.event) == {
        "timestamp": "2026-07-04T10:00:00.000Z", "account": "till", "vendorId": "sun", "requestId": "q1",
        "orderId": "o7", "amount": 1_499,
    }  # fmt: skip
    assert asked.book.payment_requests[Q1].order_id == "o7"


def test_an_amount_of_the_stalls_own_becomes_a_line_that_is_on_no_menu() -> None:
    festival = Festival.opened(funds=2_000)
    assert ask(festival).total == 200
    order = pay(festival).order
    (line,) = order.lines
    assert (line.item_id, line.name, line.quantity, line.unit_price, line.total) == (None, "Deposit", 1, 200, 200)
    assert (festival.balance(ANNA), festival.till(SUN)) == (1_800, 195)
    assert (order.is_amount, order.status, order.number) == (True, OrderStatus.COMPLETED, 1)


def test_an_amount_is_told_like_an_order_but_nobody_waits_and_nobody_is_called() -> None:
    festival = Festival.opened(funds=2_000)
    ask(festival)
    told = len(festival.events)
    pay(festival)
    assert [event.TYPE for event in festival.told(user_topic(ANNA), after=told)] == [
        "balance-updated", "new-notification", "order-status-changed",
    ]  # fmt: skip
    _, notification, status = festival.told(user_topic(ANNA), after=told)
    assert isinstance(notification, NewNotification)
    assert notification.message == "Payment successful! 1 × Deposit at Sun."
    assert isinstance(status, OrderStatusChanged)
    assert status.status is OrderStatus.COMPLETED
    stall = festival.told(stall_topic(SUN), after=told)
    assert [event.TYPE for event in stall] == [
        "new-order", "order-status-changed", "balance-updated", "balance-updated", "payment-request-paid",
    ]  # fmt: skip
    assert isinstance(stall[0], NewOrder)
    assert (stall[0].queue_position, stall[0].cancellable_until) == (None, msgspec.UNSET)


def test_items_that_are_paid_by_a_request_can_be_cancelled_in_time() -> None:
    festival = Festival.opened(funds=2_000)
    ask(festival, LUNCH)
    festival.now = Instant(NOON + 60_000)  # the time begins with the payment
    order = pay(festival).order
    assert not order.is_amount
    festival.now = Instant(festival.now + 19_999)
    assert festival.do(step(order.order_id, ANNA, OrderStatus.CANCELLED, None)).balance == 2_000
    with pytest.raises(AlreadyPaid):
        pay(festival)


def test_the_second_payer_and_the_second_try_are_refused_and_charged_nothing() -> None:
    festival = Festival.opened(funds=2_000)
    festival.top_up(BEN, 1_000)
    ask(festival)
    pay(festival)
    for customer_id in (BEN, ANNA):
        with pytest.raises(AlreadyPaid):
            pay(festival, customer_id)
    festival.now = Instant(NOON + 10**9)
    with pytest.raises(AlreadyPaid):  # not `expired`: whoever paid must not believe that it came too late
        pay(festival)
    assert (festival.balance(ANNA), festival.balance(BEN)) == (1_800, 1_000)


def test_a_request_can_be_paid_until_its_last_millisecond() -> None:
    festival = Festival.opened(funds=2_000)
    request = ask(festival)
    festival.now = request.expires_at
    assert status_of(request, festival.now) == "expired"
    with pytest.raises(PaymentRequestExpired):
        pay(festival)
    festival.now = Instant(request.expires_at - 1)
    assert status_of(request, festival.now) == "open"
    pay(festival)
    assert status_of(festival.book.payment_requests[Q1], request.expires_at) == "paid"


def test_a_changed_price_is_refused_and_counts_again_when_it_is_changed_back() -> None:
    festival = Festival.opened(funds=2_000)
    ask(festival, LUNCH)
    reprice(festival, FALAFEL, 651)
    with pytest.raises(PriceChanged) as refused:
        pay(festival)
    assert (refused.value.total, refused.value.expected_total) == (1_501, 1_499)
    reprice(festival, FALAFEL, 650)
    assert pay(festival).order.total == 1_499


def test_what_is_sold_out_or_closed_meanwhile_can_not_be_paid() -> None:
    festival = Festival.opened(funds=2_000)
    ask(festival, LUNCH)
    reprice(festival, AYRAN, available=False)
    with pytest.raises(ItemUnavailable):
        pay(festival)
    reprice(festival, AYRAN, available=True)
    festival.do(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, open=False))
    with pytest.raises(VendorClosed):
        pay(festival)
    assert festival.book.payment_requests[Q1].order_id is None


def test_whoever_has_too_little_leaves_it_to_the_next() -> None:
    festival = Festival.opened(funds=199)
    festival.top_up(BEN, 200)
    ask(festival)
    with pytest.raises(InsufficientFunds):
        pay(festival)
    assert pay(festival, BEN).balance == 0


def test_a_stall_asks_for_its_own_items_only_while_it_is_open_and_within_the_limit() -> None:
    festival = Festival.opened()
    for wanted, refusal in (
        ((WantedLine(item_id=BEER, quantity=1),), ItemUnavailable),
        ((WantedLine(item_id=FALAFEL, quantity=99), WantedLine(item_id=FALAFEL, quantity=99)), AmountTooLarge),
        (OwnLine(description="x", amount=100_001), AmountTooLarge),
    ):
        with pytest.raises(refusal):
            ask(festival, wanted)
    festival.do(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, open=False))
    with pytest.raises(VendorClosed):
        ask(festival)
    assert festival.book.payment_requests == {}


def test_only_its_keepers_ask_for_a_stall() -> None:
    festival = Festival.opened(funds=2_000)
    for actor_id in (ANNA, ADMIN):
        with pytest.raises(Forbidden):
            ask(festival, actor_id=actor_id)
    with pytest.raises(NotFound):
        ask(festival, actor_id=BAR_KEEPER)
    with pytest.raises(NotFound):
        pay(festival)
    ask(festival)
    festival.do(SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True))
    with pytest.raises(Suspended):
        pay(festival)


@pytest.mark.parametrize("payer_id", [BAR_KEEPER, SUN_KEEPER, ADMIN])
def test_everybody_pays_with_the_money_of_their_own_wallet(payer_id: UserId) -> None:
    festival = Festival.opened()
    festival.top_up(payer_id, 500)
    ask(festival)
    assert pay(festival, payer_id).balance == 300
    assert (festival.balance(payer_id), festival.till(SUN)) == (300, 195)


def test_who_keeps_several_stalls_says_for_which_they_ask() -> None:
    festival = Festival.opened()
    festival.do(AppointKeeper(actor_id=ADMIN, vendor_id=BAR, user_id=SUN_KEEPER, part=Part.KEEPER))
    wish = request_of(DEPOSIT, number=1)
    assert festival.do(msgspec.structs.replace(wish, vendor_id=BAR)).vendor_id == BAR
    assert festival.do(msgspec.structs.replace(wish, vendor_id=None)).vendor_id == SUN, "the first is the own one"


Deed = tuple[str, UserId, int]
deeds = st.one_of(
    st.tuples(st.just("pay"), st.sampled_from([ANNA, BEN]), st.just(0)),
    st.tuples(st.just("wait"), st.just(ANNA), st.integers(1, 200_000)),
    st.tuples(st.just("price"), st.just(ANNA), st.sampled_from([600, 650, 650, 700])),
    st.tuples(st.just("fund"), st.sampled_from([ANNA, BEN]), st.sampled_from([100, 1_500])),
)


@given(wanted=st.sampled_from([DEPOSIT, LUNCH]), funds=st.integers(1, 3_000), deeds=st.lists(deeds, max_size=12))
def test_whatever_happens_in_between_it_is_paid_at_most_once(
    wanted: OwnLine | tuple[WantedLine, ...], funds: int, deeds: list[Deed]
) -> None:
    festival = Festival.opened(funds=funds)
    request = ask(festival, wanted)
    put_in = funds
    paid_by: UserId | None = None
    for kind, who, value in deeds:
        if kind == "wait":
            festival.now = Instant(festival.now + value)
        elif kind == "price":
            reprice(festival, FALAFEL, value)
        elif kind == "fund":
            festival.do(top_up(who, value, number=len(festival.transfers)))
            put_in += value
        else:
            price = festival.book.items[FALAFEL].price
            open_ = paid_by is None and festival.now < request.expires_at
            fits = wanted is DEPOSIT or price == 650
            can = festival.balance(who) >= request.total
            try:
                reply = pay(festival, who)
            except Refused:
                assert not (open_ and fits and can)
            else:
                assert open_
                assert fits
                assert reply.order.total == request.total
                paid_by = who
    assert len(festival.book.orders) == (paid_by is not None)
    taken = request.total if paid_by else 0
    assert festival.balance(ANNA) + festival.balance(BEN) == put_in - taken
    assert sum(account.balance for account in festival.book.accounts.values()) == 0
    assert all(order.user_id == paid_by for order in festival.book.orders.values())


def test_the_payer_pays_the_total_that_was_shown_or_nothing_even_when_the_menu_got_cheaper() -> None:
    festival = Festival.opened(funds=2_000)
    ask(festival, LUNCH)
    reprice(festival, FALAFEL, 649)
    with pytest.raises(PriceChanged) as refused:
        pay(festival)
    assert (refused.value.total, refused.value.expected_total) == (1_497, 1_499)
    assert (festival.balance(ANNA), festival.book.payment_requests[Q1].order_id) == (2_000, None)
