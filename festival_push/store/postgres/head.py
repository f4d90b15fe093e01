"""The version of the log's head, by which a transaction that has locked nothing finds out whether others wrote."""

from typing import Final

from festival_push.store.errors import HeadMoved
from festival_push.store.sql import SqlRow, Statement, Write

VERSION: Final[Statement] = (
    "SELECT xmin::text, pg_current_xact_id_if_assigned()::xid::text FROM log_head WHERE id = 1",
    (),
)
"""The transaction that has written the head last; and the present one, if it has locked the head."""
TOUCH: Final[Write] = ("UPDATE log_head SET position = position WHERE id = 1", [()])
"""Gives the head another version, and changes nothing else."""
_ALONE_MIN: Final = 3


class Head:
    """What the writer knows of the head's version, over one connection.

    Attributes:
        version: As the present transaction has read it; None: not yet.
        own_version: What this transaction makes of it; None: it has not locked the head.
    """

    def __init__(self) -> None:
        self.version: str | None = None
        self.own_version: str | None = None
        self._left: str | None = None  # the version after our last commit
        self._alone = 0  # our transactions since somebody else wrote

    @property
    def is_ours(self) -> bool:
        """Return whether nobody else has written for some transactions: then the next one need lock nothing."""
        return self._alone >= _ALONE_MIN

    def see(self, row: SqlRow) -> None:
        """Note the row of `VERSION`, which comes with each read. Raises HeadMoved if it is not what was read before."""
        version, self.own_version = row
        if self.version is None:
            self.version = version
            self._alone = self._alone + 1 if version == self._left else 0
        elif version != self.version:
            self.note_others()
            raise HeadMoved

    def end(self, left: str | None = None) -> None:
        """End the transaction; if it is committed, the head has the version `left` now."""
        self.version = self.own_version = None
        if left is not None:
            self._left = left

    def note_others(self) -> None:
        """Note that somebody else writes: the next transactions lock the head first."""
        self._alone = 0
