"""Whether the log is still the one that this process has written to and told of, or one that lacks its last commits.

A standby that takes over without the last commits, a copy of the disk from an hour ago: the log there has the same
epoch, and will use positions again that clients have seen with other events. So it gets a new epoch, in the very
transaction that finds out, and every cursor of before is recognised as stale.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from festival_push.store.database import Writer
from festival_push.store.log import another_epoch
from festival_push.store.sql import Write

_RENEW: Final = "UPDATE log_head SET epoch = $1, written_on = $2 WHERE id = 1"


class Renewed(msgspec.Struct, frozen=True):
    """The log goes on under another epoch; what this process knew of it after `position` is void."""

    epoch: str
    position: int


class Checked(msgspec.Struct, frozen=True):
    """What a transaction has found about the log."""

    epoch: str  # that the log has once this transaction is committed
    writes: tuple[Write, ...] = ()
    renewed: Renewed | None = None


class Lineage:
    """Compares the log at the beginning of each transaction with what this process knows of it.

    Args:
        told: Returns the last position that streams of this process were told of, from whomever it came; 0 if none.
    """

    def __init__(self, writer: Writer, told: Callable[[], int] = lambda: 0) -> None:
        self._writer = writer
        self._told = told
        self._epoch: str | None = None  # None: nothing known yet
        self._reached = 0  # the last position that this process has left the log at
        self._connection = 0
        self._server: str | None = None

    async def check(self, epoch: str, position: int, written_on: str | None) -> Checked:
        """Find out whether the log is the one that we know. Call it in the transaction that writes.

        A log that another process has renewed is only noted. One that lacks what we have committed or told, or that
        lies on another server than it was last written on, is renewed by this transaction.

        Args:
            epoch: Of the log, as this transaction reads it.
            position: Where the log ends, likewise.
            written_on: What `Writer.server` said where the log was last written; None: not known.
        Raises:
            Unavailable, WriteFailed: As in `Writer`.
        """
        if self._writer.connections != self._connection:
            self._server = await self._writer.server()
            self._connection = self._writer.connections
        if self._epoch is not None and epoch != self._epoch:
            return Checked(epoch, self._note(epoch, written_on), Renewed(epoch, position))
        moved = written_on is not None and self._server is not None and written_on != self._server
        if not moved and position >= max(self._reached, self._told()):
            return Checked(epoch, self._note(epoch, written_on))
        renewed = Renewed(another_epoch(epoch), position)
        return Checked(renewed.epoch, ((_RENEW, [[renewed.epoch, self._server]]),), renewed)

    def leave(self, checked: Checked, position: int) -> None:
        """End the transaction that was checked: it is committed, and the log is at this position now."""
        self._epoch, self._reached = checked.epoch, position

    def _note(self, epoch: str, written_on: str | None) -> tuple[Write, ...]:
        return () if self._server in {None, written_on} else ((_RENEW, [[epoch, self._server]]),)
