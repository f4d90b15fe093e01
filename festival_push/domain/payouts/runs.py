"""Payout runs: what waits and has a bank account is gathered, sent to the bank as one file, and settled at once."""

from collections.abc import Sequence
from typing import ClassVar, Literal

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.office.events import PayoutRunUpdated
from festival_push.domain.payouts.refusals import NothingToPay, RunSettled
from festival_push.domain.payouts.rows import RUN_PAYOUTS_MAX, PayoutRun, PayoutRunStatus
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import NotFound, Refusals
from festival_push.domain.reports.days import calendar_day
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import Payout
from festival_push.domain.topics import role_topic, user_topic
from festival_push.domain.values import (
    AccountKind,
    Instant,
    PayoutId,
    PayoutRunId,
    PayoutStatus,
    Position,
    Role,
    UserId,
    account_kind,
)


class RunReply(msgspec.Struct, frozen=True, kw_only=True):
    """A run as it stands; `left` counts the payouts that wait for the next one."""

    run: PayoutRun
    left: int = 0


class OpenPayoutRun(msgspec.Struct, frozen=True, kw_only=True):
    """Gather the payouts that wait and have a bank account, the oldest first, at most RUN_PAYOUTS_MAX."""

    REFUSES: ClassVar[Refusals] = (NothingToPay,)

    actor_id: UserId
    run_id: PayoutRunId
    account: Literal["wallet", "till"] | None = None  # only those of wallets, or of tills
    execution_date: str | None = None  # local, `2026-07-06`; None: today

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), payout_runs=(self.run_id,), payouts_waiting=self._kinds)

    @property
    def _kinds(self) -> tuple[AccountKind, ...]:
        return tuple(AccountKind) if self.account is None else (AccountKind(self.account),)

    def decide(self, book: Book, now: Instant) -> Decision[RunReply]:
        """Put them into a new run; nobody settles them singly until it is sent or undone. Raises NothingToPay."""
        book.organiser(self.actor_id, Act.SETTLE_PAYOUT)
        kinds = self._kinds
        waiting = [each for each in book.payouts.values() if each.awaits_run and account_kind(each.account_id) in kinds]
        taken = sorted(waiting, key=lambda payout: payout.seq)[:RUN_PAYOUTS_MAX]
        if not taken:
            raise NothingToPay
        draft = Draft(book, now, user=self.actor_id)
        run = PayoutRun(
            run_id=self.run_id,
            position=Position(book.position + 1),
            status=PayoutRunStatus.OPEN,
            account=self.account,
            count=len(taken),
            total=sum(payout.due for payout in taken),
            execution_date=self.execution_date or calendar_day(now, book.rules),
            created_by=self.actor_id,
            created_at=now,
        )
        _tell(draft, run)
        draft.new(run)
        draft.put(*(msgspec.structs.replace(payout, run_id=run.run_id) for payout in taken))
        after: State = {"count": run.count, "total": run.total, "executionDate": run.execution_date}
        draft.deed(DeedKind.OPEN_RUN, "payout-run", run.run_id, after=after)
        left = sum(book.waiting_payouts[kind] for kind in kinds) - len(taken)
        return draft.decision(RunReply(run=run, left=left))


class SendPayoutRun(msgspec.Struct, frozen=True, kw_only=True):
    """Record that the bank has the run: all its payouts are paid."""

    REFUSES: ClassVar[Refusals] = (RunSettled,)

    actor_id: UserId
    run_id: PayoutRunId

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), payout_runs=(self.run_id,), payouts_in=(self.run_id,))

    def decide(self, book: Book, now: Instant) -> Decision[RunReply]:
        """Settle all of them, once, and tell everybody who asked. Raises NotFound, RunSettled if it was undone."""
        run, draft = _run(book, self.actor_id, self.run_id), Draft(book, now, user=self.actor_id)
        if run.status is not PayoutRunStatus.SENT:
            _require_open(run)
            for payout in _payouts(book, run):
                draft.put(msgspec.structs.replace(payout, status=PayoutStatus.COMPLETED, updated_at=now))
                draft.notify(user_topic(payout.user_id), "payout-paid")
            run = _settle(draft, run, PayoutRunStatus.SENT, self.actor_id, DeedKind.SEND_RUN)
        return draft.decision(RunReply(run=run))


