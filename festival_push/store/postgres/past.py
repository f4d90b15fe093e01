"""Reads of history: from the replica while it keeps up, else from the primary.

A replica is good for what has happened, and wrong for what is: it may be seconds behind, and it may be gone. So it is
asked for history alone, it answers only from a snapshot that includes all that this process knew of when it was asked,
and it is a help that everybody can do without: when it lags or fails, the primary answers at once.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

import asyncpg

from festival_push.domain.log import LogPosition
from festival_push.store.database import ReplicaState
from festival_push.store.errors import Unavailable
from festival_push.store.postgres.joining import PostgresJoining
from festival_push.store.postgres.reading import PostgresReader
from festival_push.store.shared_select import SharedSelects
from festival_push.store.sql import Param, Rows, Statement

ANSWERS_WITHIN_S: Final = 1.0
"""How long one caller waits for a replica that does not answer, before the primary is asked."""
LAG_S_MAX: Final = 0.25
"""How long one caller waits for a replica that is behind. Behind by milliseconds is usual."""
_PAUSE_S: Final = 1.0
_PAUSE_S_MAX: Final = 15.0
_LOOK_AFTER_S: Final = 5.0
_HEAD: Final[Statement] = ("SELECT epoch, position FROM log_head", ())
_NOT_MIGRATED: Final = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError)

logger = logging.getLogger(__name__)


class PostgresPast:
    """The reader of history. Its reads of the primary take turns.

    Args:
        primary: Answers when the replica doesn't.
        replica: None: there is none.
        turns: How many reads of history may use the primary at once.
        wait_s: How long one waits for its turn, in seconds.
        clock: In seconds, monotonic.
    """

    def __init__(
        self,
        primary: PostgresReader,
        replica: PostgresReader | None,
        *,
        turns: int,
        wait_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._primary = primary
        self._replica = replica
        self._turns = asyncio.Semaphore(turns)
        self._wait_s = wait_s
        self._clock = clock
        self._known: Callable[[], LogPosition] | None = None
        self._together = SharedSelects(self.read, PostgresJoining())
        self._state: ReplicaState = "off" if replica is None else "ok"
        self._failures = 0  # in a row
        self._paused_until = 0.0
        self._looked_at = clock()
        self._looking: asyncio.Task[None] | None = None

    @property
    def state(self) -> ReplicaState:
        """Return what is known of the replica; look in the background if that is old."""
        if self._may_ask() and self._clock() - self._looked_at > _LOOK_AFTER_S and self._looking is None:
            self._looking = asyncio.create_task(self._look())
        return self._state

    def follow(self, known: Callable[[], LogPosition]) -> None:
        """Answer from no snapshot before the position that `known` returns at that moment."""
        self._known = known

    async def read(self, *statements: Statement) -> list[Rows]:
        """Run the SELECTs in one snapshot. Raises Unavailable."""
        if self._may_ask():
            rows = await self._from_replica(*statements)
            if rows is not None:
                return rows
        try:
            await asyncio.wait_for(self._turns.acquire(), self._wait_s)
        except TimeoutError as error:
            raise Unavailable("all readers of history are busy") from error
        try:
            return await self._primary.read(*statements)
        finally:
            self._turns.release()

    async def read_together(self, sql: str, params: Sequence[Param], *, columns: int) -> Rows:
        """Run one SELECT, together with other callers that wait for the same SELECT. Raises Unavailable."""
        return await self._together.ask(sql, params, columns)

    async def close(self) -> None:
        """Close the connections to the replica."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        if self._replica is not None:
            await self._replica.close()

    def _may_ask(self) -> bool:
        return self._replica is not None and self._known is not None and self._clock() >= self._paused_until

    async def _look(self) -> None:
        try:
            await self._from_replica()
        finally:
            self._looking = None

    async def _from_replica(self, *statements: Statement) -> list[Rows] | None:
        """Return the replica's rows; None if the primary must be asked. Raises Unavailable: so would the primary."""
        assert self._replica is not None
        assert self._known is not None
        if self._state != "ok":
            self._paused_until = self._clock() + _PAUSE_S  # one caller tries it, the others don't wait for that
        known, give_up_at, pause_s = self._known(), self._clock() + LAG_S_MAX, 0.005
        try:
            while True:
                rows = await self._replica.read_if(
                    _HEAD, lambda head: _includes(head, known), *statements, within_s=ANSWERS_WITHIN_S
                )
                if rows is not None:
                    self._went_well()
                    return rows
                if self._clock() >= give_up_at or self._known().epoch != known.epoch:
                    self._failed("behind", f"it lacks {known.epoch}-{known.position}")
                    return None
                await asyncio.sleep(pause_s)
                pause_s *= 2
        except (Unavailable, asyncpg.PostgresError) as error:
            cause = error.__cause__ or error
            if isinstance(cause, asyncpg.QueryCanceledError):
                raise  # it takes too long, there as here
            if not isinstance(cause, asyncpg.SerializationError):  # else replay needed the rows: this read alone failed
                state: ReplicaState = "behind" if isinstance(cause, _NOT_MIGRATED) else "unavailable"
                self._failed(state, f"{type(cause).__name__}: {cause}".strip(": "))
            return None

    def _went_well(self) -> None:
        self._looked_at, self._failures, self._paused_until = self._clock(), 0, 0.0
        if self._state != "ok":
            self._state = "ok"
            logger.warning("the replica is back: history is read from it again")

    def _failed(self, state: ReplicaState, reason: str) -> None:
        self._looked_at = self._clock()
        pause_s = min(_PAUSE_S * 2**self._failures, _PAUSE_S_MAX)
        self._failures = min(self._failures + 1, 10)
        self._paused_until = self._clock() + pause_s
        if self._state == "ok":
            logger.warning("the replica is %s (%s): history is read from the primary meanwhile", state, reason)
        self._state = state


def _includes(head: Rows, known: LogPosition) -> bool:
    """Return whether a snapshot with this head includes a position: of another epoch, it never does."""
    return any(epoch == known.epoch and position >= known.position for epoch, position in head)
