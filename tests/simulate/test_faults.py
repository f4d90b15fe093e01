"""Faults on request: a server that keeps its promises keeps them through each, and one that does not is found."""

import asyncio
import io
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from festival_push.simulate import guests, keepers, run, settling
from festival_push.simulate.faults import answers, servers, streams
from festival_push.simulate.faults.inflict import FAULTS, require_possible
from festival_push.simulate.findings import Law
from festival_push.simulate.plan import Plan, SimulationError
from festival_push.simulate.run import simulate
from festival_push.simulate.verdict import Verdict, render
from tests.support.doctor import Doctor, Given
from tests.support.servers.server import ServerProcess

ADMIN: Final = "organiser"
PATIENCE_S: Final = 120.0
OF_CLIENTS: Final = tuple(name for name, fault in FAULTS.items() if not fault.to_servers)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("faults")) as server:
        server.command("user", "add", "admin", "Organiser", "--id", ADMIN)
        yield server
        server.audit()


@pytest.fixture(scope="module")
def token(server: ServerProcess) -> str:
    return server.command("token", ADMIN)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everyone is quick, and faults come soon. A busy machine may take its time to bring what they wait for."""
    monkeypatch.setattr(guests, "PAUSE_S", (0.1, 0.3))
    monkeypatch.setattr(keepers, "STEP_S", (0.0, 0.1))
    monkeypatch.setattr(streams, "EVERY_S", (1.0, 1.5))
    monkeypatch.setattr(streams, "SHUT_S", (0.2, 0.5))
    monkeypatch.setattr(answers, "_LATER_S", (0.1, 0.3))
    monkeypatch.setattr(servers, "STILL_S", (0.3, 0.6))
    for module, name in ((settling, "CAUGHT_UP_S"), (run, "IDLE_S"), (streams, "BACK_S")):
        monkeypatch.setattr(module, name, PATIENCE_S)


def plan_of(url: str, token: str, *faults: str, orders: int = 60, pids: tuple[int, ...] = ()) -> Plan:
    return Plan(
        url=url, token=token, customers=4, stalls=3, orders=orders, seconds=240, seed=7, webhook=None,
        faults=faults, pids=pids,
    )  # fmt: skip


async def outcome(plan: Plan) -> Verdict:
    return await simulate(plan, stop=asyncio.Event(), out=io.StringIO())


async def test_a_server_keeps_its_promises_through_all_faults_of_clients(server: ServerProcess, token: str) -> None:
    verdict = await outcome(plan_of(server.url, token, *OF_CLIENTS))
    assert verdict.ok, render(verdict)
    assert set(verdict.inflicted) == set(OF_CLIENTS)
    assert min(verdict.inflicted.values()) > 0
    assert verdict.back_ms is not None
    assert "Inflicted on purpose: stampede " in render(verdict)


async def test_a_server_that_stands_still_goes_on(server: ServerProcess, token: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(servers, "require_servers", lambda _: None)  # it was forked: `ps` does not say what it serves
        verdict = await outcome(plan_of(server.url, token, "freeze", pids=(server.pid,)))
    assert verdict.ok, render(verdict)
    assert verdict.inflicted["freeze"] > 0


async def test_an_answer_that_differs_when_it_is_asked_for_again_is_found(server: ServerProcess, token: str) -> None:
    seen: set[bytes] = set()

    def changed(path: str, given: Given) -> Given:
        """A placed order is told with one more byte from the second time on."""
        if path != "/v1/orders" or given.status != 201 or given.body not in seen:
            seen.add(given.body)
            return given
        return Given(201, given.body + b" ")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(answers, "_SHARE", 1.0)
        async with Doctor(server.url, answer=changed) as doctor:
            verdict = await outcome(plan_of(doctor.url, token, "repeats", orders=20))
    assert verdict.laws[Law.REPEATS].broken, render(verdict)


async def test_a_token_that_should_not_be_taken_is_found(server: ServerProcess, token: str) -> None:
    def kind(path: str, given: Given) -> Given:
        return Given(200, b"{}") if path == "/v1/me" and given.status == 401 else given

    async with Doctor(server.url, answer=kind) as doctor:
        verdict = await outcome(plan_of(doctor.url, token, "wrong-tokens", orders=12))
    assert verdict.laws[Law.REFUSALS].broken, render(verdict)
    assert any("a token that is not valid" in text for text in verdict.findings)


async def test_what_was_asked_for_and_not_done_is_no_success(
    server: ServerProcess, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_: object) -> None: ...

    monkeypatch.setitem(FAULTS, "repeats", FAULTS["repeats"]._replace(inflict=nothing))
    verdict = await outcome(plan_of(server.url, token, "repeats", orders=3))
    assert not verdict.ok
    assert render(verdict).endswith("but there was no time for repeats: run more orders.")


@pytest.mark.parametrize(
    ("faults", "pids", "why"),
    [
        (("kill",), (), "needs the process ids"),
        (("repeats",), (1,), "no --fault is for servers"),
        ((), (1,), "no --fault is for servers"),
    ],
)
def test_faults_of_servers_and_process_ids_go_together(
    faults: tuple[str, ...], pids: tuple[int, ...], why: str
) -> None:
    with pytest.raises(SimulationError, match=why):
        require_possible(plan_of("http://127.0.0.1:1", "-", *faults, pids=pids))


def test_a_process_that_is_no_server_is_never_hit(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, cwd=tmp_path) as process:
        with pytest.raises(SimulationError, match="is no `festival-push serve`"):
            require_possible(plan_of("http://127.0.0.1:1", "-", "kill", pids=(process.pid,)))
        assert process.poll() is None
        process.kill()


def test_a_process_that_has_ended_is_no_server() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    with pytest.raises(SimulationError, match="no such process"):
        require_possible(plan_of("http://127.0.0.1:1", "-", "freeze", pids=(process.pid,)))
    assert not servers._send(process.pid, signal.SIGTERM)
