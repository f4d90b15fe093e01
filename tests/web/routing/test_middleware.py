"""A request's id: the proxy's if it looks like one, and the same in the answer, the problem and the log."""

import logging

import httpx2
import pytest
from starlette.responses import PlainTextResponse

from festival_push.ops.access import AccessLog
from festival_push.ops.logs import JsonFormatter
from festival_push.ops.metrics.traffic import Traffic
from festival_push.store.errors import Unavailable
from festival_push.web.parsing.problems import problem
from festival_push.web.routing.middleware import AnswerHeaders
from tests.web.world import BASE_URL, World


@pytest.mark.parametrize("sane", ["abcdefgh", "0" * 64, "7f9c2ba4-e88f-827d-6160-455076058cce"])
async def test_a_sane_id_is_kept(world: World, sane: str) -> None:
    assert (await world.http.get("/healthz", headers={"X-Request-Id": sane})).headers["x-request-id"] == sane


@pytest.mark.parametrize(
    "odd", ["", "short", "0" * 65, "a b c d e f", "<script>alert", "header.payload.signature", "ü" * 9]
)
async def test_another_one_is_replaced(world: World, odd: str) -> None:
    answer = await world.http.get("/healthz", headers={b"X-Request-Id": odd.encode()})
    assert len(answer.headers["x-request-id"]) == 16
    assert answer.headers["x-request-id"] != odd


async def test_a_problem_of_ours_and_the_log_name_it(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    formatted: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            formatted.append(JsonFormatter().format(record))

    handler = Handler()
    logging.getLogger("festival_push").addHandler(handler)
    monkeypatch.setattr(type(world.services.reads), "profile", _fails)
    try:
        answer = await world.http.get("/v1/me", headers=world.bearer("anna") | {"X-Request-Id": "request-0001"})
    finally:
        logging.getLogger("festival_push").removeHandler(handler)
    assert answer.status_code == 500
    assert answer.json()["requestId"] == answer.headers["x-request-id"] == "request-0001"
    assert '"request_id":"request-0001"' in formatted[0]
    assert "KeyError" in caplog.text


async def test_who_is_at_fault_needs_no_id(world: World) -> None:
    assert "requestId" not in (await world.http.get("/v1/me")).json()


async def test_a_neighbour_that_is_away_is_our_problem_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(world.services.reads), "profile", _is_away)
    answer = await world.get("anna", "/v1/me")
    assert (answer.status_code, answer.json()["requestId"]) == (503, answer.headers["x-request-id"])


async def test_each_application_counts_its_own_problems() -> None:
    counted = Traffic(), Traffic()
    for traffic, app in zip(counted, (problem(404, "not-found", "Nothing."), PlainTextResponse("ok")), strict=True):
        answering = AnswerHeaders(app, traffic, AccessLog(enabled=False))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(answering), base_url=BASE_URL) as client:
            await client.get("/")
            await client.head("/")
    assert [dict(traffic.problems) for traffic in counted] == [{"not-found": 2}, {}]


async def _fails(*_: object) -> None:
    raise KeyError("a bug")


async def _is_away(*_: object) -> None:
    raise Unavailable("gone")
