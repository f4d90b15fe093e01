"""The errors of the store, and their meaning for a command."""


class Unavailable(Exception):
    """The database can't be used now (locked, full, gone, busy): nothing was changed, and a retry can help.

    The exception is `outcome_unknown`: the connection was lost during COMMIT, and it could not be found out whether the
    transaction was committed. A retry with the same idempotency key finds out.
    """

    def __init__(self, reason: str, *, outcome_unknown: bool = False) -> None:
        super().__init__(reason)
        self.outcome_unknown = outcome_unknown


class InUse(Unavailable):
    """Somebody else uses what a migration must change: nothing was changed, and a retry helps once they have ended."""


class WriteFailed(Exception):
    """The database refused a write (a constraint, a value it can't hold, a bug); the transaction was rolled back."""


class CommitUnknown(Exception):
    """The connection was lost during COMMIT: the transaction may be committed or not. Read to find out, don't guess."""


class HeadMoved(Exception):
    """Another process has committed since this transaction began to read: nothing was written. Begin anew."""


class UnsafeDatabase(Exception):
    """The database must not be used: its commits are not durable, or this code does not know its version."""


class Overloaded(Exception):
    """Too many commands are waiting; this one was not accepted."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many commands are waiting; try again in {retry_after} s")
        self.retry_after = retry_after  # seconds


class CommandFailed(Exception):
    """A bug stopped this command; nothing was changed. The cause is in the server's log output."""
