"""What holds for a payout of a wallet: the fee, the least amount, the deadline, and what is donated with it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.payouts.donations import Donate
from festival_push.domain.payouts.payouts import PayoutReply, RequestPayout, SettlePayout, WithdrawPayout
from festival_push.domain.payouts.refusals import NoDonations, PayoutsOver, PayoutTooSmall
from festival_push.domain.people.rights import SuspendUser
from festival_push.domain.refusals import (
    Forbidden,
    InsufficientFunds,
    MoneyUnearned,
    NotFound,
    NotReversible,
    PayoutSettled,
    Refused,
    Suspended,
)
from festival_push.domain.topics import role_topic, user_topic
from festival_push.domain.values import (
    DONATIONS,
    FEES,
    PAYOUTS,
    AccountKind,
    Instant,
    OrderStatus,
    PayoutId,
    PayoutStatus,
    Role,
    TransferId,
    TransferKind,
    UserId,
)
from tests.support.festival import ADMIN, ANNA, BEN, NOON, RULES, SUN, SUN_KEEPER, Festival, step

P1 = PayoutId("p1")
FEE = 150
HOUR_MS = 3_600_000


def opened(funds: int = 1_000, **rules: Any) -> Festival:
    return Festival.opened(msgspec.structs.replace(RULES, **rules), funds=funds)


def ask(festival: Festival, amount: int | None = None, *, actor_id: UserId = ANNA, **wish: Any) -> PayoutReply:
    return festival.do(RequestPayout(actor_id=actor_id, payout_id=P1, amount=amount, note=None, **wish))


def reject(festival: Festival) -> PayoutReply:
    return festival.do(SettlePayout(actor_id=ADMIN, payout_id=P1, status=PayoutStatus.REJECTED, reason="wrong name"))


def withdraw(festival: Festival, actor_id: UserId = ANNA) -> PayoutReply:
    return festival.do(WithdrawPayout(actor_id=actor_id, payout_id=P1))


def sold(festival: Festival) -> None:
    """One falafel, handed out: 634 for the stall."""
    order = festival.placed()
    for status in (OrderStatus.READY, OrderStatus.COMPLETED):
        festival.do(step(order.order_id, SUN_KEEPER, status))


def test_the_fee_comes_beside_what_is_paid_out() -> None:
    festival = opened(payout_fee=FEE)
    reply = ask(festival, 400)
    assert (reply.payout.amount, reply.payout.fee, reply.balance) == (400, FEE, 1_000 - 400 - FEE)
    assert (festival.account(PAYOUTS), festival.account(FEES)) == (400, FEE)
    assert [(move.kind, move.transfer_id) for move in festival.transfers[-2:]] == [
        (TransferKind.PAYOUT, "p1-asked"), (TransferKind.FEE, "p1-fee"),
    ]  # fmt: skip
    told = [event.TYPE for event in festival.told(user_topic(ANNA))]
    assert told[-2:] == ["balance-updated", "balance-updated"]


def test_all_of_it_is_all_but_the_fee() -> None:
    festival = opened(payout_fee=FEE)
    assert ask(festival).payout.amount == 1_000 - FEE
    assert festival.balance(ANNA) == 0


@pytest.mark.parametrize(("amount", "needed"), [(1_000, 1_150), (851, 1_001)])
def test_the_balance_has_to_cover_amount_and_fee(amount: int, needed: int) -> None:
    festival = opened(payout_fee=FEE)
    with pytest.raises(InsufficientFunds) as refused:
        ask(festival, amount)
    assert refused.value.params() == {"balance": 1_000, "total": needed}
    assert ask(festival, 850).balance == 0


def test_a_balance_below_the_fee_is_not_paid_out() -> None:
    festival = opened(funds=FEE, payout_fee=FEE)
    with pytest.raises(InsufficientFunds) as refused:
        ask(festival)
    assert refused.value.params() == {"balance": FEE, "total": FEE + 1}


@pytest.mark.parametrize("way", [reject, withdraw])
def test_a_payout_that_is_not_made_gives_its_fee_back_once(way: Any) -> None:
    festival = opened(payout_fee=FEE)
    ask(festival, 400)
    for _ in range(2):
        assert way(festival).balance == 1_000
    assert (festival.balance(ANNA), festival.account(FEES), festival.account(PAYOUTS)) == (1_000, 0, 0)


def test_a_payout_that_was_made_keeps_its_fee() -> None:
    festival = opened(payout_fee=FEE)
    ask(festival, 400)
    festival.do(SettlePayout(actor_id=ADMIN, payout_id=P1, status=PayoutStatus.COMPLETED, reason=None))
    assert festival.account(FEES) == FEE


def test_a_waiting_payout_that_is_reversed_in_two_parts_gives_its_fee_back_with_the_last() -> None:
    festival = opened(payout_fee=FEE)
    ask(festival, 400)
    asked = TransferId("p1-asked")
    for number, (amount, fees) in enumerate(((300, FEE), (None, 0))):
        festival.do(
            ReverseTransfer(
                actor_id=ADMIN, transfer_id=asked, amount=amount, reason="typo", reversal_id=TransferId(f"r{number}")
            )
        )
        assert festival.account(FEES) == fees
    assert (festival.balance(ANNA), festival.book.payouts[P1].status) == (1_000, PayoutStatus.REJECTED)


def test_a_fee_alone_is_not_reversed() -> None:
    festival = opened(payout_fee=FEE)
    ask(festival, 400)
    wish = ReverseTransfer(
        actor_id=ADMIN, transfer_id=TransferId("p1-fee"), amount=None, reason="x", reversal_id=TransferId("r")
    )
    with pytest.raises(NotReversible):
        festival.do(wish)


def test_less_than_the_least_amount_is_not_paid_out() -> None:
    festival = opened(payout_min=500, payout_fee=FEE)
    with pytest.raises(PayoutTooSmall) as refused:
        ask(festival, 499)
    assert refused.value.payout_min == 500
    assert ask(festival, 500).payout.amount == 500


def test_what_is_left_below_the_least_amount_is_told_so() -> None:
    festival = opened(funds=500, payout_min=500, payout_fee=1)
    with pytest.raises(PayoutTooSmall):
        ask(festival)


def test_guests_ask_until_the_deadline() -> None:
    festival = opened(payouts_until=Instant(NOON + 1))
    ask(festival, 100)
    festival.now = Instant(NOON + 1)
    with pytest.raises(PayoutsOver) as refused:
        festival.do(RequestPayout(actor_id=ANNA, payout_id=PayoutId("p2"), amount=1, note=None))
    assert refused.value.until == "2026-07-04T10:00:00.001Z"
    assert withdraw(festival).balance == 1_000


def test_a_stall_has_no_fee_no_least_amount_and_no_deadline() -> None:
    festival = opened(payout_fee=FEE, payout_min=10_000, payouts_until=NOON)
    sold(festival)
    assert ask(festival, actor_id=SUN_KEEPER).payout.amount == 634
    assert (festival.till(SUN), festival.account(PAYOUTS)) == (0, 634)


def test_the_rest_is_donated_along() -> None:
    festival = opened(payout_fee=FEE, donations=True)
    reply = ask(festival, 400, donate_rest=True)
    assert (reply.balance, reply.donated, festival.account(DONATIONS)) == (0, 450, 450)
    assert festival.transfers[-1].kind is TransferKind.DONATION
    assert "new-transaction" in [event.TYPE for event in festival.told(role_topic(Role.ADMIN))]
    assert withdraw(festival).balance == 400 + FEE, "what was given stays given"


def test_nothing_is_donated_where_nothing_is_left() -> None:
    festival = opened(donations=True)
    assert ask(festival, donate_rest=True).donated == 0
    assert festival.account(DONATIONS) == 0


def test_a_tills_rest_is_not_donated() -> None:
    festival = opened(donations=True)
    sold(festival)
    with pytest.raises(Forbidden):
        ask(festival, 100, actor_id=SUN_KEEPER, donate_rest=True)


def test_without_a_purpose_nothing_is_donated_and_nothing_paid_out() -> None:
    festival = opened()
    with pytest.raises(NoDonations):
        ask(festival, 100, donate_rest=True)
    assert festival.balance(ANNA) == 1_000


@pytest.mark.parametrize(("amount", "left"), [(300, 700), (None, 0)])
def test_a_guest_donates_some_or_all(amount: int | None, left: int) -> None:
    festival = opened(donations=True)
    reply = festival.do(Donate(actor_id=ANNA, amount=amount, transfer_id=TransferId("g")))
    assert (reply.balance, festival.balance(ANNA), festival.account(DONATIONS)) == (left, left, 1_000 - left)


def test_who_is_suspended_donates_nothing() -> None:
    festival = opened(donations=True)
    festival.do(SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True))
    with pytest.raises(Suspended):
        festival.do(Donate(actor_id=ANNA, amount=1, transfer_id=TransferId("g")))


def test_a_donation_by_mistake_is_reversed_into_its_wallet() -> None:
    festival = opened(donations=True)
    festival.do(Donate(actor_id=ANNA, amount=None, transfer_id=TransferId("g")))
    before = len(festival.events)
    reply = festival.do(
        ReverseTransfer(
            actor_id=ADMIN, transfer_id=TransferId("g"), amount=600, reason="typo", reversal_id=TransferId("r")
        )
    )
    assert (reply.balance, festival.balance(ANNA), festival.account(DONATIONS)) == (600, 600, 400)
    assert festival.transfers[-1].kind is TransferKind.DONATION
    told = festival.told(user_topic(ANNA), after=before)
    assert [event.TYPE for event in told] == ["balance-updated", "new-notification"]


def test_only_who_asked_takes_a_payout_back_and_only_while_it_waits() -> None:
    festival = opened()
    ask(festival, 400)
    with pytest.raises(NotFound):
        withdraw(festival, BEN)
    with pytest.raises(Forbidden):
        withdraw(festival, ADMIN)
    payout = withdraw(festival).payout
    assert (payout.status, payout.withdrawn, payout.reason) == (PayoutStatus.REJECTED, True, None)
    with pytest.raises(PayoutSettled):
        festival.do(SettlePayout(actor_id=ADMIN, payout_id=P1, status=PayoutStatus.COMPLETED, reason=None))


def test_a_withdrawn_payout_makes_room_for_another() -> None:
    festival = opened()
    ask(festival, 400)
    assert festival.book.payout_counts[ANNA] == 1
    withdraw(festival)
    assert festival.book.payout_counts[ANNA] == 0


def test_what_a_stall_sold_lately_stays_in_its_till() -> None:
    festival = opened(funds=3_000, stall_reserve_ms=2 * HOUR_MS)
    sold(festival)
    with pytest.raises(MoneyUnearned) as refused:
        ask(festival, actor_id=SUN_KEEPER)
    assert refused.value.params() == {"available": 0, "balance": 634}
    festival.now = Instant(NOON + HOUR_MS)
    sold(festival)
    festival.placed()  # and one that is open counts once
    festival.now = Instant(NOON + 2 * HOUR_MS)
    with pytest.raises(MoneyUnearned) as refused:
        ask(festival, 635, actor_id=SUN_KEEPER)
    assert refused.value.available == 634
    assert ask(festival, actor_id=SUN_KEEPER).payout.amount == 634
    festival.now = Instant(NOON + 3 * HOUR_MS)
    more = RequestPayout(actor_id=SUN_KEEPER, payout_id=PayoutId("p2"), amount=None, note=None)
    assert festival.do(more).payout.amount == 634, "the open order's money is not earned however old it is"


def test_an_organiser_is_held_to_a_stalls_reserve_too() -> None:
    festival = opened(stall_reserve_ms=HOUR_MS)
    sold(festival)
    wish = RequestPayout(
        actor_id=ADMIN, payout_id=P1, amount=None, note=None, account=AccountKind.TILL, vendor_id=SUN
    )  # fmt: skip
    with pytest.raises(MoneyUnearned):
        festival.do(wish)


def test_a_refund_lowers_the_reserve_by_what_it_gave_back() -> None:
    festival = opened(funds=3_000, stall_reserve_ms=HOUR_MS)
    sold(festival)
    book = festival.loaded(RequestPayout(actor_id=SUN_KEEPER, payout_id=P1, amount=None, note=None).needs())
    assert book.reserves == {SUN: 634}
    (order,) = festival.book.orders.values()
    book.orders[order.order_id] = order
    book._put(msgspec.structs.replace(order, refunded=650, fee_refunded=16))
    assert book.reserves == {SUN: 0}
    book._put(msgspec.structs.replace(order, status=OrderStatus.READY))
    assert book.reserves == {SUN: 0}, "a recalled order is open, and counted there"


@given(
    funds=st.integers(0, 2_000), amount=st.none() | st.integers(1, 2_000), fee=st.integers(0, 300),
    least=st.integers(0, 500), rest=st.booleans(), back=st.booleans(),
)  # fmt: skip
def test_a_payout_neither_makes_nor_loses_money(
    funds: int, amount: int | None, fee: int, least: int, *, rest: bool, back: bool
) -> None:
    festival = opened(funds, payout_fee=fee, payout_min=least, donations=True)
    try:
        reply = ask(festival, amount, donate_rest=rest)
    except (InsufficientFunds, PayoutTooSmall):
        wanted = max(funds - fee if amount is None else amount, 1)
        assert wanted + fee > funds or wanted < least
        assert festival.balance(ANNA) == funds
        return
    paid = reply.payout.amount
    assert paid >= max(least, 1)
    assert festival.balance(ANNA) + paid + fee + reply.donated == funds
    assert not rest or festival.balance(ANNA) == 0
    if back:
        withdraw(festival)
        assert festival.balance(ANNA) == funds - reply.donated
    accounts = festival.book.accounts.values()
    assert sum(account.balance for account in accounts) == 0


def test_refusals_change_nothing() -> None:
    festival = opened(payout_fee=FEE, payout_min=900)
    before = festival.book.position
    for amount in (1, 899, 900, 1_000):
        with pytest.raises(Refused):
            ask(festival, amount)
    assert (festival.book.position, festival.book.payouts) == (before, {})
