"""Payouts: the money leaves the wallet when it is asked for, and comes back at most once."""

import msgspec
import pytest

from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.payouts.payouts import PAYOUTS_MAX, PayoutReply, RequestPayout, SettlePayout
from festival_push.domain.people.rights import ChangeRole
from festival_push.domain.refusals import (
    Forbidden,
    InsufficientFunds,
    MoneyUnearned,
    NotFound,
    PayoutSettled,
    TooManyPayouts,
)
from festival_push.domain.topics import role_topic, stall_topic, user_topic
from festival_push.domain.values import (
    PAYOUTS,
    AccountKind,
    OrderStatus,
    PayoutId,
    PayoutStatus,
    Role,
    TransferId,
    UserId,
    VendorId,
    till_account,
    user_account,
)
from tests.support.festival import ADMIN, ANNA, AYRAN, BAR_KEEPER, BEN, SUN, SUN_KEEPER, Festival, step

COMPLETED, REJECTED = PayoutStatus.COMPLETED, PayoutStatus.REJECTED
P1 = PayoutId("p1")


def ask(festival: Festival, amount: int | None = None, *, actor_id: UserId = ANNA, name: str = "p1") -> PayoutReply:
    return festival.do(RequestPayout(actor_id=actor_id, payout_id=PayoutId(name), amount=amount, note="IBAN"))


def settle(festival: Festival, status: PayoutStatus, *, actor_id: UserId = ADMIN) -> PayoutReply:
    return festival.do(SettlePayout(actor_id=actor_id, payout_id=P1, status=status, reason="closed"))


def test_what_is_asked_for_can_be_spent_no_more() -> None:
    festival = Festival.opened(funds=1_000)
    before = len(festival.events)
    reply = ask(festival, 400)
    assert (reply.balance, festival.balance(ANNA), festival.account(PAYOUTS)) == (600, 600, 400)
    payout = reply.payout
    assert (payout.status, payout.amount, payout.user_id, payout.account_id, payout.note) == (
        PayoutStatus.REQUESTED, 400, ANNA, user_account(ANNA), "IBAN",
    )  # fmt: skip
    assert payout.seq == festival.transfers[-1].seq
    assert [event.TYPE for event in festival.told(user_topic(ANNA), after=before)] == ["balance-updated"]
    assert [event.TYPE for event in festival.told(role_topic(Role.ADMIN), after=before)] == [
        "new-transaction", "new-notification",
    ]  # fmt: skip
    assert ask(festival, name="p2").payout.amount == 600


def sold(festival: Festival) -> None:
    """One falafel, handed out."""
    order = festival.placed()
    for status in (OrderStatus.READY, OrderStatus.COMPLETED):
        festival.do(step(order.order_id, SUN_KEEPER, status))


def test_whoever_owns_a_stall_asks_for_the_tills_money() -> None:
    festival = Festival.opened(funds=1_000)
    sold(festival)
    before = len(festival.events)
    reply = ask(festival, actor_id=SUN_KEEPER)
    assert (reply.payout.amount, reply.payout.account_id, festival.till(SUN)) == (634, till_account(SUN), 0)
    told = festival.told(stall_topic(SUN), after=before)
    assert [event.TYPE for event in told] == ["balance-updated", "new-notification"], "all who keep it hear of it"


def test_an_organiser_asks_for_a_tills_money_and_says_which() -> None:
    festival = Festival.opened(funds=1_000)
    sold(festival)
    wish = RequestPayout(actor_id=ADMIN, payout_id=P1, amount=None, note=None, account=AccountKind.TILL)
    with pytest.raises(NotFound):
        festival.do(wish)
    assert festival.do(msgspec.structs.replace(wish, vendor_id=SUN)).payout.amount == 634


def test_an_owner_asks_for_the_money_of_their_own_wallet() -> None:
    festival = Festival.opened(funds=1_000)
    sold(festival)
    festival.top_up(SUN_KEEPER, 300)
    wish = RequestPayout(actor_id=SUN_KEEPER, payout_id=P1, amount=None, note=None, account=AccountKind.WALLET)
    assert festival.do(wish).payout.amount == 300
    assert (festival.balance(SUN_KEEPER), festival.till(SUN)) == (0, 634)
    assert settle(festival, REJECTED).balance == 300


def test_a_till_is_not_paid_out_what_it_may_have_to_give_back() -> None:
    festival = Festival.opened(funds=2_000)
    sold(festival)
    order = festival.placed()
    for amount in (635, 1_268):
        with pytest.raises(MoneyUnearned) as refused:
            ask(festival, amount, actor_id=SUN_KEEPER)
        assert refused.value.params() == {"available": 634, "balance": 1_268}
    with pytest.raises(InsufficientFunds):
        ask(festival, 1_269, actor_id=SUN_KEEPER)
    assert ask(festival, actor_id=SUN_KEEPER).payout.amount == 634, "all that may be had"
    with pytest.raises(MoneyUnearned):
        ask(festival, actor_id=SUN_KEEPER, name="p2")
    festival.do(step(order.order_id, SUN_KEEPER, OrderStatus.CANCELLED))
    assert (festival.balance(ANNA), festival.till(SUN)) == (1_350, 0)


