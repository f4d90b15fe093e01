"""Streams through the nginx that we tell people to use: as they come, resumed after a cut, and no more than the public
may see."""

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.faults.conftest import Serve
from tests.support.ground import Ground
from tests.support.servers.nginx import Nginx
from tests.support.servers.ports import free_port
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until
from tests.support.wire.follower import Follower

PATIENCE_S = 60.0  # a buffer would keep an event for ever: nothing fills it in this time but a few heartbeats


@pytest.fixture
def server(serve: Serve) -> ServerProcess:
    return serve(settings={"STREAM__HEARTBEAT_S": "0.5", "SERVER__PUBLIC_URL": "https://fest.test"})


@pytest.fixture
async def ground(server: ServerProcess) -> AsyncIterator[Ground]:
    async with Ground([server]) as ground:
        yield ground


def in_front_of(server: ServerProcess, folder: Path, *, tls: bool = False) -> Nginx:
    home = folder / "nginx"
    home.mkdir()
    return Nginx(home, server.url.removeprefix("http://"), tls=tls)


async def lines_of(log: Path, count: int) -> list[str]:
    """Wait until the log has so many lines: nginx writes one when a request is over."""

    def written() -> list[str] | None:
        text = log.read_text("utf-8")
        return text.splitlines() if text.count("\n") >= count else None

    lines = await until(written, PATIENCE_S, f"{count} lines")
    assert len(lines) == count
    return lines


async def test_events_come_at_once_and_none_is_lost_over_a_cut(ground: Ground, tmp_path: Path) -> None:
    stall, anna = await ground.stall(), await ground.customer(funds=10_000)
    with in_front_of(ground.servers[0], tmp_path) as nginx:
        page = Follower(anna.token)
        with await page.connect(nginx.url) as stream:
            page.take(await stream.read_until())
            snapshot = page.cursor
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert "content-encoding" not in stream.headers
            await ground.placed(anna, stall)
            page.take(await stream.read_until(within_s=PATIENCE_S))
            quiet = len(stream.body)
            async with asyncio.timeout(PATIENCE_S):
                while b"\n:\n\n" not in stream.body[quiet - 1 :]:  # so that nobody on the way takes it for dead
                    page.take(await stream.read())
            stream.cut()
        await ground.placed(anna, stall)
        await page.follow(nginx.url, done=lambda: len(page.of("balance-updated")) == 2)
        assert page.greetings[1]["resumed"] is True
    direct = Follower(anna.token, cursor=snapshot)
    await direct.reach(ground.url(), page.position)
    assert [frame.id for frame in page.frames] == [frame.id for frame in direct.frames][: len(page.frames)]


