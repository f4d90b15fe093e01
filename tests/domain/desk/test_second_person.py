"""The second person: much money waits for another organiser, and moves once, by the rules of that moment."""

import json
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.desk.drawers import OpenDrawer
from festival_push.domain.desk.payouts import PayOutAtDesk
from festival_push.domain.desk.second_person import (
    CONFIRM_MS,
    SETTLED_MS,
    Confirm,
    Guarded,
    RefuseConfirmation,
    WithSecond,
    waiting_command,
)
from festival_push.domain.ledger import payout_transfer
from festival_push.domain.money.funds import TopUp, TopUpReply, receipt_id
from festival_push.domain.money.held import AssignFunds
from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.office.events import ConfirmationUpdated
from festival_push.domain.office.refusals import AskerGone, ConfirmationExpired, ConfirmationSettled, SamePerson, TooNew
from festival_push.domain.office.rows import Confirmation, ConfirmationStatus
from festival_push.domain.orders.orders import OrderReply
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.payouts.payouts import PayoutReply, RequestPayout, SettlePayout
from festival_push.domain.people.people import AddUser
from festival_push.domain.people.rights import AdmitUser, ChangeRole, MakeCashier, SuspendUser
from festival_push.domain.refusals import BalanceLimit, Forbidden, Suspended
from festival_push.domain.signing_in.lost_factors import ResetFactors
from festival_push.domain.signing_in.pins import ResetPin
from festival_push.domain.topics import role_topic
from festival_push.domain.values import (
    ConfirmationId,
    DrawerId,
    Instant,
    OrderStatus,
    PayoutId,
    PayoutStatus,
    Role,
    TransferId,
    UserId,
    user_actor,
)
from tests.support.festival import (
    ADMIN,
    ANNA,
    BEN,
    FALAFEL,
    RULES,
    SUN_KEEPER,
    Festival,
    app_of,
    funds_of,
    order_of,
    step,
    top_up,
)

ABOVE: Final = 1_000
OLGA: Final = UserId("olga")
C1: Final = ConfirmationId("c1")
BIG: Final = top_up(ANNA, ABOVE + 1, number=90)


def opened(funds: int = 5_000) -> Festival:
    """A festival with two organisers and a limit."""
    festival = Festival.opened(funds=funds)
    festival.do(AddUser(user_id=OLGA, role=Role.ADMIN, name="Olga", pin_hash=None, top_up_code="CODE-olga"))
    festival.book.rules = msgspec.structs.replace(RULES, second_person_above=ABOVE)
    return festival


def asked(festival: Festival, command: Guarded = BIG) -> Any:
    return festival.do(WithSecond(command=command, confirmation_id=C1))


def confirming(command: Guarded = BIG, actor_id: UserId = OLGA) -> Confirm:
    return Confirm(actor_id=actor_id, confirmation_id=C1, command=command)


def test_up_to_the_limit_it_is_done_at_once() -> None:
    festival = opened()
    before = festival.balance(ANNA)
    reply = asked(festival, msgspec.structs.replace(BIG, amount=ABOVE))
    assert isinstance(reply, TopUpReply)
    assert festival.balance(ANNA) == before + ABOVE
    assert festival.book.confirmations == {}


def test_above_it_nothing_moves_until_another_organiser_confirms() -> None:
    festival = opened()
    before = festival.balance(ANNA)
    kept = asked(festival)
    assert isinstance(kept, Confirmation)
    assert (kept.status, kept.amount, kept.subject) == (ConfirmationStatus.WAITING, ABOVE + 1, "user:anna")
    assert festival.balance(ANNA) == before
    assert waiting_command(kept) == BIG
    decision = festival.decided(confirming())
    assert festival.balance(ANNA) == before + ABOVE + 1
    assert decision.reply.status is ConfirmationStatus.CONFIRMED
    assert [(deed.act, deed.actor) for deed in decision.deeds] == [
        (DeedKind.TOP_UP, user_actor(ADMIN)), (DeedKind.CONFIRM, user_actor(OLGA)),
    ]  # fmt: skip
    assert [transfer.actor for transfer in decision.transfers] == [user_actor(ADMIN)]
    statuses = [
        event.status for event in festival.told(role_topic(Role.ADMIN)) if isinstance(event, ConfirmationUpdated)
    ]
    assert statuses == ["waiting", "confirmed"]


