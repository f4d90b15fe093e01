"""Payout runs: what has a bank account is gathered once, settled together or waits again."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from festival_push.domain.desk.second_person import Confirm, WithSecond, waiting_command
from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.office.rows import Confirmation
from festival_push.domain.payouts import runs
from festival_push.domain.payouts.payouts import RequestPayout, SettlePayout, WithdrawPayout
from festival_push.domain.payouts.refusals import NothingToPay, PayoutInRun, RunSettled
from festival_push.domain.payouts.rows import PayoutRun, PayoutRunStatus
from festival_push.domain.payouts.runs import OpenPayoutRun, RemoveFromRun, RunReply, SendPayoutRun, UndoPayoutRun
from festival_push.domain.people.people import AddUser
from festival_push.domain.refusals import Forbidden, NotFound, Refused
from festival_push.domain.topics import role_topic, user_topic
from festival_push.domain.values import (
    PAYOUTS,
    ConfirmationId,
    Instant,
    OrderStatus,
    PayoutId,
    PayoutRunId,
    PayoutStatus,
    Role,
    TransferId,
    UserId,
)
from tests.support.festival import ADMIN, ANNA, BEN, NOON, RULES, SUN_KEEPER, AnyCommand, Festival, step

IBAN = "DE89370400440532013000"
RUN = PayoutRunId("run1")
OPEN = OpenPayoutRun(actor_id=ADMIN, run_id=RUN)
SEND = SendPayoutRun(actor_id=ADMIN, run_id=RUN)
UNDO = UndoPayoutRun(actor_id=ADMIN, run_id=RUN)
P1, P2, P3 = PayoutId("p1"), PayoutId("p2"), PayoutId("p3")


def asked(
    festival: Festival, name: str, amount: int | None = 100, *, actor_id: UserId = ANNA, iban: str | None = IBAN
) -> None:
    wish = RequestPayout(
        actor_id=actor_id, payout_id=PayoutId(name), amount=amount, note=None, iban=iban, account_holder="Anna Muster"
    )
    festival.do(wish)


def waiting(rules: Any = RULES) -> Festival:
    """Three payouts wait: of Anna, of Ben, and one of Anna without an account."""
    festival = Festival.opened(rules, funds=1_000)
    festival.top_up(BEN, 1_000)
    asked(festival, "p1", 100)
    asked(festival, "p2", 200, actor_id=BEN)
    asked(festival, "p3", 300, iban=None)
    return festival


def sold(festival: Festival) -> None:
    order = festival.placed()
    for status in (OrderStatus.READY, OrderStatus.COMPLETED):
        festival.do(step(order.order_id, SUN_KEEPER, status))


def remove(payout_id: PayoutId) -> RemoveFromRun:
    return RemoveFromRun(actor_id=ADMIN, run_id=RUN, payout_id=payout_id, reason="wrong account")


def test_a_run_gathers_all_that_wait_and_have_an_account() -> None:
    festival = waiting()
    before = len(festival.events)
    reply = festival.do(OPEN)
    run = reply.run
    assert (run.status, run.count, run.total, run.account, reply.left) == (PayoutRunStatus.OPEN, 2, 300, None, 0)
    assert (run.created_by, run.created_at, run.execution_date) == (ADMIN, NOON, "2026-07-04")
    assert [festival.book.payouts[name].run_id for name in (P1, P2, P3)] == [RUN, RUN, None]
    assert [event.TYPE for event in festival.told(role_topic(Role.ADMIN), after=before)] == ["payout-run-updated"]
    assert festival.book.position == run.position, "its event's"


def test_after_midnight_the_bank_is_not_asked_to_pay_yesterday() -> None:
    """The festival's day goes on until the morning; a bank takes no file for a day that is over."""
    festival = waiting()
    festival.now = Instant(NOON + 14 * 3_600_000)
    assert festival.do(OPEN).run.execution_date == "2026-07-05"


def test_a_run_is_of_wallets_or_of_tills_if_it_says_so() -> None:
    festival = waiting()
    festival.top_up(ANNA, 650)
    sold(festival)
    asked(festival, "p4", None, actor_id=SUN_KEEPER)
    tills = festival.do(msgspec.structs.replace(OPEN, account="till", execution_date="2026-07-06")).run
    assert (tills.count, tills.total, tills.account, tills.execution_date) == (1, 634, "till", "2026-07-06")
    other = festival.do(OpenPayoutRun(actor_id=ADMIN, run_id=PayoutRunId("run2"), account="wallet")).run
    assert (other.count, other.total) == (2, 300)
    with pytest.raises(NothingToPay):
        festival.do(OpenPayoutRun(actor_id=ADMIN, run_id=PayoutRunId("run3")))


def test_a_run_takes_the_oldest_and_says_how_many_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "RUN_PAYOUTS_MAX", 1)
    festival = waiting()
    reply = festival.do(OPEN)
    assert (reply.run.count, reply.run.total, reply.left) == (1, 100, 1)
    reply = festival.do(OpenPayoutRun(actor_id=ADMIN, run_id=PayoutRunId("run2")))
    assert (reply.run.total, reply.left) == (200, 0)


