"""Who may call what: every route and every kind of caller, with the status that they must get.

The table is the promise; a route that is not in it fails the test, and so does a column that is missing.
"""

from typing import Any, Final, NamedTuple

import msgspec
import pytest

from festival_push.domain.money.funds import CreditFunds
from festival_push.domain.values import TransferId, UserId
from festival_push.web.api.pages import PAGES
from festival_push.web.routes import ENDPOINTS
from festival_push.web.routing.endpoint import Access
from tests.support.festival import Put
from tests.support.timing.waiting import until
from tests.web.world import World

CALLERS: Final = ("nobody", "anna", "ben", "sun", "moon", "admin", "screen of sun", "screen of moon")
"""Anna is the customer and sun the stall of the things below; ben, moon and the other screen are strangers to them."""


class Row(NamedTuple):
    """One route: what is sent, and what each caller gets, in the order of CALLERS."""

    statuses: tuple[int, ...]
    body: Any = None


def everyone(status: int, body: Any = None) -> Row:
    return Row((status,) * len(CALLERS), body)


def people(status: int, body: Any = None) -> Row:
    """Every signed-in person, and no screen."""
    return Row((401, *(status,) * 5, 403, 403), body)


ADMIN_ONLY: Final = (401, 403, 403, 403, 403, 200, 403, 403)
ADMIN_MAKES: Final = (401, 403, 403, 403, 403, 201, 403, 403)
STALL: Final = (401, 403, 403, 200, 404, 200, 403, 403)
STALL_MAKES: Final = (401, 403, 403, 201, 404, 201, 403, 403)
STALL_DROPS: Final = (401, 403, 403, 204, 404, 204, 403, 403)
BOARD: Final = (401, 403, 403, 200, 404, 200, 200, 404)
SCANNED: Final = (401, 200, 200, 200, 404, 403, 403, 403)
OPEN: Final = {Access.ANYONE, Access.SIGNED, Access.HOLDER}
"""Nobody is authenticated here."""
PERSON: Final = {"name": "Zoe", "pin": "739146"}
LINE: Final = {"itemId": "ayran", "quantity": 1}