def test_confirming_again_changes_nothing_and_refusing_is_too_late() -> None:
    festival = opened()
    asked(festival)
    festival.do(confirming())
    balance = festival.balance(ANNA)
    again = festival.decided(confirming())
    assert (again.transfers, again.rows, again.events, again.deeds) == ((), (), (), ())
    assert festival.balance(ANNA) == balance
    with pytest.raises(ConfirmationSettled):
        festival.do(RefuseConfirmation(actor_id=OLGA, confirmation_id=C1))


def test_nobody_confirms_their_own() -> None:
    festival = opened()
    asked(festival)
    with pytest.raises(SamePerson):
        festival.do(confirming(actor_id=ADMIN))
    festival.do(RefuseConfirmation(actor_id=ADMIN, confirmation_id=C1))  # but they may take it back
    with pytest.raises(ConfirmationSettled):
        festival.do(confirming())


@pytest.mark.parametrize("actor_id", [ANNA, SUN_KEEPER])
def test_only_organisers_confirm(actor_id: UserId) -> None:
    festival = opened()
    asked(festival)
    with pytest.raises(Forbidden):
        festival.do(confirming(actor_id=actor_id))
    with pytest.raises(Forbidden):
        festival.do(RefuseConfirmation(actor_id=actor_id, confirmation_id=C1))


def test_a_suspended_organiser_confirms_nothing_and_nothing_of_theirs_is_confirmed() -> None:
    festival = opened()
    asked(festival)
    festival.do(SuspendUser(actor_id=ADMIN, user_id=OLGA, suspended=True))
    with pytest.raises(Suspended):
        festival.do(confirming())
    festival.do(SuspendUser(actor_id=ADMIN, user_id=OLGA, suspended=False))
    festival.do(SuspendUser(actor_id=OLGA, user_id=ADMIN, suspended=True))
    with pytest.raises(AskerGone):
        festival.do(confirming())


def test_one_organiser_can_not_make_the_second() -> None:
    """Neither by a new organiser, nor by a new one of somebody known, nor by a new PIN for another."""
    festival = opened()
    carl = UserId("carl")
    festival.do(
        AdmitUser(actor_id=ADMIN, user_id=carl, role=Role.ADMIN, name="Carl", pin_hash="x", top_up_code="CODE-carl")
    )
    festival.do(ChangeRole(actor_id=ADMIN, user_id=BEN, role=Role.ADMIN))
    festival.do(ResetPin(actor_id=ADMIN, user_id=OLGA, pin_hash="y", pin_digits=6))
    festival.now = Instant(festival.now + SETTLED_MS - 1)
    asked(festival)
    for actor_id in (carl, BEN, OLGA):
        with pytest.raises(TooNew):
            festival.do(confirming(actor_id=actor_id))
    festival.now = Instant(festival.now + 1)
    assert festival.do(confirming(actor_id=carl)).status is ConfirmationStatus.CONFIRMED


def test_nor_get_at_another_organisers_account_by_the_pin_alone() -> None:
    festival = opened()
    festival.do(app_of(OLGA, 0, session="s"))
    festival.do(ResetFactors(actor_id=ADMIN, user_id=OLGA))
    asked(festival)
    with pytest.raises(TooNew):
        festival.do(confirming())


def test_nor_let_somebody_ask_whom_they_have_just_made_and_confirm_it() -> None:
    festival = opened()
    carl = UserId("carl")
    festival.do(
        AdmitUser(actor_id=ADMIN, user_id=carl, role=Role.ADMIN, name="Carl", pin_hash="x", top_up_code="CODE-carl")
    )
    festival.do(MakeCashier(actor_id=ADMIN, user_id=BEN, cashier=True))
    festival.do(ResetPin(actor_id=ADMIN, user_id=OLGA, pin_hash="y", pin_digits=6))
    for number, actor_id in enumerate((carl, BEN, OLGA)):
        wish = msgspec.structs.replace(BIG, actor_id=actor_id, method="card", transfer_id=TransferId(f"n{number}"))
        name = ConfirmationId(f"n{number}")
        festival.do(WithSecond(command=wish, confirmation_id=name))
        with pytest.raises(TooNew):
            festival.do(Confirm(actor_id=ADMIN, confirmation_id=name, command=wish))
    assert festival.balance(ANNA) == 5_000


