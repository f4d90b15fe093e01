"""Orders over HTTP: paid once, seen by those whom they concern, stepped by the stall, given back whole."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from festival_push.domain.orders.steps import RECALL_MS
from festival_push.domain.values import Instant
from festival_push.settings import OrderSettings
from tests.support.festival import Put
from tests.support.timing.waiting import until
from tests.web.world import World, open_world, problem_of, settings_of

ORDER_FIELDS = [
    "orderId", "number", "status", "paymentStatus", "vendorId", "vendorName", "userId", "customerName", "items",
    "total", "refunded", "platformFee", "estimatedTime", "queuePosition", "createdAt", "updatedAt", "tip",
    "tipRefunded", "readyAt", "calledAt", "comingAt", "completedAt", "cancellableUntil", "currency",
    "currencyDigits",
]  # fmt: skip
LINE = {"itemId": "ayran", "quantity": 1}


def ms_between(earlier: str, later: str) -> float:
    """Milliseconds from one time of the wire to another."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)) / timedelta(milliseconds=1)


async def step(world: World, order: dict[str, Any], *statuses: str) -> dict[str, Any]:
    """Let the Sun take an order through some steps; returns the order."""
    for status in statuses:
        answer = await world.post("sun", f"/v1/orders/{order['orderId']}/status", {"status": status})
        assert answer.status_code == 200, answer.text
        order = answer.json()["order"]
    return order


WISH = {
    "vendorId": "sun",
    "items": [{"itemId": "falafel", "quantity": 2, "notes": " no onions "}],
    "expectedTotal": 1300,
}


async def test_an_order_is_paid_and_placed(world: World) -> None:
    response = await world.post("anna", "/v1/orders", WISH)
    assert response.status_code == 201
    body = response.json()
    assert list(body) == ["order", "balance", "position"]
    order = body["order"]
    assert list(order) == ORDER_FIELDS
    assert order["items"] == [
        {
            "itemId": "falafel",
            "name": "Falafel",
            "quantity": 2,
            "unitPrice": 650,
            "total": 1300,
            "notes": "no onions",
        }
    ]
    assert (order["total"], order["status"], order["paymentStatus"]) == (1300, "preparing", "paid")
    assert (order["vendorName"], order["customerName"], order["queuePosition"]) == ("Sun", "Anna", 1)
    assert order["estimatedTime"] is None
    assert [order[name] for name in ("readyAt", "calledAt", "comingAt", "completedAt")] == [None] * 4
    assert ms_between(order["createdAt"], order["cancellableUntil"]) == 20_000
    assert body["balance"] == await world.balance("anna") == 3700
    assert 0 < body["position"] <= (await world.services.log.head()).position
    assert (await world.get("anna", f"/v1/orders/{order['orderId']}")).json() == order
    problem_of(await world.get("ben", f"/v1/orders/{order['orderId']}"), 404, "not-found")


async def test_a_retry_gets_the_first_answer_byte_for_byte(world: World) -> None:
    first = await world.post("anna", "/v1/orders", WISH, key="k1")
    again = await world.post("anna", "/v1/orders", WISH, key="k1")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert await world.balance("anna") == 3700
    other = {**WISH, "expectedTotal": 1301}
    problem_of(await world.post("anna", "/v1/orders", other, key="k1"), 422, "idempotency-key-reused")