def test_nobody_but_an_organiser_runs_payouts() -> None:
    festival = waiting()
    with pytest.raises(Forbidden):
        festival.do(msgspec.structs.replace(OPEN, actor_id=ANNA))
    festival.do(OPEN)
    for wish in (SEND, UNDO, remove(P1)):
        with pytest.raises(Forbidden):
            festival.do(msgspec.structs.replace(wish, actor_id=SUN_KEEPER))


def test_what_is_sent_is_paid_once_and_everybody_is_told() -> None:
    festival = waiting()
    festival.do(OPEN)
    before = len(festival.events)
    for _ in range(2):
        run = festival.do(SEND).run
        assert (run.status, run.settled_by, run.settled_at) == (PayoutRunStatus.SENT, ADMIN, NOON)
    payouts = festival.book.payouts
    assert [payouts[name].status for name in (P1, P2, P3)] == [
        PayoutStatus.COMPLETED, PayoutStatus.COMPLETED, PayoutStatus.REQUESTED,
    ]  # fmt: skip
    for user_id in (ANNA, BEN):
        assert [event.TYPE for event in festival.told(user_topic(user_id), after=before)] == ["new-notification"]
    assert (festival.account(PAYOUTS), festival.balance(ANNA)) == (600, 600)
    with pytest.raises(RunSettled):
        festival.do(UNDO)


def test_an_undone_runs_payouts_wait_for_the_next() -> None:
    festival = waiting()
    festival.do(OPEN)
    for _ in range(2):
        assert festival.do(UNDO).run.status is PayoutRunStatus.UNDONE
    with pytest.raises(RunSettled):
        festival.do(SEND)
    again = festival.do(OpenPayoutRun(actor_id=ADMIN, run_id=PayoutRunId("run2")))
    assert (again.run.count, again.run.total) == (2, 300)


def test_a_payout_is_taken_out_and_waits_by_itself() -> None:
    festival = waiting()
    festival.do(OPEN)
    run = festival.do(remove(P1)).run
    assert (run.status, run.count, run.total) == (PayoutRunStatus.OPEN, 1, 200)
    with pytest.raises(NotFound):
        festival.do(remove(P1))
    with pytest.raises(NotFound):
        festival.do(remove(P3))
    rejected = SettlePayout(actor_id=ADMIN, payout_id=P1, status=PayoutStatus.REJECTED, reason="no such account")
    assert festival.do(rejected).balance == 700
    assert festival.do(SEND).run.total == 200


def test_a_run_that_has_lost_its_last_payout_is_undone() -> None:
    festival = waiting()
    festival.do(OPEN)
    festival.do(remove(P1))
    run = festival.do(remove(P2)).run
    assert (run.status, run.count, run.total) == (PayoutRunStatus.UNDONE, 0, 0)
    with pytest.raises(RunSettled):
        festival.do(remove(P2))


WAYS: list[Callable[[], AnyCommand]] = [
    lambda: SettlePayout(actor_id=ADMIN, payout_id=P1, status=PayoutStatus.COMPLETED, reason=None),
    lambda: SettlePayout(actor_id=ADMIN, payout_id=P1, status=PayoutStatus.REJECTED, reason="x"),
    lambda: WithdrawPayout(actor_id=ANNA, payout_id=P1),
    lambda: ReverseTransfer(
        actor_id=ADMIN, transfer_id=TransferId("p1-asked"), amount=1, reason="x", reversal_id=TransferId("r")
    ),
]


@pytest.mark.parametrize("way", WAYS)
def test_a_payout_in_an_open_run_is_settled_by_the_run_alone(way: Callable[[], AnyCommand]) -> None:
    festival = waiting()
    festival.do(OPEN)
    with pytest.raises(PayoutInRun) as refused:
        festival.do(way())
    assert refused.value.run_id == RUN
    festival.do(UNDO)
    festival.do(way())


def test_what_the_bank_sends_back_is_reversed_after_the_run() -> None:
    festival = waiting()
    festival.do(OPEN)
    festival.do(SEND)
    back = ReverseTransfer(
        actor_id=ADMIN, transfer_id=TransferId("p1-asked"), amount=None, reason="closed", reversal_id=TransferId("r")
    )
    assert festival.do(back).balance == 700


def test_a_run_pays_what_is_due_of_a_payout_that_is_partly_back() -> None:
    festival = waiting()
    festival.do(
        ReverseTransfer(
            actor_id=ADMIN, transfer_id=TransferId("p1-asked"), amount=30, reason="x", reversal_id=TransferId("r")
        )
    )
    assert festival.do(OPEN).run.total == 270