def test_who_gives_themselves_a_pin_or_comes_by_the_command_line_is_known() -> None:
    festival = opened()
    festival.do(ResetPin(actor_id=OLGA, user_id=OLGA, pin_hash="y", pin_digits=6))
    festival.do(ChangeRole(actor_id=None, user_id=BEN, role=Role.ADMIN))
    asked(festival)
    assert festival.do(confirming(actor_id=BEN)).settled_by == BEN


def test_it_waits_an_hour() -> None:
    festival = opened()
    kept = asked(festival)
    festival.now = Instant(festival.now + CONFIRM_MS - 1)
    assert kept.status_at(festival.now) is ConfirmationStatus.WAITING
    festival.now = Instant(festival.now + 1)
    assert kept.status_at(festival.now) is ConfirmationStatus.EXPIRED
    with pytest.raises(ConfirmationExpired):
        festival.do(confirming())
    with pytest.raises(ConfirmationExpired):
        festival.do(RefuseConfirmation(actor_id=OLGA, confirmation_id=C1))


def test_the_rules_are_those_of_the_moment_when_it_is_confirmed() -> None:
    festival = opened(funds=15_000)
    asked(festival, msgspec.structs.replace(BIG, amount=4_000))
    festival.do(top_up(ANNA, 4_000, number=91))
    with pytest.raises(BalanceLimit):
        festival.do(confirming(msgspec.structs.replace(BIG, amount=4_000)))
    assert festival.book.confirmations[C1].status is ConfirmationStatus.WAITING


def test_what_the_rules_refuse_is_not_kept() -> None:
    festival = opened(funds=15_000)
    with pytest.raises(BalanceLimit):
        asked(festival, msgspec.structs.replace(BIG, amount=9_000))
    assert festival.book.confirmations == {}


def test_a_cashier_asks_and_an_organiser_confirms() -> None:
    festival = opened()
    festival.do(MakeCashier(actor_id=ADMIN, user_id=BEN, cashier=True))
    festival.now = Instant(festival.now + SETTLED_MS)
    wish = msgspec.structs.replace(BIG, actor_id=BEN, method="card")
    asked(festival, wish)
    with pytest.raises(Forbidden):
        festival.do(confirming(wish, actor_id=BEN))
    festival.do(confirming(wish, actor_id=ADMIN))
    assert festival.balance(ANNA) == 5_000 + ABOVE + 1


def test_a_refund_an_assignment_and_a_payout_wait_too() -> None:
    festival = opened(funds=9_000)
    order = festival.do(order_of(FALAFEL, 3, number=1)).order
    refund = RefundOrder(
        actor_id=ADMIN, order_id=order.order_id, amount=None, reason="cold", transfer_id=TransferId("r")
    )
    festival.do(funds_of(2_000, external_id="x", number=2, user_id=None))
    assign = AssignFunds(actor_id=ADMIN, funds_id=receipt_id("zeffy", "x"), user_id=BEN)
    festival.do(RequestPayout(actor_id=ANNA, payout_id=PayoutId("p1"), amount=2_000, note=None))
    pay = SettlePayout(actor_id=ADMIN, payout_id=PayoutId("p1"), status=PayoutStatus.COMPLETED, reason=None)
    cancel = step(order.order_id, ADMIN, OrderStatus.CANCELLED)
    waiting: tuple[Guarded, ...] = (refund, assign, pay, cancel)
    for number, command in enumerate(waiting):
        kept = festival.do(WithSecond(command=command, confirmation_id=ConfirmationId(f"k{number}")))
        assert isinstance(kept, Confirmation), command
        assert waiting_command(kept) == command
    for number, guarded in enumerate(waiting[:3]):
        confirmation_id = ConfirmationId(f"k{number}")
        festival.do(Confirm(actor_id=OLGA, confirmation_id=confirmation_id, command=guarded))
    assert festival.book.orders[order.order_id].refunded == order.total
    assert festival.balance(BEN) == 2_000
    assert festival.book.payouts[PayoutId("p1")].status is PayoutStatus.COMPLETED


