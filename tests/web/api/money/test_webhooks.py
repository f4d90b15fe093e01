"""Money that a provider reports: credited once, held when nobody owns it, never taken from a forger."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import Any

import httpx2
import pytest

from tests.web.world import RELAY_SECRET, WEBHOOK_SECRET, World, problem_of

PATH = "/v1/webhooks/funds/zeffy"
BODY: dict[str, Any] = {
    "id": "pay_1", "amount": "12.50", "currency": "EUR", "status": "succeeded", "user_id": "anna",
    "donor_name": "Anna", "donor_email": "anna@example.org", "created_at": "2026-07-04T18:30:00Z",
}  # fmt: skip


def sign(body: bytes, *, age_s: int = 0, secret: str = WEBHOOK_SECRET) -> dict[str, str]:
    """The three headers of a provider that signs, written from the standard."""
    timestamp = str(int(time.time()) - age_s)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"msg_1.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": "msg_1", "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(), "content-type": "application/json",
    }  # fmt: skip


async def report(world: World, **changes: object) -> httpx2.Response:
    """Send one signed report; `...` leaves a field out."""
    body = json.dumps({name: value for name, value in {**BODY, **changes}.items() if value is not ...}).encode()
    return await world.http.post(PATH, content=body, headers=sign(body))


async def test_a_payment_is_credited(world: World) -> None:
    response = await report(world)
    assert response.status_code == 200
    assert list(response.json()) == ["status", "transactionId"]
    assert response.json()["status"] == "credited"
    assert await world.balance("anna") == 6_250
    page = (await world.get("anna", "/v1/me/transactions")).json()
    assert page["items"][0]["transactionId"] == response.json()["transactionId"]


async def test_a_storm_of_retries_credits_once(world: World) -> None:
    answers = await asyncio.gather(*(report(world) for _ in range(100)))
    assert [answer.status_code for answer in answers] == [200] * 100
    assert sorted(answer.json()["status"] for answer in answers) == ["credited"] + ["duplicate"] * 99
    assert len({answer.json()["transactionId"] for answer in answers}) == 1
    assert await world.balance("anna") == 6_250


async def test_the_owner_is_found_by_the_code_they_quoted(world: World) -> None:
    code = (await world.get("ben", "/v1/me")).json()["topUpCode"]
    response = await report(world, user_id="someone else", top_up_code=f" {code.lower()} ")
    assert response.json()["status"] == "credited"
    assert await world.balance("ben") == 6_250


@pytest.mark.parametrize("owner", [..., None, "nobody", "\x00", "x" * 5_000, {"id": "anna"}])
async def test_money_without_an_owner_is_held(world: World, owner: object) -> None:
    response = await report(world, user_id=owner)
    assert (response.status_code, response.json()["status"]) == (200, "held")
    (held,) = (await world.get("admin", "/v1/admin/funds/held")).json()["items"]
    assert (held["amount"], held["reason"], held["donorName"]) == (1_250, "unknown-owner", "Anna")


async def test_money_above_the_wallets_limit_is_held_however_much_it_is(world: World) -> None:
    response = await report(world, amount="123456789.00")
    assert (response.status_code, response.json()["status"]) == (200, "held")
    (held,) = (await world.get("admin", "/v1/admin/funds/held")).json()["items"]
    assert (held["amount"], held["reason"]) == (12_345_678_900, "balance-limit")


async def test_the_same_payment_with_another_amount_is_refused(world: World) -> None:
    first = await report(world)
    problem = problem_of(await report(world, amount="99.00"), 409, "payment-conflict")
    assert problem["transactionId"] == first.json()["transactionId"]
    assert await world.balance("anna") == 6_250


async def test_what_is_not_paid_is_ignored(world: World) -> None:
    response = await report(world, status="failed")
    assert (response.status_code, response.json()) == (200, {"status": "ignored", "transactionId": None})
    assert await world.balance("anna") == 5_000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ...), ("id", ""), ("id", "a\nb"), ("id", True), ("amount", ...), ("amount", "0"), ("amount", -5),
        ("amount", 12.505), ("amount", "12.500"), ("amount", "1e3"), ("amount", True), ("amount", 10**30),
        ("amount", 12.100000000000001), ("amount", "12,50"), ("currency", None), ("currency", "USD"), ("status", ...),
        ("status", []),
    ],
)  # fmt: skip
async def test_a_proven_report_that_cannot_be_taken_is_kept(
    world: World, caplog: pytest.LogCaptureFixture, field: str, value: object
) -> None:
    for _ in range(2):
        answer = await report(world, **{field: value})
        assert (answer.status_code, answer.json()) == (200, {"status": "kept", "transactionId": None})
    assert await world.balance("anna") == 5_000
    (kept,) = (await world.get("admin", "/v1/admin/funds/unread")).json()["items"]
    assert (kept["provider"], kept["field"], kept["status"]) == ("zeffy", field, "waiting")
    assert kept["externalId"] == (None if field in ("id", "status") else "pay_1")
    assert kept["meaning"] == ("" if field == "status" else "paid")
    assert '"donor_name": "Anna"' in kept["body"]
    logged = [record.getMessage() for record in caplog.records if "is kept unread" in record.getMessage()]
    assert f"field {field}:" in logged[0]
    assert kept["unreadId"] in logged[0]


@pytest.mark.parametrize(
    "body", [b"", b"null", b"{", b"\xff", b"\0", b"[" * 50_000, b'{"id":' * 9_000, b'{"amount":NaN}', b"id=1&amount=2"]
)
async def test_a_signed_body_that_is_no_report_is_kept(world: World, body: bytes) -> None:
    answer = await world.http.post(PATH, content=body, headers=sign(body))
    assert (answer.status_code, answer.json()["status"]) == (200, "kept")
    (kept,) = (await world.get("admin", "/v1/admin/funds/unread")).json()["items"]
    assert (kept["field"], kept["externalId"], len(kept["body"]) <= 8_192) == ("", None, True)


async def test_organisers_are_told_of_a_kept_report_once(world: World) -> None:
    await report(world, amount="12,50")
    await report(world, amount="12,50")
    told = (await world.get("admin", "/v1/me/notifications")).json()["items"]
    assert [item["type"] for item in told if "zeffy" in item["message"]] == ["warning"]


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF8", "text/plain", "", "application/json"])
async def test_json_is_read_by_whatever_name_it_comes(world: World, content_type: str) -> None:
    body = b"\xef\xbb\xbf" + json.dumps(BODY).encode()
    answer = await world.http.post(PATH, content=body, headers=sign(body) | {"content-type": content_type})
    assert answer.json()["status"] == "credited"


async def test_nobody_else_is_believed(world: World) -> None:
    body = json.dumps(BODY).encode()
    good = sign(body)
    other = base64.b64encode(b"another secret of many characters").decode()
    tampered = body.replace(b"12.50", b"92.50")
    for headers, sent in [
        ({"content-type": "application/json"}, body),
        (sign(body, secret=other), body),
        (sign(body, age_s=301), body),
        (sign(body, age_s=-600), body),
        (good, tampered),
        (good, body + b" "),
        ({**good, "webhook-id": "msg_2"}, body),
        ({**good, "webhook-signature": "v1"}, body),
        ({**good, "webhook-signature": "v1,\u00e9".encode("latin-1").decode("latin-1")}, body),
        ({**good, "webhook-timestamp": "9" * 400}, body),
        (world.bearer("admin") | {"content-type": "application/json"}, body),
    ]:
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        problem_of(await world.http.post(PATH, content=sent, headers=raw), 401, "bad-signature")
    assert await world.balance("anna") == 5_000


async def test_a_relay_shows_its_secret(world: World) -> None:
    path = "/v1/webhooks/funds/relay"
    good = {"Authorization": f"Bearer {RELAY_SECRET}"}
    assert (await world.http.post(path, json=BODY, headers=good)).json()["status"] == "credited"
    for wrong in ({}, {"Authorization": f"Bearer {RELAY_SECRET}x"}, {"Authorization": RELAY_SECRET}):
        problem_of(await world.http.post(path, json=BODY, headers=wrong), 401, "bad-signature")


async def test_two_providers_may_use_the_same_id(world: World) -> None:
    await report(world)
    headers = {"Authorization": f"Bearer {RELAY_SECRET}"}
    other = await world.http.post("/v1/webhooks/funds/relay", json=BODY, headers=headers)
    assert other.json()["status"] == "credited"
    assert await world.balance("anna") == 7_500


async def test_without_a_secret_nobody_is_believed(world: World) -> None:
    body = json.dumps(BODY).encode()
    response = await world.http.post("/v1/webhooks/funds/unset", content=body, headers=sign(body))
    problem_of(response, 401, "bad-signature")


async def test_an_unknown_provider_is_not_found(world: World) -> None:
    problem_of(await world.http.post("/v1/webhooks/funds/other", json=BODY), 404, "not-found")


async def test_a_body_has_a_largest_size(world: World) -> None:
    body = json.dumps({**BODY, "donor_name": "x" * 70_000}).encode()
    problem_of(await world.http.post(PATH, content=body, headers=sign(body)), 413, "body-too-large")
