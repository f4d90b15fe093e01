"""Links that sign somebody in, over the real committer and store."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from festival_push.domain.people.rights import MakeCashier, SuspendUser
from festival_push.domain.signing_in.pins import ResetPin
from festival_push.domain.values import Role, UserId
from festival_push.settings import Server
from festival_push.web.api.people import links
from festival_push.web.identity.claims import TokenUse
from festival_push.web.routing.endpoint import USER, Call, Endpoint, json_response
from tests.web.edge import Edge, open_edge, problem_of, settings_for

READ, TAKE = "/v1/auth/links/read", "/v1/auth/links"


async def who(call: Call) -> Any:
    """GET /v1/who: says who the edge thinks is calling."""
    return json_response({"userId": call.user().user.user_id})


ENDPOINTS = (Endpoint("GET", "/v1/who", who, USER), *links.ENDPOINTS)


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    async with open_edge(tmp_path, endpoints=ENDPOINTS) as opened:
        yield opened


def link(edge: Edge, user_id: str, *, use: TokenUse = TokenUse.LINK, ttl_s: int = 3600, version: int = 0) -> Any:
    """The body that sends a link's token."""
    return {"link": edge.services.tokens.issue(user_id, use, ttl_s, version=version).token}


async def test_a_link_says_whom_it_is_for_and_signs_nobody_in_by_that(edge: Edge) -> None:
    await edge.add("anna")
    answer = await edge.client.post(READ, json=link(edge, "anna"))
    assert answer.json() == {"userType": "customer", "name": "Anna", "expiresAt": "2027-01-15T09:00:00.000Z"}
    assert "set-cookie" not in answer.headers
    problem_of(await edge.client.get("/v1/who"), 401, "unauthorized")


async def test_a_link_says_what_a_customer_is_besides(edge: Edge) -> None:
    await edge.add("boss", Role.ADMIN)
    await edge.add("anna")
    await edge.services.committer.submit(MakeCashier(actor_id=UserId("boss"), user_id=UserId("anna"), cashier=True))
    answer = await edge.client.post(READ, json=link(edge, "anna"))
    assert answer.json()["is"] == ["customer", "cashier"]


async def test_a_taken_link_is_a_session_of_one_tab(edge: Edge) -> None:
    await edge.add("anna")
    body = link(edge, "anna")
    answer = await edge.client.post(TAKE, json=body)
    assert list(answer.json()) == ["userType", "name", "token", "expiresAt"]
    assert answer.json()["expiresAt"] == "2027-01-15T09:00:00.000Z"  # no longer than the link
    assert "set-cookie" not in answer.headers  # the other tabs, and the browser, stay whose they are
    bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert (await edge.client.get("/v1/who", headers=bearer)).json() == {"userId": "anna"}
    assert (await edge.client.post("/v1/auth/logout", headers=bearer)).status_code == 204
    problem_of(await edge.client.get("/v1/who", headers=bearer), 401, "session-ended")
    assert (await edge.client.post(TAKE, json=body)).status_code == 200  # a demo's link is opened again


@pytest.mark.parametrize("use", [use for use in TokenUse if use is not TokenUse.LINK])
async def test_a_token_of_another_use_is_no_link(edge: Edge, use: TokenUse) -> None:
    await edge.add("anna")
    for path in (READ, TAKE):
        problem_of(await edge.client.post(path, json=link(edge, "anna", use=use)), 401, "invalid-credentials")


async def test_a_link_is_no_session(edge: Edge) -> None:
    await edge.add("anna")
    token = link(edge, "anna")["link"]
    problem_of(await edge.client.get("/v1/who", headers={"Authorization": f"Bearer {token}"}), 401, "unauthorized")
    cookie = {"Cookie": f"fp_session={token}"}
    problem_of(await edge.client.get("/v1/who", headers=cookie), 401, "unauthorized")


async def test_a_link_ends_by_time_with_the_pin_and_with_a_suspension(edge: Edge) -> None:
    await edge.add("anna")
    await edge.add("admin", Role.ADMIN)
    problem_of(await edge.client.post(TAKE, json=link(edge, "nobody")), 401, "token-expired")
    old = link(edge, "anna", ttl_s=1)
    edge.clock.now_ms += 1_000
    problem_of(await edge.client.post(TAKE, json=old), 401, "token-expired")
    before = link(edge, "anna")
    reset = ResetPin(actor_id=UserId("admin"), user_id=UserId("anna"), pin_hash="hash", pin_digits=6)
    await edge.services.committer.submit(reset)
    problem_of(await edge.client.post(TAKE, json=before), 401, "token-expired")
    assert (await edge.client.post(TAKE, json=link(edge, "anna", version=1))).status_code == 200
    await edge.services.committer.submit(SuspendUser(actor_id=UserId("admin"), user_id=UserId("anna"), suspended=True))
    problem_of(await edge.client.post(READ, json=link(edge, "anna", version=1)), 403, "suspended")


async def test_production_knows_no_links_whoever_signed_them(tmp_path: Path) -> None:
    server = Server(environment="production", public_url="https://fest.test")
    async with open_edge(tmp_path, endpoints=ENDPOINTS, settings=settings_for(server=server)) as edge:
        await edge.add("anna")
        for path in (READ, TAKE):
            problem_of(await edge.client.post(path, json=link(edge, "anna")), 403, "links-off")
            problem_of(await edge.client.post(path, json={"link": "x"}), 403, "links-off")


@pytest.mark.parametrize("body", [{}, {"link": ""}, {"link": 1}, {"link": "x" * 4097}, {"link": "x", "accept": True}])
async def test_a_body_that_holds_no_link_is_refused(edge: Edge, body: Any) -> None:
    for path in (READ, TAKE):
        problem_of(await edge.client.post(path, json=body), 400, "invalid-request")
