"""The operator's listener of a real server: its own address, the same processes, nothing for the public."""

import socket
from pathlib import Path
from typing import Final

import httpx2
import pytest

from festival_push.ops.metrics.definitions import PREFIX
from tests.faults.conftest import Serve
from tests.ops.metrics.test_readings import samples_of
from tests.support.ground import Ground
from tests.support.servers.ports import free_port
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until, until_sync

SCRAPES: Final = 12  # each on a connection of its own, so that both workers are reached
PRODUCTION: Final = {
    "SERVER__ENVIRONMENT": "production",
    "SERVER__PUBLIC_URL": "https://pay.festival.example",
}


@pytest.mark.parametrize("workers", [1, 2])
async def test_the_operator_has_an_address_of_its_own(serve: Serve, workers: int) -> None:
    port = free_port()
    settings = {
        "SERVER__WORKERS": str(workers),
        "SERVER__OPS_LISTEN": f"127.0.0.1:{port}",
        "SERVER__METRICS_FROM": '["203.0.113.9"]',
    }
    operator = f"http://127.0.0.1:{port}"
    async with Ground([serve(settings=settings)]) as ground:
        admin = await ground.admin()
        await until(lambda: all_are_told(ground, operator, workers), message="all processes are told as one")
        for _ in range(SCRAPES):
            for headers in ({}, {"X-Forwarded-For": "203.0.113.7"}, {"Host": "pay.festival.example"}):
                ready = await get(ground, operator + "/readyz", headers)
                assert ready.json().keys() > {"status", "reasons", "position"}
            assert (await get(ground, operator + "/healthz")).status_code == 200
            for path in ("/", "/v1/me", "/v1/stream", "/v1/openapi.json", "/admin/", "/static/icon.svg"):
                answer = await get(ground, operator + path, admin.bearer)
                assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), path
            for headers in ({}, {"Host": f"127.0.0.1:{port}", "X-Forwarded-Port": str(port)}):
                assert (await get(ground, ground.url() + "/metrics", headers)).status_code == 404
                ready = await get(ground, ground.url() + "/readyz", headers)
                assert (ready.status_code, ready.json().keys()) == (200, {"status"})
        assert (await get(ground, ground.url() + "/v1/me", admin.bearer)).status_code == 200


async def get(ground: Ground, url: str, headers: dict[str, str] | None = None) -> httpx2.Response:
    return await ground.http.get(url, headers={"Connection": "close"} | (headers or {}))


async def all_are_told(ground: Ground, operator: str, workers: int) -> bool:
    found = samples_of((await get(ground, operator + "/metrics")).content)
    return found[PREFIX + "workers{}"] == workers


@pytest.mark.parametrize("workers", [1, 2])
def test_in_production_a_taken_listener_is_a_reason_not_to_start(tmp_path: Path, redis_url: str, workers: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        settings = PRODUCTION | {"SERVER__WORKERS": str(workers), "SERVER__OPS_LISTEN": address}
        server = production_server(tmp_path, redis_url, settings)
        try:
            server.launch()
            until_sync(lambda: server.exit_code is not None, within_s=90, message="it gives up")
        finally:
            server.kill()
    assert server.exit_code == 2
    said = (
        f"server.ops_listen: port {address.partition(':')[2]} of 127.0.0.1 is taken; give it another address, or none"
    )
    assert server.read_log().splitlines()[-1] == f"festival-push: {said}"
    with production_server(tmp_path, redis_url, settings) as server:
        answer = httpx2.get(f"http://{address}/readyz", timeout=90, trust_env=False)
    assert answer.status_code == 200
    assert "reasons" in answer.json(), "that is said at the operator's address alone"


def production_server(home: Path, redis_url: str, settings: dict[str, str]) -> ServerProcess:
    server = ServerProcess(home, redis_url=redis_url, settings=settings)
    server.environ["FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS"] = "[]"  # those of the tests can be guessed
    return server


@pytest.mark.parametrize("workers", [1, 2])
async def test_in_development_a_server_beside_another_goes_on_without_it(serve: Serve, workers: int) -> None:
    address = f"127.0.0.1:{free_port()}"
    settings = {"SERVER__WORKERS": str(workers), "SERVER__OPS_LISTEN": address}
    first, second = serve(settings=settings), serve(settings=settings)
    assert "server.ops_listen" not in first.read_log()
    said = (
        f"server.ops_listen: port {address.partition(':')[2]} of 127.0.0.1 is taken, so this server goes on without it"
    )
    assert second.read_log().count(said) == 1
    async with Ground([second]) as ground:
        assert (await get(ground, second.url + "/metrics")).status_code == 200  # this machine is in metrics_from
