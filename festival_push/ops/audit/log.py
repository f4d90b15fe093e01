"""Checks the event log, event by event, against its index of topics and the transfers that its events tell of."""

from collections.abc import Sequence
from typing import Final

import msgspec

from festival_push.domain.events import BalanceUpdated, NewNotification, NewTransaction
from festival_push.domain.log import LogRow
from festival_push.domain.office.deeds import KeptDeed, state_text
from festival_push.domain.office.events import NewDeed
from festival_push.domain.rows import Transfer
from festival_push.domain.values import (
    AccountId,
    BalanceKind,
    Topic,
    UserId,
    VendorId,
    allowance_account,
    till_account,
    user_account,
)
from festival_push.ops.audit.findings import Findings
from festival_push.store.reads.audit.evidence import AuditReads, Totals

_CHECKED: Final[dict[str, type[NewTransaction] | type[BalanceUpdated] | type[NewDeed]]] = {
    NewTransaction.TYPE: NewTransaction,
    BalanceUpdated.TYPE: BalanceUpdated,
    NewDeed.TYPE: NewDeed,
}
Told = NewTransaction | BalanceUpdated | NewDeed


class LogAudit:
    """Walks the log once, from its first event that is not trimmed. In memory it keeps one number for each wallet.

    Args:
        evidence: Reads the rows.
        findings: Where findings are added.
        standing: The totals as of the first snapshot, which fixes the last event to check.
        page: Events to read at a time.
    """

    def __init__(self, evidence: AuditReads, findings: Findings, standing: Totals, page: int) -> None:
        self._evidence = evidence
        self._findings = findings
        self._standing = standing
        self._page = page
        self._begin(standing.trimmed_to)

    def _begin(self, trimmed_to: int) -> None:
        """Begin after the trimmed events. If there are any, the transfers and balances they told of are unknown."""
        self._position = trimmed_to
        self._seq = 0 if trimmed_to == 0 else None  # of the newest transfer that was told of; None if unknown
        self._balances: dict[AccountId, int] = {}

    async def run(self, balances: dict[AccountId, int]) -> None:
        """Check the log. `balances` are those of the accounts after the last transfer, from `LedgerAudit.run`."""
        end = self._standing.position
        while self._position < end:
            trimmed_to, rows = await self._evidence.log(self._position, end, self._page)
            if trimmed_to > self._position:  # events were trimmed while the audit ran
                self._begin(min(trimmed_to, end))
                continue
            if not rows:
                self._findings.add("log", f"Events {self._position + 1} to {end} are missing.")
                break
            await self._check_rows(rows)
        self._check_end(balances)
        await self._check_index()

    async def _check_rows(self, rows: Sequence[LogRow]) -> None:
        trimmed_to, indexed = await self._evidence.indexed(rows)
        told = self._parsed(rows)
        transfers = await self._evidence.transfers_by_id(
            {event.transaction_id for event in told.values() if not isinstance(event, NewDeed) and event.transaction_id}
        )
        deeds = await self._evidence.deeds_by_seq({event.seq for event in told.values() if isinstance(event, NewDeed)})
        for row in rows:
            if row.position != self._position + 1:
                self._findings.add("log", f"Events {self._position + 1} to {row.position - 1} are missing.")
            self._position = row.position
            if row.position > trimmed_to:
                self._check_topics(row, indexed)
            event = told.get(row.position)
            if isinstance(event, NewTransaction):
                self._check_new_transaction(row, event, transfers.get(event.transaction_id))
            elif isinstance(event, BalanceUpdated):
                transfer = None if event.transaction_id is None else transfers.get(event.transaction_id)
                self._check_balance_updated(row, event, transfer)
            elif isinstance(event, NewDeed):
                self._check_new_deed(row, event, deeds.get(event.seq))

    def _parsed(self, rows: Sequence[LogRow]) -> dict[int, Told]:
        told: dict[int, Told] = {}
        for row in rows:
            if kind := _CHECKED.get(row.type):
                try:
                    told[row.position] = msgspec.json.decode(row.data, type=kind)
                except msgspec.DecodeError as error:
                    self._findings.add("log", f"Event {row.position} ({row.type}) can't be read: {error}.")
        return told

    def _check_topics(self, row: LogRow, indexed: dict[tuple[Topic, int], bool]) -> None:
        is_notification = row.type == NewNotification.TYPE
        for topic in row.topics:
            if indexed.get((topic, row.position)) is not is_notification:
                text = f"Event {row.position} ({row.type}) is not found under its topic {topic} as what it is."
                self._findings.add("topics", text)

    def _check_new_transaction(self, row: LogRow, event: NewTransaction, transfer: Transfer | None) -> None:
        name = f"Event {row.position} tells of transfer {event.transaction_id}"
        if transfer is None:
            self._findings.add("new-transaction", f"{name}, which does not exist.")
            return
        if self._seq is not None and transfer.seq != self._seq + 1:
            text = f"{name} ({transfer.seq}), where the next one untold is {self._seq + 1}."
            self._findings.add("new-transaction", text)
        self._seq = transfer.seq
        facts = (event.amount, event.debit, event.credit, event.kind)
        if facts != (transfer.amount, transfer.debit, transfer.credit, transfer.kind):
            self._findings.add("new-transaction", f"{name}, but not what it moved.")

    def _check_new_deed(self, row: LogRow, event: NewDeed, deed: KeptDeed | None) -> None:
        """Compare what was told at the time with what is kept now: whoever forges a whole chain must forge both."""
        name = f"Event {row.position} tells of deed {event.seq}"
        if deed is None:
            self._findings.add("new-deed", f"{name}, which does not exist.")
            return
        told = (event.actor, event.act, event.subject, state_text(event.before), state_text(event.after), event.hash)
        if told != (deed.actor, deed.act, deed.subject, deed.before, deed.after, deed.hash):
            self._findings.add("new-deed", f"{name}, but not as it is kept.")

    def _check_balance_updated(self, row: LogRow, event: BalanceUpdated, transfer: Transfer | None) -> None:
        account = _account_of(event)
        name = f"Event {row.position} (balance-updated of {account})"
        if event.transaction_id is not None:
            sides = (
                {}
                if transfer is None
                else {
                    transfer.debit: (-transfer.amount, transfer.debit_balance),
                    transfer.credit: (transfer.amount, transfer.credit_balance),
                }
            )
            if sides.get(account) != (event.amount, event.new_balance):
                self._findings.add("balance-updated", f"{name} is not what transfer {event.transaction_id} did.")
        before = self._balances.get(account, event.new_balance - event.amount)
        if not event.old_balance == before == event.new_balance - event.amount:
            text = f"{name} goes from {event.old_balance} by {event.amount} to {event.new_balance}, after {before}."
            self._findings.add("balance-updated", text)
        self._balances[account] = event.new_balance

    def _check_end(self, balances: dict[AccountId, int]) -> None:
        if self._seq is not None and self._seq != self._standing.transfer_seq:
            text = f"The last transfer is {self._standing.transfer_seq}, the last one told of {self._seq}."
            self._findings.add("new-transaction", text)
        for account, balance in self._balances.items():
            kept = balances.get(account, 0)
            if balance != kept:
                text = f"{account} was last told a balance of {balance}, but the transfers leave {kept}."
                self._findings.add("balance-updated", text)

    async def _check_index(self) -> None:
        after = (Topic(""), 0)
        while found := await self._evidence.topics(after, self._page):
            for row in found:
                if row.told is None or row.topic not in row.told:
                    text = f"Topic {row.topic} lists event {row.position}, which is not about it."
                    self._findings.add("topics", text)
            after = (found[-1].topic, found[-1].position)


def _account_of(event: BalanceUpdated) -> AccountId:
    if event.account is BalanceKind.TILL:
        return till_account(VendorId(event.user_id))
    if event.account is BalanceKind.ALLOWANCE:
        return allowance_account(UserId(event.user_id))
    return user_account(UserId(event.user_id))