async def test_the_public_does_not_see_what_is_the_operators(ground: Ground, tmp_path: Path) -> None:
    with in_front_of(ground.servers[0], tmp_path) as nginx:
        for path, through, direct in (("/metrics", 404, 200), ("/readyz", 404, 200), ("/healthz", 200, 200)):
            assert (await ground.http.get(nginx.url + path)).status_code == through, path
            assert (await ground.http.get(ground.url() + path)).status_code == direct, path
        # Nor would they with a proxy that forgot to close it.
        forwarded = await ground.http.get(ground.url() + "/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
        assert forwarded.status_code == 404


async def test_a_request_is_found_in_both_logs_and_its_ticket_in_neither(ground: Ground, tmp_path: Path) -> None:
    anna = await ground.customer()
    ticket = (await ground.post("/v1/auth/stream-tickets", {}, who=anna)).json()["ticket"]
    with in_front_of(ground.servers[0], tmp_path) as nginx:
        async with ground.http.stream("GET", f"{nginx.url}/v1/stream?ticket={ticket}") as answer:
            assert answer.status_code == 200
        request_id = answer.headers["x-request-id"]
        lines = await lines_of(nginx.access_log, 1)
        assert json.loads(lines[0])["request_id"] == request_id
        own_log = ground.servers[0]
        await until(lambda: f'"request_id":"{request_id}"' in own_log.read_log())
        assert ticket not in lines[0] + own_log.read_log()


async def test_a_ticket_that_met_no_server_is_in_no_log(tmp_path: Path) -> None:
    """Nobody has spent it: whoever read it there could."""
    home = tmp_path / "nginx"
    home.mkdir()
    with Nginx(home, f"127.0.0.1:{free_port()}", tls=False) as nginx:
        async with httpx2.AsyncClient(timeout=PATIENCE_S) as http:
            for path, status in (("/v1/stream", 200), ("/v1/boards/sun/stream", 200), ("/v1/events", 503)):
                assert (await http.get(f"{nginx.url}{path}?ticket=unspent")).status_code == status
        lines = await lines_of(nginx.access_log, 3)
    assert {json.loads(line)["upstream_status"] for line in lines} == {"502"}, "the log hides that nobody was there"
    logs = {log.name: log.read_text("utf-8") for log in home.glob("*.log")}
    assert not [name for name, text in logs.items() if "unspent" in text], logs


@pytest.mark.parametrize("path", ["/v1/stream", "/v1/boards/sun/stream"])
async def test_a_stream_that_meets_no_server_is_told_when_to_come_back(tmp_path: Path, path: str) -> None:
    """An EventSource never tries again after a 502, and its page would learn nothing of one from another origin."""
    home = tmp_path / "nginx"
    home.mkdir()
    with Nginx(home, f"127.0.0.1:{free_port()}", tls=False) as nginx:
        async with httpx2.AsyncClient(base_url=nginx.url, timeout=PATIENCE_S) as http:
            own = await http.get(path)
            foreign = await http.get(path, headers={"Origin": "https://app.test"})
            asked = {
                "Origin": "https://app.test",
                "Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": "authorization,last-event-id",
            }
            preflight = await http.options(path, headers=asked)
            assert [(await http.get(other)).status_code for other in ("/v1/me", "/v1/events", f"{path}s")] == [503] * 3
    for answer in (own, foreign):
        assert (answer.status_code, answer.text) == (200, "retry: 3000\n\n")
        assert answer.headers["content-type"] == "text/event-stream"
        assert answer.headers["cache-control"] == "no-store"
        assert "strict-transport-security" in answer.headers
    assert "access-control-allow-origin" not in own.headers
    for answer in (foreign, preflight):
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "https://app.test"
        assert answer.headers["access-control-allow-credentials"] == "true"
    assert preflight.headers["access-control-allow-headers"] == "authorization,last-event-id"


async def test_while_no_server_answers_people_get_a_page_that_tries_again(
    tmp_path: Path,
) -> None:
    home = tmp_path / "nginx"
    home.mkdir()
    with Nginx(home, f"127.0.0.1:{free_port()}", tls=False) as nginx:
        async with httpx2.AsyncClient(base_url=nginx.url, timeout=PATIENCE_S) as http:
            page = await http.get("/customer/", headers={"Accept": "text/html,*/*;q=0.8"})
            told = await http.post("/v1/orders", json={})
            assert (await http.get("/away.html")).status_code == 404, "nobody can ask for it by name"
    assert page.status_code == told.status_code == 503
    assert '<meta http-equiv="refresh" content="3">' in page.text
    assert page.headers["content-type"].startswith("text/html")
    assert told.headers["content-type"] == "application/problem+json"
    problem = {"code": "unavailable", "retryable": True, "retryAfter": 3, "status": 503}
    assert told.json().items() >= problem.items()
    for answer in (page, told):
        assert answer.headers["retry-after"] == "3"
        assert answer.headers["cache-control"] == "no-store"
        assert "1." not in answer.headers["server"]


async def test_pages_are_compressed_and_answers_are_not(ground: Ground, tmp_path: Path) -> None:
    anna = await ground.customer()
    asked = {"Accept-Encoding": "gzip"}
    with in_front_of(ground.servers[0], tmp_path) as nginx:
        page = await ground.http.get(f"{nginx.url}/customer/", headers=asked)
        sheets = re.findall(r'href="(/static/[^"]+\.css)"', page.text)
        scripts = re.findall(r'(?:src|href)="(/static/[^"]+\.js)"', page.text)
        assert sheets
        assert scripts
        for path in ("/customer/", sheets[0], scripts[0], "/v1/openapi.json"):
            answer = await ground.http.get(nginx.url + path, headers=asked)
            assert answer.headers.get("content-encoding") == "gzip", path
        for path in ("/v1/me", "/v1/vendors"):
            answer = await ground.http.get(nginx.url + path, headers={**asked, **anna.bearer})
            assert "content-encoding" not in answer.headers, path


async def test_tls_is_of_today(ground: Ground, tmp_path: Path) -> None:
    with in_front_of(ground.servers[0], tmp_path, tls=True) as nginx:
        for version in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.minimum_version = context.maximum_version = version
            _, writer = await asyncio.open_connection("127.0.0.1", nginx.port, ssl=context)
            assert writer.get_extra_info("ssl_object").version() == version.name.replace("_", ".")
            writer.transport.abort()


async def test_a_refusal_of_the_server_comes_through(ground: Ground, tmp_path: Path) -> None:
    with in_front_of(ground.servers[0], tmp_path) as nginx:
        assert (await ground.http.get(f"{nginx.url}/v1/stream")).status_code == 401
        assert (await ground.http.get(f"{nginx.url}/v1/boards/nobody/stream")).status_code == 401


async def test_browsers_are_offered_http_2(ground: Ground, tmp_path: Path) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # its certificate is a minute old
    context.set_alpn_protocols(["h2", "http/1.1"])
    with in_front_of(ground.servers[0], tmp_path, tls=True) as nginx:
        _, writer = await asyncio.open_connection("127.0.0.1", nginx.port, ssl=context)
        chosen = writer.get_extra_info("ssl_object").selected_alpn_protocol()
        writer.transport.abort()  # a polite end would stumble over what HTTP/2 has to say by now
    assert chosen == "h2"
