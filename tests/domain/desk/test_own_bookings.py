"""Own bookings: a cashier takes back what they have just booked themselves; an organiser whatever anybody has."""

from typing import Final

import msgspec
import pytest

from festival_push.domain.desk.drawers import CloseDrawer, Direction, MoveCash, OpenDrawer
from festival_push.domain.desk.payouts import PayOutAtDesk
from festival_push.domain.money.reversals import OWN_BOOKING_MS, ReverseTransfer
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.office.refusals import DailyLimit, DrawerClosed, DrawerShort, ReversalLate
from festival_push.domain.people.rights import MakeCashier
from festival_push.domain.refusals import AlreadyReversed, Forbidden, InsufficientFunds, NotFound, NotReversible
from festival_push.domain.topics import user_topic
from festival_push.domain.values import (
    LOSSES,
    SAFE,
    DrawerId,
    Instant,
    PayoutId,
    PayoutStatus,
    TransferId,
    TransferKind,
    UserId,
    desk_account,
    drawer_account,
)
from tests.support.festival import ADMIN, ANNA, BEN, RULES, Festival, funds_of, top_up

CASH: Final = UserId("bar")
OTHER: Final = UserId("sun")
GATE, NEXT, OFFICE = DrawerId("k1"), DrawerId("k2"), DrawerId("k3")


def opened() -> Festival:
    """With two cashiers who have drawers of 10.00 open."""
    festival = Festival.opened()
    for user_id, drawer_id in ((CASH, GATE), (OTHER, NEXT)):
        festival.do(MakeCashier(actor_id=ADMIN, user_id=user_id, cashier=True))
        festival.do(OpenDrawer(actor_id=user_id, drawer_id=drawer_id, name="Gate", float_amount=1_000))
    return festival


def taking(festival: Festival, amount: int, *, number: int = 1, method: str = "cash", actor_id: UserId = CASH) -> None:
    wish = msgspec.structs.replace(top_up(ANNA, amount, number=number), actor_id=actor_id, method=method)
    festival.do(wish)


def reverse(
    transfer_id: str = "t1", amount: int | None = None, *, actor_id: UserId = CASH, number: int = 1, loss: bool = False
) -> ReverseTransfer:
    return ReverseTransfer(
        actor_id=actor_id, transfer_id=TransferId(transfer_id), amount=amount, reason="typo", accept_loss=loss,
        reversal_id=TransferId(f"r{number}"),
    )  # fmt: skip


def close(festival: Festival, drawer_id: DrawerId = GATE) -> None:
    counted = cash(festival, drawer_id)
    festival.do(CloseDrawer(actor_id=ADMIN, drawer_id=drawer_id, counted=counted, reason=None))


def cash(festival: Festival, drawer_id: DrawerId = GATE) -> int:
    return -festival.account(drawer_account(drawer_id))


def paid_out(festival: Festival, amount: int = 400) -> TransferId:
    return festival.do(
        PayOutAtDesk(actor_id=CASH, user_id=ANNA, payout_id=PayoutId("p1"), amount=amount, reason=None)
    ).transfer_id


def test_a_typo_goes_out_of_the_drawer_again() -> None:
    festival = opened()
    taking(festival, 5_000)
    after = len(festival.events)
    decision = festival.decided(reverse(amount=4_500))
    assert (decision.reply.amount, decision.reply.loss, decision.reply.balance) == (4_500, 0, 500)
    assert (festival.balance(ANNA), cash(festival)) == (500, 1_500)
    [transfer] = decision.transfers
    assert (transfer.kind, transfer.reverses, transfer.actor) == (TransferKind.ADJUSTMENT, "t1", "user:bar")
    assert [event.TYPE for event in festival.told(user_topic(ANNA), after=after)] == [
        "balance-updated", "new-notification",
    ]  # fmt: skip
    assert [deed.act for deed in decision.deeds] == [DeedKind.REVERSE]
    festival.do(reverse(number=2))
    assert (festival.balance(ANNA), cash(festival)) == (0, 1_000)
    with pytest.raises(AlreadyReversed):
        festival.do(reverse(number=3))


def test_a_payout_comes_back_into_the_drawer_and_the_wallet() -> None:
    festival = opened()
    taking(festival, 500)
    name = paid_out(festival)
    assert festival.do(reverse(name, 100)).balance == 200
    assert festival.do(reverse(name, number=2)).balance == 500
    assert (festival.balance(ANNA), cash(festival)) == (500, 1_500)
    payout = festival.book.payouts[PayoutId("p1")]
    assert (payout.status, payout.reversed) == (PayoutStatus.COMPLETED, 400)
    with pytest.raises(AlreadyReversed):
        festival.do(reverse(name, number=3))


def test_card_money_goes_back_to_the_card() -> None:
    festival = opened()
    taking(festival, 500, method="card")
    close(festival)  # it was never in the drawer
    festival.do(reverse())
    assert (festival.balance(ANNA), festival.account(desk_account("card"))) == (0, 0)


