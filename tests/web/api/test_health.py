"""Alive and ready: said without signing in, and truthfully."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from festival_push import __version__
from festival_push.domain.log import LogHead
from festival_push.domain.money.amounts import currency_of
from festival_push.ops.clock import ClockWatch
from festival_push.ops.watchdog import Watchdog
from festival_push.settings import RedisSettings
from festival_push.store.currency import keep_currency
from festival_push.store.errors import Unavailable
from festival_push.store.opening import open_database
from festival_push.web.api import health
from tests.support.timing.waiting import until
from tests.web.api.test_metrics import DIRECTLY, OPERATOR
from tests.web.world import World, open_app, open_world, settings_of


@pytest.fixture(autouse=True)
def at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing is late and no disk is full, whatever this one is."""
    monkeypatch.setattr(health, "DATABASE_WITHIN_S", 60.0)
    monkeypatch.setattr(health, "DISK_FREE_MIN", 0)
    monkeypatch.setattr(Watchdog, "lag_s", 0.0)
    monkeypatch.setattr(ClockWatch, "has_jumped", False)


async def ready(world: World, *, directly: bool = True) -> tuple[int, dict[str, Any]]:
    response = await world.http.get("/readyz", headers=DIRECTLY if directly else {})
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, response.json()


async def test_a_process_is_alive_whatever_its_neighbours_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(world.services.log), "head", _fails)
    response = await world.http.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "version": __version__})
    assert (await world.http.head("/healthz")).status_code == 200


async def test_all_is_well(world: World) -> None:
    status, body = await ready(world)
    head = (await world.services.log.head()).position
    assert body.pop("loopLagMs") == 0
    assert body.pop("diskFree") > 0
    assert body.pop("writtenMs") >= 0
    assert (status, body) == (
        200,
        {
            "status": "ready", "reasons": [], "database": "ok", "committer": "ok", "writer": "ok", "waiting": 0,
            "streams": 0, "draining": False, "position": head, "head": head, "redis": "off", "replica": "off",
            "clockJumpMs": 0,
        },
    )  # fmt: skip


async def test_commands_that_can_not_be_taken_make_it_unfit_however_well_it_reads(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    committer = world.services.committer
    with monkeypatch.context() as stuck:
        stuck.setattr(committer, "busy_s", lambda: 2.5)
        status, body = await ready(world)
        assert (status, body["reasons"], body["writer"]) == (503, ["writer"], "unavailable")
    with monkeypatch.context() as broken:
        broken.setattr(committer, "idle_s", lambda: None)
        broken.setattr(committer, "look", partial(_fails, None))
        status, body = await ready(world)
        assert (status, body["reasons"], body["writtenMs"]) == (503, ["writer"], None)
    status, body = await ready(world)
    assert (status, body["writer"]) == (200, "ok")


async def test_a_failure_is_over_when_something_can_be_written_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    committer = world.services.committer
    monkeypatch.setattr(committer._groups, "_worked_s", None)
    assert (await ready(world))[1]["writer"] == "ok"
    assert committer.idle_s() is not None


async def test_a_clock_that_has_jumped_is_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClockWatch, "has_jumped", True)
    monkeypatch.setattr(world.services.watchdog.clock, "jumped_s", -3600.0)
    status, body = await ready(world)
    assert (status, body["status"], body["reasons"], body["clockJumpMs"]) == (200, "degraded", ["clock"], -3_600_000)


async def test_the_public_learns_only_whether_it_works(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await ready(world, directly=False) == (200, {"status": "ready"})
    monkeypatch.setattr(Watchdog, "lag_s", 0.4)
    assert await ready(world, directly=False) == (200, {"status": "degraded"})
    monkeypatch.setattr(type(world.services.log), "head", _fails)
    assert await ready(world, directly=False) == (503, {"status": "unavailable"})
    for proof in ({"X-Forwarded-For": "127.0.0.1"}, {"Via": "1.1 proxy"}):
        answer = await world.http.get("/readyz", headers=DIRECTLY | proof)
        assert answer.json().keys() == {"status"}


async def test_the_operators_listener_tells_everything(world: World) -> None:
    for headers in ({}, {"X-Forwarded-For": "203.0.113.9"}):
        answer = await world.http.get(OPERATOR + "/readyz", headers=headers)
        assert answer.status_code == 200
        assert answer.json().keys() > {"status", "reasons", "database", "diskFree"}


async def test_without_the_database_it_is_not_ready(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(world.services.log), "head", _fails)
    status, body = await ready(world)
    assert (status, body["status"], body["database"], body["head"]) == (503, "unavailable", "unavailable", None)


async def test_a_database_that_does_not_answer_is_not_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "DATABASE_WITHIN_S", 0.01)
    monkeypatch.setattr(type(world.services.log), "head", _hangs)
    assert (await ready(world))[1]["database"] == "unavailable"