def test_a_run_above_the_limit_needs_a_second_organiser() -> None:
    festival = waiting(msgspec.structs.replace(RULES, second_person_above=299))
    olga = UserId("olga")
    festival.do(AddUser(user_id=olga, role=Role.ADMIN, name="Olga", pin_hash=None, top_up_code="CODE-olga"))
    festival.now = Instant(NOON + 24 * 3_600_000)
    festival.do(OPEN)
    kept = festival.do(WithSecond[RunReply](command=SEND, confirmation_id=ConfirmationId("c1")))
    assert isinstance(kept, Confirmation)
    assert (kept.amount, kept.subject, kept.act) == (300, "payout-run:run1", "send-payout-run")
    assert festival.book.payouts[P1].status is PayoutStatus.REQUESTED
    festival.do(Confirm(actor_id=olga, confirmation_id=ConfirmationId("c1"), command=waiting_command(kept)))
    assert festival.book.payouts[P1].status is PayoutStatus.COMPLETED


def test_a_run_that_lost_a_payout_meanwhile_is_confirmed_as_it_is() -> None:
    festival = waiting(msgspec.structs.replace(RULES, second_person_above=150))
    olga = UserId("olga")
    festival.do(AddUser(user_id=olga, role=Role.ADMIN, name="Olga", pin_hash=None, top_up_code="CODE-olga"))
    festival.now = Instant(NOON + 24 * 3_600_000)
    festival.do(OPEN)
    kept = festival.do(WithSecond[RunReply](command=SEND, confirmation_id=ConfirmationId("c1")))
    assert isinstance(kept, Confirmation)
    festival.do(remove(P1))
    festival.do(Confirm(actor_id=olga, confirmation_id=ConfirmationId("c1"), command=waiting_command(kept)))
    assert festival.book.payouts[P1].status is PayoutStatus.REQUESTED
    assert festival.book.payouts[P2].status is PayoutStatus.COMPLETED


class Runs(RuleBasedStateMachine):
    """Any history of runs: no payout is in two, none is paid twice, and each run is the sum of its payouts."""

    def __init__(self) -> None:
        super().__init__()
        self.festival = Festival.opened(funds=5_000)
        self.payouts = self.runs = 0

    def tried(self, wish: AnyCommand) -> None:
        """Do it, if the rules allow."""
        paid = {key for key, each in self.festival.book.payouts.items() if each.status is PayoutStatus.COMPLETED}
        try:
            self.festival.do(wish)
        except Refused:
            return
        assert all(self.festival.book.payouts[key].status is PayoutStatus.COMPLETED for key in paid)

    @rule(iban=st.sampled_from([IBAN, IBAN, None]), amount=st.integers(1, 300))
    def ask(self, iban: str | None, amount: int) -> None:
        self.payouts += 1
        wish = RequestPayout(
            actor_id=ANNA, payout_id=PayoutId(f"p{self.payouts}"), amount=amount, note=None, iban=iban
        )  # fmt: skip
        self.tried(wish)

    @rule()
    def open(self) -> None:
        self.runs += 1
        self.tried(OpenPayoutRun(actor_id=ADMIN, run_id=PayoutRunId(f"run{self.runs}")))

    @rule(number=st.integers(1, 4), send=st.booleans())
    def settle(self, number: int, *, send: bool) -> None:
        run_id = PayoutRunId(f"run{number}")
        self.tried(
            SendPayoutRun(actor_id=ADMIN, run_id=run_id) if send else UndoPayoutRun(actor_id=ADMIN, run_id=run_id)
        )

    @rule(number=st.integers(1, 8), run=st.integers(1, 4))
    def remove(self, number: int, run: int) -> None:
        self.tried(
            RemoveFromRun(actor_id=ADMIN, run_id=PayoutRunId(f"run{run}"), payout_id=PayoutId(f"p{number}"), reason="x")
        )

    @rule(number=st.integers(1, 8), status=st.sampled_from([PayoutStatus.COMPLETED, PayoutStatus.REJECTED]))
    def settle_one(self, number: int, status: PayoutStatus) -> None:
        payout_id = PayoutId(f"p{number}")
        self.tried(SettlePayout(actor_id=ADMIN, payout_id=payout_id, status=status, reason="x"))

    @rule(number=st.integers(1, 8))
    def withdraw(self, number: int) -> None:
        self.tried(WithdrawPayout(actor_id=ANNA, payout_id=PayoutId(f"p{number}")))

    @invariant()
    def runs_hold_their_payouts(self) -> None:
        book = self.festival.book
        waiting = sum(payout.awaits_run for payout in book.payouts.values())
        assert sum(book.waiting_payouts.values()) == waiting
        for run in book.payout_runs.values():
            self._holds(run)

    def _holds(self, run: PayoutRun) -> None:
        held = [payout for payout in self.festival.book.payouts.values() if payout.run_id == run.run_id]
        status = {PayoutRunStatus.OPEN: PayoutStatus.REQUESTED, PayoutRunStatus.SENT: PayoutStatus.COMPLETED}
        if run.status is PayoutRunStatus.UNDONE:
            assert held == []
        else:
            assert (len(held), sum(payout.due for payout in held)) == (run.count, run.total)
            assert {payout.status for payout in held} == {status[run.status]}


TestRuns = Runs.TestCase
TestRuns.settings = settings(stateful_step_count=40)
