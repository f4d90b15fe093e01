"""Payouts at the desk: cash for what the wallet holds, from a drawer that holds enough, whoever the guest is."""

import json
from typing import Any, Final

import msgspec
import pytest

from festival_push.domain.desk.drawers import CloseDrawer, OpenDrawer
from festival_push.domain.desk.payouts import PayOutAtDesk
from festival_push.domain.desk.second_person import Confirm, WithSecond
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.office.refusals import DailyLimit, DrawerShort, NoDrawer
from festival_push.domain.office.rows import Confirmation
from festival_push.domain.payouts.payouts import SettlePayout
from festival_push.domain.people.people import AddUser
from festival_push.domain.people.rights import MakeCashier, SuspendUser
from festival_push.domain.refusals import Forbidden, InsufficientFunds, NotFound, PayoutSettled
from festival_push.domain.topics import role_topic, user_topic
from festival_push.domain.values import (
    PAYOUTS,
    ConfirmationId,
    DrawerId,
    Instant,
    PayoutId,
    PayoutStatus,
    Role,
    TransferKind,
    UserId,
    drawer_account,
    user_account,
)
from tests.support.festival import ADMIN, ANNA, BEN, NOON, RULES, SUN_KEEPER, Festival, Put

CASH: Final = UserId("bar")
GATE: Final = DrawerId("k1")


def opened(*, funds: int = 5_000, float_amount: int = 10_000) -> Festival:
    festival = Festival.opened(funds=funds)
    festival.do(MakeCashier(actor_id=ADMIN, user_id=CASH, cashier=True))
    festival.do(OpenDrawer(actor_id=CASH, drawer_id=GATE, name="Gate 1", float_amount=float_amount))
    return festival


def paying(
    amount: int | None, *, number: int = 1, actor_id: UserId = CASH, user_id: UserId = ANNA, reason: str | None = None
) -> PayOutAtDesk:
    return PayOutAtDesk(
        actor_id=actor_id, user_id=user_id, payout_id=PayoutId(f"p{number}"), amount=amount, reason=reason
    )


def test_cash_leaves_the_drawer_and_the_wallet_and_the_guest_is_told() -> None:
    festival = opened()
    after = len(festival.events)
    decision = festival.decided(paying(1_200, reason="going home"))
    reply = decision.reply
    assert (reply.user_id, reply.amount, reply.balance, reply.drawer_id) == (ANNA, 1_200, 3_800, GATE)
    [transfer] = decision.transfers
    assert (transfer.kind, transfer.debit, transfer.credit) == (
        TransferKind.PAYOUT, user_account(ANNA), drawer_account(GATE)
    )  # fmt: skip
    assert (transfer.transfer_id, transfer.note, transfer.actor) == (reply.transfer_id, "going home", "user:bar")
    assert (festival.balance(ANNA), festival.account(drawer_account(GATE)), festival.account(PAYOUTS)) == (
        3_800, -8_800, 0
    )  # fmt: skip
    told = festival.told(user_topic(ANNA), after=after)
    assert [event.TYPE for event in told] == ["balance-updated", "new-notification"]
    notice: Any = told[1]
    assert (notice.code, notice.params) == ("paid-at-desk", {"amount": 1_200})
    assert [event.TYPE for event in festival.told(role_topic(Role.ADMIN), after=after)] == ["new-transaction"]
    [deed] = decision.deeds
    assert (deed.act, deed.subject, json.loads(deed.before)) == (DeedKind.PAY_OUT, "user:anna", {"balance": 5_000})
    assert json.loads(deed.after) == {
        "amount": 1_200, "balance": 3_800, "drawerId": "k1", "payoutId": "p1", "reason": "going home",
        "transactionId": "p1-asked",
    }  # fmt: skip


def test_it_is_among_the_guests_payouts_and_is_settled() -> None:
    festival = opened()
    festival.do(paying(1_200))
    payout = festival.book.payouts[PayoutId("p1")]
    assert (payout.user_id, payout.name, payout.account_id, payout.status, payout.drawer_id) == (
        ANNA, "Anna", user_account(ANNA), PayoutStatus.COMPLETED, GATE
    )  # fmt: skip
    assert festival.book.payout_counts[ANNA] == 0
    wish = SettlePayout(actor_id=ADMIN, payout_id=PayoutId("p1"), status=PayoutStatus.REJECTED, reason="no")
    with pytest.raises(PayoutSettled):
        festival.do(wish)


