"""Commit a group of commands: in one transaction, or one by one if that fails. Then tell and answer."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Collection
from copy import copy
from typing import Any, Final

from festival_push.domain.log import LogRow
from festival_push.store.database import Writer
from festival_push.store.errors import CommandFailed, Unavailable
from festival_push.store.writing.batch import Batch, Pending
from festival_push.store.writing.lineage import Renewed
from festival_push.store.writing.stats import Stats, named
from festival_push.store.writing.transaction import Transactions

_LOG: Final = logging.getLogger(__name__)


class GroupCommit:
    """Commits one group at a time, hands its rows on, and gives each caller the outcome.

    Args:
        on_committed: Gets the new rows of the log right after their commit; must neither block nor wait.
        on_renewed: Gets the log's new epoch, before `on_committed` gets its first rows; must neither block nor wait.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self,
        writer: Writer,
        transactions: Transactions,
        stats: Stats,
        *,
        on_committed: Callable[[tuple[LogRow, ...]], None],
        on_renewed: Callable[[Renewed], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._writer = writer
        self._transactions = transactions
        self._stats = stats
        self._on_committed = on_committed
        self._on_renewed = on_renewed
        self._monotonic = monotonic
        self._busy_since_s: float | None = None  # since when the present group waits or runs; None: there is none
        self._worked_s: float | None = None  # when the last one succeeded; None: the last one failed, or there was none

    def idle_s(self) -> float | None:
        """Return the seconds since the last transaction succeeded; None if it failed, or if there was none yet."""
        return None if self._worked_s is None else self._monotonic() - self._worked_s

    def busy_s(self) -> float:
        """Return for how many seconds the present transaction has been running, with the wait for its turn; 0 without
        one."""
        return 0.0 if self._busy_since_s is None else self._monotonic() - self._busy_since_s

    async def commit(self, take: Callable[[], list[Pending]]) -> None:
        """Wait for our turn among the processes that write, then commit what `take` returns.

        Commands that come while another process writes are in the same group, so that two processes need no more
        transactions than one.
        """
        refused = await self._turn()
        commands = take()
        if refused is not None:
            _LOG.warning("the database is unavailable: %s", refused, extra={"storm": True})
            self.fail(commands, refused)
            return
        started_s = time.monotonic()
        groups = deque([commands])
        try:
            while groups:
                await self._commit_group(groups)
        finally:
            self._stats.durations.add(time.monotonic() - started_s)
            # Commands without an answer are left only if this task was cancelled; it is unknown how far it got.
            left = [pending for pending in commands if not pending.future.done()]
            self.fail(left, Unavailable("interrupted", outcome_unknown=True))

    async def look(self) -> Exception | None:
        """Write without a command; see `Committer.look`. Return the error, whatever it is: commands go on."""
        try:
            self._tell_renewed(await self._transaction([]))
        except Exception as error:
            return error if isinstance(error, Unavailable) else Unavailable(repr(error))
        return None

    def fail(self, commands: Collection[Pending], error: Exception) -> None:
        """Give some callers the same error."""
        for pending in commands:
            self._stats.outcomes[type(pending.command).__name__, "failed"] += 1
            resolve(pending.future, copy(error))  # a copy for each, because raising an exception changes it

    async def _turn(self) -> Unavailable | None:
        self._busy_since_s = self._monotonic()
        try:
            await self._writer.turn()
        except Exception as error:
            self._busy_since_s = self._worked_s = None
            return error if isinstance(error, Unavailable) else Unavailable(repr(error))
        return None

    async def _transaction(self, group: list[Pending]) -> Batch:
        if self._busy_since_s is None:
            self._busy_since_s = self._monotonic()
        try:
            batch = await self._transactions.commit(group)
        except BaseException:
            self._worked_s = None
            raise
        finally:
            self._busy_since_s = None
        self._worked_s = self._monotonic()
        return batch

    async def _commit_group(self, groups: deque[list[Pending]]) -> None:
        group = groups.popleft()
        try:
            batch = await self._transaction(group)
        except Unavailable as error:
            _LOG.warning("the database is unavailable: %s", error, extra={"storm": True})
            self.fail(group, error)
            # The other groups would wait in vain for the same lock or server, and the commands behind them too.
            while groups:
                self.fail(groups.popleft(), Unavailable(str(error)))
        except Exception as error:
            if len(group) > 1:
                _LOG.warning(
                    "%d commands did not commit together, trying each alone: %s",
                    len(group),
                    error,
                    extra={"storm": True},
                )
                groups.extend([pending] for pending in group)
            else:
                _LOG.exception("%s failed", type(group[0].command).__name__)
                self.fail(group, CommandFailed(type(group[0].command).__name__))
        else:
            self._settle(batch)

    def _settle(self, batch: Batch) -> None:
        self._stats.sizes.add(len(batch.outcomes))
        self._tell_renewed(batch)
        self._tell(tuple(batch.rows))
        for pending, outcome in batch.outcomes:
            self._stats.outcomes[type(pending.command).__name__, named(outcome)] += 1
            resolve(pending.future, outcome)

    def _tell_renewed(self, batch: Batch) -> None:
        if batch.renewed is None:
            return
        _LOG.error(
            "the log is another one from event %d on: the database lacks what was committed or told before, or was "
            "moved to another server. Its epoch is %s now, and every client gets a snapshot",
            batch.renewed.position, batch.renewed.epoch,
        )  # fmt: skip
        try:
            self._on_renewed(batch.renewed)
        except Exception:  # the tail finds the new epoch when it reads the log
            _LOG.exception("the new epoch could not be handed on")

    def _tell(self, rows: tuple[LogRow, ...]) -> None:
        if not rows:
            return
        try:
            self._on_committed(rows)
        except Exception:  # the rows are committed: callers get their answers, and streams find them in the log
            _LOG.exception("events up to %d could not be handed on", rows[-1].position)


def resolve(future: asyncio.Future[Any], outcome: object) -> None:
    """Give a caller its outcome, unless the caller has gone away."""
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