def test_ten_minutes_and_no_longer() -> None:
    festival = opened()
    taking(festival, 500)
    festival.now = Instant(festival.now + OWN_BOOKING_MS)
    festival.do(reverse(amount=100))
    festival.now = Instant(festival.now + 1)
    with pytest.raises(ReversalLate):
        festival.do(reverse(number=2))
    festival.do(reverse(number=2, actor_id=ADMIN))
    assert (OWN_BOOKING_MS, festival.balance(ANNA)) == (600_000, 0)


def test_only_their_own_and_only_bookings_of_the_desk() -> None:
    festival = opened()
    taking(festival, 5_000)
    festival.do(funds_of(700, external_id="x", number=2))
    festival.do(msgspec.structs.replace(top_up(CASH, 900, number=3), method="card"))
    order = festival.placed(CASH)
    for name in ("t2", "none", f"{order.order_id}-paid", "k1-float", "t3"):
        with pytest.raises(NotFound):
            festival.do(reverse(name))
    with pytest.raises(NotFound):
        festival.do(reverse(actor_id=OTHER))
    with pytest.raises(Forbidden):
        festival.do(reverse(actor_id=ANNA))


def test_only_what_the_wallet_still_has() -> None:
    festival = opened()
    taking(festival, 700)
    order = festival.placed()
    with pytest.raises(InsufficientFunds) as refused:
        festival.do(reverse())
    assert refused.value.balance == 700 - order.total
    with pytest.raises(Forbidden):
        festival.do(reverse(loss=True))
    festival.do(reverse(amount=700 - order.total))
    assert (festival.balance(ANNA), festival.account(LOSSES)) == (0, 0)


def test_only_while_the_drawer_is_open() -> None:
    festival = opened()
    taking(festival, 500)
    close(festival)
    with pytest.raises(DrawerClosed):
        festival.do(reverse())


def test_no_cash_that_is_not_there() -> None:
    festival = opened()
    taking(festival, 500)
    festival.do(
        MoveCash(
            actor_id=CASH, drawer_id=GATE, direction=Direction.OUT, amount=1_100, reason="x",
            transfer_id=TransferId("m1"),
        )
    )  # fmt: skip
    with pytest.raises(DrawerShort) as refused:
        festival.do(reverse())
    assert refused.value.cash == 400


def test_a_reversal_is_not_reversed_nor_a_float() -> None:
    festival = opened()
    taking(festival, 500)
    festival.do(reverse())
    with pytest.raises(NotFound):
        festival.do(reverse("r1", number=2))
    for name in ("r1", "k1-float"):
        with pytest.raises(NotReversible):
            festival.do(reverse(name, number=2, actor_id=ADMIN))


def test_an_organiser_takes_back_out_of_the_open_drawer_of_the_booking() -> None:
    festival = opened()
    taking(festival, 500)
    festival.do(OpenDrawer(actor_id=ADMIN, drawer_id=OFFICE, name="Office", float_amount=100))
    festival.do(reverse(actor_id=ADMIN, amount=200))
    assert (cash(festival), cash(festival, OFFICE)) == (1_300, 100)


def test_else_out_of_their_own_and_else_out_of_the_safe() -> None:
    festival = opened()
    taking(festival, 500)
    name = paid_out(festival, 50)
    close(festival)
    safe = festival.account(SAFE)
    festival.do(reverse(actor_id=ADMIN, amount=200))
    assert festival.account(SAFE) == safe + 200
    festival.do(reverse(name, 20, actor_id=ADMIN, number=2))
    assert festival.account(SAFE) == safe + 180
    festival.do(OpenDrawer(actor_id=ADMIN, drawer_id=OFFICE, name="Office", float_amount=100))
    festival.do(reverse(actor_id=ADMIN, amount=70, number=3))
    festival.do(reverse(name, 30, actor_id=ADMIN, number=4))
    assert (cash(festival, OFFICE), cash(festival)) == (60, 0)


def test_a_loss_that_an_organiser_accepts_is_cash_too() -> None:
    festival = opened()
    taking(festival, 700)
    order = festival.placed()
    festival.do(reverse(actor_id=ADMIN, loss=True))
    assert (cash(festival), festival.account(LOSSES)) == (1_000, -order.total)


def test_the_days_sum_goes_down_again_of_whoever_booked() -> None:
    festival = opened()
    festival.book.rules = msgspec.structs.replace(RULES, cashier_daily_max=1_000, cashier_payout_daily_max=400)
    taking(festival, 1_000)
    name = paid_out(festival, 400)
    with pytest.raises(DailyLimit):
        taking(festival, 1, number=2)
    festival.do(reverse(amount=300))
    taking(festival, 300, number=2)
    with pytest.raises(DailyLimit):
        taking(festival, 1, number=3)
    festival.do(reverse(name, 150, actor_id=ADMIN, number=2))
    sums = festival.book.desk_sums[CASH]
    assert (sums.amount, sums.paid_out) == (1_000, 250)


def test_what_was_booked_yesterday_leaves_todays_sum() -> None:
    festival = opened()
    taking(festival, 1_000)
    festival.now = Instant(festival.now + 24 * 3_600_000)
    taking(festival, 300, number=2)
    festival.do(reverse(actor_id=ADMIN))
    assert festival.book.desk_sums[CASH].amount == 300
    assert festival.balance(BEN) == 0
