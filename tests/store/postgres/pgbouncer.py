"""A PgBouncer before a throw-away PostgreSQL."""

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Final, Literal, Self

from tests.support.servers import processes
from tests.support.servers.ports import free_port
from tests.support.servers.postgres import PostgresServer
from tests.support.timing.waiting import until_sync

_SETTINGS: Final = """
[databases]
* = host=127.0.0.1 port={server} user=festival
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
max_client_conn = 100
default_pool_size = 20
logfile =
"""


class PgBouncer:
    """A pooler with the settings of its package but for the mode; usable as a context manager."""

    def __init__(self, server: PostgresServer, mode: Literal["session", "transaction", "statement"]) -> None:
        self.port = free_port()
        self._user = processes.unprivileged_user("postgres")
        self._home = Path(tempfile.mkdtemp(prefix="festival-push-pgbouncer-"))
        (self._home / "settings.ini").write_text(_SETTINGS.format(server=server.port, port=self.port, mode=mode))
        if self._user is not None:
            shutil.chown(self._home, self._user)
            shutil.chown(self._home / "settings.ini", self._user)
        self._log = self._home / "pooler.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        program = processes.find_program("pgbouncer", package="pgbouncer", debian_dirs="usr/sbin")
        with self._log.open("ab") as log, processes.log_shown_on_failure(self._log):
            self._process = processes.start(
                [str(program), str(self._home / "settings.ini")], log=log, user=self._user, leash=signal.SIGTERM
            )
            until_sync(lambda: b"process up" in self._log.read_bytes(), within_s=processes.READY_WITHIN_S)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            processes.end(self._process, signal.SIGTERM)
        shutil.rmtree(self._home, ignore_errors=True)

    def through(self, url: str) -> str:
        """Return the URL of the same database through the pooler."""
        user, _, database = url.rpartition("/")[0].rpartition("@")[0], "", url.rpartition("/")[2]
        return f"{user}@127.0.0.1:{self.port}/{database}"
