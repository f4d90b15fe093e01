"""A streaming standby of a throw-away PostgreSQL server."""

from collections.abc import Mapping

from tests.support.servers.postgres import PostgresServer, program
from tests.support.timing.waiting import until_sync

_WITHIN_S = 30.0


class Standby(PostgresServer):
    """A hot standby that follows `primary`, which must be running when the standby is made; a context manager.

    Args:
        primary: Whom it follows.
        settings: PostgreSQL's own, e.g. `recovery_min_apply_delay`.
    """

    def __init__(self, primary: PostgresServer, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(settings)
        self._primary = primary
        self._source = f"host=127.0.0.1 port={primary.port} user=festival application_name={self.name}"

    @property
    def name(self) -> str:
        """Return its name for the primary's `synchronous_standby_names`."""
        return f"standby_{self.port}"

    def catch_up(self) -> None:
        """Wait until it shows all that the primary has committed."""
        wanted = self._primary.execute("SELECT pg_current_wal_lsn()")
        replayed = f"SELECT pg_last_wal_replay_lsn() >= '{wanted}'::pg_lsn"
        until_sync(lambda: self.execute(replayed) == "t", within_s=_WITHIN_S, message="the standby has caught up")

    def pause(self) -> None:
        """Let it go on receiving, and show nothing new: it lags more and more."""
        self.execute("SELECT pg_wal_replay_pause()")
        state = "SELECT pg_get_wal_replay_pause_state()"
        until_sync(lambda: self.execute(state) == "paused", within_s=_WITHIN_S, message="replay is paused")

    def resume(self) -> None:
        """Let it show what it has received meanwhile."""
        self.execute("SELECT pg_wal_replay_resume()")

    def promote(self, *, at_port: int | None = None) -> None:
        """Make it a primary: it takes commands, on a timeline of its own, from what it has shown so far.

        What it received but did not show (see `pause`) is replayed first; to lose commits, stop it or cut it off
        before they are made.

        Args:
            at_port: The address to take over, e.g. that of the primary, which must have ended; None keeps its own.
        """
        self.execute("SELECT pg_promote(wait := true)")
        if at_port is not None:
            self.stop()
            self.port = at_port
            self.start()

    def cut_off(self) -> None:
        """Let it follow nobody any more, so that later commits of the primary never reach it; it stays readable."""
        self.execute("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")
        gone = "SELECT count(*) FROM pg_stat_wal_receiver"
        until_sync(lambda: self.execute(gone) == "0", within_s=_WITHIN_S, message="the standby receives nothing")

    def _make_cluster(self) -> None:
        """Copy the primary's data folder, and follow it from there on."""
        self._fill(
            [
                *(program("pg_basebackup"), "-D", str(self.data), "-d", self._source),
                *("-R", "-X", "stream", "--checkpoint=fast", "--no-sync"),
            ]
        )
