"""The committer: the one task that writes. It commits all waiting commands together, and never waits for more."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from festival_push.domain.book import Command
from festival_push.domain.log import LogRow
from festival_push.domain.values import Instant, Rules
from festival_push.store.database import Database
from festival_push.store.errors import CommandFailed, Overloaded, Unavailable
from festival_push.store.writing.answers import Committed, OncePerKey, StoredAnswer
from festival_push.store.writing.batch import Pending
from festival_push.store.writing.clock import LogClock
from festival_push.store.writing.group_commit import GroupCommit, resolve
from festival_push.store.writing.lineage import Renewed
from festival_push.store.writing.retention import trim_chunk
from festival_push.store.writing.stats import Stats
from festival_push.store.writing.transaction import Transactions

R = TypeVar("R")

_LOG: Final = logging.getLogger(__name__)
_RETRY_AFTER_S: Final = 1


@dataclass(slots=True)
class _Trim:
    keep_ms: int
    future: asyncio.Future[int]
    events: int = 0


class Committer:
    """Accepts commands from any task of the process, and commits them in its own task.

    Args:
        batch_max: The most commands that commit together.
        pending_max: The most commands that may wait; further ones are refused at once.
        on_committed: Gets the new rows of the log right after their commit; must neither block nor wait.
        settle_s: Until how many seconds after a COMMIT began to ask whether it succeeded, if its answer was lost.
        now: The wall clock, by which commands decide.
        told: Returns the last position that streams of this process were told of; 0 if none.
        on_renewed: Gets the log's new epoch, before `on_committed` gets its first rows; must neither block nor wait.
        monotonic: Seconds that never go back; they move the log's own clock, which decides what is old.
    """

    def __init__(
        self,
        database: Database,
        rules: Rules,
        *,
        batch_max: int,
        pending_max: int,
        now: Callable[[], Instant],
        on_committed: Callable[[tuple[LogRow, ...]], None],
        settle_s: float = 10.0,
        monotonic: Callable[[], float] = time.monotonic,
        told: Callable[[], int] = lambda: 0,
        on_renewed: Callable[[Renewed], None] = lambda _: None,
    ) -> None:
        self.stats = Stats()
        self._writer = database.writer()
        self._clock = LogClock(monotonic)
        self._groups = GroupCommit(
            self._writer,
            Transactions(self._writer, rules, now=now, clock=self._clock, settle_s=settle_s, told=told),
            self.stats,
            on_committed=on_committed,
            on_renewed=on_renewed,
            monotonic=monotonic,
        )
        self._batch_max = batch_max
        self._pending_max = pending_max
        self._now = now
        self._looks: list[asyncio.Future[None]] = []
        self._waiting: deque[Pending] = deque()
        self._trims: deque[_Trim] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._running = False
        self._ended = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Return how many commands are accepted but not in a batch yet."""
        return len(self._waiting)

    def idle_s(self) -> float | None:
        """Return the seconds since the last transaction succeeded; None if it failed, or if there was none yet."""
        return self._groups.idle_s()

    def busy_s(self) -> float:
        """Return for how many seconds the present transaction has been running, with the wait for its turn; 0 without
        one."""
        return self._groups.busy_s()

    async def submit(self, command: Command[R], *, request_id: str | None = None) -> Committed[R]:
        """Commit a command, durable on return; a caller that is cancelled does not cancel its command.

        Args:
            request_id: Of the request that it comes from; its deeds keep it.

        Raises:
            Refused: By a rule; nothing was changed.
            Overloaded: Not accepted, because too many commands wait already.
            Unavailable: The database can't be used now, or the server is shutting down.
            CommandFailed: By a bug; nothing was changed.
        """
        committed: Committed[R] = await self._accept(command, None, request_id)
        return committed

    async def submit_once(
        self, command: Command[Any], once: OncePerKey, *, request_id: str | None = None
    ) -> StoredAnswer:
        """Commit as `submit` does, but at most once for each scope and key. Kept refusals are returned as answers.

        Raises:
            Refused: A refusal that is not kept, for example `IdempotencyKeyReused`.
            Overloaded, Unavailable, CommandFailed: As in `submit`.
        """
        assert " " not in once.key, once.key  # scope and key are looked up as one text
        answer: StoredAnswer = await self._accept(command, once, request_id)
        return answer

    async def trim(self, keep_ms: int) -> int:
        """Delete events older than `keep_ms`, and other rows that are too old, between batches. Return how many events.

        The log's own clock tells how old they are. Raises Unavailable; what was deleted until then stays deleted.
        """
        if self._closing:
            raise Unavailable("shutting down")
        trim = _Trim(keep_ms, asyncio.get_running_loop().create_future())
        self._trims.append(trim)
        self._wake.set()
        return await trim.future

    async def look(self) -> None:
        """Write without a command: this proves that commands can be taken, and finds out whether the log is still the
        one that we know.

        Callers that come together share one. Raises Unavailable.
        """
        if self._closing:
            raise Unavailable("shutting down")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._looks.append(future)
        self._wake.set()
        await future

    async def run(self) -> None:
        """Commit until `close`. If cancelled, finish the batch in progress first, then fail the waiting commands."""
        self._running = True
        try:
            while True:
                if self._waiting:
                    await _finish(self._groups.commit(self._take))
                if self._looks:
                    await _finish(self._look())
                if self._trims:
                    await _finish(self._trim_some(self._trims[0]))
                if self._closing and not self._waiting:
                    return
                if not (self._waiting or self._looks or self._trims):
                    self._wake.clear()
                    await self._wake.wait()
        finally:
            self._closing = True
            self._turn_away()
            self._ended.set()

    async def close(self) -> None:
        """Refuse new commands, and return when the accepted ones are done."""
        self._closing = True
        self._wake.set()
        if self._running:
            await self._ended.wait()
        else:
            self._turn_away()

    def _accept(self, command: Command[Any], once: OncePerKey | None, request_id: str | None) -> asyncio.Future[Any]:
        if self._closing:
            raise Unavailable("shutting down")
        if len(self._waiting) >= self._pending_max:
            self.stats.overloaded += 1
            raise Overloaded(_RETRY_AFTER_S)
        try:
            needs = command.needs()
        except Exception as error:
            _LOG.exception("%s does not know its needs", type(command).__name__)
            raise CommandFailed(type(command).__name__) from error
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(Pending(command, needs, once, request_id, future))
        self._wake.set()
        return future

    def _turn_away(self) -> None:
        self._groups.fail(self._waiting, Unavailable("shutting down"))
        self._waiting.clear()
        for look in self._looks:
            resolve(look, Unavailable("shutting down"))
        for trim in self._trims:
            resolve(trim.future, Unavailable("shutting down"))
        self._looks.clear()
        self._trims.clear()

    def _take(self) -> list[Pending]:
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), self._batch_max))]

    async def _look(self) -> None:
        looks, self._looks = self._looks, []
        outcome = await self._groups.look()
        for future in looks:
            resolve(future, outcome)

    async def _trim_some(self, trim: _Trim) -> None:
        """Do one step of a trim; between the steps of a long trim a batch can commit."""
        try:
            trimmed = await trim_chunk(self._writer, trim.keep_ms, self._clock, self._now())
        except Exception as error:  # any error: commands go on, and the trim is tried again later
            _LOG.warning("the log could not be trimmed: %r", error)
            self._trims.popleft()
            resolve(trim.future, Unavailable(str(error)))
            return
        trim.events += trimmed.events
        if not trimmed.more:
            self._trims.popleft()
            resolve(trim.future, trim.events)


async def _finish(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` to its end, even if this task is cancelled meanwhile; then raise the cancellation."""
    task, cancelled = asyncio.ensure_future(work), None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    task.result()
    if cancelled is not None:
        raise cancelled
