"""What one stream's watch makes of what comes."""

import asyncio
import random
from contextlib import suppress
from itertools import cycle
from typing import Final

import pytest

from festival_push.simulate.findings import Findings, Law
from festival_push.simulate.http import follower as module
from festival_push.simulate.http.client import Client, Person
from festival_push.simulate.http.watch import Watch
from tests.support.timing.waiting import until
from tests.support.wire.listener import listening

GREETING: Final = '{"resumed":false,"snapshot":{"wallet":{"balance":500},"stalls":[]}}'


@pytest.fixture
def findings() -> Findings:
    return Findings()


@pytest.fixture
def watch(findings: Findings) -> Watch:
    """Anna's, greeted at position 10 with 5.00 in the wallet."""
    dice = random.Random(1)  # noqa: S311 - a plan, no secret
    client = Client(url="http://127.0.0.1:1", findings=findings, dice=dice)
    watch = Watch(client, Person(user_id="anna", token="-"), dice)
    watch.take("connected", GREETING, "e.10")
    return watch


def balance(old: int, amount: int, new: int) -> str:
    whose = '"account":"wallet","userId":"anna"'
    return f'{{{whose},"oldBalance":{old},"amount":{amount},"newBalance":{new},"reason":"purchase"}}'


def test_the_snapshot_is_where_it_begins(watch: Watch, findings: Findings) -> None:
    assert (watch.began, watch.position, watch.balance) == ("e.10", 10, 500)
    assert watch.greeted.is_set()
    assert not findings.broken


def test_a_chain_of_balances_is_followed(watch: Watch, findings: Findings) -> None:
    watch.take("balance-updated", balance(500, -200, 300), "e.12")
    watch.take("balance-updated", balance(300, 50, 350), "e.15")
    assert watch.balance == 350
    assert findings.checked[Law.BALANCES] == 2
    assert not findings.broken


@pytest.mark.parametrize("data", [balance(500, -200, 301), balance(400, -200, 200), "{}"])
def test_a_balance_that_does_not_follow_is_found(watch: Watch, findings: Findings, data: str) -> None:
    watch.take("balance-updated", data.replace("{}", balance(1, 1, 1)), "e.12")
    assert findings.broken == {Law.BALANCES: 1}


def test_somebody_elses_balance_is_not_mine(watch: Watch, findings: Findings) -> None:
    watch.take("balance-updated", balance(1, 1, 2).replace("anna", "ben"), "e.12")
    assert watch.balance == 500
    assert not findings.broken


@pytest.mark.parametrize(("event_id", "law"), [("e.12", Law.ONCE), ("e.11", Law.ORDER), ("", Law.ORDER)])
def test_an_id_that_does_not_rise_is_found(watch: Watch, findings: Findings, event_id: str, law: Law) -> None:
    watch.take("order-ready", '{"orderId":"o"}', "e.12")
    watch.take("order-ready", '{"orderId":"p"}', event_id)
    assert findings.broken == {law: 1}
    assert [event.position for event in watch.events] == [12]


def test_the_epoch_is_part_of_the_id(watch: Watch, findings: Findings) -> None:
    watch.take("order-ready", '{"orderId":"o"}', "other.12")
    assert findings.broken == {Law.ORDER: 1}


def test_coming_back_goes_on_where_it_was(watch: Watch, findings: Findings) -> None:
    watch.take("connected", '{"resumed":true}', "")
    assert not findings.broken
    assert watch.position == 10


@pytest.mark.parametrize(
    ("data", "event_id"),
    [
        ('{"resumed":false,"reason":"trimmed","snapshot":{"wallet":{"balance":1},"stalls":[]}}', "e.20"),
        ('{"resumed":true}', "e.10"),
    ],
)
def test_coming_back_to_something_else_is_found(watch: Watch, findings: Findings, data: str, event_id: str) -> None:
    watch.take("connected", data, event_id)
    assert findings.broken == {Law.COMPLETE: 1}


@pytest.mark.parametrize(
    ("statuses", "broken"),
    [
        (["preparing", "ready", "preparing", "ready", "completed"], 0),
        (["preparing", "ready", "completed", "ready", "preparing", "cancelled"], 0),
        (["preparing", "ready", "completed", "preparing"], 1),
        (["preparing", "ready", "completed", "cancelled"], 1),
        (["pending", "confirmed", "confirmed", "preparing", "cancelled"], 0),
        (["pending", "cancelled", "ready"], 1),
        (["ready"], 1),
        (["preparing", "completed"], 1),
        (["preparing", "lost"], 1),
    ],
)
def test_orders_go_step_by_step(watch: Watch, findings: Findings, statuses: list[str], broken: int) -> None:
    for position, status in enumerate(statuses, 11):
        watch.take("order-status-changed", f'{{"orderId":"o","status":"{status}"}}', f"e.{position}")
    assert findings.broken[Law.STEPS] == broken


def test_what_is_not_of_the_log_is_not_an_event(watch: Watch, findings: Findings) -> None:
    watch.take("message", "", "e.10")  # a block of `retry:` alone
    watch.take("session-expiring", '{"expiresAt":"2026-11-23T00:00:00.000Z"}', "e.10")
    watch.take("error", '{"code":"draining","message":"-"}', "e.10")
    assert watch.events == []
    assert not findings.broken


def test_a_listener_hears_what_comes_once(watch: Watch) -> None:
    heard: list[str | None] = []
    watch.listener = lambda name, told: heard.append(f"{name} {told.order_id}")
    for event_id in ("e.11", "e.11"):
        watch.take("order-ready", '{"orderId":"o"}', event_id)
    assert heard == ["order-ready o"]


async def test_a_connection_is_cut_only_after_it_was_answered(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """However short it is to stay: a slow server is found to be slow, not silent."""
    for name in ("STAY_S", "AWAY_S"):
        monkeypatch.setattr(module, name, (0.0, 0.0))
    monkeypatch.setattr(module, "_RETRY_S", 0.0)
    asked, go = 0, asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await reader.readuntil(b"\r\n\r\n")
        asked += 1
        await go.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: quiet\n\n")
        with suppress(ConnectionError):
            await writer.drain()
            await reader.read()

    async with listening(answer) as port:
        watch._client.url = f"http://127.0.0.1:{port}"
        watch._client._turns = cycle([watch._client.url])
        running = asyncio.create_task(watch.run())
        await until(lambda: asked == 1)
        for _ in range(100):
            await asyncio.sleep(0)
        assert asked == 1
        go.set()
        await until(lambda: watch.connections > 2)
        running.cancel()
        await asyncio.wait([running])
