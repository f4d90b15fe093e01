"""Steps that are possible for some time only: a recall, and cancelling what the stall has accepted."""

from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.events import NewOrder, OrderReady
from festival_push.domain.orders.boards import board_changes, board_of
from festival_push.domain.orders.orders import ChangeOrderStatus, OrderReply
from festival_push.domain.orders.payment_requests import OwnLine
from festival_push.domain.orders.rows import Order, OrderLine
from festival_push.domain.orders.steps import CUSTOMER_STEPS, RECALL_MS, STALL_STEPS, cancellable_until, may_step
from festival_push.domain.people.relations import Person
from festival_push.domain.refusals import InvalidTransition, NumberTaken, Refused
from festival_push.domain.stalls.events import BoardUpdated
from festival_push.domain.topics import stall_topic, user_topic
from festival_push.domain.values import FEES, Instant, OrderStatus, PaymentRequestId, UserId, rfc3339
from tests.support.festival import (
    ADMIN,
    ANNA,
    BAR,
    BAR_KEEPER,
    BEER,
    BEN,
    NOON,
    RULES,
    SUN,
    SUN_KEEPER,
    Festival,
    order_of,
    paying,
    request_of,
    step,
)

PENDING, CONFIRMED, PREPARING, READY, COMPLETED, CANCELLED = OrderStatus
MINUTE: Final = 60_000
GROUND: Final = Festival.opened(funds=5_000)
ORDER: Final = GROUND.placed()
PEOPLE: Final[dict[UserId, Person]] = {user_id: GROUND.book.person(user_id) for user_id in GROUND.book.users}
AMOUNT: Final = OrderLine(item_id=None, name="Deposit", quantity=1, unit_price=200, total=200)


def after(festival: Festival, ms: int) -> None:
    """Let time go by."""
    festival.now = Instant(festival.now + ms)


def completed(festival: Festival) -> Order:
    """An order of Anna's at the Sun that was completed now."""
    order = festival.placed()
    festival.do(step(order.order_id, SUN_KEEPER, READY))
    return festival.do(step(order.order_id, SUN_KEEPER, COMPLETED)).order


def recall(festival: Festival, order: Order) -> OrderReply:
    return festival.do(step(order.order_id, SUN_KEEPER, READY))


@given(
    present=st.sampled_from(OrderStatus),
    asked=st.sampled_from(OrderStatus),
    actor=st.sampled_from([ANNA, BEN, SUN_KEEPER, BAR_KEEPER, ADMIN]),
    is_amount=st.booleans(),
    cancel_ms=st.integers(0, 300_000),
    since_paid=st.integers(0, 400_000),
    since_completed=st.integers(0, 2 * RECALL_MS),
)
def test_a_step_is_possible_by_its_table_and_in_its_time(
    present: OrderStatus, asked: OrderStatus, actor: UserId, cancel_ms: int, since_paid: int, since_completed: int,
    *, is_amount: bool,
) -> None:  # fmt: skip
    now = Instant(NOON + 10 * RECALL_MS)
    order = msgspec.structs.replace(
        ORDER,
        status=present,
        lines=(AMOUNT,) if is_amount else ORDER.lines,
        created_at=Instant(now - since_paid),
        completed_at=Instant(now - since_completed) if present is COMPLETED else None,
    )
    rules = msgspec.structs.replace(RULES, cancel_ms=cancel_ms)
    steps = {ANNA: CUSTOMER_STEPS, SUN_KEEPER: STALL_STEPS, ADMIN: STALL_STEPS}.get(actor, {})
    possible = asked in steps.get(present, ())
    if present is COMPLETED:
        possible = possible and since_completed < 10 * MINUTE and not is_amount
    elif actor == ANNA and present in (CONFIRMED, PREPARING):
        possible = possible and since_paid < cancel_ms and not is_amount
    assert may_step(order, asked, PEOPLE[actor], rules=rules, now=now) is possible


@given(cancel_ms=st.integers(0, 300_000), status=st.sampled_from(OrderStatus))
def test_the_time_to_cancel_begins_with_the_payment_whatever_became_of_the_order(
    cancel_ms: int, status: OrderStatus
) -> None:
    rules = msgspec.structs.replace(RULES, cancel_ms=cancel_ms)
    order = msgspec.structs.replace(ORDER, status=status, updated_at=Instant(NOON + 10**9))
    assert cancellable_until(order, rules) == (ORDER.created_at + cancel_ms if cancel_ms else None)
    assert cancellable_until(msgspec.structs.replace(order, lines=(AMOUNT,)), rules) is None


# A customer cancels