def test_of_a_payout_waits_what_is_not_back_yet() -> None:
    festival = opened(funds=9_000)
    festival.do(RequestPayout(actor_id=ANNA, payout_id=PayoutId("p1"), amount=ABOVE + 500, note=None))
    back = ReverseTransfer(
        actor_id=ADMIN, transfer_id=payout_transfer(PayoutId("p1")), amount=500, reason="too much",
        reversal_id=TransferId("r1"),
    )  # fmt: skip
    festival.do(back)
    pay = SettlePayout(actor_id=ADMIN, payout_id=PayoutId("p1"), status=PayoutStatus.COMPLETED, reason=None)
    (deed,) = festival.decided(WithSecond(command=pay, confirmation_id=ConfirmationId("k1"))).deeds
    assert (deed.act, json.loads(deed.after)["amount"]) == (DeedKind.COMPLETE_PAYOUT, ABOVE)


def test_a_rejected_payout_and_a_stalls_own_cancellation_wait_for_nobody() -> None:
    festival = opened(funds=9_000)
    festival.do(RequestPayout(actor_id=ANNA, payout_id=PayoutId("p1"), amount=2_000, note=None))
    reject = SettlePayout(actor_id=ADMIN, payout_id=PayoutId("p1"), status=PayoutStatus.REJECTED, reason="closed")
    assert isinstance(asked(festival, reject), PayoutReply)
    for actor_id in (SUN_KEEPER, ANNA):
        order = festival.placed(quantity=3)
        assert isinstance(asked(festival, step(order.order_id, actor_id, OrderStatus.CANCELLED)), OrderReply)


def test_an_organiser_who_gives_back_her_own_order_as_an_organiser_waits_like_for_any_other() -> None:
    festival = opened()
    festival.top_up(ADMIN, 9_000)
    early, late = (festival.placed(ADMIN, quantity=3).order_id for _ in range(2))
    assert isinstance(asked(festival, step(early, ADMIN, OrderStatus.CANCELLED)), OrderReply)  # as any customer may
    festival.do(step(late, SUN_KEEPER, OrderStatus.READY))
    assert isinstance(asked(festival, step(late, ADMIN, OrderStatus.CANCELLED)), Confirmation)
    assert festival.book.orders[late].status is OrderStatus.READY


def test_a_refund_in_pieces_waits_as_the_whole_would() -> None:
    festival = opened(funds=9_000)
    order_id = festival.placed(quantity=3).order_id

    def piece(amount: int) -> RefundOrder:
        name = TransferId(f"r{len(festival.transfers)}")
        return RefundOrder(actor_id=ADMIN, order_id=order_id, amount=amount, reason="cold", transfer_id=name)

    assert isinstance(asked(festival, piece(600)), OrderReply)
    assert isinstance(asked(festival, piece(400)), OrderReply)
    kept = asked(festival, piece(1))
    assert isinstance(kept, Confirmation)
    assert kept.amount == 1
    assert isinstance(asked(festival, step(order_id, SUN_KEEPER, OrderStatus.CANCELLED)), OrderReply)


def test_all_of_a_wallet_is_what_it_held_when_that_was_asked_for() -> None:
    festival = opened(funds=2_000)
    festival.do(OpenDrawer(actor_id=ADMIN, drawer_id=DrawerId("d1"), name="Gate", float_amount=9_000))
    wish = PayOutAtDesk(actor_id=ADMIN, user_id=ANNA, payout_id=PayoutId("p1"), amount=None, reason=None)
    kept = asked(festival, wish)
    assert isinstance(kept, Confirmation)
    assert kept.amount == 2_000
    festival.do(top_up(ANNA, 900, number=91))
    festival.do(Confirm(actor_id=OLGA, confirmation_id=kept.confirmation_id, command=waiting_command(kept)))
    assert festival.balance(ANNA) == 900, "nobody has confirmed more"


@given(amount=st.integers(1, 5_000), above=st.integers(0, 5_000))
def test_exactly_what_is_above_the_limit_waits(amount: int, above: int) -> None:
    festival = Festival.opened()
    festival.book.rules = msgspec.structs.replace(RULES, second_person_above=above)
    wish = TopUp(actor_id=ADMIN, user_id=ANNA, amount=amount, method="cash", note=None, transfer_id=TransferId("t"))
    waits = isinstance(asked(festival, wish), Confirmation)
    assert waits is (0 < above < amount)
    assert festival.balance(ANNA) == (0 if waits else amount)
