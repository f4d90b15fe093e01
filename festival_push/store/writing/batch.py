"""One batch of commands: decided one after the other against the book, then written with one statement a table."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from festival_push.domain.book import Book, Command, Decision, Needs, Outgoing
from festival_push.domain.events import NewNotification
from festival_push.domain.log import LogRow
from festival_push.domain.orders.boards import board_changes, queue_changes
from festival_push.domain.refusals import IdempotencyKeyReused, Refused
from festival_push.domain.rows import KINDS, Receipt, Row, Transfer
from festival_push.domain.values import AccountId, Instant, Position
from festival_push.store.errors import CommandFailed, WriteFailed
from festival_push.store.sql import Param, Write
from festival_push.store.tables import ACCOUNTS, TABLES, TRANSFERS
from festival_push.store.writing.answers import KEPT_ANSWERS, Committed, KeptAnswer, OncePerKey, StoredAnswer
from festival_push.store.writing.loader import Kept

_LOG: Final = logging.getLogger(__name__)

_LOG_EVENT: Final = "INSERT INTO event_log (position, topics, type, data, at) VALUES ($1, $2, $3, $4, $5)"
_LOG_TOPIC: Final = "INSERT INTO log_topics (topic, position, notice) VALUES ($1, $2, $3)"
_MOVE_HEAD: Final = "UPDATE log_head SET position = $1, transfer_seq = $2 WHERE id = 1"

_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Pending:
    """A command that waits, and who waits for it."""

    command: Command[Any]
    needs: Needs
    once: OncePerKey | None
    future: asyncio.Future[Any]


class Batch:
    """What the commands of one transaction have decided so far."""

    def __init__(self, book: Book, kept: Kept, now: Instant) -> None:
        self.outcomes: list[tuple[Pending, Committed[Any] | StoredAnswer | Exception]] = []
        self.rows: list[LogRow] = []
        self._book = book
        self._kept = kept  # also those of this batch: the same wish may have come twice
        self._now = now
        self._transfers: list[Transfer] = []
        self._changed: dict[type, dict[str, Row]] = {kind: {} for kind in KINDS}
        self._accounts: dict[AccountId, None] = {}
        self._answers: list[KeptAnswer] = []

    def decide(self, pending: Pending) -> None:
        """Decide one command; a bug in it fails it alone. Raises WriteFailed when the book is no good any more."""
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
        # All that may go wrong comes before the book is changed.
        rows = self._logged(decision.events)
        committed = Committed(decision.reply, self._book.position + len(rows))
        answer = None if once is None else once.render(committed)
        self._apply(decision, rows)
        return committed if once is None or answer is None else self._keep(once, answer)

    def _keep(self, once: OncePerKey, answer: StoredAnswer) -> StoredAnswer:
        row = KeptAnswer(
            scope=once.scope, key=once.key, fingerprint=once.fingerprint, status=answer.status,
            body=answer.body.decode(), at=self._now,
        )  # fmt: skip
        self._kept[once.scope, once.key] = row
        self._answers.append(row)
        return answer

    def _logged(self, events: Sequence[Outgoing]) -> list[LogRow]:
        """The events at the next positions of the log."""
        return [
            LogRow(Position(position), told.topics, told.event.TYPE, _encode(told.event).decode(), self._now)
            for position, told in enumerate(events, self._book.position + 1)
        ]

    def _apply(self, decision: Decision[Any], rows: list[LogRow]) -> None:
        try:
            self._book.apply(decision)
            for row in decision.rows:
                self._changed[type(row)][getattr(row, KINDS[type(row)].key)] = row
        except Exception as error:
            raise WriteFailed(f"a decision could not be applied: {error!r}") from error
        for transfer in decision.transfers:
            self._accounts[transfer.debit] = self._accounts[transfer.credit] = None
        self._transfers += decision.transfers
        self.rows += rows

    def close(self) -> None:
        """After the last command: tell of every board that has changed, and of the places in the queues, once."""
        rows = self._logged(board_changes(self._book, self._now) + queue_changes(self._book, self._now))
        self.rows += rows
        self._book.position += len(rows)

    def writes(self) -> list[Write]:
        """The statements that make it so; none when nothing has changed."""
        for account_id in self._accounts:  # their balances follow from the transfers, so take them from the book
            self._changed[ACCOUNTS.kind][account_id] = self._book.accounts[account_id]
        writes: list[Write] = [
            *self._puts(),
            (_LOG_EVENT, [_event_values(row) for row in self.rows]),
            (_LOG_TOPIC, [values for row in self.rows for values in _topic_values(row)]),
            (KEPT_ANSWERS.append, [KEPT_ANSWERS.encode(row) for row in self._answers]),
        ]
        writes = [(sql, rows) for sql, rows in writes if rows]
        if self.rows or self._transfers:
            writes.append((_MOVE_HEAD, [(self._book.position, self._book.transfer_seq)]))
        return writes

    def _puts(self) -> Iterator[Write]:
        for kind, table in TABLES.items():
            if kind is Receipt:  # receipts name transfers
                yield TRANSFERS.append, [TRANSFERS.encode(row) for row in self._transfers]
            yield table.put, [table.encode(row) for row in self._changed[kind].values()]


def _event_values(row: LogRow) -> Sequence[Param]:
    return row.position, _encode(row.topics).decode(), row.type, row.data, row.at


def _topic_values(row: LogRow) -> list[tuple[Param, ...]]:
    """One row a topic; notifications are marked, so that pages of them are read by themselves."""
    notice = int(row.type == NewNotification.TYPE)
    return [(topic, row.position, notice) for topic in row.topics]
