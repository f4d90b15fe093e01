"""On the operator's listener there is nothing else, whoever asks; elsewhere it counts who asks, and how."""

from typing import Any

import httpx2
import pytest
from starlette.requests import Request

from festival_push.settings import Server, Settings, ops_address
from festival_push.web.routes import ENDPOINTS
from festival_push.web.routing.operator import SERVED, came_to_operator, may_see_metrics
from tests.web.api.test_metrics import OPERATOR
from tests.web.world import World, problem_of


@pytest.mark.parametrize("who", [None, "admin"])
async def test_every_other_route_is_nowhere(world: World, who: str | None) -> None:
    headers = world.bearer(who) if who else {}
    # A client of its own: that of the world holds each answer against the contract, which is that of the public port.
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(world.app), base_url=OPERATOR) as http:
        for endpoint in ENDPOINTS:
            if endpoint.path not in SERVED:
                path = endpoint.path.replace("{", "").replace("}", "")
                problem_of(await http.request(endpoint.method, path, headers=headers), 404, "not-found")


@pytest.mark.parametrize("path", sorted(SERVED))
async def test_what_it_serves_is_only_read(world: World, path: str) -> None:
    assert (await world.http.get(OPERATOR + path)).status_code == 200
    assert (await world.http.head(OPERATOR + path)).status_code == 200
    for method in ("POST", "DELETE", "OPTIONS"):
        problem_of(await world.http.request(method, OPERATOR + path), 404, "not-found")
    for odd in (path + "/", "/v1/.." + path, path.upper()):
        problem_of(await world.http.get(OPERATOR + odd.replace("..", "%2e%2e")), 404, "not-found")


async def test_no_other_site_is_asked_in(world: World) -> None:
    asked = {"Origin": "https://app.festival.example", "Access-Control-Request-Method": "GET"}
    answer = await world.http.options(OPERATOR + "/metrics", headers=asked)
    assert answer.status_code == 404
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("own_end", "came"),
    [
        (("127.0.0.1", 9464), True),
        (("::ffff:127.0.0.1", 9464), True),  # as a socket for both kinds says it
        (("127.0.0.1", 8000), False),
        (("127.0.0.1", None), False),
        (None, False),
    ],
)
def test_our_own_end_of_the_connection_tells_it(own_end: Any, came: bool) -> None:  # noqa: FBT001
    headers = [(b"host", b"127.0.0.1:9464"), (b"x-forwarded-port", b"9464")]
    scope = {"type": "http", "server": own_end, "client": ("127.0.0.1", 9464), "headers": headers}
    assert came_to_operator(scope, ops_address(Server())) is came
    assert not came_to_operator(scope, None)


@pytest.mark.parametrize(
    ("peer", "headers", "seen"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("10.1.2.3", {}, True),
        ("::ffff:10.1.2.3", {}, True),  # as a socket for both kinds says it
        ("::ffff:10.2.2.3", {}, False),
        ("10.2.2.3", {}, False),
        ("192.168.1.20", {}, False),  # a guest's phone, perhaps
        ("203.0.113.9", {}, False),
        ("not an address", {}, False),
        (None, {}, False),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, False),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, False),
        ("127.0.0.1", {"via": "1.1 proxy"}, False),
        ("127.0.0.1", {"x-real-ip": "127.0.0.1"}, False),
        ("127.0.0.1", {"x-forwarded-proto": "https"}, False),
        ("127.0.0.1", {"host": "pay.festival.example"}, False),
        ("127.0.0.1", {"host": "PAY.festival.example"}, False),
        ("127.0.0.1", {"host": "127.0.0.1:8000"}, True),
    ],
)
def test_only_the_operators_networks_see_them(peer: str | None, headers: dict[str, str], seen: bool) -> None:  # noqa: FBT001
    server = Server(public_url="https://pay.festival.example", metrics_from=("127.0.0.1", "::1", "10.1.0.0/16"))
    scope = {
        "type": "http",
        "client": None if peer is None else (peer, 5),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    assert may_see_metrics(Request(scope), Settings(server=server)) is seen