TABLE: Final[dict[tuple[str, str], Row]] = {
    ("POST", "/v1/orders"): Row((401, 201, 201, 403, 403, 403, 403, 403), {"vendorId": "sun", "items": [LINE]}),
    ("GET", "/v1/orders"): people(200),
    ("GET", "/v1/orders/{orderId}"): Row((401, 200, 404, 200, 404, 200, 403, 403)),
    ("POST", "/v1/orders/{orderId}/status"): Row(STALL, {"status": "ready"}),
    ("POST", "/v1/orders/{orderId}/cancel"): Row((401, 200, 404, 200, 404, 200, 403, 403), {"reason": "rain"}),
    # It is not ready yet, so not even its customer can come for it: that is a 409, not a 403.
    ("POST", "/v1/orders/{orderId}/coming"): Row((401, 409, 404, 403, 403, 403, 403, 403), {}),
    ("GET", "/v1/stream"): people(200),
    ("GET", "/v1/events"): people(200),
    ("GET", "/v1/me"): people(200),
    ("GET", "/v1/me/transactions"): people(200),
    ("GET", "/v1/me/notifications"): people(200),
    ("POST", "/v1/me/notifications/read"): people(200, {"upTo": 1}),
    ("POST", "/v1/me/pin"): Row((401, *(403,) * 7), {"pin": "739146", "newPin": "1234"}),  # nobody here has a PIN
    ("POST", "/v1/rooms/join"): Row((401, 200, 404, 200, 404, 200, 403, 403), {"room": "order-{orderId}"}),
    ("POST", "/v1/rooms/leave"): people(200, {"room": "order-{orderId}"}),
    ("POST", "/v1/orders/track"): people(200, {}),
    ("POST", "/v1/balance/refresh"): people(200, {}),
    ("GET", "/v1/vendors"): people(200),
    ("GET", "/v1/vendors/{vendorId}/menu"): people(200),
    ("POST", "/v1/vendors/{vendorId}/menu"): Row(STALL_MAKES, {"name": "Tea", "price": 100}),
    ("PATCH", "/v1/menu/{itemId}"): Row(STALL, {"price": 700}),
    ("DELETE", "/v1/menu/{itemId}"): Row(STALL_DROPS),
    ("POST", "/v1/vendors/{vendorId}/displays"): Row(STALL_MAKES, {}),
    ("GET", "/v1/vendors/{vendorId}/displays"): Row(STALL),
    ("DELETE", "/v1/displays/{displayId}"): Row(STALL_DROPS),
    ("POST", "/v1/vendors/{vendorId}/displays/codes"): Row(STALL_MAKES, {}),
    ("GET", "/v1/vendors/{vendorId}/displays/pairings"): Row(STALL),
    ("POST", "/v1/vendors/{vendorId}/displays/pairings/{pairingId}"): Row(STALL, {"accept": True}),
    ("POST", "/v1/displays/pairings"): everyone(404, {"code": "234567"}),  # whoever it is: the code counts
    ("GET", "/v1/displays/pairings/{pairingId}"): everyone(404),  # nobody has its secret but the screen
    ("GET", "/v1/boards/{vendorId}"): Row(BOARD),
    ("GET", "/v1/boards/{vendorId}/stream"): Row(BOARD),
    ("POST", "/v1/webhooks/funds/{provider}"): everyone(401, {"id": "p"}),  # whoever it is: the signature counts
    ("POST", "/v1/auth/register"): everyone(201, PERSON),
    ("POST", "/v1/auth/login"): everyone(401, {"userId": "anna", "pin": "739146"}),  # anna has no PIN
    ("POST", "/v1/auth/logout"): everyone(204, {}),
    ("POST", "/v1/auth/links/read"): everyone(401, {"link": "x"}),  # whoever it is: the link counts
    ("POST", "/v1/auth/links"): everyone(401, {"link": "x"}),
    ("POST", "/v1/auth/stream-tickets"): Row((401, *(201,) * 7), {}),
    ("GET", "/v1/orders/{orderId}/messages"): Row((401, 200, 404, 200, 404, 200, 403, 403)),
    ("POST", "/v1/orders/{orderId}/messages"): Row((401, 201, 404, 201, 404, 201, 403, 403), {"message": "Hi"}),
    ("POST", "/v1/admin/announcements"): Row(ADMIN_MAKES, {"message": "Hi", "audience": "all"}),
    ("GET", "/v1/admin/announcements"): Row(ADMIN_ONLY),
    ("PATCH", "/v1/admin/announcements/{announcementId}"): Row(ADMIN_ONLY, {"message": "Ho"}),
    ("DELETE", "/v1/admin/announcements/{announcementId}"): Row((401, 403, 403, 403, 403, 204, 403, 403)),
    ("GET", "/v1/announcements"): Row((401, *(200,) * 7)),
    ("POST", "/v1/orders/{orderId}/refund"): Row(ADMIN_ONLY, {"amount": 1, "reason": "cold"}),
    ("POST", "/v1/payouts"): Row((401, 201, 201, 201, 201, 403, 403, 403), {"amount": 1}),
    ("GET", "/v1/me/payouts"): people(200),
    ("GET", "/v1/payouts"): Row(ADMIN_ONLY),
    ("POST", "/v1/payouts/{payoutId}/complete"): Row(ADMIN_ONLY, {}),
    ("POST", "/v1/payouts/{payoutId}/reject"): Row(ADMIN_ONLY, {"reason": "closed"}),
    ("GET", "/v1/admin/transactions"): Row(ADMIN_ONLY),
    ("GET", "/v1/admin/vendors/{vendorId}/settlement"): Row(ADMIN_ONLY),
    ("GET", "/v1/admin/vendors/{vendorId}/settlement.csv"): Row(ADMIN_ONLY),
    ("PATCH", "/v1/vendors/{vendorId}"): Row(STALL, {"autoAccept": False}),
    ("GET", "/v1/admin/overview"): Row(ADMIN_ONLY),
    ("GET", "/v1/admin/connections"): Row(ADMIN_ONLY),
    ("GET", "/v1/admin/users"): Row(ADMIN_ONLY),
    ("POST", "/v1/admin/users"): Row(ADMIN_MAKES, {"role": "customer", "name": "Zoe"}),
    ("POST", "/v1/admin/users/{userId}/suspend"): Row(ADMIN_ONLY, {}),
    ("POST", "/v1/admin/users/{userId}/unsuspend"): Row(ADMIN_ONLY, {}),
    ("POST", "/v1/admin/users/{userId}/pin"): Row(ADMIN_ONLY, {"pin": "739146"}),
    ("POST", "/v1/admin/users/{userId}/role"): Row(ADMIN_ONLY, {"role": "admin"}),
    ("POST", "/v1/admin/top-ups"): Row(ADMIN_MAKES, {"userId": "anna", "amount": 1, "method": "cash"}),
    ("GET", "/v1/admin/funds/held"): Row(ADMIN_ONLY),
    ("POST", "/v1/admin/funds/{fundsId}/assign"): Row(ADMIN_ONLY, {"userId": "anna"}),
    ("POST", "/v1/admin/vendor-codes"): Row(ADMIN_MAKES, {"count": 1}),
    ("GET", "/v1/menu/{itemId}/qr.svg"): Row(STALL),
    ("GET", "/v1/menu/{itemId}/qr.png"): Row(STALL),
    ("POST", "/v1/payment-requests"): Row((401, 403, 403, 201, 201, 403, 403, 403), {"amount": 1, "description": "x"}),
    # Any customer may have scanned it.
    ("GET", "/v1/payment-requests/{requestId}"): Row(SCANNED),
    ("GET", "/v1/payment-requests/{requestId}/qr.svg"): Row(SCANNED),
    ("POST", "/v1/payment-requests/{requestId}/pay"): Row((401, 201, 201, 403, 403, 403, 403, 403), {}),
    ("GET", "/healthz"): everyone(200),
    # Asked under the public name: test_operator.py has who may see more, and the operator's listener.
    ("GET", "/readyz"): everyone(200),
    ("GET", "/metrics"): everyone(404),
    ("GET", "/v1/openapi.json"): everyone(200),
    ("GET", "/v1/asyncapi.json"): everyone(200),
    ("GET", "/"): everyone(200),
    **{("GET", f"/{page}/"): everyone(200) for page in PAGES},
    **{("GET", f"/{page}"): everyone(308) for page in PAGES},
    ("GET", "/static/{path:path}"): everyone(200),
}


