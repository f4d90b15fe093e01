"""The server under measurement: a real process, with its people, and the kernel's accounting of it."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from festival_push.app import open_ledger, tokens_of
from festival_push.domain.funds import TopUp
from festival_push.domain.menus import AddMenuItem
from festival_push.domain.people import AddUser
from festival_push.domain.values import ItemId, Role, TransferId, UserId, VendorId
from festival_push.settings import Settings, load_settings
from festival_push.web.claims import Audience

_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
_ADMIN: Final = UserId("organiser")


class Subject:
    """A server over a fresh SQLite file, with customers `c0…` who own plenty and stalls `s0…` that sell `i0…`."""

    def __init__(self, *, customers: int, stalls: int) -> None:
        self.customers = [UserId(f"c{number}") for number in range(customers)]
        self.stalls = [VendorId(f"s{number}") for number in range(stalls)]
        self._home = tempfile.TemporaryDirectory(prefix="festival-push-bench-")
        environ = {
            "DATABASE_URL": f"sqlite:///{self._home.name}/festival.db",
            "JWT_SECRET": "only-for-benchmarks-0123456789-abcdefg",
            "FESTIVAL_PUSH_SERVER__PORT": "0",
            "FESTIVAL_PUSH_LIMITS__COMMANDS_PER_MIN": "100000000",
            "FESTIVAL_PUSH_LIMITS__VENDOR_COMMANDS_PER_MIN": "100000000",
            "FESTIVAL_PUSH_LIMITS__BALANCE_MAX": "1000000000",
        }
        self._environ = {**os.environ, **environ, "PYTHONUNBUFFERED": "1"}
        self.settings: Settings = load_settings(None, environ)
        self._process: subprocess.Popen[str] | None = None
        self.host, self.port = "127.0.0.1", 0

    @property
    def pid(self) -> int:
        """Of the server."""
        assert self._process is not None
        return self._process.pid

    async def furnish(self) -> None:
        """Make the people; the server is not running yet."""
        async with open_ledger(self.settings) as ledger:
            submit = ledger.committer.submit
            await submit(_person(_ADMIN, Role.ADMIN))
            for number, stall in enumerate(self.stalls):
                await submit(_person(UserId(stall), Role.VENDOR))
                await submit(
                    AddMenuItem(
                        actor_id=_ADMIN, vendor_id=stall, item_id=ItemId(f"i{number}"), name="Falafel wrap",
                        description="", price=750, available=True,
                    )
                )  # fmt: skip
            for customer in self.customers:
                await submit(_person(customer, Role.CUSTOMER))
                await submit(
                    TopUp(
                        actor_id=_ADMIN, user_id=customer, amount=100_000_000, method="cash", note=None,
                        transfer_id=TransferId(f"t-{customer}"),
                    )
                )  # fmt: skip

    def tokens(self, people: list[UserId] | list[VendorId]) -> list[str]:
        """Session tokens."""
        issuer = tokens_of(self.settings)
        return [issuer.issue(person, Audience.SESSION, 3_600).token for person in people]

    def start(self) -> None:
        """Start the server and wait until it listens."""
        command = [sys.executable, "-m", "festival_push", "serve"]
        self._process = subprocess.Popen(
            command, env=self._environ, stdout=subprocess.PIPE, text=True, cwd=self._home.name
        )
        assert self._process.stdout is not None
        found = re.search(r"http://([\d.]+):(\d+)", self._process.stdout.readline())
        assert found, "the server did not start"
        self.host, self.port = found.group(1), int(found.group(2))

    def stop(self) -> None:
        """End the server and remove its files."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(20)
        self._home.cleanup()

    def cpu_s(self) -> float:
        """User and system seconds of the server so far, by the kernel's accounting."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * _TICK_S

    def orders_per_batch(self) -> float:
        """How many orders committed together, on average: those of one batch carry the same instant."""
        with closing(sqlite3.connect(f"file:{self._home.name}/festival.db?mode=ro", uri=True)) as connection:
            orders, batches = connection.execute("SELECT count(*), count(DISTINCT created_at) FROM orders").fetchone()
        return float(orders / batches)

    def rss_bytes(self) -> int:
        """Resident memory of the server."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _person(user_id: UserId, role: Role) -> AddUser:
    return AddUser(user_id=user_id, role=role, name=user_id, pin_hash=None, top_up_code=user_id)
