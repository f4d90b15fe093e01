"""Payment requests over HTTP: made, shown, paid once; and what their QR codes say."""

from typing import Any

from festival_push.domain.orders.payment_requests import EXPIRES_S
from festival_push.domain.values import Instant, rfc3339
from tests.support.qr import read_svg
from tests.web.world import BASE_URL, World, problem_of

DEPOSIT = {"amount": 250, "description": " Deposit "}
LUNCH = {"items": [{"itemId": "falafel", "quantity": 1, "notes": "hot"}, {"itemId": "ayran", "quantity": 2}]}


async def asked(world: World, body: object = DEPOSIT, who: str = "sun") -> dict[str, Any]:
    """A new payment request."""
    response = await world.post(who, "/v1/payment-requests", body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


async def test_a_stall_asks_and_a_customer_sees_and_pays(world: World) -> None:
    before = world.services.now()
    made = await asked(world, LUNCH)
    request_id = made["requestId"]
    path = f"/v1/payment-requests/{request_id}"
    assert made == {
        "requestId": request_id, "total": 1_050, "url": f"{BASE_URL}/pay/?request={request_id}",
        "expiresAt": made["expiresAt"],
    }  # fmt: skip
    earliest, latest = (rfc3339(Instant(at + EXPIRES_S * 1000)) for at in (before, world.services.now()))
    assert earliest <= made["expiresAt"] <= latest
    seen = (await world.get("anna", path)).json()
    assert seen == {
        "requestId": request_id, "vendorId": "sun", "vendorName": "Sun", "vendorOpen": True, "total": 1_050,
        "currency": "EUR", "currencyDigits": 2, "status": "open", "url": made["url"], "createdAt": seen["createdAt"],
        "expiresAt": made["expiresAt"],
        "items": [
            {"itemId": "falafel", "name": "Falafel", "quantity": 1, "unitPrice": 650, "total": 650, "notes": "hot"},
            {"itemId": "ayran", "name": "Ayran", "quantity": 2, "unitPrice": 200, "total": 400, "notes": None},
        ],
    }  # fmt: skip
    async with world.follow("/v1/stream", world.bearer("sun")) as stall:
        await stall.first("connected")
        paid = await world.post("anna", f"{path}/pay", {})
        assert (paid.status_code, set(paid.json())) == (201, {"order", "balance", "position"})
        order = paid.json()["order"]
        assert (order["total"], order["items"], paid.json()["balance"]) == (1_050, seen["items"], 3_950)
        told = await stall.first("payment-request-paid")
        assert {name: told[name] for name in ("requestId", "orderId", "amount")} == {
            "requestId": request_id, "orderId": order["orderId"], "amount": 1_050,
        }  # fmt: skip
        new_order = await stall.first("new-order")
        assert (new_order["orderId"], new_order["number"], new_order["customerName"]) == (
            order["orderId"], order["number"], "Anna",
        )  # fmt: skip
    for who, order_id in (("anna", order["orderId"]), ("sun", order["orderId"]), ("ben", None)):
        shown = (await world.get(who, path)).json()
        assert (shown["status"], shown.get("orderId")) == ("paid", order_id), who


async def test_an_amount_of_the_stalls_own_is_a_line_without_an_item(world: World) -> None:
    made = await asked(world)
    paid = await world.post("anna", f"/v1/payment-requests/{made['requestId']}/pay", b"")
    order = paid.json()["order"]
    assert order["items"] == [
        {"itemId": None, "name": "Deposit", "quantity": 1, "unitPrice": 250, "total": 250, "notes": None}
    ]
    assert await world.balance("sun") == 250
    assert (order["status"], order["queuePosition"], order["cancellableUntil"]) == ("completed", None, None)
    assert order["completedAt"] == order["createdAt"]
    board = (await world.get("sun", "/v1/boards/sun")).json()
    assert (board["preparing"], board["ready"]) == ([], [])
    path = f"/v1/orders/{order['orderId']}"
    problem_of(await world.post("sun", f"{path}/status", {"status": "ready"}), 409, "invalid-transition")
    problem_of(await world.post("anna", f"{path}/cancel", {}), 409, "invalid-transition")
    refunded = await world.post("admin", f"{path}/refund", {"all": True, "reason": "brought back"})
    assert refunded.json()["order"]["paymentStatus"] == "refunded"
    assert await world.balance("anna") == 5_000


async def test_a_retry_gets_the_first_answer_and_everybody_else_comes_too_late(world: World) -> None:
    path = f"/v1/payment-requests/{(await asked(world))['requestId']}/pay"
    first, again = [await world.post("anna", path, {}, key="k1") for _ in range(2)]
    assert (first.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert first.content == again.content
    problem_of(await world.post("anna", path, {}, key="k2"), 409, "already-paid")
    problem_of(await world.post("ben", path, {}, key="k1"), 409, "already-paid")
    assert (await world.balance("anna"), await world.balance("ben")) == (4_750, 5_000)


async def test_making_one_again_with_the_same_key_makes_no_second_one(world: World) -> None:
    first, again = [await world.post("sun", "/v1/payment-requests", DEPOSIT, key="k1") for _ in range(2)]
    assert (first.content, again.headers["idempotent-replayed"]) == (again.content, "true")
    response = await world.http.post("/v1/payment-requests", json=DEPOSIT, headers=world.bearer("sun"))
    problem_of(response, 400, "idempotency-key-required")


async def test_refusals_cost_nothing_and_say_why(world: World) -> None:
    path = f"/v1/payment-requests/{(await asked(world, LUNCH))['requestId']}/pay"
    response = await world.http.post(path, json={}, headers=world.bearer("anna"))
    problem_of(response, 400, "idempotency-key-required")
    await world.http.patch("/v1/menu/ayran", json={"price": 300}, headers=world.bearer("sun"))
    changed = problem_of(await world.post("anna", path, {}), 409, "price-changed")
    assert (changed["total"], changed["expectedTotal"]) == (1_250, 1_050)
    await world.http.patch("/v1/menu/ayran", json={"price": 200}, headers=world.bearer("sun"))
    await world.http.patch("/v1/vendors/sun", json={"open": False}, headers=world.bearer("sun"))
    problem_of(await world.post("anna", path, {}), 409, "vendor-closed")
    problem_of(await world.post("sun", "/v1/payment-requests", DEPOSIT), 409, "vendor-closed")
    problem_of(await world.post("anna", "/v1/payment-requests/none/pay", {}), 404, "not-found")
    assert await world.balance("anna") == 5_000


async def test_one_asks_for_items_or_for_an_amount(world: World) -> None:
    limit = world.services.rules.amount_max
    for body, field in (
        ({}, "amount"),
        ({"amount": 1}, "description"),
        ({"description": "x"}, "amount"),
        ({**LUNCH, "amount": 1}, "amount"),
        ({**LUNCH, "description": "x"}, "description"),
        ({"amount": limit + 1, "description": "x"}, "amount"),
        ({"items": LUNCH["items"] * 26}, "items"),
    ):
        response = await world.post("sun", "/v1/payment-requests", body)
        assert problem_of(response, 400, "invalid-request")["errors"][0]["field"] == field, body
    problem = problem_of(
        await world.post("sun", "/v1/payment-requests", {"items": [{"itemId": "beer", "quantity": 1}]}),
        409, "item-unavailable",
    )  # fmt: skip
    assert problem["itemIds"] == ["beer"]


async def test_a_requests_qr_code_is_its_address(world: World) -> None:
    made = await asked(world)
    response = await world.get("anna", f"/v1/payment-requests/{made['requestId']}/qr.svg")
    assert (response.headers["content-type"], response.headers["cache-control"]) == ("image/svg+xml", "no-store")
    assert read_svg(response.content) == made["url"]
