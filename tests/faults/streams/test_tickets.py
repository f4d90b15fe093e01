"""Stream tickets over plain HTTP: one use, then the cookie; what is expired or another's opens nothing."""

import json
import time
from typing import Any

import jwt
import pytest

from tests.support.ground import Ground, Person
from tests.support.servers.server import JWT_SECRET
from tests.support.wire.follower import Connection

pytestmark = pytest.mark.parametrize("shared_server", ["sqlite"], indirect=True)  # no matter of databases


async def ticket_of(ground: Ground, person: Person) -> str:
    """A fresh ticket."""
    made = await ground.post("/v1/auth/stream-tickets", {}, who=person)
    assert made.is_success, made.text
    ticket: str = made.json()["ticket"]
    ground.secrets.add(ticket)
    return ticket


async def open_with(ground: Ground, ticket: str, *, cookie: str = "") -> tuple[int | None, dict[str, str], Any]:
    """Status, headers, and the first frame's data, or the problem."""
    headers: dict[str, str | bytes] = {"Cookie": cookie} if cookie else {}
    with await Connection.open(ground.url(), f"/v1/stream?ticket={ticket}", headers=headers) as stream:
        while stream.status is None:
            await stream.read()
        if stream.status != 200:
            while len(stream.body) < int(stream.headers["content-length"]):
                await stream.read()
            return stream.status, stream.headers, json.loads(stream.body)
        while b"\n\n" not in stream.body:
            await stream.read()
        data = next(line for line in stream.body.decode().splitlines() if line.startswith("data: "))
        return stream.status, stream.headers, json.loads(data.removeprefix("data: "))


async def test_a_ticket_opens_once_and_its_cookie_again(ground: Ground) -> None:
    anna = await ground.customer(funds=300)
    ticket = await ticket_of(ground, anna)

    status, headers, data = await open_with(ground, ticket)
    assert (status, data["userId"], data["snapshot"]["balance"]) == (200, anna.user_id, 300)
    cookie = headers["set-cookie"].partition(";")[0]
    ground.secrets.add(cookie.partition("=")[2])
    assert "httponly" in headers["set-cookie"].lower()
    assert "samesite=lax" in headers["set-cookie"].lower()

    status, _, problem = await open_with(ground, ticket)
    assert (status, problem["status"]) == (401, 401)
    for _ in range(3):
        status, _, data = await open_with(ground, ticket, cookie=cookie)
        assert (status, data["userId"]) == (200, anna.user_id)


async def test_a_cookie_opens_nothing_with_another_ticket_or_none(ground: Ground) -> None:
    anna, ben = await ground.customer("Anna"), await ground.customer("Ben")
    ticket = await ticket_of(ground, anna)
    _, headers, _ = await open_with(ground, ticket)
    cookie = headers["set-cookie"].partition(";")[0]
    ground.secrets.add(cookie.partition("=")[2])
    bens = await ticket_of(ground, ben)
    assert (await open_with(ground, bens))[0] == 200

    assert (await open_with(ground, bens, cookie=cookie))[0] == 401
    for path in ("/v1/me", "/v1/stream"):
        answer = await ground.http.get(ground.url() + path, headers={"Cookie": cookie})
        assert answer.status_code == 401, path


@pytest.mark.parametrize("change", ["fresh", "expired", "audience", "signature"])
async def test_a_ticket_must_be_whole_and_in_time(ground: Ground, change: str) -> None:
    anna = await ground.customer()
    claims = jwt.decode(await ticket_of(ground, anna), options={"verify_signature": False})
    assert claims["exp"] - time.time() <= 60
    claims["jti"] = f"forged-{change}-{time.time_ns()}"
    secret = JWT_SECRET
    match change:
        case "expired":
            claims |= {"iat": claims["iat"] - 120, "exp": int(time.time()) - 1}
        case "audience":
            claims["aud"] = jwt.decode(anna.token, options={"verify_signature": False})["aud"]
        case "signature":
            secret = "another-secret-0123456789-abcdefghij"
    ticket = jwt.encode(claims, secret, algorithm="HS256")
    ground.secrets.add(ticket)
    status, _, _ = await open_with(ground, ticket)
    assert status == (200 if change == "fresh" else 401)  # "fresh" shows that the others fail for their own reason


async def test_a_session_token_in_the_query_opens_nothing(ground: Ground) -> None:
    anna = await ground.customer()
    assert (await open_with(ground, anna.token))[0] == 401
    answer = await ground.http.get(ground.url() + f"/v1/stream?token={anna.token}")
    assert answer.status_code in {400, 401}
