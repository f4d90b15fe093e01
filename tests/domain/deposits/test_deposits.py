"""Deposits: paid beside the price, in no stall's till, and back with what they were paid for."""

import msgspec
import pytest

from festival_push.domain.deposits.give_backs import ClaimGiveBack, OfferGiveBack, OwnReturn
from festival_push.domain.desk.second_person import WithSecond
from festival_push.domain.draft import Draft
from festival_push.domain.events import NewOrder, OrderRefunded
from festival_push.domain.office.rows import Confirmation
from festival_push.domain.orders.orders import OrderReply
from festival_push.domain.orders.placing import PlaceOrder, WantedLine
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.orders.refusals import DepositsExhausted
from festival_push.domain.orders.rows import LineBack, Order
from festival_push.domain.orders.sales import give_back
from festival_push.domain.people.keepers import AppointKeeper
from festival_push.domain.refusals import AmountTooLarge, InsufficientFunds, PriceChanged
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.topics import stall_topic, user_topic
from festival_push.domain.values import (
    DEPOSITS,
    FEES,
    LOSSES,
    ConfirmationId,
    GiveBackId,
    OrderStatus,
    Part,
    PaymentRequestId,
    TransferId,
    TransferKind,
    UserId,
)
from tests.support.festival import (
    ADMIN,
    ANNA,
    AYRAN,
    BAR,
    BAR_KEEPER,
    BEER,
    BEN,
    FALAFEL,
    PRICES,
    RULES,
    SUN,
    SUN_KEEPER,
    Festival,
    order_of,
    paying,
    request_of,
    step,
)

CUP = 200
BEERS = 2 * PRICES[BEER]


def opened(funds: int = 5_000) -> Festival:
    festival = Festival.opened(funds=funds)
    festival.do(ChangeMenuItem(actor_id=BAR_KEEPER, item_id=BEER, deposit=CUP))
    return festival


def two_beers(festival: Festival, *, tip: int = 0) -> Order:
    return festival.do(order_of(BEER, 2, number=len(festival.transfers), tip=tip)).order


def given_back(festival: Festival, order: Order, amount: int, tip: int = 0, deposit: int = 0) -> Order:
    """As an organiser's refund does it."""
    draft = Draft(festival.book, festival.now, user=ADMIN)
    back = give_back(
        draft, order, amount, tip, deposit, transfer_id=TransferId(f"back{len(festival.transfers)}"), reason="flat"
    )
    draft.put(back)
    decision = draft.decision(back)
    festival.book.apply(decision)
    festival.transfers += decision.transfers
    festival.events += decision.events
    return back


def test_a_deposit_is_paid_beside_the_price_and_is_not_the_stalls() -> None:
    festival = opened()
    order = two_beers(festival, tip=50)
    assert (order.total, order.tip, order.deposit) == (BEERS, 50, 2 * CUP)
    assert [line.deposit for line in order.lines] == [CUP]
    assert festival.balance(ANNA) == 5_000 - BEERS - 50 - 2 * CUP
    assert festival.account(DEPOSITS) == 2 * CUP
    assert festival.till(BAR) == BEERS + 50 - order.platform_fee
    assert order.platform_fee == festival.account(FEES) == BEERS * RULES.platform_fee_bp // 10_000, "none of the cups"
    [paid] = [transfer for transfer in festival.transfers if transfer.kind is TransferKind.DEPOSIT]
    assert (paid.transfer_id, paid.amount, paid.order_id) == (f"{order.order_id}-deposit", 2 * CUP, order.order_id)


def test_the_stall_and_the_customer_are_told_of_the_deposit() -> None:
    festival = opened()
    two_beers(festival)
    [new] = [event for event in festival.told(stall_topic(BAR)) if isinstance(event, NewOrder)]
    assert (new.total, new.deposit) == (BEERS, 2 * CUP)
    balances = [event for event in festival.told(user_topic(ANNA)) if event.TYPE == "balance-updated"]
    assert [(event.amount, event.reason) for event in balances[1:]] == [  # type: ignore[attr-defined]
        (-BEERS, "purchase"), (-2 * CUP, "deposit"),
    ]  # fmt: skip


def test_without_a_deposit_nothing_is_different() -> None:
    festival = opened()
    festival.placed()
    assert festival.account(DEPOSITS) == 0
    [new] = [event for event in festival.told(stall_topic(SUN)) if isinstance(event, NewOrder)]
    assert new.deposit is msgspec.UNSET


