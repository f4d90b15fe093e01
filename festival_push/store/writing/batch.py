"""One batch of commands: decided one after the other on the same book, then written with one statement a table."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from festival_push.domain.book import OPEN_STATUSES, Book, Command, Decision, Outgoing
from festival_push.domain.events import NewNotification
from festival_push.domain.log import LogRow
from festival_push.domain.office.deeds import Deed, KeptDeed, chained
from festival_push.domain.office.events import NewDeed
from festival_push.domain.orders.boards import board_changes, queue_changes
from festival_push.domain.orders.rows import Order
from festival_push.domain.orders.stock import stock_changes
from festival_push.domain.people.erased import Erased
from festival_push.domain.refusals import IdempotencyKeyReused, Refused
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import KINDS, Keeper, Receipt, Row, Transfer
from festival_push.domain.topics import role_topic
from festival_push.domain.values import AccountId, Instant, Position, Role, rfc3339
from festival_push.store.errors import CommandFailed, WriteFailed
from festival_push.store.sql import Param, Write
from festival_push.store.tables import ACCOUNTS, DEEDS, KEEPERS, TABLES, TRANSFERS
from festival_push.store.writing.answers import KEPT_ANSWERS, Committed, KeptAnswer, OncePerKey, StoredAnswer
from festival_push.store.writing.erasing import erased_rows
from festival_push.store.writing.lineage import Renewed
from festival_push.store.writing.loader import Kept

_LOG: Final = logging.getLogger(__name__)

_LOG_EVENT: Final = "INSERT INTO event_log (position, topics, type, data, at) VALUES ($1, $2, $3, $4, $5)"
_LOG_TOPIC: Final = "INSERT INTO log_topics (topic, position, notice) VALUES ($1, $2, $3)"
_MOVE_HEAD: Final = """
    UPDATE log_head SET position = $1, transfer_seq = $2, deed_seq = $3, deed_hash = $4, clock = $5 WHERE id = 1
