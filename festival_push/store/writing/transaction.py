"""One transaction for one batch: load, decide, write, and find out whether the COMMIT succeeded."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Final

from festival_push.domain.needs import merge
from festival_push.domain.values import Instant, Rules
from festival_push.store.database import Writer
from festival_push.store.errors import CommitUnknown, HeadMoved, Unavailable, UnsafeDatabase, WriteFailed
from festival_push.store.sql import Statement, Write
from festival_push.store.writing.batch import Batch, Pending
from festival_push.store.writing.clock import LogClock
from festival_push.store.writing.erasing import erasing_writes
from festival_push.store.writing.lineage import Lineage
from festival_push.store.writing.loader import load_book
from festival_push.store.writing.open_orders_cache import OpenOrdersCache

_LOG: Final = logging.getLogger(__name__)
_ASK_AGAIN_S: Final = 0.1
_LAST_BATCH: Final = "SELECT batch FROM writers WHERE writer_id = $1"
_MARK_BATCH: Final = """
    INSERT INTO writers (writer_id, batch, at) VALUES ($1, $2, $3)
    ON CONFLICT (writer_id) DO UPDATE SET batch = excluded.batch, at = excluded.at
"""


class Transactions:
    """Commits batches, one after the other. Each batch stores its number in this writer's own row of `writers`.

    So if the answer to a COMMIT is lost, that row tells whether it succeeded, even if other processes wrote since.
    """

    def __init__(
        self,
        writer: Writer,
        rules: Rules,
        *,
        now: Callable[[], Instant],
        clock: LogClock,
        settle_s: float,
        told: Callable[[], int],
    ) -> None:
        self._writer = writer
        self._rules = rules
        self._now = now
        self._clock = clock
        self._settle_s = settle_s
        self._writer_id = secrets.token_urlsafe(9)
        self._number = 0
        self._queues = OpenOrdersCache()
        self._lineage = Lineage(writer, told)

    async def commit(self, group: Sequence[Pending]) -> Batch:
        """Let the commands decide, and commit their decisions; durable on return. Without commands, prove that the
        database can be written, and look whether the log is still the one that we know.

        Raises:
            Unavailable: Nothing was changed, except if `outcome_unknown` is set.
            Exception: Anything else, for which the commands may be to blame. Nothing was changed.
        """
        try:
            return await self._commit(group)
        except HeadMoved:  # under the lock it can't happen again, and without `Writer.turn` there is the lock
            return await self._commit(group)

    async def _commit(self, group: Sequence[Pending]) -> Batch:
        try:
            once = [(pending.once.scope, pending.once.key) for pending in group if pending.once is not None]
            needs = merge(pending.needs for pending in group)
            book, kept = await load_book(self._writer, self._rules, needs, once, self._queues, now=self._now())
            now = self._now()
            at = self._clock.read(book.clock, now)
            epoch, written_on = book.log
            checked = await self._lineage.check(epoch, book.position, written_on)
            batch = Batch(book, kept, now, at)
            batch.renewed = checked.renewed
            for pending in group:
                batch.decide(pending)
            batch.close()
            writes = [*checked.writes, *batch.writes(), *await erasing_writes(self._writer, batch.erased)]
            await self._flush(writes, at, proves=not group or batch.has_replayed)
        except Exception:
            await self._writer.rollback()
            raise
        self._queues.leave(book.position)
        self._lineage.leave(checked, book.position)
        return batch

    async def _flush(self, writes: Sequence[Write], at: Instant, *, proves: bool) -> None:
        if not writes and not proves:
            await self._writer.rollback()
            return
        self._number += 1
        until_s = time.monotonic() + self._settle_s
        try:
            await self._writer.commit(*writes, (_MARK_BATCH, [(self._writer_id, self._number, at)]))
        except CommitUnknown as error:
            _LOG.warning("the answer to COMMIT was lost, asking what became of it: %s", error)
            if not await self._has_committed(until_s):
                raise Unavailable(f"not committed: {error}") from error

    async def _has_committed(self, until_s: float) -> bool:
        """Return whether this batch's number is stored; if not, it never will be.

        Takes the write lock first, because until then the lost COMMIT may still be running; and commits. So what is on
        its way only now finds a head that has moved, and what is stored has reached the synchronous standby.

        Raises Unavailable with `outcome_unknown` if the database can't be asked until then, by the clock of
        `time.monotonic`.
        """
        mark: Statement = (_LAST_BATCH, (self._writer_id,))
        while True:
            try:
                async with asyncio.timeout(max(0.0, until_s - time.monotonic())):
                    [rows] = await self._writer.begin(mark)
                    await self._writer.commit()
                    return rows == [(self._number,)]
            except TimeoutError as error:
                raise Unavailable("nobody says what became of COMMIT", outcome_unknown=True) from error
            except (
                Unavailable,
                UnsafeDatabase,
                WriteFailed,
                CommitUnknown,
            ) as error:  # none of them tells whether it was committed
                if time.monotonic() > until_s:
                    raise Unavailable(str(error), outcome_unknown=True) from error
                await asyncio.sleep(_ASK_AGAIN_S)
