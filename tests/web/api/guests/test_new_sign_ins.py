"""A new sign-in over HTTP: the desk shows a code, the guest scans it, once, and what was before opens nothing."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from festival_push.domain.people.rights import MakeCashier, SuspendUser
from festival_push.domain.values import Role, UserId
from festival_push.web.api.guests import cards, new_sign_ins
from festival_push.web.api.guests.new_sign_ins import OFFER_S
from festival_push.web.api.people import profile
from festival_push.web.identity.claims import TokenUse
from tests.support.qr import read_svg
from tests.web.edge import Edge, open_edge, problem_of
from tests.web.factors import ENDPOINTS, PIN, STEP, Person

TAKE: Final = "/v1/auth/new-sign-in"
READ: Final = "/v1/auth/new-sign-in/read"
NEW_PIN: Final = "280951"


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    """A festival with an organiser, a cashier, and Anna, who is signed in."""
    endpoints = (*ENDPOINTS, *new_sign_ins.ENDPOINTS, *cards.ENDPOINTS, *profile.ENDPOINTS)
    async with open_edge(tmp_path, endpoints=endpoints) as opened:
        await opened.add("admin", Role.ADMIN)
        await opened.add("cash")
        made = MakeCashier(actor_id=UserId("admin"), user_id=UserId("cash"), cashier=True)
        await opened.services.committer.submit(made)
        yield opened


async def offer(edge: Edge, user_id: str = "anna", *, who: str = "cash") -> httpx2.Response:
    return await edge.client.post(f"/v1/admin/people/{user_id}/new-sign-in", json={}, headers=edge.bearer(who))


async def code_of(edge: Edge, user_id: str = "anna", *, who: str = "cash") -> str:
    answer = await offer(edge, user_id, who=who)
    assert answer.status_code == 201, answer.text
    return _code_in(answer.json()["url"])


def _code_in(url: str) -> str:
    [code] = parse_qs(urlsplit(url).fragment)["new-sign-in"]
    return code


async def take(edge: Edge, code: str, pin: str = NEW_PIN) -> httpx2.Response:
    return await edge.browser().post(TAKE, json={"code": code, "pin": pin})


async def test_the_guest_scans_it_and_is_signed_in(edge: Edge) -> None:
    anna = await Person.added(edge)
    answer = await offer(edge)
    assert list(answer.json()) == ["url", "qr", "expiresAt"]
    url = answer.json()["url"]
    assert read_svg(answer.json()["qr"].encode()) == url
    assert urlsplit(url).path == "/customer/"
    assert urlsplit(url).query == "", "no server is sent the code, so no log has it"
    problem_of(await anna.get("/v1/me"), 401, "session-ended")
    code = _code_in(url)
    read = await edge.client.post(READ, json={"code": code})
    assert (read.status_code, list(read.json()), read.json()["name"]) == (200, ["name", "expiresAt"], "Anna")
    phone = edge.browser()
    taken = await phone.post(TAKE, json={"code": code, "pin": NEW_PIN})
    assert taken.status_code == 200, taken.text
    body = taken.json()
    assert (body["userId"], body["name"]) == ("anna", "Anna")
    assert body["signIn"] != "anna"
    assert (await phone.get("/v1/me")).json()["userId"] == "anna", "by the cookie"
    for name, pin, status in ((body["signIn"], NEW_PIN, 200), ("anna", PIN, 401), ("anna", NEW_PIN, 401)):
        signed_in = await edge.browser().post("/v1/auth/login", json={"signIn": name, "pin": pin})
        assert signed_in.status_code == status


async def test_it_is_taken_once_and_the_newest_alone(edge: Edge) -> None:
    await Person.added(edge)
    first, second = await code_of(edge), await code_of(edge)
    problem_of(await take(edge, first), 409, "new-sign-in-spent")
    problem_of(await edge.client.post(READ, json={"code": first}), 409, "new-sign-in-spent")
    assert (await take(edge, second)).status_code == 200
    problem_of(await take(edge, second), 409, "new-sign-in-spent")
    problem_of(await edge.client.post(READ, json={"code": second}), 409, "new-sign-in-spent")


async def test_a_weak_pin_does_not_use_it_up(edge: Edge) -> None:
    await Person.added(edge)
    code = await code_of(edge)
    problem_of(await take(edge, code, "123456"), 400, "weak-pin")
    assert (await take(edge, code)).status_code == 200


async def test_it_expires_with_the_guest_still_at_the_desk(edge: Edge) -> None:
    await Person.added(edge)
    code = await code_of(edge)
    edge.clock.now_ms += OFFER_S * 1000
    problem_of(await take(edge, code), 401, "token-expired")
    problem_of(await edge.client.post(READ, json={"code": code}), 401, "token-expired")


@pytest.mark.parametrize("use", [TokenUse.SESSION, TokenUse.LINK, TokenUse.TICKET, TokenUse.CHALLENGE])
async def test_no_other_token_is_one_and_it_is_no_other(edge: Edge, use: TokenUse) -> None:
    await Person.added(edge)
    token = edge.services.tokens.issue("anna", use, 600).token
    problem_of(await take(edge, token), 401, "invalid-credentials")
    code = await code_of(edge)
    answer = await edge.client.get("/v1/me", headers={"Authorization": f"Bearer {code}"})
    problem_of(answer, 401, "unauthorized")


async def test_a_suspended_person_gets_none(edge: Edge) -> None:
    await Person.added(edge)
    code = await code_of(edge)
    await edge.services.committer.submit(SuspendUser(actor_id=UserId("admin"), user_id=UserId("anna"), suspended=True))
    problem_of(await offer(edge), 403, "suspended")
    problem_of(await take(edge, code), 403, "suspended")


async def test_a_cashier_lets_in_guests_alone(edge: Edge) -> None:
    await edge.add("sun", Role.VENDOR)
    await edge.add("olga", Role.ADMIN)
    for user_id in ("sun", "olga", "admin", "cash"):
        problem_of(await offer(edge, user_id), 403, "forbidden")
    problem_of(await offer(edge, "admin", who="admin"), 403, "forbidden")
    problem_of(await offer(edge, "nobody"), 404, "not-found")
    assert (await take(edge, await code_of(edge, "sun", who="admin"))).status_code == 200
    short = await take(edge, await code_of(edge, "sun", who="admin"), "7391")
    problem_of(short, 422, "pin-too-short")


async def test_a_second_factor_is_asked_as_before(edge: Edge) -> None:
    anna = await Person.added(edge)
    await anna.enrol_app()
    asked = problem_of(await take(edge, await code_of(edge)), 401, "second-factor-required")
    done = await edge.browser().post(STEP, json={"challenge": asked["challenge"], "totp": anna.code()})
    assert done.status_code == 200, done.text
    assert done.json()["signIn"] != "anna"


async def test_the_desk_is_told_nothing_of_what_the_guest_signs_in_with(edge: Edge) -> None:
    await Person.added(edge)
    body: dict[str, Any] = (await take(edge, await code_of(edge))).json()
    card = await edge.client.get("/v1/admin/people/anna", headers=edge.bearer("cash"))
    assert card.status_code == 200
    assert body["signIn"] not in card.text
    person = await edge.services.reads.person(UserId("anna"))
    assert person is not None
    assert person.user.pin_hash is not None
    assert person.user.pin_hash not in card.text
