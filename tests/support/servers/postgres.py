"""A throw-away PostgreSQL server on the loopback interface."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from tests.support.proc import children
from tests.support.servers import processes
from tests.support.servers.ports import free_port
from tests.support.servers.sqlite import migrate_now, new_epoch
from tests.support.timing.waiting import until_sync

_ROLE: Final = "festival"
_DEBIAN_DIRS: Final = "usr/lib/postgresql/*/bin"

# fsync is off because a test machine need not survive a power cut, and a thousand empty databases are made on it.
# A killed server process loses nothing by it: the kernel still holds what was written.
_SETTINGS: Final = {
    "fsync": "off",
    "synchronous_commit": "on",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "wal_keep_size": "64MB",  # a standby that was away for a while can go on
    "timezone": "UTC",
}


class PostgresServer:
    """One cluster in a temporary folder, on one port from `start` to `close`; usable as a context manager.

    Made once, it can be stopped, killed and started any number of times without losing its databases.

    Args:
        settings: PostgreSQL's own, beside or instead of ours.
        segment_mb: Of each file of the write-ahead log; small ones are made soon, but often.
    """

    def __init__(self, settings: Mapping[str, str] | None = None, *, segment_mb: int = 1) -> None:
        self.port = free_port()
        self.settings = _SETTINGS | dict(settings or {})  # a change counts from the next start on
        self._user = processes.unprivileged_user("postgres")
        # Not pytest's own folder: that is closed to everyone but its owner, and the server may run as another user.
        self._home = Path(tempfile.mkdtemp(prefix="festival-push-postgres-"))
        if self._user is not None:
            shutil.chown(self._home, self._user)
        self._log = self._home / "server.log"
        self._segment_mb = segment_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._shared = ""  # the name of the database that tests use in turn, once there is one
        self._template = ""  # of those that are migrated already
        self._copied = ""  # the last of them

    def __enter__(self) -> Self:
        try:
            self._make_cluster()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def data(self) -> Path:
        """Return its data folder."""
        return self._home / "data"

    def put(self, name: str, text: str) -> None:
        """Put a file into the data folder, which only the server may read, e.g. its private key."""
        path = self.data / name
        path.touch(mode=0o600)
        path.write_text(text)
        if self._user is not None:
            shutil.chown(path, self._user)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of the process from which all others of the server come."""
        assert self._process is not None
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        """Return the connection URL of one of its databases."""
        return f"postgresql://{_ROLE}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it answers. It must not be running."""
        assert not self.is_running
        settings = [f"--{name}={value}" for name, value in self.settings.items()]
        command = [program("postgres"), "-D", str(self.data), "-p", str(self.port), *settings]
        with self._log.open("ab") as log, processes.log_shown_on_failure(self._log):
            # By SIGKILL it would leave its shared memory behind, and its data folder is left anyway.
            self._process = processes.start(command, log=log, user=self._user, leash=signal.SIGQUIT)
            until_sync(
                self._answers, within_s=processes.READY_WITHIN_S, message=f"PostgreSQL on port {self.port} answers"
            )

    def stop(self) -> None:
        """Stop the server in order: open connections are cut, what was committed is kept."""
        if self._process is not None:
            processes.end(self._process, signal.SIGINT)

    def kill(self) -> None:
        """End the server at once, as a crash would; the next start recovers from the log."""
        if self._process is not None:
            # SIGQUIT rather than SIGKILL: as abrupt for every client, but the server's own children end too.
            processes.end(self._process, signal.SIGQUIT)

    def freeze(self) -> None:
        """Let all its processes stand still: connections stay open and nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on where they stood."""
        self._signal(signal.SIGCONT)

    def restart(self) -> None:
        """Stop the server in order and start it again on the same port."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End the server and remove all that it wrote."""
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    @contextmanager
    def database(self) -> Iterator[str]:
        """Give the URL of a fresh, empty database; it is dropped at the end, whoever is still connected."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def emptied(self) -> str:
        """Empty the one database that tests use in turn, cut off who is still connected, and return its URL.

        Its name is new each time, so that a pool that a test has left behind can't come back to it. A database for
        each test would cost five times as much: PostgreSQL copies a thousand files for it.
        """
        before, self._shared = self._shared, f"shared_{next(self._numbers)}"
        if not before:
            self.execute(f"CREATE DATABASE {self._shared}")
            return self.url(self._shared)
        self.execute(
            f"ALTER DATABASE {before} WITH ALLOW_CONNECTIONS false",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{before}'",  # noqa: S608 - ours
            f"ALTER DATABASE {before} RENAME TO {self._shared}",
            f"ALTER DATABASE {self._shared} WITH ALLOW_CONNECTIONS true",
            f"\\connect {self._shared}",
            "DROP SCHEMA public CASCADE",
            "CREATE SCHEMA public",
        )
        return self.url(self._shared)

    def migrated(self) -> str:
        """Drop the database that this gave before, whoever is still connected, and return the URL of the next one.

        It is empty but for its tables, and a copy: to migrate it would cost four times as much.
        """
        if not self._template:
            self._template = "template_migrated"
            self.execute(f"CREATE DATABASE {self._template}")
            migrate_now(self.url(self._template))
        before, self._copied = self._copied, f"migrated_{next(self._numbers)}"
        self.execute(
            *([f"DROP DATABASE {before} WITH (FORCE)"] if before else []),
            f"CREATE DATABASE {self._copied} TEMPLATE {self._template} STRATEGY file_copy",
            f"\\connect {self._copied}",
            new_epoch(),
        )
        return self.url(self._copied)

    def execute(self, *statements: str, database: str = "postgres") -> str:
        """Run statements as the owner of the cluster and return what psql prints of their rows."""
        command = [program("psql"), "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1"]
        for statement in statements:
            command += ["-c", statement]
        result = subprocess.run([*command, self.url(database)], capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def _make_cluster(self) -> None:
        """Fill the data folder."""
        command = [program("initdb"), "-D", str(self.data), "-U", _ROLE, "--auth=trust", "--no-sync"]
        self._fill([*command, "--encoding=UTF8", "--locale=C.UTF-8", f"--wal-segsize={self._segment_mb}"])

    def _fill(self, command: list[str]) -> None:
        """Run the program that makes the data folder."""
        with self._log.open("ab") as log, processes.log_shown_on_failure(self._log):
            assert processes.finish(processes.start(command, log=log, user=self._user)) == 0, f"{command[0]} failed"

    def _signal(self, which: signal.Signals) -> None:
        """Signal the first process and then its children: a frozen one makes no new ones."""
        assert self._process is not None
        self._process.send_signal(which)
        for child in children(self._process.pid):
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(child, which)

    def _answers(self) -> bool:
        assert self.is_running, "PostgreSQL ended while it was starting"
        command = [program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, check=False).returncode == 0


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs."""
    return str(processes.find_program(name, package="postgresql", debian_dirs=_DEBIAN_DIRS))
