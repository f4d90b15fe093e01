"""The way of a request through the edge: who may pass, from where, how often, and what errors look like."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import InsufficientFunds
from festival_push.domain.stalls.displays import AddDisplay, RevokeDisplay
from festival_push.domain.values import DisplayId, Role, UserId, VendorId
from festival_push.settings import Boards, Limits, Server
from festival_push.store.errors import CommandFailed, Overloaded, Unavailable
from festival_push.web.identity.claims import TokenUse
from festival_push.web.identity.principal import DisplayCaller, Principal
from festival_push.web.routes import ENDPOINTS as ALL
from festival_push.web.routes import build_routes
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import (
    ADMIN,
    ANYONE,
    SIGNED,
    USER,
    Access,
    Call,
    Endpoint,
    json_response,
    no_content,
)
from tests.web.api.people.test_auth import suspend
from tests.web.edge import Edge, open_edge, problem_of, settings_for

BOARD = frozenset({Access.PASSER_BY, Access.DISPLAY, Access.ADMIN})
FAILURES: dict[str, Exception] = {
    "refused": InsufficientFunds(balance=1, total=2),
    "overloaded": Overloaded(3),
    "unavailable": Unavailable("gone"),
    "failed": CommandFailed("boom"),
    "bug": ZeroDivisionError("secret detail"),
}


async def caller(call: Call) -> Response:
    match call.principal:
        case Principal(user=user):
            return json_response({"caller": user.user_id})
        case DisplayCaller(display=display):
            return json_response({"caller": display.display_id})
        case None:
            return json_response({"caller": None})


async def touch(call: Call) -> Response:
    return no_content()


class Broken(Response):
    async def __call__(self, *_: object) -> None:
        raise ZeroDivisionError("secret detail")


async def broken(call: Call) -> Response:
    return Broken()


async def fail(call: Call) -> Response:
    raise FAILURES[call.path("how")]


ENDPOINTS = (
    Endpoint("GET", "/v1/users-only", caller, USER),
    Endpoint("POST", "/v1/users-only", touch, USER),
    Endpoint("GET", "/v1/keepers-only", caller, who_may(Act.REQUEST_PAYMENT)),
    Endpoint("GET", "/v1/admins-only", caller, ADMIN),
    Endpoint("GET", "/v1/board", caller, BOARD),
    Endpoint("GET", "/v1/board/stream", caller, BOARD, stream=True),
    Endpoint("GET", "/v1/open", caller, ANYONE),
    Endpoint("POST", "/v1/signed", touch, SIGNED),
    Endpoint("GET", "/v1/fail/{how}", fail, ANYONE),
    Endpoint("GET", "/v1/streaming", caller, USER, stream=True),
    Endpoint("GET", "/v1/failing-stream/{how}", fail, ANYONE, stream=True),
    Endpoint("GET", "/page", caller, ANYONE),
)


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    async with open_edge(tmp_path, endpoints=ENDPOINTS) as opened:
        await opened.add("anna")
        await opened.add("grill", Role.VENDOR)
        await opened.add("boss", Role.ADMIN)
        yield opened


async def display_token(edge: Edge, display_id: str = "screen-1") -> str:
    add = AddDisplay(
        actor_id=UserId("boss"), vendor_id=VendorId("grill"), display_id=DisplayId(display_id), name="Left"
    )
    await edge.services.committer.submit(add)
    return edge.services.tokens.issue(display_id, TokenUse.DISPLAY, 3600).token


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/users-only", {"anna", "grill", "boss"}),
        ("/v1/keepers-only", {"grill"}),
        ("/v1/admins-only", {"boss"}),
        ("/v1/board", {"boss", "screen-1"}),
        ("/v1/open", {"anna", "grill", "boss", "screen-1", None}),
    ],
)
async def test_who_may_pass(edge: Edge, path: str, allowed: set[str | None]) -> None:
    screen = {"Authorization": f"Bearer {await display_token(edge)}"}
    callers = {name: edge.bearer(name) for name in ("anna", "grill", "boss")} | {"screen-1": screen}
    for name, headers in callers.items():
        response = await edge.client.get(path, headers=headers)
        if name in allowed:
            assert response.json()["caller"] in {name, None}
        else:
            problem_of(response, 403, "forbidden")
    response = await edge.client.get(path)
    if None in allowed:
        assert response.status_code == 200
    else:
        problem_of(response, 401, "unauthorized")
        assert response.headers["www-authenticate"] == "Bearer"


async def test_a_role_comes_from_the_database_whatever_the_token_says(edge: Edge) -> None:
    issued = edge.services.tokens.issue("anna", TokenUse.SESSION, 60)
    headers = {"Authorization": f"Bearer {issued.token}"}
    assert (await edge.client.get("/v1/admins-only", headers=headers)).status_code == 403
    await _sql(edge, "UPDATE users SET admin = 1 WHERE user_id = $1", "anna")
    edge.services.authenticator._people.forget(UserId("anna"))  # as the log's event does
    assert (await edge.client.get("/v1/admins-only", headers=headers)).status_code == 200


FOREIGN = ("Basic c3RhZ2luZzpzZWNyZXQ=", "Digest username=x", "Negotiate YII", "Token abc", "basic", "Bearers abc", "")
"""What a proxy in front, or a browser that it has asked for a password, sends to every path."""


@pytest.mark.parametrize("foreign", FOREIGN)
async def test_credentials_of_another_scheme_say_nothing_about_ours(edge: Edge, foreign: str) -> None:
    header = {"Authorization": foreign}
    cookie = {"Cookie": f"fp_session={edge.token('anna')}"}
    answer = await edge.client.get("/v1/users-only", headers=header | cookie)
    assert (answer.status_code, answer.json()) == (200, {"caller": "anna"})
    problem_of(await edge.client.post("/v1/users-only", headers=header | cookie), 403, "cross-site")
    own = {"Origin": "http://fest.test"}
    assert (await edge.client.post("/v1/users-only", headers=header | cookie | own)).status_code == 204
    made = await edge.client.post("/v1/auth/stream-tickets", headers=header | cookie | own)
    for _ in range(2):  # the second time by the cookie that goes with it
        answer = await edge.client.get("/v1/streaming", params={"ticket": made.json()["ticket"]}, headers=header)
        assert answer.json() == {"caller": "anna"}
    edge.client.cookies.clear()
    refused = problem_of(await edge.client.get("/v1/users-only", headers=header), 401, "unauthorized")
    assert refused["detail"] == "Send Authorization: Bearer and a token."


@pytest.mark.parametrize("bad", ["Bearer", "Bearer ", "Bearer x y", "bearer \xe9", "bearer  stale", "BEARER a.b.c"])
async def test_a_bad_token_is_refused_whatever_else_is_there(edge: Edge, bad: str) -> None:
    made = await edge.client.post("/v1/auth/stream-tickets", headers=edge.bearer("anna"))
    headers = {b"Authorization": bad.encode("latin-1"), b"Cookie": f"fp_session={edge.token('anna')}".encode()}
    problem_of(await edge.client.get("/v1/users-only", headers=headers), 401, "unauthorized")
    ticket = {"ticket": made.json()["ticket"]}
    problem_of(await edge.client.get("/v1/streaming", params=ticket, headers=headers), 401, "unauthorized")


async def test_a_suspended_person_may_nothing(edge: Edge) -> None:
    await suspend(edge, "boss")
    for path in ("/v1/users-only", "/v1/admins-only", "/v1/board"):
        problem_of(await edge.client.get(path, headers=edge.bearer("boss")), 403, "suspended")


async def test_a_revoked_display_is_out_at_once(edge: Edge) -> None:
    headers = {"Authorization": f"Bearer {await display_token(edge)}"}
    assert (await edge.client.get("/v1/board", headers=headers)).json() == {"caller": "screen-1"}
    await edge.services.committer.submit(RevokeDisplay(actor_id=UserId("boss"), display_id=DisplayId("screen-1")))
    problem_of(await edge.client.get("/v1/board", headers=headers), 401, "display-revoked")


async def test_a_display_opens_its_stream_by_ticket(edge: Edge) -> None:
    headers = {"Authorization": f"Bearer {await display_token(edge)}"}
    answer = await edge.client.post("/v1/auth/stream-tickets", headers=headers)
    assert answer.status_code == 201
    ticket = {"ticket": answer.json()["ticket"]}
    for _ in range(2):
        response = await edge.client.get("/v1/board/stream", params=ticket)
        assert response.json() == {"caller": "screen-1"}
    problem_of(await edge.client.get("/v1/streaming", params=ticket), 403, "forbidden")  # that one is for people
    as_cookie = {"Cookie": f"fp_session={headers['Authorization'].removeprefix('Bearer ')}"}
    problem_of(await edge.client.get("/v1/board", headers=as_cookie), 401, "unauthorized")


async def test_public_boards_are_public_and_a_stale_token_is_no_obstacle(tmp_path: Path) -> None:
    async with open_edge(tmp_path, settings=settings_for(boards=Boards(public=True)), endpoints=ENDPOINTS) as edge:
        await edge.add("anna")
        for headers in ({}, {"Authorization": "Bearer stale"}, edge.bearer("anna")):
            assert (await edge.client.get("/v1/board", headers=headers)).status_code == 200


async def test_unknown_paths_and_methods_are_problems(edge: Edge) -> None:
    problem_of(await edge.client.get("/v1/nowhere"), 404, "not-found")
    problem_of(await edge.client.get("/v1/users-only/"), 404, "not-found")
    problem_of(await edge.client.get("/v1/users-only%0A/", headers={"Host": "evil.test"}), 404, "not-found")
    response = await edge.client.request("DELETE", "/v1/users-only")
    problem_of(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "GET, HEAD, POST"
    assert (await edge.client.head("/v1/streaming")).status_code == 405
    assert (await edge.client.head("/v1/open")).status_code == 200
    problem_of(await edge.client.request("OPTIONS", "/v1/open"), 405, "method-not-allowed")


@pytest.mark.parametrize("path", ["/v1/users-only%0A", "/v1/users-only%0a%0a", "/v1/open%0A", "/v1/streaming%0A"])
async def test_a_path_has_no_other_name_with_a_line_end(edge: Edge, path: str) -> None:
    problem_of(await edge.client.get(path, headers=edge.bearer("anna")), 404, "not-found")


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [("refused", 409, "insufficient-funds"), ("overloaded", 503, "overloaded"), ("unavailable", 503, "unavailable"),
     ("failed", 500, "internal"), ("bug", 500, "internal")],
)  # fmt: skip
async def test_whatever_is_raised_becomes_a_problem(
    edge: Edge, how: str, status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = await edge.client.get(f"/v1/fail/{how}")
    body = problem_of(response, status, code)
    assert "secret detail" not in response.text
    assert ("secret detail" in caplog.text) == (how == "bug")
    if how == "refused":
        assert (body["balance"], body["total"]) == (1, 2)
    elif status == 503:
        assert body["retryable"] is True
        assert int(response.headers["retry-after"]) == body["retryAfter"] > 0


@pytest.mark.parametrize("how", ["overloaded", "unavailable"])
async def test_a_stream_that_cannot_be_opened_now_tells_eventsource_to_come_back(edge: Edge, how: str) -> None:
    response = await edge.client.get(f"/v1/failing-stream/{how}")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    retry, event, data, *end = response.text.split("\n")
    assert 1_500 <= int(retry.removeprefix("retry: ")) <= 4_500
    assert (event, end) == ("event: error", ["", ""])
    assert '"code":"unavailable"' in data
    assert response.headers["connection"] == "close", "a client that stays would hold a connection without a stream"
    assert (await edge.client.get("/v1/failing-stream/refused")).status_code == 409
    assert (await edge.client.get("/v1/streaming")).status_code == 401


async def test_every_answer_has_an_id_and_careful_headers(edge: Edge) -> None:
    answers = [await edge.client.get(path, headers={"X-Request-Id": "mine"}) for path in ("/v1/open", "/v1/x", "/page")]
    for response in answers:
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["cross-origin-resource-policy"] == "same-origin"
        assert len(response.headers["x-request-id"]) == 16
    assert len({response.headers["x-request-id"] for response in answers}) == 3
    assert [response.headers.get("cache-control") for response in answers] == ["no-store", "no-store", None]
    nothing = "default-src 'none'; frame-ancestors 'none'"
    assert [response.headers.get("content-security-policy") for response in answers] == [nothing, nothing, None]


# Bodies


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content-Type": "text/plain"}, "unsupported-media-type"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, "unsupported-media-type"),
        ({"Content-Type": "application/jsonp"}, "unsupported-media-type"),
        ({"Content-Type": "application/json; charset=latin-1"}, "unsupported-media-type"),
        ({}, "unsupported-media-type"),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, "unsupported-encoding"),
    ],
)
async def test_only_plain_json_is_taken(edge: Edge, headers: dict[str, str], code: str) -> None:
    response = await edge.client.post("/v1/users-only", content=b"{}", headers=edge.bearer("anna") | headers)
    problem_of(response, 415, code)


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
async def test_json_by_any_of_its_names_is_taken(edge: Edge, media_type: str) -> None:
    headers = edge.bearer("anna") | {"Content-Type": media_type}
    assert (await edge.client.post("/v1/users-only", content=b"{}", headers=headers)).status_code == 204


async def test_no_body_needs_no_type(edge: Edge) -> None:
    assert (await edge.client.post("/v1/users-only", headers=edge.bearer("anna"))).status_code == 204


async def test_a_body_beyond_the_bound_is_refused(edge: Edge) -> None:
    content = b'{"userId":"' + b"x" * 70_000 + b'"}'
    response = await edge.client.post("/v1/auth/login", content=content, headers={"Content-Type": "application/json"})
    problem_of(response, 413, "body-too-large")


# Cross-site requests


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"Origin": "http://fest.test"}, True),
        ({"Origin": "http://fest.test", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://evil.test"}, False),
        ({"Origin": "http://fest.test.evil.test"}, False),
        ({"Origin": "http://fest.test:81"}, False),
        ({"Origin": "http://sub.fest.test"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "http://evil.test", "Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
    ],
    ids=str,
)
async def test_a_cookie_alone_does_not_give_commands(edge: Edge, headers: dict[str, str], passes: bool) -> None:  # noqa: FBT001  # a table
    cookie = {"Cookie": f"fp_session={edge.token('anna')}"}
    assert (await edge.client.get("/v1/users-only", headers=cookie | headers)).status_code == 200
    response = await edge.client.post("/v1/users-only", headers=cookie | headers)
    if passes:
        assert response.status_code == 204
    else:
        problem_of(response, 403, "cross-site")


async def test_a_token_in_the_header_gives_commands_from_anywhere(edge: Edge) -> None:
    headers = edge.bearer("anna") | {"Origin": "http://evil.test"}  # that page would have to know it
    assert (await edge.client.post("/v1/users-only", headers=headers)).status_code == 204


async def test_another_sites_page_signs_nobody_in(edge: Edge) -> None:
    wish: dict[str, Any] = {"userId": "anna", "pin": "1234"}
    for headers in ({"Origin": "http://evil.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        problem_of(await edge.client.post("/v1/auth/login", json=wish, headers=headers), 403, "cross-site")
    problem_of(await edge.client.post("/v1/auth/login", json=wish), 401, "invalid-credentials")


async def test_cors_is_for_the_allowed_origins_exactly(tmp_path: Path) -> None:
    server = Server(allowed_origins=("https://app.test",), public_url="https://fest.test")
    async with open_edge(tmp_path, settings=settings_for(server=server), endpoints=ENDPOINTS) as edge:
        await edge.add("anna")
        cookie = {"Cookie": f"fp_session={edge.token('anna')}"}
        ask = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type, idempotency-key",
        }
        for origin in (
            "https://app.test",
            "https://app.test.evil",
            "http://app.test",
            "https://APP.test",
            "null",
            "https://fest.test",
        ):
            allowed = origin == "https://app.test"
            preflight = await edge.client.options("/v1/users-only", headers={"Origin": origin} | ask)
            assert (preflight.status_code == 200) == allowed
            response = await edge.client.post("/v1/users-only", headers=cookie | {"Origin": origin})
            assert (response.status_code == 204) == (allowed or origin == "https://fest.test")
            for answer in (preflight, response):
                assert answer.headers.get("access-control-allow-origin") == (origin if allowed else None)
            assert "origin" in response.headers["vary"].lower()


async def test_a_preflight_allows_what_libraries_add(tmp_path: Path) -> None:
    server = Server(allowed_origins=("https://app.test",))
    async with open_edge(tmp_path, settings=settings_for(server=server), endpoints=ENDPOINTS) as edge:
        await edge.add("anna")
        ask = {"Origin": "https://app.test", "Access-Control-Request-Method": "GET"}
        for name in (
            "authorization", "cache-control", "last-event-id", "traceparent", "tracestate", "baggage", "sentry-trace",
            "x-request-id", "x-requested-with", "pragma",
        ):  # fmt: skip
            preflight = await edge.client.options(
                "/v1/streaming", headers=ask | {"Access-Control-Request-Headers": name}
            )
            assert preflight.status_code == 200, name
            allowed = preflight.headers["access-control-allow-headers"].lower()
            assert name in allowed.split(", ")
            noise = edge.bearer("anna") | {name: "; a=b, 00-zz" * 9} if name != "authorization" else edge.bearer("anna")
            answer = await edge.client.get("/v1/users-only", headers=ask | noise)
            assert answer.json() == {"caller": "anna"}, name
        odd = await edge.client.options("/v1/streaming", headers=ask | {"Access-Control-Request-Headers": "x-odd"})
        assert odd.status_code == 400


async def test_a_page_of_the_internet_may_ask_for_a_local_address(tmp_path: Path) -> None:
    server = Server(allowed_origins=("https://app.test",))
    async with open_edge(tmp_path, settings=settings_for(server=server), endpoints=ENDPOINTS) as edge:
        ask = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Private-Network": "true"}
        answer = await edge.client.options("/v1/users-only", headers=ask | {"Origin": "https://app.test"})
        assert (answer.status_code, answer.headers["access-control-allow-private-network"]) == (200, "true")
        refused = await edge.client.options("/v1/users-only", headers=ask | {"Origin": "https://evil.test"})
        assert refused.status_code == 400
        assert "access-control-allow-origin" not in refused.headers


async def test_an_error_can_be_read_by_the_page_that_made_the_request(tmp_path: Path) -> None:
    server = Server(allowed_origins=("https://app.test",))
    limits = Limits(anonymous_per_min=1)
    endpoints = (*ENDPOINTS, Endpoint("GET", "/v1/broken", broken, ANYONE))
    settings = settings_for(server=server, limits=limits)
    async with open_edge(tmp_path, settings=settings, endpoints=endpoints) as edge:
        await edge.add("anna")
        anna = edge.bearer("anna")
        seen = set()
        for method, path, headers, body in (
            ("GET", "/v1/broken", {}, b""),
            ("GET", "/v1/open", {}, b""),
            ("GET", "/v1/users-only", {}, b""),
            ("GET", "/v1/admins-only", anna, b""),
            ("GET", "/v1/nowhere", {}, b""),
            ("PUT", "/v1/open", {}, b""),
            ("POST", "/v1/users-only", anna, b"x"),
            ("POST", "/v1/auth/logout", {"Content-Length": "99999999"}, b""),
        ):
            answer = await edge.client.request(
                method, path, headers={**headers, "Origin": "https://app.test"}, content=body
            )
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["access-control-allow-origin"] == "https://app.test", path
            assert answer.headers["access-control-allow-credentials"] == "true"
            seen.add(answer.status_code)
        assert seen >= {401, 403, 404, 405, 415, 429, 500}
        foreign = await edge.client.get("/v1/broken", headers={"Origin": "https://evil.test"})
        assert "access-control-allow-origin" not in foreign.headers


# Limits


async def test_commands_are_limited_by_person_and_say_so(tmp_path: Path) -> None:
    limits = Limits(commands_per_min=3, vendor_commands_per_min=5)
    async with open_edge(tmp_path, settings=settings_for(limits=limits), endpoints=ENDPOINTS) as edge:
        for name, role, most in (("anna", Role.CUSTOMER, 3), ("ben", Role.CUSTOMER, 3), ("grill", Role.VENDOR, 5)):
            await edge.add(name, role)
            answers = [await edge.client.post("/v1/users-only", headers=edge.bearer(name)) for _ in range(most + 1)]
            assert [response.status_code for response in answers] == [204] * most + [429]
            assert answers[0].headers["ratelimit-limit"] == str(most)
            assert answers[0].headers["ratelimit-remaining"] == str(most - 1)
            body = problem_of(answers[-1], 429, "rate-limited")
            assert (body["retryable"], str(body["retryAfter"])) == (True, answers[-1].headers["retry-after"])
            assert (await edge.client.get("/v1/users-only", headers=edge.bearer(name))).status_code == 200


async def test_what_is_open_is_limited_by_address_but_pages_and_signed_reports_are_not(tmp_path: Path) -> None:
    async with open_edge(
        tmp_path, settings=settings_for(limits=Limits(anonymous_per_min=2)), endpoints=ENDPOINTS
    ) as edge:
        assert [(await edge.client.get("/v1/open")).status_code for _ in range(3)] == [200, 200, 429]
        assert {(await edge.client.get("/page")).status_code for _ in range(5)} == {200}
        assert {(await edge.client.post("/v1/signed")).status_code for _ in range(5)} == {204}


# The table of routes


def test_every_route_says_who_may_call_it_and_is_there_once() -> None:
    assert all(endpoint.access for endpoint in ALL)
    assert len({(endpoint.method, endpoint.path) for endpoint in ALL}) == len(ALL)
    with_parameters = {endpoint.path for endpoint in ALL if "{" in endpoint.path}
    assert len(build_routes()) == len(with_parameters) + 2  # all plain paths in one, and all other paths
    assert all(endpoint.access == ANYONE for endpoint in ALL if Access.ANYONE in endpoint.access)


async def _sql(edge: Edge, statement: str, user_id: str) -> None:
    writer = edge.services.committer._writer
    await writer.begin()
    await writer.commit((statement, [(user_id,)]))