def test_a_wallet_must_cover_total_tip_and_deposit() -> None:
    festival = opened(BEERS + 2 * CUP + 9)
    with pytest.raises(InsufficientFunds) as caught:
        two_beers(festival, tip=10)
    assert (caught.value.balance, caught.value.total) == (BEERS + 2 * CUP + 9, BEERS + 2 * CUP + 10)
    two_beers(festival, tip=9)
    assert festival.balance(ANNA) == 0


def test_the_limit_of_an_amount_counts_the_deposit_too() -> None:
    festival = opened()
    festival.book.rules = msgspec.structs.replace(RULES, amount_max=BEERS + 2 * CUP - 1)
    with pytest.raises(AmountTooLarge) as caught:
        two_beers(festival)
    assert caught.value.amount == BEERS + 2 * CUP
    wanted = (WantedLine(item_id=BEER, quantity=2),)
    with pytest.raises(AmountTooLarge):
        festival.do(request_of(wanted, number=1, actor_id=BAR_KEEPER, vendor_id=BAR))


def test_who_saw_another_deposit_pays_nothing() -> None:
    festival = opened()
    wish: PlaceOrder = msgspec.structs.replace(
        order_of(BEER, 2, number=1), expected_total=BEERS, expected_deposit=2 * CUP
    )
    festival.do(ChangeMenuItem(actor_id=BAR_KEEPER, item_id=BEER, deposit=CUP + 1))
    with pytest.raises(PriceChanged) as caught:
        festival.do(wish)
    assert caught.value.params() == {
        "total": BEERS, "expected_total": BEERS, "deposit": 2 * CUP + 2, "expected_deposit": 2 * CUP,
    }  # fmt: skip
    festival.do(msgspec.structs.replace(wish, expected_deposit=2 * CUP + 2))


def test_the_total_is_the_goods_alone_and_who_says_no_deposit_accepts_the_menus() -> None:
    festival = opened()
    festival.do(msgspec.structs.replace(order_of(BEER, 2, number=1), expected_total=BEERS))
    assert festival.account(DEPOSITS) == 2 * CUP
    with pytest.raises(PriceChanged) as caught:
        festival.do(msgspec.structs.replace(order_of(BEER, 2, number=2), expected_total=BEERS + 2 * CUP))
    assert caught.value.params() == {"total": BEERS, "expected_total": BEERS + 2 * CUP}


def test_a_payment_request_takes_the_deposit_and_is_refused_when_it_has_changed() -> None:
    festival = opened()
    wanted = (WantedLine(item_id=BEER, quantity=2),)
    for number in (1, 2):
        request = festival.do(request_of(wanted, number=number, actor_id=BAR_KEEPER, vendor_id=BAR))
        assert (request.total, [line.deposit for line in request.lines]) == (BEERS, [CUP])
    festival.do(paying(PaymentRequestId("q1"), number=10))
    assert festival.account(DEPOSITS) == 2 * CUP
    festival.do(ChangeMenuItem(actor_id=BAR_KEEPER, item_id=BEER, deposit=0))
    with pytest.raises(PriceChanged):
        festival.do(paying(PaymentRequestId("q2"), number=11))


@pytest.mark.parametrize("who", [ANNA, BAR_KEEPER])
def test_a_cancelled_order_gives_the_deposit_back(who: UserId) -> None:
    festival = opened()
    order = two_beers(festival, tip=50)
    cancelled = festival.do(step(order.order_id, who, OrderStatus.CANCELLED)).order
    assert (cancelled.refunded, cancelled.tip_refunded, cancelled.deposit_refunded) == (BEERS, 50, 2 * CUP)
    assert (festival.balance(ANNA), festival.account(DEPOSITS), festival.till(BAR)) == (5_000, 0, 0)
    [told] = [event for event in festival.told(user_topic(ANNA)) if isinstance(event, OrderRefunded)]
    assert (told.amount, told.deposit, told.allowance) == (BEERS + 50, 2 * CUP, msgspec.UNSET)


def test_a_refund_gives_back_the_deposit_of_what_comes_back_and_a_cancelled_order_only_the_rest() -> None:
    festival = opened()
    order = given_back(festival, two_beers(festival), PRICES[BEER], 0, CUP)
    assert (order.refunded, order.deposit_refunded) == (PRICES[BEER], CUP)
    assert (festival.balance(ANNA), festival.account(DEPOSITS)) == (5_000 - PRICES[BEER] - CUP, CUP)
    cancelled = festival.do(step(order.order_id, BAR_KEEPER, OrderStatus.CANCELLED)).order
    assert (cancelled.refunded, cancelled.deposit_refunded) == (BEERS, 2 * CUP)
    assert (festival.balance(ANNA), festival.account(DEPOSITS)) == (5_000, 0)


