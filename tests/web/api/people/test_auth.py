"""Signing up, in and out, and stream tickets, over the real committer and store."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from festival_push.domain.people.people import AddVendorCodes
from festival_push.domain.values import Role, UserId
from festival_push.settings import Server
from festival_push.web.identity.pins import Pins
from festival_push.web.parsing.ids import new_vendor_code, vendor_code_hash
from festival_push.web.routing.endpoint import USER, Call, Endpoint, json_response
from tests.support.timing.waiting import until
from tests.support.wire.identity_provider import LocalProvider
from tests.web.edge import PIN_HASHER, START_MS, Edge, open_edge, problem_of, settings_for
from tests.web.identity.keys.test_jwks import payload

REGISTER, LOGIN, LOGOUT, TICKETS = (f"/v1/auth/{name}" for name in ("register", "login", "logout", "stream-tickets"))


async def who(call: Call) -> Any:
    """GET /v1/who, and the stream /v1/follow: says who the edge thinks is calling."""
    return json_response({"userId": call.actor_id, "role": call.person.user_type, "jti": call.user().jti})


ENDPOINTS = (Endpoint("GET", "/v1/who", who, USER), Endpoint("GET", "/v1/follow", who, USER, stream=True))


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    async with open_edge(tmp_path, endpoints=ENDPOINTS) as opened:
        yield opened


async def test_a_person_registers_and_is_signed_in_both_ways(edge: Edge) -> None:
    response = await edge.client.post(REGISTER, json={"name": " Zoe\u0308 ", "pin": "7391"})
    assert response.status_code == 201
    body = response.json()
    assert list(body) == ["userId", "userType", "name", "token", "expiresAt", "topUpCode", "signIn"]
    assert (body["userType"], body["name"]) == ("customer", "Zoë")
    assert body["expiresAt"] == "2027-01-15T20:00:00.000Z"
    assert response.headers["cache-control"] == "no-store"
    session, device = response.headers.get_list("set-cookie")
    assert session == f"fp_session={body['token']}; Max-Age=43200; Path=/; HttpOnly; SameSite=Lax"
    assert device.startswith("fp_device=")
    assert device.endswith("; Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax")
    assert (await edge.client.get("/v1/who")).json()["userId"] == body["userId"]
    by_header = await edge.browser().get("/v1/who", headers={"Authorization": f"Bearer {body['token']}"})
    assert by_header.json()["userId"] == body["userId"]
    person = await edge.services.reads.person(UserId(body["userId"]))
    assert person is not None
    assert person.user.pin_hash is not None
    assert "7391" not in person.user.pin_hash


async def test_an_invitation_makes_one_vendor(edge: Edge) -> None:
    code = new_vendor_code()
    await edge.services.committer.submit(AddVendorCodes(actor_id=None, code_hashes=(vendor_code_hash(code),)))
    wish = {"name": "Falafel", "pin": "739146", "vendorCode": code.lower().replace("-", " ")}
    first = await edge.client.post(REGISTER, json=wish)
    assert (first.status_code, first.json()["userType"]) == (201, "vendor")
    problem_of(await edge.client.post(REGISTER, json=wish), 403, "invalid-vendor-code")
    problem_of(await edge.client.post(REGISTER, json=wish | {"vendorCode": "x"}), 403, "invalid-vendor-code")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"pin": "123"}, "pin"),
        ({"pin": 7391}, "pin"),
        ({"pin": "12345\n"}, "pin"),
        ({"name": ""}, "name"),
        ({"name": "\u200b"}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"role": "admin"}, "role"),
        ({"userType": "admin"}, "userType"),
        ({"vendorCode": ""}, "vendorCode"),
    ],
)
async def test_what_is_wrong_with_a_registration_is_named(edge: Edge, change: dict[str, Any], field: str) -> None:
    response = await edge.client.post(REGISTER, json={"name": "Anna", "pin": "7391", **change})
    assert [error["field"] for error in problem_of(response, 400, "invalid-request")["errors"]] == [field]


async def test_a_person_signs_in_with_the_pin_alone(edge: Edge) -> None:
    await edge.add("anna", pin="2806")
    for name in ({"signIn": "anna"}, {"signIn": " AN-NA "}, {"userId": "anna"}):
        response = await edge.browser().post(LOGIN, json={**name, "pin": "2806"})
        assert (response.status_code, response.json()["userId"]) == (200, "anna")
        assert response.json()["signIn"] == "anna"


@pytest.mark.parametrize(
    ("names", "field"),
    [
        ({}, "signIn"),
        ({"signIn": "anna", "userId": "anna"}, "userId"),
        ({"signIn": "  "}, "signIn"),
        ({"signIn": "\u00e4nna"}, "signIn"),
        ({"signIn": "x" * 161}, "signIn"),
    ],
)
async def test_what_is_wrong_with_a_sign_in_is_named(edge: Edge, names: dict[str, str], field: str) -> None:
    response = await edge.client.post(LOGIN, json={**names, "pin": "2806"})
    assert [error["field"] for error in problem_of(response, 400, "invalid-request")["errors"]] == [field]


async def test_unknown_and_wrong_look_the_same(edge: Edge) -> None:
    await edge.add("anna", pin="2806")
    await edge.add("keyless")
    answers = [
        await edge.client.post(LOGIN, json={"signIn": name, "pin": "9999"}) for name in ("anna", "nobody", "keyless")
    ]
    assert len({response.content for response in answers}) == 1
    problem_of(answers[0], 401, "invalid-credentials")
    assert "set-cookie" not in answers[0].headers


async def test_signing_out_ends_the_session_everywhere(edge: Edge) -> None:
    await edge.add("anna", pin="2806")
    token = (await edge.client.post(LOGIN, json={"userId": "anna", "pin": "2806"})).json()["token"]
    other = edge.browser()
    assert (await other.get("/v1/who", headers={"Authorization": f"Bearer {token}"})).status_code == 200
    response = await edge.client.post(LOGOUT)
    assert (response.status_code, response.content) == (204, b"")
    assert "fp_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax" in response.headers.get_list("set-cookie")
    again = await other.get("/v1/who", headers={"Authorization": f"Bearer {token}"})
    problem_of(again, 401, "session-ended")
    assert again.headers["www-authenticate"] == "Bearer"
    problem_of(await edge.client.get("/v1/who"), 401, "unauthorized")  # the cookie is gone


async def test_an_ended_session_stays_ended_after_a_restart(tmp_path: Path) -> None:
    async with open_edge(tmp_path, endpoints=ENDPOINTS) as edge:
        await edge.add("anna")
        headers = edge.bearer("anna")
        assert (await edge.client.post(LOGOUT, headers=headers)).status_code == 204
    async with open_edge(tmp_path, endpoints=ENDPOINTS) as edge:
        problem_of(await edge.client.get("/v1/who", headers=headers), 401, "session-ended")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Cookie": "fp_session=old"}])
async def test_signing_out_always_works(edge: Edge, headers: dict[str, str]) -> None:
    assert (await edge.client.post(LOGOUT, headers=headers)).status_code == 204


async def test_a_suspended_person_hears_so_only_with_the_right_pin(edge: Edge) -> None:
    await edge.add("anna", pin="2806")
    await suspend(edge, "anna")
    problem_of(await edge.client.post(LOGIN, json={"userId": "anna", "pin": "0000"}), 401, "invalid-credentials")
    problem_of(await edge.client.post(LOGIN, json={"userId": "anna", "pin": "2806"}), 403, "suspended")


async def suspend(edge: Edge, user_id: str) -> None:
    """No command does it yet, so SQL does."""
    writer = edge.services.committer._writer
    await writer.begin()
    await writer.commit(("UPDATE users SET suspended = 1 WHERE user_id = $1", [(user_id,)]))


async def test_too_many_people_at_once_are_asked_to_come_back(edge: Edge) -> None:
    full = Pins(PIN_HASHER, threads=1, each_max=0)
    await full.turns.wait("somebody")  # and keeps the thread
    object.__setattr__(edge.services, "pins", full)
    response = await edge.client.post(REGISTER, json={"name": "Anna", "pin": "7391"})
    assert problem_of(response, 503, "busy")["retryable"] is True
    assert response.headers["retry-after"]
    full.close()


async def test_nobody_hashes_the_pin_of_a_client_that_has_gone(edge: Edge) -> None:
    pins, gone = Pins(PIN_HASHER, threads=1), asyncio.Event()
    await pins.turns.wait("somebody")  # and keeps the thread
    object.__setattr__(edge.services, "pins", pins)
    coming = [{"type": "http.request", "body": b'{"name":"Anna","pin":"7391"}', "more_body": False}]

    async def receive() -> Any:
        if coming:
            return coming.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        del message

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": REGISTER,
        "raw_path": REGISTER.encode(), "query_string": b"", "root_path": "", "scheme": "http",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"28")],
        "client": ("203.0.113.7", 1), "server": ("fest.test", 80),
    }  # fmt: skip
    asking = asyncio.create_task(edge.app(scope, receive, send))
    await until(lambda: pins.turns.waiting == 1)
    gone.set()
    try:
        await until(lambda: pins.turns.waiting == 0, within_s=20)
    finally:
        pins.close()
        await asyncio.wait((asking,))


async def test_all_networks_of_a_household_wait_for_their_pins_in_one_queue(edge: Edge) -> None:
    pins = Pins(PIN_HASHER, threads=1, each_max=2)
    await pins.turns.wait("somebody")  # and keeps the thread
    object.__setattr__(edge.services, "pins", pins)

    def register_from(host: str) -> asyncio.Task[httpx2.Response]:
        transport = httpx2.ASGITransport(edge.app, client=(host, 1))
        client = httpx2.AsyncClient(transport=transport, base_url="http://fest.test")
        return asyncio.create_task(client.post(REGISTER, json={"name": "Anna", "pin": "7391"}))

    asking = [register_from(f"2001:db8:0:{number}::1") for number in range(3)]
    other = register_from("2001:db8:1::1")
    await until(lambda: any(task.done() for task in asking) and pins.turns.waiting == 3)
    pins.turns.give_back()
    assert (await other).status_code == 201
    assert sorted(answer.status_code for answer in await asyncio.gather(*asking)) == [201, 201, 503]
    pins.close()


async def test_secure_cookies_outside_development(tmp_path: Path) -> None:
    server = Server(environment="production", public_url="https://fest.test")
    async with open_edge(tmp_path, settings=settings_for(server=server), endpoints=ENDPOINTS) as edge:
        browser = edge.browser("https://fest.test")
        response = await browser.post(REGISTER, json={"name": "Anna", "pin": "7391"})
        for cookie, name in zip(response.headers.get_list("set-cookie"), ("session", "device"), strict=True):
            assert cookie.startswith(f"__Host-fp_{name}=")
            assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
        assert (await browser.get("/v1/who")).status_code == 200


# Tickets


async def ticket_of(edge: Edge, user_id: str) -> str:
    response = await edge.browser().post(TICKETS, headers=edge.bearer(user_id))
    assert response.status_code == 201
    assert response.json()["expiresAt"] > "2027"
    ticket: str = response.json()["ticket"]
    return ticket


async def test_a_ticket_opens_one_stream_and_its_cookie_opens_it_again(edge: Edge) -> None:
    await edge.add("anna")
    ticket = await ticket_of(edge, "anna")
    browser, stranger = edge.browser(), edge.browser()
    first = await browser.get("/v1/follow", params={"ticket": ticket})
    assert first.json()["userId"] == "anna"
    cookie = first.headers["set-cookie"]
    assert cookie.startswith("fp_stream_")
    assert "; Path=/v1; HttpOnly; SameSite=Lax" in cookie
    for _ in range(3):  # EventSource comes back with the same URL
        again = await browser.get("/v1/follow", params={"ticket": ticket})
        assert (again.status_code, again.json()["jti"]) == (200, first.json()["jti"])
        assert "set-cookie" not in again.headers
    problem_of(await stranger.get("/v1/follow", params={"ticket": ticket}), 401, "token-spent")
    edge.clock.now_ms += 61_000
    assert (await browser.get("/v1/follow", params={"ticket": ticket})).status_code == 200
    problem_of(await stranger.get("/v1/follow", params={"ticket": ticket}), 401, "token-expired")


async def test_a_ticket_used_fifty_times_at_once_opens_one_stream(edge: Edge) -> None:
    await edge.add("anna")
    ticket = await ticket_of(edge, "anna")
    answers = await asyncio.gather(*(edge.browser().get("/v1/follow", params={"ticket": ticket}) for _ in range(50)))
    assert sorted(response.status_code for response in answers) == [200] + [401] * 49


async def test_a_ticket_is_good_for_streams_alone(edge: Edge) -> None:
    await edge.add("anna")
    ticket = await ticket_of(edge, "anna")
    problem_of(await edge.client.get("/v1/who", params={"ticket": ticket}), 401, "unauthorized")
    problem_of(await edge.client.get("/v1/who", headers={"Authorization": f"Bearer {ticket}"}), 401, "unauthorized")
    problem_of(await edge.client.get("/v1/who", headers={"Cookie": f"fp_session={ticket}"}), 401, "unauthorized")
    problem_of(await edge.client.get("/v1/follow", params={"token": edge.token("anna")}), 401, "unauthorized")
    problem_of(await edge.client.get("/v1/follow", params={"ticket": edge.token("anna")}), 401, "unauthorized")


async def test_the_stream_cookie_opens_nothing_without_its_ticket(edge: Edge) -> None:
    await edge.add("anna")
    await edge.add("ben")
    browser = edge.browser()
    first = await browser.get("/v1/follow", params={"ticket": await ticket_of(edge, "anna")})
    value = first.headers["set-cookie"].split(";")[0].partition("=")[2]
    problem_of(await browser.get("/v1/follow"), 401, "unauthorized")
    problem_of(await browser.get("/v1/who"), 401, "unauthorized")
    for headers in ({"Cookie": f"fp_session={value}"}, {"Authorization": f"Bearer {value}"}):
        problem_of(await edge.browser().get("/v1/who", headers=headers), 401, "unauthorized")
    spent = await ticket_of(edge, "ben")
    name = (await edge.browser().get("/v1/follow", params={"ticket": spent})).headers["set-cookie"].split("=")[0]
    moved = await edge.browser().get("/v1/follow", params={"ticket": spent}, headers={"Cookie": f"{name}={value}"})
    problem_of(moved, 401, "unauthorized")


async def test_a_stream_cookie_lives_no_longer_than_its_session(edge: Edge) -> None:
    await edge.add("anna")
    headers = {"Authorization": f"Bearer {edge.token('anna', ttl_s=30)}"}
    answer = (await edge.client.post(TICKETS, headers=headers)).json()
    assert answer["expiresAt"] == "2027-01-15T08:00:30.000Z"
    browser = edge.browser()
    first = await browser.get("/v1/follow", params={"ticket": answer["ticket"]})
    assert "; Max-Age=30;" in first.headers["set-cookie"]
    edge.clock.now_ms = START_MS + 30_000
    cookies = {"Cookie": first.headers["set-cookie"].split(";")[0]}
    again = await edge.browser().get("/v1/follow", params={"ticket": answer["ticket"]}, headers=cookies)
    problem_of(again, 401, "token-expired")


async def test_ending_the_session_ends_what_hangs_on_it(edge: Edge) -> None:
    await edge.add("anna")
    headers, browser = edge.bearer("anna"), edge.browser()
    used, fresh = [(await edge.browser().post(TICKETS, headers=headers)).json()["ticket"] for _ in range(2)]
    assert (await browser.get("/v1/follow", params={"ticket": used})).status_code == 200
    await edge.browser().post(LOGOUT, headers=headers)
    for ticket in (used, fresh):
        problem_of(await browser.get("/v1/follow", params={"ticket": ticket}), 401, "session-ended")


async def test_the_header_goes_before_the_ticket_and_the_ticket_before_the_cookie(edge: Edge) -> None:
    for name in ("anna", "ben", "cleo"):
        await edge.add(name)
    cookie = {"Cookie": f"fp_session={edge.token('cleo')}"}
    ticket = await ticket_of(edge, "ben")
    by_header = await edge.client.get("/v1/follow", params={"ticket": ticket}, headers=cookie | edge.bearer("anna"))
    assert by_header.json()["userId"] == "anna"
    by_ticket = await edge.browser().get("/v1/follow", params={"ticket": ticket}, headers=cookie)
    assert by_ticket.json()["userId"] == "ben"
    by_cookie = await edge.browser().get("/v1/follow", headers=cookie)
    assert by_cookie.json()["userId"] == "cleo"
    spent = await edge.browser().get("/v1/follow", params={"ticket": ticket}, headers=cookie)
    problem_of(spent, 401, "token-spent")


async def test_a_browser_keeps_eight_stream_cookies_at_most(edge: Edge) -> None:
    await edge.add("anna")
    browser = edge.browser()
    for _ in range(12):
        await browser.get("/v1/follow", params={"ticket": await ticket_of(edge, "anna")})
    assert len([cookie for cookie in browser.cookies.jar if cookie.name.startswith("fp_stream_")]) == 8


async def test_a_page_of_an_allowed_site_gets_a_cookie_that_travels(tmp_path: Path) -> None:
    server = Server(environment="production", public_url="https://fest.test", allowed_origins=("https://app.test",))
    async with open_edge(tmp_path, settings=settings_for(server=server), endpoints=ENDPOINTS) as edge:
        await edge.add("anna")
        origin = {"Origin": "https://app.test"}
        ticket = await ticket_of(edge, "anna")
        response = await edge.browser().get("/v1/follow", params={"ticket": ticket}, headers=origin)
        assert response.headers["set-cookie"].endswith("; SameSite=None; Partitioned; Secure")
        assert response.headers["access-control-allow-origin"] == "https://app.test"


# An identity provider


async def test_somebody_whom_a_provider_vouches_for_is_met_at_the_first_request(tmp_path: Path) -> None:
    with LocalProvider() as provider:
        async with open_edge(tmp_path, settings=settings_for(jwks_url=provider.url), endpoints=ENDPOINTS) as edge:
            token = provider.sign("rsa", payload(aud="festival-push", exp=START_MS // 1000 + 600, name="Anna\u202e B."))
            headers = {"Authorization": f"Bearer {token}"}
            answers = await asyncio.gather(*(edge.client.get("/v1/who", headers=headers) for _ in range(10)))
            [user_id] = {response.json()["userId"] for response in answers}
            assert user_id != "auth0|7"
            person = await edge.services.reads.person(UserId(user_id))
            assert person is not None
            assert (person.name, person.user_type, person.user.pin_hash) == ("Anna B.", Role.CUSTOMER, None)
            assert (await edge.client.post(LOGOUT, headers=headers)).status_code == 204
            problem_of(await edge.client.get("/v1/who", headers=headers), 401, "session-ended")


async def test_a_token_of_ours_for_nobody_meets_nobody(edge: Edge) -> None:
    problem_of(await edge.client.get("/v1/who", headers=edge.bearer("nobody")), 401, "unauthorized")
    assert await edge.services.reads.person(UserId("nobody")) is None
