"""Refunds of single lines: what is given back of each, whose right it is, and what the kitchen need not cook."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.desk.second_person import WithSecond, waiting_command
from festival_push.domain.events import NewNotification, OrderRefunded, OrderStatusChanged
from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.office.rows import Confirmation
from festival_push.domain.orders.orders import OrderReply
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.orders.refusals import LineGone, SaleOver, TillShort
from festival_push.domain.orders.rows import LineBack, Order
from festival_push.domain.payouts.payouts import RequestPayout
from festival_push.domain.refusals import Forbidden, NotFound, RefundTooLarge, Refused
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.topics import stall_topic, user_topic
from festival_push.domain.values import (
    DEPOSITS,
    FEES,
    AccountKind,
    ConfirmationId,
    Instant,
    OrderStatus,
    PaymentStatus,
    PayoutId,
    TransferId,
    UserId,
)
from tests.support.festival import (
    ADMIN,
    ANNA,
    AYRAN,
    BAR_KEEPER,
    FALAFEL,
    RULES,
    SUN,
    SUN_KEEPER,
    Festival,
    order_of,
    step,
)

READY, COMPLETED = OrderStatus.READY, OrderStatus.COMPLETED
DAY_MS = 24 * 3_600_000


def back_of(festival: Festival, *lines: tuple[int, int], actor_id: UserId = SUN_KEEPER) -> RefundOrder:
    return RefundOrder(
        actor_id=actor_id, order_id=next(iter(festival.book.orders)), amount=None, reason="no bread",
        transfer_id=TransferId(f"r{len(festival.transfers)}"),
        lines=tuple(LineBack(index=index, quantity=quantity) for index, quantity in lines),
    )  # fmt: skip


def refund(festival: Festival, *lines: tuple[int, int], actor_id: UserId = SUN_KEEPER) -> OrderReply:
    return festival.do(back_of(festival, *lines, actor_id=actor_id))


def everything(festival: Festival, *, actor_id: UserId = ADMIN, amount: int | None = None) -> OrderReply:
    return festival.do(msgspec.structs.replace(back_of(festival, actor_id=actor_id), amount=amount))


def back_in_lines(order: Order) -> list[int]:
    return [line.refunded or 0 for line in order.lines]


@pytest.fixture
def festival() -> Festival:
    """Anna has paid 2 × 650 and 1 × 199 at the sun, and a tip of 100."""
    festival = Festival.opened(funds=2_000)
    festival.do(order_of(FALAFEL, 2, AYRAN, 1, number=1, tip=100))
    return festival


def test_the_stall_gives_one_of_a_line_back_and_cooks_the_rest(festival: Festival) -> None:
    before = len(festival.events)
    reply = refund(festival, (0, 1))
    assert (back_in_lines(reply.order), reply.order.refunded, reply.order.tip_refunded) == ([1, 0], 650, 0)
    assert (reply.order.status, reply.queue_position, reply.balance) == (OrderStatus.PREPARING, 1, 2_000 - 949)
    (told,) = [event for event in festival.told(stall_topic(SUN), after=before) if isinstance(event, OrderRefunded)]
    assert (told.amount, told.reason) == (650, "no bread")
    assert msgspec.to_builtins(told)["lines"] == ({"index": 0, "quantity": 1},)
    (notice,) = [event for event in festival.told(user_topic(ANNA), after=before) if isinstance(event, NewNotification)]
    assert (notice.code, notice.params["amount"], notice.params["number"]) == ("order-refunded", 650, 1)


def test_a_refund_of_an_amount_names_no_lines(festival: Festival) -> None:
    before = len(festival.events)
    reply = everything(festival, amount=100)
    assert back_in_lines(reply.order) == [0, 0]
    (told,) = [event for event in festival.told(stall_topic(SUN), after=before) if isinstance(event, OrderRefunded)]
    assert "lines" not in msgspec.to_builtins(told)


def test_no_more_of_a_line_goes_back_than_was_sold(festival: Festival) -> None:
    refund(festival, (0, 1))
    for wanted, left in (((0, 2), 1), ((1, 2), 1), ((2, 1), 0)):
        with pytest.raises(LineGone) as refused:
            refund(festival, wanted)
        assert (refused.value.index, refused.value.left) == (wanted[0], left)


def test_an_order_of_which_every_line_is_given_back_is_cancelled_with_its_tip(festival: Festival) -> None:
    refund(festival, (0, 2))
    before = len(festival.events)
    reply = refund(festival, (1, 1))
    assert (reply.order.status, reply.order.reason) == (OrderStatus.CANCELLED, "no bread")
    assert (back_in_lines(reply.order), reply.order.payment_status) == ([2, 1], PaymentStatus.REFUNDED)
    assert (festival.balance(ANNA), festival.till(SUN), festival.account(FEES)) == (2_000, 0, 0)
    assert not festival.book.open_orders[SUN]
    told = festival.told(user_topic(ANNA), after=before)
    (status,) = [event for event in told if isinstance(event, OrderStatusChanged)]
    assert (status.status, status.reason) == (OrderStatus.CANCELLED, "no bread")
    (notice,) = [event for event in told if isinstance(event, NewNotification)]
    assert notice.code == "order-cancelled"


@pytest.mark.parametrize("status", [OrderStatus.PREPARING, READY])
@pytest.mark.parametrize("amount", [None, 1_499])
def test_what_the_organiser_refunds_as_a_whole_is_not_cooked(status: OrderStatus, amount: int | None) -> None:
    """A14: the order stayed in `preparing`, and the kitchen cooked what nobody paid for."""
    festival = Festival.opened(funds=2_000)
    order = festival.do(order_of(FALAFEL, 2, AYRAN, 1, number=1, tip=100)).order
    if status is READY:
        festival.do(step(order.order_id, SUN_KEEPER, READY))
    reply = everything(festival, amount=amount)
    assert (reply.order.status, back_in_lines(reply.order)) == (OrderStatus.CANCELLED, [2, 1])
    assert festival.balance(ANNA) == 2_000


def test_what_was_picked_up_keeps_its_status(festival: Festival) -> None:
    (order_id,) = festival.book.orders
    for status in (READY, COMPLETED):
        festival.do(step(order_id, SUN_KEEPER, status))
    reply = everything(festival)
    assert (reply.order.status, back_in_lines(reply.order)) == (COMPLETED, [2, 1])


def test_a_purchase_that_is_taken_back_as_a_whole_is_not_cooked_either(festival: Festival) -> None:
    (order_id,) = festival.book.orders
    purchase = TransferId(f"{order_id}-paid")
    reverse = ReverseTransfer(
        actor_id=ADMIN, transfer_id=purchase, amount=None, reason="twice", reversal_id=TransferId("back")
    )
    festival.do(reverse)
    order = festival.book.orders[order_id]
    assert (order.status, back_in_lines(order), order.tip_refunded) == (OrderStatus.CANCELLED, [2, 1], 100)
    assert festival.balance(ANNA) == 2_000
    assert {transfer.amount for transfer in festival.transfers if transfer.reverses == purchase} == {1_499}


def test_the_next_in_the_queue_moves_up(festival: Festival) -> None:
    second = festival.placed(ANNA, AYRAN)
    everything(festival)
    assert festival.book.open_orders[SUN].queue_positions() == {second.order_id: 1}


def test_lines_after_an_amount_give_back_what_is_left(festival: Festival) -> None:
    everything(festival, amount=1_000)
    with pytest.raises(RefundTooLarge) as refused:
        refund(festival, (0, 1))
    assert refused.value.refundable == 499
    reply = refund(festival, (0, 2), (1, 1))
    assert (reply.order.refunded, reply.order.status, festival.balance(ANNA)) == (1_499, OrderStatus.CANCELLED, 2_000)


def test_a_cancelled_order_says_that_all_its_lines_were_given_back(festival: Festival) -> None:
    refund(festival, (0, 1))
    (order_id,) = festival.book.orders
    cancelled = festival.do(step(order_id, SUN_KEEPER, OrderStatus.CANCELLED)).order
    assert back_in_lines(cancelled) == [2, 1]


def test_a_stall_refunds_no_order_that_was_picked_up(festival: Festival) -> None:
    (order_id,) = festival.book.orders
    for status in (READY, COMPLETED):
        festival.do(step(order_id, SUN_KEEPER, status))
    with pytest.raises(SaleOver):
        refund(festival, (0, 1))
    assert refund(festival, (0, 1), actor_id=ADMIN).order.refunded == 650


def at_once() -> Festival:
    festival = Festival.opened(funds=2_000)
    festival.do(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, at_once=True))
    festival.do(order_of(FALAFEL, 2, AYRAN, 1, number=1, tip=100))
    return festival


def test_a_stall_refunds_what_it_handed_over_until_the_day_ends() -> None:
    festival = at_once()
    festival.now = Instant(festival.now + 17 * 3_600_000)  # five in the morning: the festival's day goes on until six
    assert refund(festival, (1, 1)).order.refunded == 199
    festival.now = Instant(festival.now + 2 * 3_600_000)
    with pytest.raises(SaleOver):
        refund(festival, (0, 1))
    assert refund(festival, (0, 1), actor_id=ADMIN).order.refunded == 849


def test_an_open_order_of_yesterday_is_refunded_by_its_stall(festival: Festival) -> None:
    festival.now = Instant(festival.now + 2 * DAY_MS)
    assert refund(festival, (0, 1)).order.refunded == 650


def test_a_stall_does_not_give_back_what_it_was_paid_out() -> None:
    festival = at_once()
    festival.do(
        RequestPayout(
            actor_id=SUN_KEEPER, payout_id=PayoutId("p"), amount=1_000, note=None, account=AccountKind.TILL,
            vendor_id=SUN,
        )
    )  # fmt: skip
    left = festival.till(SUN)
    with pytest.raises(TillShort) as refused:
        refund(festival, (0, 1))
    assert (refused.value.available, festival.till(SUN)) == (left, left)
    assert refund(festival, (1, 1)).order.refunded == 199
    assert refund(festival, (0, 1), actor_id=ADMIN).order.refunded == 849
    assert festival.till(SUN) < 0


@pytest.mark.parametrize(("actor_id", "refused"), [(ANNA, Forbidden), (BAR_KEEPER, NotFound)])
def test_nobody_else_refunds(festival: Festival, actor_id: UserId, refused: type[Refused]) -> None:
    with pytest.raises(refused):
        refund(festival, (0, 1), actor_id=actor_id)


def test_a_stall_needs_no_second_person_for_its_own_sale_and_an_organiser_does(festival: Festival) -> None:
    festival.book.rules = msgspec.structs.replace(RULES, second_person_above=100)
    asked: WithSecond[OrderReply] = WithSecond(
        command=back_of(festival, (0, 1), actor_id=ADMIN), confirmation_id=ConfirmationId("c1")
    )
    waits = festival.do(asked)
    assert isinstance(waits, Confirmation)
    assert waiting_command(waits) == asked.command  # as the database keeps it, lines and all
    own: WithSecond[OrderReply] = WithSecond(command=back_of(festival, (0, 1)), confirmation_id=ConfirmationId("c2"))
    assert isinstance(festival.do(own), OrderReply)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.booleans()), max_size=8), st.booleans())
def test_however_it_goes_back_the_lines_and_the_money_agree(
    tries: list[tuple[int, int, bool]],
    is_at_once: bool,  # noqa: FBT001  # drawn
) -> None:
    """Never more of a line than was sold, never less money than its lines cost, all of it with the last one."""
    festival = at_once() if is_at_once else Festival.opened(funds=2_000)
    if not is_at_once:
        festival.do(order_of(FALAFEL, 2, AYRAN, 1, number=1, tip=100))
    (order_id,) = festival.book.orders
    for index, quantity, is_amount in tries:
        before = festival.book.orders[order_id]
        wish = back_of(festival, (index, quantity), actor_id=ADMIN)
        if is_amount:
            wish = msgspec.structs.replace(wish, lines=(), amount=quantity * 100)
        try:
            festival.do(wish)
        except (LineGone, RefundTooLarge):
            assert festival.book.orders[order_id] == before
        order = festival.book.orders[order_id]
        counts = back_in_lines(order)
        assert all(0 <= count <= line.quantity for count, line in zip(counts, order.lines, strict=True))
        cost = sum(line.unit_price * count for count, line in zip(counts, order.lines, strict=True))
        assert cost <= order.refunded <= order.total
        is_whole = counts == [line.quantity for line in order.lines]
        assert is_whole == (order.refunded == order.total)
        assert (order.status is OrderStatus.CANCELLED) == (is_whole and not is_at_once)
        assert festival.balance(ANNA) == 2_000 - order.paid + order.back


@pytest.mark.parametrize("is_at_once", [False, True])
def test_the_deposit_of_a_line_goes_back_with_it(is_at_once: bool) -> None:  # noqa: FBT001  # a case
    festival = Festival.opened(funds=3_000)
    festival.do(ChangeMenuItem(actor_id=SUN_KEEPER, item_id=FALAFEL, deposit=200))
    festival.do(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, at_once=is_at_once))
    festival.do(order_of(FALAFEL, 2, AYRAN, 1, number=1, tip=100))
    assert (festival.balance(ANNA), festival.account(DEPOSITS)) == (3_000 - 1_999, 400)
    assert everything(festival, amount=50).order.deposit_refunded == 0  # an amount is of no cup
    reply = refund(festival, (0, 1))
    assert (reply.order.refunded, reply.order.deposit_refunded, festival.account(DEPOSITS)) == (700, 200, 200)
    last = refund(festival, (0, 1), (1, 1)).order
    assert (last.refunded, last.deposit_refunded, festival.account(DEPOSITS)) == (1_499, 400, 0)
    assert last.tip_refunded == (0 if is_at_once else 100)