async def test_a_tail_that_stands_still_is_not_ready(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(world.services.log), "head", _far_ahead)
    status, body = await ready(world)
    assert (status, body["status"], body["database"]) == (503, "unavailable", "ok")


async def test_a_process_of_another_currency_is_not_ready(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    async with open_app(settings) as world:
        assert (await ready(world))[1]["status"] == "ready"
        other = await open_database(settings.database.url)
        try:
            assert await keep_currency(other, currency_of("JPY")) == currency_of("EUR")
        finally:
            await other.close()
        status, seen = await ready(world)
        assert (status, seen["status"], seen["reasons"]) == (503, "unavailable", ["currency"])


async def test_a_draining_process_is_not_ready(world: World) -> None:
    await world.services.streams.drain(0)
    status, body = await ready(world)
    assert (status, body["status"], body["draining"]) == (503, "unavailable", True)


async def test_without_its_broker_it_works_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.services.broker, "healthy", False)
    status, body = await ready(world)
    assert (status, body["status"]) == (200, "degraded")


async def test_with_a_full_committer_it_is_not_ready(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    full = world.services.settings.limits.pending_max
    monkeypatch.setattr(type(world.services.committer), "waiting", full)
    status, body = await ready(world)
    assert (status, body["committer"], body["waiting"]) == (503, "full", full)


async def test_what_is_worrying_is_named_and_takes_no_traffic_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.services.broker, "healthy", False)
    monkeypatch.setattr(world.services.neighbours, "unheard", 1)  # there is no Redis, so that is no wonder here
    monkeypatch.setattr(Watchdog, "lag_s", 0.4)
    monkeypatch.setattr(health, "DISK_FREE_MIN", 2**60)
    monkeypatch.setattr(type(world.services.committer), "waiting", world.services.settings.limits.pending_max // 2)
    status, body = await ready(world)
    assert (status, body["status"]) == (200, "degraded")
    assert body["reasons"] == ["redis", "committer-busy", "loop-lag", "disk-low"]
    assert body["loopLagMs"] == 400


async def test_a_server_that_cant_be_heard_is_named_and_the_count_is_not_complete(
    tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = msgspec.structs.replace(settings_of(tmp_path), redis=RedisSettings(url=redis_url))
    async with open_world(settings) as world:
        broker = world.services.broker

        async def is_complete() -> bool:
            overview = (await world.get("admin", "/v1/admin/overview")).json()
            connections = (await world.get("admin", "/v1/admin/connections")).json()
            assert overview["streamsComplete"] == connections["complete"]
            return bool(connections["complete"])

        await until(lambda: broker.healthy)
        await until(is_complete)
        monkeypatch.setattr(world.services.neighbours, "unheard", 1)
        status, body = await ready(world)
        assert (status, body["status"], body["reasons"], body["redis"]) == (200, "degraded", ["other-redis"], "ok")
        assert not await is_complete()


async def test_what_is_unfit_is_named_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(world.services.log), "head", _fails)
    monkeypatch.setattr(world.services.broker, "healthy", False)
    assert (await ready(world))[1]["reasons"] == ["database", "redis"]


async def _fails(_: object) -> LogHead:
    raise Unavailable("the disk is gone")


async def _hangs(_: object) -> LogHead:
    await asyncio.Event().wait()
    raise AssertionError


async def _far_ahead(_: object) -> LogHead:
    return LogHead(epoch="e", position=10**6, trimmed_to=0)
