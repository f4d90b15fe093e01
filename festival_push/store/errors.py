"""What can go wrong with the database, and what it means for a command."""


class Unavailable(Exception):
    """The database can't be used now (locked, full, gone, busy): nothing was changed, and a retry can help.

    With `outcome_unknown` the connection was lost during COMMIT and nobody could say what became of it; a retry with
    the same idempotency key finds out.
    """

    def __init__(self, reason: str, *, outcome_unknown: bool = False) -> None:
        super().__init__(reason)
        self.outcome_unknown = outcome_unknown


class WriteFailed(Exception):
    """The database refused what was written (a constraint, a value it can't hold, a bug); all of it is rolled back."""


class CommitUnknown(Exception):
    """The connection was lost during COMMIT: it may have happened or not. Read, don't guess."""


class UnsafeDatabase(Exception):
    """The database does not keep what it acknowledges, or is not the one that this code knows; don't use it."""


class Overloaded(Exception):
    """Too many commands wait already; this one was not accepted."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many commands are waiting; try again in {retry_after} s")
        self.retry_after = retry_after  # seconds


class CommandFailed(Exception):
    """A bug stopped this command; nothing of it was kept. The cause is in the log."""