async def _fill(world: World, path: str, number: int) -> str:
    """The path with fresh things in it, all of them sun's and anna's; used up by nobody before."""
    if "{orderId}" in path:
        path = path.replace("{orderId}", (await world.place("anna", "sun", ayran=1))["orderId"])
    if "{itemId}" in path:
        await world.add_item("sun", f"item-{number}", 100)
        path = path.replace("{itemId}", f"item-{number}")
    if "{displayId}" in path:
        display = (await world.post("sun", "/v1/vendors/sun/displays", {})).json()
        path = path.replace("{displayId}", display["displayId"])
    if "{pairingId}" in path:
        code = (await world.post("sun", "/v1/vendors/sun/displays/codes", {})).json()["code"]
        pairing = (await world.post(None, "/v1/displays/pairings", {"code": code})).json()
        path = path.replace("{pairingId}", pairing["pairingId"])
    if "{announcementId}" in path:
        made = await world.post("admin", "/v1/admin/announcements", {"message": "Hi", "audience": "all"})
        path = path.replace("{announcementId}", made.json()["announcementId"])
    if "{fundsId}" in path:
        held = CreditFunds(provider="zeffy", external_id=f"p{number}", amount=1, transfer_id=TransferId(f"t{number}"))
        await world.services.committer.submit(held)
        newest = (await world.get("admin", "/v1/admin/funds/held")).json()["items"]
        path = path.replace("{fundsId}", next(each["fundsId"] for each in newest if each["externalId"] == f"p{number}"))
    if "{userId}" in path:
        await world.add(f"user-{number}")
        path = path.replace("{userId}", f"user-{number}")
    if "{requestId}" in path:
        asked = await world.post("sun", "/v1/payment-requests", {"amount": 1, "description": "x"})
        path = path.replace("{requestId}", asked.json()["requestId"])
    if "{payoutId}" in path:
        asked = await world.post("anna", "/v1/payouts", {"amount": 1})
        path = path.replace("{payoutId}", asked.json()["payout"]["payoutId"])
    if path == "/v1/payouts" and number == 0:  # a till has nothing until something is sold
        await world.place("anna", "sun", ayran=1)
        await world.place("anna", "moon", beer=1)
    path = path.replace("{vendorId}", "sun").replace("{provider}", "zeffy").replace("{path:path}", "icon.svg")
    assert "{" not in path, path
    return path


async def _headers(world: World, caller: str) -> dict[str, str]:
    if caller == "nobody":
        return {}
    if caller.startswith("screen of "):
        stall = caller.removeprefix("screen of ")
        display = (await world.post(stall, f"/v1/vendors/{stall}/displays", {})).json()
        return {"Authorization": f"Bearer {display['token']}"}
    return world.bearer(caller)


async def _status(world: World, method: str, path: str, headers: dict[str, str], body: Any) -> int:
    if path.endswith("/stream"):
        async with world.follow(path, headers) as stream:
            await until(lambda: stream.frames or stream.is_over)
            return stream.status
    keyed = headers | {"Idempotency-Key": "k"}
    return (await world.http.request(method, path, headers=keyed, json=body)).status_code


def test_the_table_names_every_route_and_no_other() -> None:
    assert {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS} == set(TABLE)
    assert {len(row.statuses) for row in TABLE.values()} == {len(CALLERS)}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
async def test_each_caller_gets_what_the_table_says(world: World, endpoint: Any) -> None:
    row = TABLE[endpoint.method, endpoint.path]
    found = {}
    for number, caller in enumerate(CALLERS):
        path = await _fill(world, endpoint.path, number)
        body = row.body
        if isinstance(body, dict) and "room" in body:
            body = {"room": await _fill(world, body["room"], number)}
        found[caller] = await _status(world, endpoint.method, path, await _headers(world, caller), body)
    assert found == dict(zip(CALLERS, row.statuses, strict=True))


async def test_a_token_for_nobody_opens_nothing(world: World) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.access & OPEN:
            continue
        path = endpoint.path.replace("{", "").replace("}", "")
        status = await _status(world, endpoint.method, path, world.bearer("stranger"), TABLE[endpoint[:2]].body)
        assert status == 401, endpoint


async def test_a_suspended_person_gets_nowhere(world: World) -> None:
    anna = await world.services.reads.user(UserId("anna"))
    assert anna is not None
    await world.services.committer.submit(Put(rows=(msgspec.structs.replace(anna, suspended=True),)))
    for endpoint in ENDPOINTS:
        if not endpoint.access & OPEN:
            path = endpoint.path.replace("{", "").replace("}", "")
            status = await _status(world, endpoint.method, path, world.bearer("anna"), TABLE[endpoint[:2]].body)
            assert status == 403, endpoint
