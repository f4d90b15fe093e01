"""Our server under measurement: real processes, their people, and the requests that they answer."""

import asyncio
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from bench.load.load_client import KEY, SENT, LoadClient
from festival_push.app import open_store, tokens_of
from festival_push.domain.money.funds import TopUp
from festival_push.domain.people.people import AddUser
from festival_push.domain.stalls.menus import AddMenuItem
from festival_push.domain.values import ItemId, Role, TransferId, UserId, VendorId
from festival_push.settings import Settings, load_settings
from festival_push.web.identity.claims import TokenUse
from tests.support.servers import processes

GREETING: Final = "event: connected"
ADMIN: Final = UserId("organiser")
_AT_ONCE: Final = 500
_UNLIMITED: Final = (
    "ANONYMOUS_PER_MIN",
    "BALANCE_MAX",
    "COMMANDS_PER_MIN",
    "OPEN_ORDERS_MAX",
    "READS_PER_MIN",
    "REGISTRATIONS_PER_MIN",
    "SIGN_INS_PER_MIN",
    "STREAMS_MAX",  # of which one address, the benchmark's, gets less than half
    "VENDOR_COMMANDS_PER_MIN",
)


class Subject:
    """Servers over one fresh SQLite file, with customers `c0…` who own plenty and stalls `s0…` that sell `i0…`.

    Args:
        redis_url: Needed when more than one process is started.
        settings: Further environment overrides, as `{"FESTIVAL_PUSH_LIMITS__BATCH_MAX": "1"}`.
    """

    def __init__(
        self, *, customers: int, stalls: int = 1, redis_url: str = "", settings: dict[str, str] | None = None
    ) -> None:
        self.customers = [UserId(f"c{number}") for number in range(customers)]
        self.stalls = [VendorId(f"s{number}") for number in range(stalls)]
        self._home = tempfile.TemporaryDirectory(prefix="festival-push-bench-")
        self.database = Path(self._home.name) / "festival.db"
        environ = {f"FESTIVAL_PUSH_LIMITS__{name}": "10000000" for name in _UNLIMITED}
        environ |= {
            "DATABASE_URL": f"sqlite:///{self.database}",
            "JWT_SECRET": "only-for-benchmarks-0123456789-abcdefg",
            "REDIS_URL": redis_url,
            "FESTIVAL_PUSH_SERVER__PORT": "0",
            "FESTIVAL_PUSH_SERVER__OPS_LISTEN": "",
            "FESTIVAL_PUSH_SERVER__ACCESS_LOG": "false",  # the peers write none either
            **(settings or {}),
        }
        self._environ = {**os.environ, **environ, "PYTHONUNBUFFERED": "1"}
        self.settings: Settings = load_settings(None, environ)
        self._issuer = tokens_of(self.settings)
        self._processes: list[subprocess.Popen[bytes]] = []

    async def furnish(self) -> None:
        """Make the people; no server is running yet."""
        async with open_store(self.settings) as ledger:
            submit = ledger.committer.submit
            await submit(_person(ADMIN, Role.ADMIN))
            for number, stall in enumerate(self.stalls):
                await submit(_person(UserId(stall), Role.VENDOR))
                await submit(
                    AddMenuItem(
                        actor_id=ADMIN, vendor_id=stall, item_id=ItemId(f"i{number}"), name="Falafel wrap",
                        description="", price=750, available=True,
                    )
                )  # fmt: skip
            for start in range(0, len(self.customers), _AT_ONCE):
                some = self.customers[start : start + _AT_ONCE]
                await asyncio.gather(*(submit(_person(customer, Role.CUSTOMER)) for customer in some))
                await asyncio.gather(*(submit(_funds(customer)) for customer in some))

    def start(self) -> str:
        """Start a server process and wait until it listens; its URL."""
        command = [sys.executable, "-m", "festival_push", "serve"]
        process = subprocess.Popen(command, env=self._environ, stdout=subprocess.PIPE, cwd=self._home.name)
        self._processes.append(process)
        assert process.stdout is not None
        found = re.search(rb"http://[\d.]+:\d+", process.stdout.readline())
        assert found, "the server did not start"
        return found.group().decode()

    def end(self) -> None:
        """End the servers; their files stay."""
        while self._processes:
            with self._processes.pop() as process:
                processes.end(process, signal.SIGTERM)

    def stop(self) -> None:
        """End the servers and remove their files."""
        self.end()
        self._home.cleanup()

    def pid(self, process: int = -1) -> int:
        """Of one of the servers; the last one started unless said otherwise."""
        return self._processes[process].pid

    # Requests

    def tokens(self, people: Sequence[str]) -> list[str]:
        """Session tokens."""
        return [self._issuer.issue(UserId(person), TokenUse.SESSION, 7_200).token for person in people]

    def stream_requests(self, client: LoadClient, people: Sequence[str], cursor: str = "") -> list[bytes]:
        """To open these people's streams, coming back with a cursor if one is given."""
        back = {"Last-Event-ID": cursor} if cursor else {}
        return [client.get("/v1/stream", _bearer(token) | back) for token in self.tokens(people)]

    def announcement(self, client: LoadClient) -> bytes:
        """To tell everybody something."""
        body = f'{{"message":"The rain is over. {SENT} Come back.","audience":"all"}}'
        return client.post_request("/v1/admin/announcements", body, _bearer(*self.tokens([ADMIN])))

    def refreshes(self, client: LoadClient) -> list[bytes]:
        """One event to each customer's own stream."""
        return [
            client.post_request("/v1/balance/refresh", "{}", _bearer(token)) for token in self.tokens(self.customers)
        ]

    def orders(self, client: LoadClient) -> Iterator[bytes]:
        """An order of each customer, the stalls in turn."""
        for number, token in enumerate(self.tokens(self.customers)):
            stall = number % len(self.stalls)
            body = f'{{"vendorId":"s{stall}","items":[{{"itemId":"i{stall}","quantity":1,"notes":"{SENT}"}}]}}'
            yield client.post_request("/v1/orders", body, _bearer(token) | {"Idempotency-Key": KEY})

    def tickets(self, client: LoadClient) -> Iterator[bytes]:
        """An authenticated command that commits nothing."""
        for token in self.tokens(self.customers):
            yield client.post_request("/v1/auth/stream-tickets", "{}", _bearer(token))

    def top_ups(self, client: LoadClient, people: Iterable[UserId]) -> Iterator[bytes]:
        """Three events to each of these people."""
        [admin] = self.tokens([ADMIN])
        for person in people:
            body = f'{{"userId":"{person}","amount":100,"method":"cash"}}'
            yield client.post_request("/v1/admin/top-ups", body, _bearer(admin) | {"Idempotency-Key": KEY})

    # What became of it

    def query(self, sql: str, *parameters: int) -> Any:
        """The first value that the database answers."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, parameters).fetchone()[0]

    def cursor(self) -> str:
        """The end of the log, as a client that has seen all would send it."""
        return str(self.query("SELECT epoch || '.' || position FROM log_head"))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _person(user_id: UserId, role: Role) -> AddUser:
    return AddUser(user_id=user_id, role=role, name=user_id, pin_hash=None, top_up_code=user_id)


def _funds(customer: UserId) -> TopUp:
    return TopUp(
        actor_id=ADMIN, user_id=customer, amount=100_000, method="cash", note=None,
        transfer_id=TransferId(f"t-{customer}"),
    )  # fmt: skip