def test_all_is_what_the_wallet_holds_and_nothing_is_refused() -> None:
    festival = opened()
    assert festival.do(paying(None)).amount == 5_000
    for amount in (None, 1):
        with pytest.raises(InsufficientFunds):
            festival.do(paying(amount, number=2))
    with pytest.raises(NotFound):
        festival.do(paying(1, number=2, user_id=UserId("nobody")))


@pytest.mark.parametrize("state", ["suspended", "frozen", "no-phone"])
def test_whoever_can_do_nothing_themselves_gets_their_money(state: str) -> None:
    festival = opened()
    if state == "suspended":
        festival.do(SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True))
    elif state == "frozen":
        festival.do(Put((msgspec.structs.replace(festival.book.users[ANNA], frozen=True),)))
    assert festival.do(paying(5_000)).balance == 0


def test_the_drawer_must_hold_it() -> None:
    festival = opened(float_amount=4_999)
    with pytest.raises(DrawerShort) as refused:
        festival.do(paying(5_000))
    assert refused.value.cash == 4_999
    festival.do(paying(4_999))
    assert festival.account(drawer_account(GATE)) == 0


@pytest.mark.parametrize("actor_id", [CASH, ADMIN])
def test_it_needs_a_drawer_of_ones_own_also_an_organisers(actor_id: UserId) -> None:
    festival = opened()
    if actor_id == CASH:
        festival.do(CloseDrawer(actor_id=CASH, drawer_id=GATE, counted=10_000, reason=None))
    with pytest.raises(NoDrawer):
        festival.do(paying(1, actor_id=actor_id))


@pytest.mark.parametrize("actor_id", [ANNA, BEN, SUN_KEEPER])
def test_nobody_else_pays_out(actor_id: UserId) -> None:
    with pytest.raises(Forbidden):
        opened().do(paying(1, actor_id=actor_id))


def test_what_one_person_pays_out_in_a_day_is_bounded_apart_from_what_they_take() -> None:
    festival = opened(funds=9_000)
    festival.book.rules = msgspec.structs.replace(RULES, cashier_payout_daily_max=1_000, cashier_daily_max=1)
    festival.do(paying(600))
    with pytest.raises(DailyLimit) as refused:
        festival.do(paying(401, number=2))
    assert (refused.value.left, refused.value.daily_max) == (400, 1_000)
    festival.do(paying(400, number=2))
    with pytest.raises(DailyLimit):
        festival.do(paying(1, number=3))
    festival.now = Instant(festival.now + 24 * 3_600_000)
    festival.do(paying(1_000, number=3))
    sums = festival.book.desk_sums[CASH]
    assert (sums.amount, sums.paid_out) == (0, 1_000)


def test_much_of_it_waits_for_a_second_person_and_is_checked_again() -> None:
    festival = opened()
    olga = UserId("olga")
    festival.do(AddUser(user_id=olga, role=Role.ADMIN, name="Olga", pin_hash=None, top_up_code="CODE-olga"))
    festival.now = Instant(NOON + 13 * 3_600_000)
    festival.book.rules = msgspec.structs.replace(RULES, second_person_above=1_000)
    wish = paying(1_001)
    asked = festival.do(WithSecond(command=wish, confirmation_id=ConfirmationId("c1")))
    assert isinstance(asked, Confirmation)
    assert (asked.act, asked.subject, asked.amount) == (DeedKind.PAY_OUT, "user:anna", 1_001)
    assert (festival.balance(ANNA), festival.account(drawer_account(GATE))) == (5_000, -10_000)
    confirm = Confirm(actor_id=olga, confirmation_id=ConfirmationId("c1"), command=wish)
    gone = festival.do(CloseDrawer(actor_id=CASH, drawer_id=GATE, counted=10_000, reason=None))
    assert gone.difference == 0
    with pytest.raises(NoDrawer):
        festival.do(confirm)
    festival.do(OpenDrawer(actor_id=CASH, drawer_id=DrawerId("k2"), name="Gate 1", float_amount=2_000))
    festival.do(confirm)
    assert (festival.balance(ANNA), festival.account(drawer_account(DrawerId("k2")))) == (3_999, -999)
