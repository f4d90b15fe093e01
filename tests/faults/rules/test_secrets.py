"""No secret reaches a log, however wrong the request is that carries it. Every other test here looks at its end too."""

import secrets

import pytest

from festival_push.ops.sparing import LINES_MAX
from tests.faults.conftest import check_log
from tests.faults.servers.test_bad_http import talk
from tests.support.ground import PIN, Ground
from tests.support.servers.server import WEBHOOK_SECRET
from tests.support.wire.signature import signed_headers

pytestmark = pytest.mark.parametrize("shared_server", ["sqlite"], indirect=True)  # no matter of databases


async def test_requests_that_go_wrong_leave_no_secret_in_the_log(ground: Ground) -> None:
    anna = await ground.customer()
    made = await ground.post("/v1/auth/stream-tickets", {}, who=anna)
    ticket = made.json()["ticket"]
    wrong_pin, key = f"8{secrets.randbelow(10**7):07d}", secrets.token_hex(16)
    ground.secrets |= {ticket, wrong_pin, key}

    await ground.post("/v1/auth/login", {"userId": anna.user_id, "pin": wrong_pin})
    await ground.post("/v1/auth/login", {"userId": anna.user_id, "pin": PIN, "unknown": 1})
    await ground.post("/v1/auth/register", {"name": "x" * 10_000, "pin": wrong_pin})
    await ground.post("/v1/orders", {"vendorId": anna.token}, who=anna, key=key)
    stall = await ground.stall()
    offered = await ground.post(f"/v1/vendors/{stall.vendor_id}/displays/codes", {}, who=stall)
    pairing = (await ground.post("/v1/displays/pairings", offered.json())).json()
    assert pairing["code"] == "invalid-request"  # it sent `expiresAt` too
    asked = (await ground.post("/v1/displays/pairings", {"code": offered.json()["code"]})).json()
    ground.secrets |= {offered.json()["code"], asked["secret"]}
    for path in ("", f"/{asked['pairingId']}", f"/{asked['secret']}"):
        bearer = {"Authorization": f"Bearer {asked['secret']}"}
        await ground.http.get(f"{ground.url()}/v1/displays/pairings{path}", headers=bearer)
    for path in ("/v1/stream", "/v1/nothing", "/v1/me", "/%ff"):
        for name, value in (("ticket", ticket), ("token", anna.token), ("ticket", ticket + "x")):
            headers: dict[str, str] = {"Last-Event-ID": value}
            async with ground.http.stream("GET", f"{ground.url()}{path}?{name}={value}", headers=headers) as answer:
                assert answer.status_code < 500
    await talk(
        ground, f"GET /v1/stream?ticket={ticket} HTTP/9.9\r\nAuthorization: Bearer {anna.token}\r\n\r\n".encode()
    )
    body = b'{"id": "%s"' % WEBHOOK_SECRET.encode()
    await ground.http.post(
        ground.url() + "/v1/webhooks/funds/zeffy",
        content=body,
        headers=signed_headers("x", body, WEBHOOK_SECRET) | {"Authorization": f"Bearer {WEBHOOK_SECRET}"},
    )
    check_log(ground)


async def test_unsigned_reports_leave_a_line_for_some_and_a_count_of_the_rest(ground: Ground) -> None:
    def lines() -> int:
        return ground.servers[0].read_log().count("a webhook for zeffy was refused")

    before = lines()
    for _ in range(3 * LINES_MAX):
        answer = await ground.http.post(f"{ground.url()}/v1/webhooks/funds/zeffy", json={})
        assert answer.status_code == 401
    assert lines() - before <= 2 * LINES_MAX  # a minute may have begun anew meanwhile