def test_a_deposit_alone_can_be_given_back_and_is_told() -> None:
    festival = opened()
    order = given_back(festival, two_beers(festival), 0, 0, CUP)
    assert (order.refunded, order.deposit_refunded, festival.account(DEPOSITS)) == (0, CUP, CUP)
    [told] = [event for event in festival.told(user_topic(ANNA)) if isinstance(event, OrderRefunded)]
    assert (told.amount, told.deposit) == (0, CUP)


def test_a_cancelled_order_gets_its_deposit_even_if_others_have_brought_more_back_than_was_taken() -> None:
    festival = opened()
    mine = two_beers(festival)
    festival.top_up(BEN, 2_000)
    others = festival.do(order_of(BEER, 1, customer_id=BEN, number=50)).order
    given_back(festival, others, 0, 0, CUP)
    # Somebody has brought a cup of Anna's back meanwhile, and two of last year's.
    drained = msgspec.structs.replace(festival.book.accounts[DEPOSITS], balance=CUP // 2)
    festival.book.accounts[DEPOSITS] = drained
    for actor_id in (BAR_KEEPER, ANNA):  # the festival's loss is no matter of theirs
        with pytest.raises(DepositsExhausted) as caught:
            festival.do(step(mine.order_id, actor_id, OrderStatus.CANCELLED))
        assert caught.value.left == CUP // 2
    festival.do(step(mine.order_id, ADMIN, OrderStatus.CANCELLED))
    assert festival.balance(ANNA) == 5_000
    assert (festival.account(DEPOSITS), festival.account(LOSSES)) == (0, -(2 * CUP - CUP // 2))


def test_the_till_may_be_paid_out_without_the_deposit() -> None:
    """The deposit is nothing that the stall holds: neither while the order is open nor after it."""
    festival = opened()
    order = two_beers(festival)
    assert order.held == BEERS - order.platform_fee == festival.till(BAR)
    assert festival.book.open_orders[BAR].held == order.held


def test_food_without_and_drinks_with_a_deposit_go_into_one_order() -> None:
    festival = Festival.opened(funds=5_000)
    festival.do(ChangeMenuItem(actor_id=SUN_KEEPER, item_id=AYRAN, deposit=50))
    order = festival.do(order_of(FALAFEL, 1, AYRAN, 3, number=1)).order
    assert (order.total, order.deposit) == (PRICES[FALAFEL] + 3 * PRICES[AYRAN], 150)
    assert [line.deposit for line in order.lines] == [msgspec.UNSET, 50]


def test_a_stall_never_has_the_festival_pay_a_deposit_twice() -> None:
    """It gives a cup's deposit back, and once more with the line of the sale, and sells the next one."""
    festival = opened()
    festival.do(ChangeVendor(actor_id=BAR_KEEPER, vendor_id=BAR, at_once=True))
    sold = two_beers(festival)
    festival.do(
        OfferGiveBack(
            actor_id=BAR_KEEPER, vendor_id=BAR, give_back_id=GiveBackId("k1"), expires_s=60,
            returned=OwnReturn(description="Cups", amount=2 * CUP),
        )
    )  # fmt: skip
    festival.do(ClaimGiveBack(actor_id=ANNA, give_back_id=GiveBackId("k1")))
    refund = RefundOrder(
        actor_id=BAR_KEEPER, order_id=sold.order_id, amount=None, lines=(LineBack(index=0, quantity=2),), reason="flat",
        transfer_id=TransferId("back"),
    )  # fmt: skip
    before = (festival.balance(ANNA), festival.till(BAR))
    with pytest.raises(DepositsExhausted):
        festival.do(refund)
    assert (festival.balance(ANNA), festival.till(BAR), festival.account(LOSSES)) == (*before, 0)
    beer = msgspec.structs.replace(refund, lines=(), amount=BEERS)
    assert festival.do(beer).order.refunded == BEERS, "the price is the stall's own money"


def test_the_festivals_loss_needs_a_second_person_also_where_an_organiser_keeps_the_stall() -> None:
    festival = opened()
    festival.book.rules = msgspec.structs.replace(RULES, second_person_above=CUP)
    festival.do(AppointKeeper(actor_id=ADMIN, vendor_id=BAR, user_id=ADMIN, part=Part.OWNER))
    mine = two_beers(festival)
    festival.book.accounts[DEPOSITS] = msgspec.structs.replace(festival.book.accounts[DEPOSITS], balance=0)
    cancel: WithSecond[OrderReply] = WithSecond(
        command=step(mine.order_id, ADMIN, OrderStatus.CANCELLED), confirmation_id=ConfirmationId("c1")
    )
    waits = festival.do(cancel)
    assert isinstance(waits, Confirmation)
    assert waits.amount == 2 * CUP
