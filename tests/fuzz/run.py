"""Schemathesis over the published contract: made-up requests to a running server, right and wrong, as one person."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from festival_push.web.routes import ENDPOINTS
from festival_push.web.routing.endpoint import Access, Endpoint
from tests.fuzz.weighing import Weight, weigh_all
from tests.support.ground import Ground, Person, Stall
from tests.support.layout import ROOT
from tests.support.servers.server import ServerProcess

ROLES: Final = ("admin", "customer", "vendor")
SETTINGS: Final = {"LIMITS__AMOUNT_MAX": str(10**12), "LIMITS__BALANCE_MAX": str(10**12)}
"""The bounds that the contract names, and no organiser's lower ones."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one run."""

    cases: int
    failures: int  # unique ones, and errors of the tool itself
    said: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """A server with one person of each role, and something to sell."""

    server: ServerProcess
    people: dict[str, Person]

    def fuzz(
        self, role: str, *, examples: int, seed: int, routes: Sequence[str] = (), every_bound: bool = True
    ) -> Outcome:
        """Make requests in the name of this role.

        Args:
            examples: How many a route, made up at random.
            routes: Only these, each as `POST /v1/orders`; none: all.
            every_bound: Whether to try each bound of each field before, some forty requests a route.
        """
        phases = "examples,coverage,fuzzing" if every_bound else "examples,fuzzing"
        report = self.server.home / f"fuzz-{role}.json"
        command = [
            sys.executable, "-m", "schemathesis.cli",
            "--config-file", str(ROOT / "tests/fuzz/schemathesis.toml"),
            "run", f"{self.server.url}/v1/openapi.json",
            "--header", f"Authorization: Bearer {self.people[role].token}",
            "--phases", phases, "--max-examples", str(examples), "--seed", str(seed), "--report-json-path", str(report),
            *(word for route in routes for word in ("--include-name", route)),
        ]  # fmt: skip
        selves = " ".join(person.user_id for person in self.people.values())
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "FUZZ_SELF": selves, "NO_COLOR": "1"}
        done = subprocess.run(command, env=environ, cwd=self.server.home, capture_output=True, text=True, check=False)
        if not report.exists():
            return Outcome(cases=0, failures=1, said=done.stdout + done.stderr)
        counts = json.loads(report.read_text())
        failures = len(counts["failures"]) + len(counts["errors"]) + (done.returncode != 0 and not counts["failures"])
        return Outcome(cases=counts["test_cases"]["generated"], failures=failures, said=done.stdout)

    def weigh(self) -> list[Weight]:
        """Weigh an order and all requests that are made to be dear, the dearest first."""
        stall = self.people["vendor"]
        assert isinstance(stall, Stall)
        tokens = {role: person.token for role, person in self.people.items()}
        item = next(iter(stall.items.values()))
        return weigh_all(self.server.url, self.server.pid, tokens, stall=stall.user_id, item=item)

    def faults(self) -> Sequence[str]:
        """What the server's log says of errors that nobody expected."""
        return [line for line in self.server.read_log().splitlines() if "unexpected error" in line]


@asynccontextmanager
async def open_field(home: Path) -> AsyncIterator[Field]:
    """Start a server and bring the people in."""
    with ServerProcess(home, settings=SETTINGS) as server:
        async with Ground([server]) as ground:
            stall = await ground.stall()
            anna = await ground.customer(funds=100_000)
            await ground.placed(anna, stall)
            yield Field(server=server, people={"customer": anna, "vendor": stall, "admin": await ground.admin()})


def _is_of_desk(endpoint: Endpoint) -> bool:
    return endpoint.path.startswith("/v1/admin/")


def _is_of(endpoint: Endpoint, access: Access) -> bool:
    """Whether it is theirs and not the organiser's: everything else answers them in the same way."""
    return access in endpoint.access and Access.ADMIN not in endpoint.access


PARTS: Final[dict[str, tuple[str, Callable[[Endpoint], bool]]]] = {
    "the desk": ("admin", _is_of_desk),
    "the ground, read": ("admin", lambda endpoint: not _is_of_desk(endpoint) and endpoint.method == "GET"),
    "the ground, changed": ("admin", lambda endpoint: not _is_of_desk(endpoint) and endpoint.method != "GET"),
    "a customer": ("customer", lambda endpoint: _is_of(endpoint, Access.USER)),
    "a stall": ("vendor", lambda endpoint: _is_of(endpoint, Access.KEEPER)),
}
"""Who calls which of the routes, by name. Together they are all that need be tried; each is a test of its own, because
one that tries everything takes minutes."""


def routes_of(part: str) -> list[str]:
    """The routes of one part, each as `POST /v1/orders`."""
    _, belongs = PARTS[part]
    return [f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS if belongs(endpoint)]