@pytest.mark.parametrize("status", [PENDING, CONFIRMED, PREPARING])
def test_a_customer_cancels_in_time_without_a_reason_and_gets_everything_back_once(status: OrderStatus) -> None:
    festival = Festival.opened(funds=5_000)
    order = festival.do(order_of(BEER, 2, number=7, tip=100)).order
    if status is not PENDING:
        festival.do(step(order.order_id, BAR_KEEPER, status))
    after(festival, RULES.cancel_ms - 1)
    wish = step(order.order_id, ANNA, CANCELLED, None)
    back = festival.do(wish)
    assert (back.order.refunded, back.order.tip_refunded, back.balance) == (900, 100, 5_000)
    moved = len(festival.transfers)
    assert festival.do(wish).order == back.order
    assert len(festival.transfers) == moved
    assert (festival.balance(ANNA), festival.till(BAR), festival.account(FEES)) == (5_000, 0, 0)


@pytest.mark.parametrize("status", [PENDING, CONFIRMED, PREPARING])
def test_after_that_time_a_customer_cancels_only_what_nobody_has_accepted(status: OrderStatus) -> None:
    festival = Festival.opened(funds=5_000)
    order = festival.placed(item_id=BEER)
    if status is not PENDING:
        festival.do(step(order.order_id, BAR_KEEPER, status))
    after(festival, RULES.cancel_ms)
    wish = step(order.order_id, ANNA, CANCELLED, None)
    if status is PENDING:
        assert festival.do(wish).order.status is CANCELLED
        return
    with pytest.raises(InvalidTransition):
        festival.do(wish)
    assert festival.balance(ANNA) == 5_000 - 450
    assert festival.do(step(order.order_id, BAR_KEEPER, CANCELLED)).order.refunded == 450, "the stall may"


def test_what_is_ready_is_not_cancelled_by_its_customer_and_others_wait_for_no_time() -> None:
    festival = Festival.opened(funds=5_000)
    order = festival.placed()
    festival.do(step(order.order_id, SUN_KEEPER, READY))
    with pytest.raises(InvalidTransition):
        festival.do(step(order.order_id, ANNA, CANCELLED))
    festival.do(step(order.order_id, SUN_KEEPER, PREPARING))
    assert festival.do(step(order.order_id, ANNA, CANCELLED)).balance == 5_000, "still in time"


def test_where_there_is_no_such_time_the_old_rule_holds() -> None:
    festival = Festival.opened(msgspec.structs.replace(RULES, cancel_ms=0), funds=5_000)
    order, pending = festival.placed(), festival.placed(item_id=BEER)
    with pytest.raises(InvalidTransition):
        festival.do(step(order.order_id, ANNA, CANCELLED))
    festival.do(step(pending.order_id, ANNA, CANCELLED))
    told = [event for event in festival.told(stall_topic(SUN)) if isinstance(event, NewOrder)]
    assert [event.cancellable_until for event in told] == [msgspec.UNSET]


def test_the_stall_is_told_until_when_it_should_not_begin() -> None:
    festival = Festival.opened(funds=5_000)
    festival.placed()
    (event,) = [event for event in festival.told(stall_topic(SUN)) if isinstance(event, NewOrder)]
    assert event.cancellable_until == rfc3339(Instant(NOON + 20_000))


# A stall recalls


@pytest.mark.parametrize("actor", [SUN_KEEPER, ADMIN])
def test_a_recalled_order_keeps_its_number_is_on_the_board_and_its_customer_is_called_again(actor: UserId) -> None:
    festival = Festival.opened(funds=5_000)
    first = completed(festival)
    later = festival.placed()
    festival.do(step(later.order_id, SUN_KEEPER, READY))
    board_changes(festival.book, festival.now)
    told = len(festival.events)
    after(festival, RECALL_MS - 1)
    back = festival.do(msgspec.structs.replace(step(first.order_id, SUN_KEEPER, READY), actor_id=actor)).order
    assert (back.number, back.status, back.completed_at) == (first.number, READY, None)
    assert (back.ready_at, back.called_at, back.updated_at) == (NOON, festival.now, festival.now)
    (change,) = board_changes(festival.book, festival.now)
    assert isinstance(change.event, BoardUpdated)
    assert change.event.ready == (first.number, later.number), "in the order of placing"
    assert [event.TYPE for event in festival.told(user_topic(ANNA), after=told)] == [
        "order-status-changed", "order-ready", "new-notification",
    ]  # fmt: skip
    assert festival.book.open_orders[SUN][first.order_id].called_at == festival.now
    assert len(festival.transfers) == 1 + 2 * 2, "no money moved"


def test_after_ten_minutes_it_is_too_late() -> None:
    festival = Festival.opened(funds=5_000)
    order = completed(festival)
    after(festival, RECALL_MS)
    with pytest.raises(InvalidTransition) as refused:
        recall(festival, order)
    assert refused.value.params() == {"status": COMPLETED, "asked": READY}
    assert festival.book.open_orders[SUN] == {}


def test_the_time_begins_again_when_it_is_completed_again() -> None:
    festival = Festival.opened(funds=5_000)
    order = completed(festival)
    for _ in range(3):
        after(festival, RECALL_MS - 1)
        recall(festival, order)
        assert festival.do(step(order.order_id, SUN_KEEPER, COMPLETED)).order.completed_at == festival.now
    assert [type(event) for event in festival.told(user_topic(ANNA))].count(OrderReady) == 4


