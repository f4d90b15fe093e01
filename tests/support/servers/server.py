"""The real server in processes of its own, with its database, its settings and its people."""

import os
import re
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from tests.support.servers import processes
from tests.support.servers.fork_server import fork_server
from tests.support.servers.sqlite import migrated_file
from tests.support.timing.waiting import until_sync

ROOT: Final = Path(__file__).parents[3]
JWT_SECRET: Final = "only-for-tests-0123456789-abcdefghij"
WEBHOOK_SECRET: Final = "whsec_" + "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3Rz"  # base64 of 27 bytes
COMMAND_WITHIN_S: Final = 90.0
WAITING_MAY_HELP: Final = 3
"""How a server ends that may start a moment later; `docs/operating.md` has the exit codes."""
_LISTENING: Final = re.compile(rb"listening on (http://\S+)")
_BUDGETS: Final = ("COMMANDS", "VENDOR_COMMANDS", "ANONYMOUS", "SIGN_INS", "REGISTRATIONS", "READS")
_ROOMY: Final = {f"{budget}_PER_MIN": "1000000" for budget in _BUDGETS} | {"OPEN_ORDERS_MAX": "1000"}


class ServerProcess:
    """One `festival-push serve`, which can be killed and started again over the same database and on the same port.

    Args:
        home: Where its log goes and, unless `database_url` says otherwise, its SQLite file, which is a copy of one that
            was migrated already.
        settings: Environment overrides without their prefix, e.g. `{"LIMITS__STREAMS_PER_USER": "2"}`.
        config: Its settings file; by default the shipped one.
        host: Where it listens.
        network: The file of the network namespace that it and its commands run in; empty: this process's own.
    """

    def __init__(
        self,
        home: Path,
        *,
        database_url: str | None = None,
        redis_url: str = "",
        settings: dict[str, str] | None = None,
        config: Path = ROOT / "config.toml",
        host: str = "127.0.0.1",
        network: str = "",
    ) -> None:
        self.home = home
        self.config = config
        self._own_file = None if database_url else home / "festival.db"
        self.database_url = database_url or f"sqlite:///{self._own_file}"
        overrides = {f"LIMITS__{name}": text for name, text in _ROOMY.items()}
        overrides |= {"SERVER__OPS_LISTEN": ""} | (settings or {})  # its default is one port for all on this machine
        self.environ = {
            **{name: text for name, text in os.environ.items() if not name.startswith("FESTIVAL_PUSH_")},
            **{f"FESTIVAL_PUSH_{name}": text for name, text in overrides.items()},
            "FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": f'["{WEBHOOK_SECRET}"]',
            "DATABASE_URL": self.database_url,
            "REDIS_URL": redis_url,
            "JWT_SECRET": JWT_SECRET,
            "PYTHONUNBUFFERED": "1",
        }
        self.spoilt_by = ""  # a bug of the tests, `module:function`, for the next start
        self.version: Path | None = None  # the folder of another version's program, for the next start and for commands
        self.log = home / f"server-{id(self):x}.log"
        self.url = ""
        self._host = host
        self._network = network
        self._port = "0"
        self._begin = 0  # of what the running process has logged
        self._process: processes.Process | None = None

    def __enter__(self) -> "ServerProcess":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended, or None while it runs."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Start it and wait until it says where it listens; after the first time, the same port again.

        If it ends because it could not wait any longer, as for a database on a busy machine, it is started anew, as a
        supervisor does.
        """

        def listens() -> bool:
            if self.exit_code == WAITING_MAY_HELP:
                self.launch()
            return self.listens()

        with processes.log_shown_on_failure(self.log):
            self.launch()
            until_sync(listens, within_s=processes.READY_WITHIN_S, message="the server listens")

    def launch(self) -> None:
        """Start it and return at once, so that clients may knock meanwhile; `listens` tells the rest."""
        assert self._process is None or self._process.poll() is not None
        if self._own_file is not None and self.version is None and not self._own_file.exists():
            migrated_file(self._own_file)
        self._begin = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = self._run(["serve", "--host", self._host, "--port", self._port], log, log, Path("/"))

    def listens(self) -> bool:
        """Whether it has said where it listens since it was launched; fails when it has ended instead."""
        assert self.exit_code is None, f"the server ended while it was starting:\n{self.read_log()[-2000:]}"
        found = _LISTENING.search(self.log.read_bytes(), self._begin)
        if found is None:
            return False
        self.url = found.group(1).decode()
        self._port = self.url.rpartition(":")[2]
        return True

    def read_log(self) -> str:
        """All that it has written so far, over all its starts."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def send(self, sig: signal.Signals) -> None:
        """Send it a signal and return at once."""
        os.kill(self.pid, sig)

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            processes.end(self._process, signal.SIGKILL)

    def terminate(self) -> int:
        """Ask it to end, wait, and return its exit code."""
        assert self._process is not None
        return processes.end(self._process, signal.SIGTERM)

    def command(self, *arguments: str) -> str:
        """Run one `festival-push` command over the same database; return what it printed, without the last newline."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            done = self._run(arguments, out, err, self.home)
            try:
                code = done.wait(COMMAND_WITHIN_S)
            finally:
                done.kill()
            out.seek(0)
            err.seek(0)
            printed, complained = out.read().decode(), err.read().decode()
        assert code == 0, f"{arguments}: {printed}{complained}"
        return printed.rstrip("\n")

    def audit(self) -> None:
        """Check every promise on the live database, and reconcile its money."""
        self.command("audit")
        self.command("audit", "--report")

    def _run(self, arguments: Sequence[str], out: IO[bytes], err: IO[bytes], cwd: Path) -> processes.Process:
        """Start the program with its settings file; of another version, with that one's, which knows what it knows."""
        if self.version is None:
            line = [*arguments, "--config", str(self.config)]
            return fork_server().start(
                line, out=out, err=err, env=self.environ, cwd=cwd, network=self._network, spoilt_by=self.spoilt_by
            )
        line = [sys.executable, "-m", "festival_push", *arguments, "--config", str(self.version / "config.toml")]
        environ = {**self.environ, "PYTHONPATH": str(self.version)}
        return processes.start(line, log=out, err=err, env=environ, cwd=cwd)