async def test_many_orders_at_once_spend_a_balance_once(world: World) -> None:
    wish = {"vendorId": "sun", "items": [{"itemId": "falafel", "quantity": 7}]}  # 45.50 of 50.00
    answers = await asyncio.gather(*(world.post("anna", "/v1/orders", wish) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert await world.balance("anna") == 450


async def test_an_order_needs_an_idempotency_key(world: World) -> None:
    response = await world.http.post("/v1/orders", json=WISH, headers=world.bearer("anna"))
    problem_of(response, 400, "idempotency-key-required")
    assert await world.balance("anna") == 5000


@pytest.mark.parametrize(
    ("change", "code", "extra"),
    [
        ({"expectedTotal": 1200}, "price-changed", {"total": 1300, "expectedTotal": 1200}),
        ({"items": [{**LINE, "quantity": 26}], "expectedTotal": 5200}, "insufficient-funds", {"balance": 5000}),
        ({"items": [{**LINE, "itemId": "beer"}]}, "item-unavailable", {"itemIds": ["beer"]}),
        ({"items": [{**LINE, "itemId": "nothing"}]}, "item-unavailable", {"itemIds": ["nothing"]}),
    ],
)  # fmt: skip
async def test_a_rule_says_no_and_says_why(world: World, change: Any, code: str, extra: dict[str, object]) -> None:
    response = await world.post("anna", "/v1/orders", {**WISH, **change}, key="k")
    problem = problem_of(response, 409, code)
    assert {name: problem[name] for name in extra} == extra
    again = await world.post("anna", "/v1/orders", {**WISH, **change}, key="k")
    assert (again.content, again.headers["idempotent-replayed"]) == (response.content, "true")
    assert await world.balance("anna") == 5000


async def test_an_unknown_stall_is_not_found(world: World) -> None:
    problem_of(await world.post("anna", "/v1/orders", {**WISH, "vendorId": "mars"}), 404, "not-found")


async def test_an_order_has_a_bounded_number_of_lines(world: World) -> None:
    lines_max = world.services.rules.order_lines_max
    wish = {"vendorId": "sun", "items": [LINE] * (lines_max + 1)}
    problem = problem_of(await world.post("anna", "/v1/orders", wish), 400, "invalid-request")
    assert problem["errors"][0]["field"] == "items"
    most = {"vendorId": "sun", "items": [LINE] * lines_max}
    problem_of(await world.post("anna", "/v1/orders", most), 409, "insufficient-funds")


async def test_a_stall_takes_an_order_to_the_customers_hand(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    path = f"/v1/orders/{order['orderId']}/status"
    ready = await world.post("sun", path, {"status": "ready", "estimatedTime": 0})
    assert ready.status_code == 200
    assert list(ready.json()) == ["order", "position"]  # the customer's balance is not the stall's business
    assert (ready.json()["order"]["status"], ready.json()["order"]["queuePosition"]) == ("ready", None)
    same = await world.post("sun", path, {"status": "ready"})
    assert same.status_code == 200
    assert (await world.post("sun", path, {"status": "completed"})).status_code == 200
    problem = problem_of(await world.post("sun", path, {"status": "preparing"}), 409, "invalid-transition")
    assert (problem["status"], problem["orderStatus"], problem["asked"]) == (409, "completed", "preparing")


async def test_a_step_from_another_status_than_the_present_one_is_refused(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    path = f"/v1/orders/{order['orderId']}/status"
    for status, seen in (("ready", "preparing"), ("completed", "ready")):
        assert (await world.post("sun", path, {"status": status, "from": seen})).status_code == 200
    late = await world.post("sun", path, {"status": "ready", "from": "preparing"})
    assert problem_of(late, 409, "invalid-transition")["orderStatus"] == "completed"
    same = await world.post("sun", path, {"status": "completed", "from": "ready"})
    assert same.status_code == 200, "it is so already"
    recall = await world.post("sun", path, {"status": "ready", "from": "completed"})
    assert recall.json()["order"]["status"] == "ready"


async def test_a_status_step_takes_an_idempotency_key_but_needs_none(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    path = f"/v1/orders/{order['orderId']}/status"
    without = await world.http.post(path, json={"status": "ready"}, headers=world.bearer("sun"))
    assert without.status_code == 200
    first = await world.post("sun", path, {"status": "cancelled", "reason": "burnt"}, key="c")
    again = await world.post("sun", path, {"status": "cancelled", "reason": "burnt"}, key="c")
    assert (first.status_code, again.content, again.headers["idempotent-replayed"]) == (200, first.content, "true")
    assert await world.balance("anna") == 5000


async def test_a_cancelled_order_is_given_back_once(world: World) -> None:
    order = await world.place("anna", "sun", falafel=2)
    path = f"/v1/orders/{order['orderId']}/cancel"
    problem = problem_of(await world.post("sun", path, {}), 400, "reason-required")
    assert problem["errors"][0]["field"] == "reason"
    cancelled = await asyncio.gather(*(world.post("sun", path, {"reason": "no more"}) for _ in range(5)))
    assert [answer.status_code for answer in cancelled] == [200] * 5
    assert {answer.json()["order"]["paymentStatus"] for answer in cancelled} == {"refunded"}
    assert await world.balance("anna") == 5000
    again = await world.post("anna", path, {})  # it is cancelled, so there is nothing to say no to
    assert (again.status_code, again.json()["balance"]) == (200, 5000)


async def test_a_customer_may_cancel_for_a_short_time_what_the_stall_has_accepted(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)  # the stall accepts by itself
    path = f"/v1/orders/{order['orderId']}/cancel"
    problem_of(await world.post("ben", path, {}), 404, "not-found")
    cancelled = await asyncio.gather(*(world.post("anna", path, {}) for _ in range(5)))
    assert {(answer.status_code, answer.json()["balance"]) for answer in cancelled} == {(200, 5000)}
    assert cancelled[0].json()["order"]["paymentStatus"] == "refunded"
    assert await world.balance("anna") == 5000
    assert await world.balance("sun") == 0


async def test_a_customer_may_not_cancel_what_the_stall_has_begun(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(settings_of(tmp_path), orders=OrderSettings(cancel_s=0))
    async with open_world(settings) as world:
        order = await world.place("anna", "sun", falafel=1)
        assert order["cancellableUntil"] is None
        problem_of(await world.post("anna", f"/v1/orders/{order['orderId']}/cancel", {}), 409, "invalid-transition")
        assert (await world.get("anna", "/v1/me")).json()["rules"]["cancelSeconds"] == 0
        assert await world.balance("anna") == 4350


async def test_what_is_ready_is_not_cancelled_by_its_customer(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    await step(world, order, "ready")
    problem = problem_of(
        await world.post("anna", f"/v1/orders/{order['orderId']}/cancel", {}), 409, "invalid-transition"
    )
    assert problem["orderStatus"] == "ready"


async def test_a_completed_order_is_recalled_and_its_customer_called_again(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    done = await step(world, order, "ready", "completed")
    assert done["completedAt"] == done["updatedAt"] >= done["calledAt"] == done["readyAt"]
    async with world.follow("/v1/stream", world.bearer("anna")) as phone:
        await phone.first("connected")
        back = await step(world, order, "ready")
        assert (back["number"], back["status"], back["completedAt"]) == (order["number"], "ready", None)
        assert back["calledAt"] == back["updatedAt"] >= done["completedAt"]
        assert back["readyAt"] == done["readyAt"]
        assert (await phone.first("order-ready"))["orderId"] == order["orderId"]
    assert (await world.get("sun", "/v1/boards/sun")).json()["ready"] == [order["number"]]
    problem_of(await world.post("anna", f"/v1/orders/{order['orderId']}/status", {"status": "ready"}), 403, "forbidden")


async def test_a_recall_comes_too_late(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    await step(world, order, "ready", "completed")
    row = await world.services.reads.order(order["orderId"])
    assert row is not None
    assert row.order.completed_at is not None
    past = msgspec.structs.replace(row.order, completed_at=Instant(row.order.completed_at - RECALL_MS))
    await world.services.committer.submit(Put((past,)))
    problem = problem_of(
        await world.post("sun", f"/v1/orders/{order['orderId']}/status", {"status": "ready"}), 409, "invalid-transition"
    )
    assert (problem["orderStatus"], problem["asked"]) == ("completed", "ready")


async def test_a_recall_whose_number_was_given_away_says_so(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    await step(world, order, "ready", "completed")
    row = await world.services.reads.order((await world.place("ben", "sun", ayran=1))["orderId"])
    assert row is not None
    await world.services.committer.submit(Put((msgspec.structs.replace(row.order, number=order["number"]),)))
    path = f"/v1/orders/{order['orderId']}/status"
    problem = problem_of(await world.post("sun", path, {"status": "ready"}), 409, "number-taken")
    assert problem["number"] == order["number"]


async def test_a_customer_says_that_they_are_coming_and_the_stall_hears_it_once(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    path = f"/v1/orders/{order['orderId']}/coming"
    problem = problem_of(await world.post("anna", path, {}), 409, "not-ready")
    assert problem["orderStatus"] == "preparing"
    await step(world, order, "ready")
    async with world.follow("/v1/stream", world.bearer("sun")) as tablet:
        await tablet.first("connected")
        said = await world.post("anna", path, b"")
        assert (said.status_code, list(said.json())) == (200, ["order", "balance", "position"])
        coming = said.json()["order"]
        assert coming["comingAt"] == coming["updatedAt"]
        told = await tablet.first("customer-coming")
        assert told == {
            "timestamp": coming["comingAt"], "orderId": order["orderId"], "userId": "anna", "vendorId": "sun",
            "number": order["number"], "comingAt": coming["comingAt"],
        }  # fmt: skip
        without_key = await world.http.post(path, headers=world.bearer("anna"))
        assert without_key.json()["order"] == coming
        await until(world.is_told)
        assert tablet.events().count("customer-coming") == 1
    problem_of(await world.post("ben", path, {}), 404, "not-found")
    problem_of(await world.post("sun", path, {}), 403, "forbidden")
    assert (await world.get("sun", f"/v1/orders/{order['orderId']}")).json() == coming


async def test_cancelling_needs_a_key_but_no_body(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    path = f"/v1/orders/{order['orderId']}/cancel"
    problem_of(await world.http.post(path, headers=world.bearer("admin")), 400, "idempotency-key-required")
    headers = world.bearer("admin") | {"Idempotency-Key": "k"}
    assert (await world.http.post(path, headers=headers)).status_code == 200


async def test_everyone_lists_the_orders_that_concern_them(world: World) -> None:
    first = await world.place("anna", "sun", falafel=1)
    second = await world.place("ben", "sun", ayran=1)
    third = await world.place("anna", "moon", beer=1)

    async def ids(who: str, query: str = "") -> list[str]:
        page = (await world.get(who, f"/v1/orders{query}")).json()
        assert list(page) == ["items", "next"]
        return [order["orderId"] for order in page["items"]]

    assert await ids("anna") == [third["orderId"], first["orderId"]]
    assert await ids("ben") == [second["orderId"]]
    assert await ids("sun") == [second["orderId"], first["orderId"]]
    assert await ids("admin") == [third["orderId"], second["orderId"], first["orderId"]]
    await world.post("sun", f"/v1/orders/{first['orderId']}/status", {"status": "ready"})
    assert await ids("sun", "?status=ready") == [first["orderId"]]
    assert await ids("anna", "?status=completed") == []


async def test_pages_hold_every_order_once(world: World) -> None:
    placed = [(await world.place("anna", "sun", ayran=1))["orderId"] for _ in range(5)]
    seen: list[str] = []
    path: str | None = "/v1/orders?limit=2"
    while path:
        page = (await world.get("anna", path)).json()
        seen += [order["orderId"] for order in page["items"]]
        path = f"/v1/orders?limit=2&before={page['next']}" if page["next"] else None
    assert seen == placed[::-1]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=1.5",
        "before=-1",
        "before=x",
        "status=lost",
        "user=anna",
        "limit=1&limit=2",
    ],
)
async def test_a_wrong_query_is_named(world: World, query: str) -> None:
    problem = problem_of(await world.get("anna", f"/v1/orders?{query}"), 400, "invalid-request")
    assert problem["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize("order_id", ["nothing", "%00", "%F0%9F%8D%95", "x" * 300, "a%20b", "..%2F..", "%ff"])
async def test_what_is_no_order_is_not_found(world: World, order_id: str) -> None:
    problem_of(await world.get("anna", f"/v1/orders/{order_id}"), 404, "not-found")
    problem_of(await world.post("sun", f"/v1/orders/{order_id}/status", {"status": "ready"}), 404, "not-found")


async def test_a_tip_is_paid_beside_the_total_and_shown_in_the_order_and_the_wallet(world: World) -> None:
    wish = WISH | {"tip": 120}
    answer = await world.post("anna", "/v1/orders", wish, key="tipped")
    assert answer.status_code == 201, answer.text
    order, balance = answer.json()["order"], answer.json()["balance"]
    assert order["tip"] == 120
    me = (await world.get("anna", "/v1/me")).json()
    assert me["balance"] == balance
    shown = (await world.get("anna", "/v1/me/transactions")).json()["items"]
    assert {(row["kind"], row["amount"]) for row in shown} >= {("purchase", -order["total"]), ("tip", -120)}
    takings = (await world.get("sun", "/v1/me/transactions")).json()["items"]
    assert {(row["kind"], row["amount"]) for row in takings} >= {("sale", order["total"]), ("tip", 120)}


@pytest.mark.parametrize("tip", [-1, 1.5, True, "1", None, 2**63])
async def test_a_wrong_tip_is_named(world: World, tip: object) -> None:
    answer = await world.post("anna", "/v1/orders", WISH | {"tip": tip}, key="tipped")
    assert [error["field"] for error in problem_of(answer, 400, "invalid-request")["errors"]] == ["tip"]