"""

_encode: Final = msgspec.json.Encoder().encode
_state: Final = msgspec.json.Decoder(dict[str, str | int | bool | None]).decode


@dataclass(frozen=True, slots=True)
class Pending:
    """A waiting command, and the future through which its caller gets the outcome."""

    command: Command[Any]
    needs: Needs
    once: OncePerKey | None
    request_id: str | None  # of the request that it comes from, which its deeds keep
    future: asyncio.Future[Any]


class Batch:
    """The decisions of the commands of one transaction so far.

    Args:
        now: The wall clock, by which commands decide.
        at: The log's own clock, which dates the events and the kept answers.
    """

    def __init__(self, book: Book, kept: Kept, now: Instant, at: Instant) -> None:
        self.outcomes: list[tuple[Pending, Committed[Any] | StoredAnswer | Exception]] = []
        self.rows: list[LogRow] = []
        self._book = book
        self._kept = kept  # including answers of this batch: the same request may have come twice
        self._now = now
        self._at = at
        self._transfers: list[Transfer] = []
        self._changed: dict[type, dict[str, Row]] = {kind: {} for kind in KINDS}
        self._new: dict[type, set[str]] = {kind: set() for kind in KINDS}  # keys of changed rows to insert
        self._dropped: dict[str, Keeper] = {}
        self._accounts: dict[AccountId, None] = {}
        self._answers: list[KeptAnswer] = []
        self._deeds: list[KeptDeed] = []
        self.erased: list[Erased] = []
        self.renewed: Renewed | None = None  # set if this transaction found another log than the one before

    @property
    def has_replayed(self) -> bool:
        """Return whether some outcome rests on an earlier commit, which may not have reached a standby yet: a commit
        waits for all before it."""
        return any(isinstance(outcome, StoredAnswer) and outcome.replayed for _, outcome in self.outcomes)

    def decide(self, pending: Pending) -> None:
        """Decide one command; a bug in it fails only this command. Raises WriteFailed if the book is broken."""
        outcome: Committed[Any] | StoredAnswer | Exception
        try:
            outcome = self._outcome(pending)
        except Refused as refused:
            outcome = refused
        except WriteFailed:
            raise
        except Exception:
            _LOG.exception("%s failed", type(pending.command).__name__)
            outcome = CommandFailed(type(pending.command).__name__)
        self.outcomes.append((pending, outcome))

    def _outcome(self, pending: Pending) -> Committed[Any] | StoredAnswer:
        once = pending.once
        if once is not None and (kept := self._kept.get((once.scope, once.key))) is not None:
            if kept.fingerprint != once.fingerprint:
                raise IdempotencyKeyReused
            return StoredAnswer(kept.status, kept.body.encode(), replayed=True)
        try:
            decision = pending.command.decide(self._book, self._now)
        except Refused as refused:
            if once is None or not refused.kept:
                raise
            return self._keep(once, once.render(refused))
        # Everything that may raise comes first, so that a command that fails does not change the book.
        rows = self._logged(decision.events)
        committed = Committed(decision.reply, self._book.position + len(rows))
        answer = None if once is None else once.render(committed)
        self._apply(decision, rows)
        self._chain(decision.deeds, pending.request_id)
        return committed if once is None or answer is None else self._keep(once, answer)

    def _keep(self, once: OncePerKey, answer: StoredAnswer) -> StoredAnswer:
        row = KeptAnswer(
            scope=once.scope, key=once.key, fingerprint=once.fingerprint, status=answer.status,
            body=answer.body.decode(), at=self._at,
        )  # fmt: skip
        self._kept[once.scope, once.key] = row
        self._answers.append(row)
        return answer

    def _logged(self, events: Sequence[Outgoing]) -> list[LogRow]:
        """Return rows of the log for the events, at its next positions."""
        return [
            LogRow(Position(position), told.topics, told.event.TYPE, _encode(told.event).decode(), self._at)
            for position, told in enumerate(events, self._book.position + 1)
        ]

    def _apply(self, decision: Decision[Any], rows: list[LogRow]) -> None:
        try:
            self._book.apply(decision)
            for row in decision.rows:
                self._changed[type(row)][getattr(row, KINDS[type(row)].key)] = row
            for row in decision.new:
                self._new[type(row)].add(getattr(row, KINDS[type(row)].key))
            for keeper in decision.dropped:
                self._changed[Keeper].pop(keeper.keeper_id, None)
                if keeper.keeper_id in self._new[Keeper]:  # of this batch, so there is nothing to drop
                    self._new[Keeper].remove(keeper.keeper_id)
                else:
                    self._dropped[keeper.keeper_id] = keeper
        except Exception as error:
            raise WriteFailed(f"a decision could not be applied: {error!r}") from error
        for transfer in decision.transfers:
            self._accounts[transfer.debit] = self._accounts[transfer.credit] = None
        self._transfers += decision.transfers
        self.erased += decision.erased
        self.rows += rows

    def _chain(self, deeds: Sequence[Deed], request_id: str | None) -> None:
        """Number the deeds of a command, and chain them to those before."""
        book = self._book
        for deed in deeds:
            kept = chained(deed, seq=book.deed_seq + 1, at=self._now, request_id=request_id, previous=book.deed_hash)
            book.deed_seq, book.deed_hash = kept.seq, kept.hash
            self._deeds.append(kept)

    def close(self) -> None:
        """Add the events of deeds, and of changed boards, queue positions and stock, once, after the last command."""
        deeds = [Outgoing((role_topic(Role.ADMIN),), _new_deed(deed)) for deed in self._deeds]
        changes = board_changes(self._book, self._now) + queue_changes(self._book, self._now)
        rows = self._logged([*deeds, *changes, *stock_changes(self._book, self._now)])
        self.rows += rows
        self._book.position += len(rows)
        self.rows = erased_rows(self.rows, self.erased)

    def writes(self) -> list[Write]:
        """Return the statements that write the batch; none if nothing has changed."""
        for account_id in self._accounts:  # their balances follow from the transfers, so take the rows from the book
            self._changed[ACCOUNTS.kind][account_id] = self._book.accounts[account_id]
        writes: list[Write] = [
            (KEEPERS.drop, [(keeper_id,) for keeper_id in self._dropped]),
            *self._puts(),
            (_LOG_EVENT, [_event_values(row) for row in self.rows]),
            (_LOG_TOPIC, [values for row in self.rows for values in _topic_values(row)]),
            (DEEDS.append, [DEEDS.encode(row) for row in self._deeds]),
            (KEPT_ANSWERS.append, [KEPT_ANSWERS.encode(row) for row in self._answers]),
        ]
        writes = [(sql, rows) for sql, rows in writes if rows]
        if self.rows or self._transfers:  # a deed always has an event
            book = self._book
            writes.append((_MOVE_HEAD, [(book.position, book.transfer_seq, book.deed_seq, book.deed_hash, self._at)]))
        return writes

    def _puts(self) -> Iterator[Write]:
        for kind, table in TABLES.items():
            if kind is Receipt:  # receipts name transfers
                yield TRANSFERS.append, [TRANSFERS.encode(row) for row in self._transfers]
            changed, new = self._changed[kind], self._new[kind]
            known = [row for key, row in changed.items() if key not in new]
            if kind is Order:  # finished ones first: their pickup numbers may be others' now
                known.sort(key=_is_open)
            yield table.put, [table.encode(row) for row in known]
            yield table.append, [table.encode(changed[key]) for key in changed if key in new]


def _is_open(row: Row) -> bool:
    return isinstance(row, Order) and row.status in OPEN_STATUSES


def _new_deed(deed: KeptDeed) -> NewDeed:
    return NewDeed(
        timestamp=rfc3339(deed.at),
        seq=deed.seq,
        actor=deed.actor,
        act=deed.act,
        subject=deed.subject,
        before=_state(deed.before),
        after=_state(deed.after),
        hash=deed.hash,
    )


def _event_values(row: LogRow) -> Sequence[Param]:
    return row.position, _encode(row.topics).decode(), row.type, row.data, row.at


def _topic_values(row: LogRow) -> list[tuple[Param, ...]]:
    """Return one row a topic; notifications are marked, so that they can be listed and counted by an index."""
    is_notification = int(row.type == NewNotification.TYPE)
    return [(topic, row.position, is_notification) for topic in row.topics]