@pytest.mark.parametrize("amount", [1_001, 10**12])
def test_nobody_gets_more_than_they_have(amount: int) -> None:
    festival = Festival.opened(funds=1_000)
    with pytest.raises(InsufficientFunds):
        ask(festival, amount)
    with pytest.raises(InsufficientFunds):
        ask(festival, actor_id=BEN)  # nothing is left
    with pytest.raises(InsufficientFunds):
        ask(festival, 1, actor_id=ADMIN)


def test_a_completed_payout_is_final() -> None:
    festival = Festival.opened(funds=1_000)
    ask(festival)
    assert settle(festival, COMPLETED).payout.status is COMPLETED
    assert (festival.balance(ANNA), festival.account(PAYOUTS)) == (0, 1_000)
    before = festival.book.position
    assert settle(festival, COMPLETED).payout.status is COMPLETED
    assert festival.book.position == before
    with pytest.raises(PayoutSettled) as refused:
        settle(festival, REJECTED)
    assert refused.value.payout_status is COMPLETED


def test_a_rejected_payout_comes_back_once() -> None:
    festival = Festival.opened(funds=1_000)
    ask(festival)
    before = len(festival.events)
    for _ in range(2):
        reply = settle(festival, REJECTED)
        assert (reply.payout.reason, reply.balance) == ("closed", 1_000)
    assert (festival.balance(ANNA), festival.account(PAYOUTS)) == (1_000, 0)
    assert [event.TYPE for event in festival.told(user_topic(ANNA), after=before)] == [
        "balance-updated", "new-notification",
    ]  # fmt: skip


def test_only_the_organiser_settles() -> None:
    festival = Festival.opened(funds=1_000)
    with pytest.raises(NotFound):
        settle(festival, COMPLETED)
    ask(festival)
    with pytest.raises(Forbidden):
        settle(festival, COMPLETED, actor_id=ANNA)


def test_a_stall_that_owes_goes_on_selling() -> None:
    festival = Festival.opened(funds=2_000)
    sold(festival)
    ask(festival, actor_id=SUN_KEEPER)
    (order_id,) = festival.book.orders
    wish = RefundOrder(actor_id=ADMIN, order_id=order_id, amount=None, reason="cold", transfer_id=TransferId("r"))
    festival.do(wish)
    assert festival.till(SUN) == 16 - 650
    festival.placed(item_id=AYRAN)
    assert festival.till(SUN) == 16 - 650 + 199 - 4


def test_a_second_keeper_asks_for_their_own_money_and_not_for_the_tills() -> None:
    festival = Festival.opened(funds=1_000)
    festival.do(ChangeRole(actor_id=ADMIN, user_id=BEN, role=Role.VENDOR, vendor_id=SUN))
    festival.top_up(BEN, 300)
    sold(festival)
    with pytest.raises(Forbidden):
        ask(festival, 600, actor_id=BEN)
    wish = RequestPayout(actor_id=BEN, payout_id=P1, amount=None, note=None, account=AccountKind.WALLET)
    assert festival.do(wish).payout.amount == 300
    assert (festival.till(SUN), festival.balance(BEN)) == (634, 0)


def test_someone_elses_till_is_not_found() -> None:
    festival = Festival.opened(funds=1_000)
    for vendor_id in (SUN, VendorId("nowhere")):
        with pytest.raises(NotFound):
            festival.do(RequestPayout(actor_id=BAR_KEEPER, payout_id=P1, amount=1, note=None, vendor_id=vendor_id))
        with pytest.raises(Forbidden):
            festival.do(RequestPayout(actor_id=ANNA, payout_id=P1, amount=1, note=None, vendor_id=vendor_id))


@pytest.mark.parametrize("status", [COMPLETED, REJECTED])
def test_a_person_waits_for_a_bounded_number_of_payouts(status: PayoutStatus) -> None:
    festival = Festival.opened(funds=1_000)
    festival.top_up(BEN, 1_000)
    for number in range(1, PAYOUTS_MAX + 1):
        ask(festival, 1, name=f"p{number}")
    with pytest.raises(TooManyPayouts) as refused:
        ask(festival, 1, name="more")
    assert refused.value.payouts_max == PAYOUTS_MAX
    ask(festival, 1, actor_id=BEN, name="bens")
    for _ in range(2):  # the second time changes nothing
        settle(festival, status)
    ask(festival, 1, name="more")
    with pytest.raises(TooManyPayouts):
        ask(festival, 1, name="even more")