def test_a_recalled_order_goes_any_way_that_a_ready_one_may() -> None:
    festival = Festival.opened(funds=5_000)
    order = completed(festival)
    behind = festival.placed()
    recall(festival, order)
    assert festival.do(step(order.order_id, SUN_KEEPER, PREPARING)).queue_position == 1, "before those placed later"
    assert festival.do(step(behind.order_id, SUN_KEEPER, PREPARING)).queue_position == 2
    back = festival.do(step(order.order_id, SUN_KEEPER, CANCELLED))
    assert (back.order.refunded, back.balance) == (650, 5_000 - 650)


@given(seen=st.none() | st.sampled_from(OrderStatus), asked=st.sampled_from([READY, COMPLETED]))
def test_a_step_that_was_meant_for_another_status_is_refused(seen: OrderStatus | None, asked: OrderStatus) -> None:
    festival = Festival.opened(funds=5_000)
    order = completed(festival)
    wish = msgspec.structs.replace(step(order.order_id, SUN_KEEPER, asked), from_status=seen)
    if asked is COMPLETED or seen in {None, COMPLETED}:
        assert festival.do(wish).order.status is asked
        return
    with pytest.raises(InvalidTransition):
        festival.do(wish)
    assert festival.book.orders[order.order_id] == order


def test_a_customer_recalls_nothing() -> None:
    festival = Festival.opened(funds=5_000)
    order = completed(festival)
    with pytest.raises(InvalidTransition):
        festival.do(step(order.order_id, ANNA, READY))


def test_an_order_whose_number_is_another_orders_by_now_stays_completed_until_that_one_is_finished() -> None:
    festival = Festival.opened(funds=5_000)
    after(festival, 18 * 60 * MINUTE - 2 * MINUTE)  # two minutes to six, when the day ends and the numbers start again
    order = completed(festival)
    after(festival, 3 * MINUTE)
    newer = festival.placed()
    assert newer.number == order.number
    with pytest.raises(NumberTaken) as refused:
        recall(festival, order)
    assert refused.value.params() == {"number": order.number}
    assert festival.book.orders[order.order_id].status is COMPLETED
    for status in (READY, COMPLETED):
        festival.do(step(newer.order_id, SUN_KEEPER, status))
    assert recall(festival, order).order.status is READY
    assert festival.placed().number != order.number, "it is taken again"


@pytest.mark.parametrize("actor_id", [ANNA, SUN_KEEPER, ADMIN])
@pytest.mark.parametrize("reason", [None, "because"])
def test_cancelling_refuses_only_what_it_says_whatever_became_of_the_order(
    actor_id: UserId, reason: str | None
) -> None:
    festival = Festival.opened(funds=5_000)
    after(festival, 18 * 60 * MINUTE - 2 * MINUTE)
    order_ids = [completed(festival).order_id]
    after(festival, 3 * MINUTE)
    assert festival.placed().number == festival.book.orders[order_ids[0]].number, "a recall would find it taken"
    for status in (PREPARING, READY, CANCELLED):
        order_ids.append(festival.placed().order_id)
        if status is not PREPARING:
            festival.do(step(order_ids[-1], SUN_KEEPER, status))
    refused = {
        kind for order_id in order_ids if (kind := refusal_of(festival, step(order_id, actor_id, CANCELLED, reason)))
    }
    assert refused <= set(ChangeOrderStatus.CANCEL_REFUSES)
    assert InvalidTransition in refused


def refusal_of(festival: Festival, wish: ChangeOrderStatus) -> type[Refused] | None:
    """Why a step is refused; None: it is taken."""
    try:
        festival.do(wish)
    except Refused as refused:
        return type(refused)
    return None


# Amounts


def test_an_amount_is_completed_at_once_and_neither_recalled_nor_cancelled() -> None:
    festival = Festival.opened(funds=5_000)
    festival.top_up(BEN, 1_000)
    waiting = festival.placed()
    board_changes(festival.book, festival.now)
    festival.do(request_of(OwnLine(description="Deposit", amount=200), number=1))
    reply = festival.do(paying(PaymentRequestId("q1"), BEN, number=9))
    order = reply.order
    assert (order.status, order.completed_at, order.ready_at, order.called_at) == (COMPLETED, NOON, None, None)
    assert (reply.queue_position, reply.balance) == (None, 800)
    assert board_changes(festival.book, festival.now) == [], "it is on no board"
    assert board_of(SUN, festival.book.open_orders[SUN].values()).preparing == (waiting.number,)
    assert festival.do(step(waiting.order_id, SUN_KEEPER, PREPARING)).queue_position == 1
    for actor, asked in ((SUN_KEEPER, READY), (ADMIN, READY), (BEN, CANCELLED), (SUN_KEEPER, CANCELLED)):
        with pytest.raises(InvalidTransition):
            festival.do(step(order.order_id, actor, asked))
    assert festival.book.vendors[SUN].measured == 0
