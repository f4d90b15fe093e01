"""Payouts: the money leaves the wallet when it is asked for, and comes back at most once."""

import pytest

from festival_push.domain.money.payouts import PAYOUTS_MAX, PayoutReply, RequestPayout, SettlePayout
from festival_push.domain.people.rights import ChangeRole
from festival_push.domain.refusals import Forbidden, InsufficientFunds, NotFound, PayoutSettled, TooManyPayouts
from festival_push.domain.topics import role_topic, user_topic
from festival_push.domain.values import PAYOUTS, OrderStatus, PayoutId, PayoutStatus, Role, UserId
from tests.support.festival import ADMIN, ANNA, AYRAN, BEN, SUN, SUN_KEEPER, Festival, step

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
    assert (payout.status, payout.amount, payout.user_id, payout.owner_id, payout.note) == (
        PayoutStatus.REQUESTED, 400, ANNA, ANNA, "IBAN",
    )  # fmt: skip
    assert payout.seq == festival.transfers[-1].seq
    assert [event.TYPE for event in festival.told(user_topic(ANNA), after=before)] == ["balance-updated"]
    assert [event.TYPE for event in festival.told(role_topic(Role.ADMIN), after=before)] == [
        "new-transaction", "new-notification",
    ]  # fmt: skip
    assert ask(festival, name="p2").payout.amount == 600


def test_a_stall_keeper_asks_for_the_tills_money() -> None:
    festival = Festival.opened(funds=1_000)
    festival.placed()
    reply = ask(festival, actor_id=SUN_KEEPER)
    assert (reply.payout.amount, reply.payout.owner_id, festival.balance(SUN)) == (634, UserId(SUN), 0)


@pytest.mark.parametrize("amount", [1_001, 10**12])
def test_nobody_gets_more_than_they_have(amount: int) -> None:
    festival = Festival.opened(funds=1_000)
    with pytest.raises(InsufficientFunds):
        ask(festival, amount)
    with pytest.raises(InsufficientFunds):
        ask(festival, actor_id=BEN)  # nothing is left
    with pytest.raises(Forbidden):
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
    order = festival.placed()
    ask(festival, actor_id=SUN_KEEPER)
    festival.do(step(order.order_id, SUN_KEEPER, OrderStatus.CANCELLED))
    assert festival.balance(SUN) == 16 - 650
    festival.placed(item_id=AYRAN)
    assert festival.balance(SUN) == 16 - 650 + 199 - 4


def test_a_second_keeper_asks_for_the_tills_money_too_and_not_for_their_own() -> None:
    festival = Festival.opened(funds=1_000)
    festival.do(ChangeRole(actor_id=ADMIN, user_id=BEN, role=Role.VENDOR, vendor_id=SUN))
    festival.top_up(BEN, 300)
    festival.placed()
    before = len(festival.events)
    reply = ask(festival, 600, actor_id=BEN)
    payout = reply.payout
    assert (payout.user_id, payout.name, payout.owner_id, payout.amount) == (BEN, "Ben", UserId(SUN), 600)
    assert (reply.balance, festival.balance(SUN), festival.balance(BEN)) == (34, 34, 300)
    assert [event.TYPE for event in festival.told(user_topic(SUN), after=before)] == ["balance-updated"]
    assert festival.told(user_topic(BEN), after=before) == []
    assert settle(festival, REJECTED).balance == 634
    assert (festival.balance(SUN), festival.balance(BEN)) == (634, 300)


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