class UndoPayoutRun(msgspec.Struct, frozen=True, kw_only=True):
    """Give a run up of which the bank has got nothing: its payouts wait again."""

    REFUSES: ClassVar[Refusals] = (RunSettled,)

    actor_id: UserId
    run_id: PayoutRunId

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), payout_runs=(self.run_id,), payouts_in=(self.run_id,))

    def decide(self, book: Book, now: Instant) -> Decision[RunReply]:
        """Undo it; doing so again changes nothing. Raises NotFound, RunSettled if it was sent."""
        run, draft = _run(book, self.actor_id, self.run_id), Draft(book, now, user=self.actor_id)
        if run.status is not PayoutRunStatus.UNDONE:
            _require_open(run)
            draft.put(*(msgspec.structs.replace(payout, run_id=None) for payout in _payouts(book, run)))
            run = _settle(draft, run, PayoutRunStatus.UNDONE, self.actor_id, DeedKind.UNDO_RUN)
        return draft.decision(RunReply(run=run))


class RemoveFromRun(msgspec.Struct, frozen=True, kw_only=True):
    """Take one payout out of a run that is not sent; it waits by itself again."""

    REFUSES: ClassVar[Refusals] = (RunSettled,)

    actor_id: UserId
    run_id: PayoutRunId
    payout_id: PayoutId
    reason: str

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), payout_runs=(self.run_id,), payouts=(self.payout_id,))

    def decide(self, book: Book, now: Instant) -> Decision[RunReply]:
        """Take it out; a run that holds nothing any more is undone. Raises NotFound, RunSettled."""
        run, draft = _run(book, self.actor_id, self.run_id), Draft(book, now, user=self.actor_id)
        _require_open(run)
        payout = book.payouts.get(self.payout_id)
        if payout is None or payout.run_id != run.run_id:
            raise NotFound(what="payout")
        before: State = {"count": run.count, "total": run.total}
        run = msgspec.structs.replace(run, count=run.count - 1, total=run.total - payout.due)
        draft.put(msgspec.structs.replace(payout, run_id=None))
        after: State = {
            "count": run.count, "total": run.total, "payoutId": payout.payout_id, "amount": payout.due,
            "reason": self.reason,
        }  # fmt: skip
        draft.deed(DeedKind.REMOVE_FROM_RUN, "payout-run", run.run_id, before=before, after=after)
        if run.count:
            draft.put(run)
            _tell(draft, run)
        else:
            run = _settle(draft, run, PayoutRunStatus.UNDONE, self.actor_id, DeedKind.UNDO_RUN)
        return draft.decision(RunReply(run=run))


def _run(book: Book, actor_id: UserId, run_id: PayoutRunId) -> PayoutRun:
    book.organiser(actor_id, Act.SETTLE_PAYOUT)
    if (run := book.payout_runs.get(run_id)) is None:
        raise NotFound(what="payout-run")
    return run


def _require_open(run: PayoutRun) -> None:
    if run.status is not PayoutRunStatus.OPEN:
        raise RunSettled(run_status=run.status.value)


def _payouts(book: Book, run: PayoutRun) -> Sequence[Payout]:
    """Return the payouts of an open run, the oldest first."""
    found = [payout for payout in book.payouts.values() if payout.run_id == run.run_id]
    assert (len(found), sum(payout.due for payout in found)) == (run.count, run.total), run.run_id
    return sorted(found, key=lambda payout: payout.seq)


def _settle(draft: Draft, run: PayoutRun, status: PayoutRunStatus, actor_id: UserId, act: DeedKind) -> PayoutRun:
    settled = msgspec.structs.replace(run, status=status, settled_by=actor_id, settled_at=draft.now)
    draft.put(settled)
    before: State = {"status": run.status.value}
    after: State = {"status": status.value, "count": run.count, "total": run.total}
    draft.deed(act, "payout-run", run.run_id, before=before, after=after)
    _tell(draft, settled)
    return settled


def _tell(draft: Draft, run: PayoutRun) -> None:
    event = PayoutRunUpdated(
        timestamp=draft.timestamp, run_id=run.run_id, status=run.status.value, count=run.count, total=run.total
    )
    draft.tell(event, role_topic(Role.ADMIN))
