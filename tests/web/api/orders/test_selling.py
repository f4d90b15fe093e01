"""Selling over HTTP: handed over at once, counted stock, lines given back, and a board that is cleared."""

import asyncio
from typing import Any

import httpx2
import pytest

from tests.web.world import World, problem_of


async def patch(world: World, who: str, path: str, body: dict[str, Any]) -> httpx2.Response:
    return await world.http.patch(path, json=body, headers=world.bearer(who))


async def at_once(world: World, *, on: bool = True) -> dict[str, Any]:
    answer = await patch(world, "sun", "/v1/vendors/sun", {"atOnce": on})
    assert answer.status_code == 200, answer.text
    stall: dict[str, Any] = answer.json()
    return stall


async def stock(world: World, left: int | None, item_id: str = "falafel") -> None:
    assert (await patch(world, "sun", f"/v1/menu/{item_id}", {"stock": left})).status_code == 200


async def refund(world: World, order: dict[str, Any], who: str = "sun", **body: Any) -> httpx2.Response:
    return await world.post(who, f"/v1/orders/{order['orderId']}/refund", {"reason": "no bread", **body})


async def test_a_stall_hands_over_at_once_and_says_so(world: World) -> None:
    assert "atOnce" not in (await world.get("anna", "/v1/vendors")).json()["items"][0]
    assert (await at_once(world))["atOnce"] is True
    listed = {stall["vendorId"]: stall for stall in (await world.get("anna", "/v1/vendors")).json()["items"]}
    assert (listed["sun"]["atOnce"], "atOnce" in listed["moon"]) == (True, False)
    order = await world.place("anna", "sun", falafel=2)
    assert (order["status"], order["atOnce"], order["number"], order["queuePosition"]) == ("completed", True, 1, None)
    assert order["cancellableUntil"] is None
    board = (await world.get("sun", "/v1/boards/sun")).json()
    assert (board["preparing"], board["ready"]) == ([], [])
    assert "atOnce" not in await at_once(world, on=False)
    assert "atOnce" not in await world.place("anna", "sun", falafel=1)


async def test_the_stalls_stream_and_the_customers_hear_of_a_sale_at_once(world: World) -> None:
    async with (
        world.follow("/v1/stream", world.bearer("sun")) as sun,
        world.follow("/v1/stream", world.bearer("anna")) as anna,
    ):
        await at_once(world)
        assert (await anna.first("vendor-updated"))["atOnce"] is True
        await world.place("anna", "sun", falafel=2)
        assert (await sun.first("new-order"))["atOnce"] is True
        notice = await anna.first("new-notification")
        assert (notice["code"], notice["message"]) == ("paid-at-once", "Paid at Sun: 2 × Falafel")


async def test_the_last_one_is_sold_once_however_many_ask_at_the_same_time(world: World) -> None:
    await stock(world, 1)
    wish = {"vendorId": "sun", "items": [{"itemId": "falafel", "quantity": 1}]}
    answers = await asyncio.gather(*(world.post(who, "/v1/orders", wish) for who in ("anna", "ben") for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    problem = problem_of(next(answer for answer in answers if answer.status_code == 409), 409, "item-unavailable")
    assert problem["itemIds"] == ["falafel"]
    menu = (await world.get("anna", "/v1/vendors/sun/menu")).json()["items"]
    assert {item["itemId"]: item["available"] for item in menu} == {"falafel": False, "ayran": True}
    assert await world.balance("anna") + await world.balance("ben") == 10_000 - 650


async def test_the_keepers_see_what_is_left_and_the_customers_that_none_is(world: World) -> None:
    await stock(world, 3)
    async with (
        world.follow("/v1/stream", world.bearer("sun")) as sun,
        world.follow("/v1/stream", world.bearer("anna")) as anna,
    ):
        order = await world.place("anna", "sun", falafel=3)
        told = await sun.first("stock-updated")
        assert (told["vendorId"], told["items"]) == ("sun", [{"itemId": "falafel", "stock": 0}])
        assert (await anna.first("menu-updated"))["available"] is False
        assert "stock-updated" not in anna.events()
        await refund(world, order, lines=[{"index": 0, "quantity": 1}])
        seen = (await world.get("sun", "/v1/vendors/sun/menu")).json()["items"]
        assert {item["itemId"]: (item["available"], item.get("stock")) for item in seen} == {
            "falafel": (True, 1), "ayran": (True, None),
        }  # fmt: skip


async def test_a_stall_gives_lines_back_and_the_customer_is_told_which(world: World) -> None:
    order = await world.place("anna", "sun", falafel=2, ayran=1)
    async with world.follow("/v1/stream", world.bearer("anna")) as anna:
        answer = await refund(world, order, lines=[{"index": 0, "quantity": 1}, {"index": 1, "quantity": 1}])
        assert answer.status_code == 200, answer.text
        shown = answer.json()["order"]
        assert [line.get("refunded") for line in shown["items"]] == [1, 1]
        assert (shown["refunded"], shown["status"], shown["paymentStatus"]) == (850, "preparing", "partially-refunded")
        assert "balance" not in answer.json()  # it is the customer's
        told = await anna.first("order-refunded")
    assert (told["amount"], told["reason"]) == (850, "no bread")
    assert told["lines"] == [{"index": 0, "quantity": 1}, {"index": 1, "quantity": 1}]
    assert await world.balance("anna") == 5_000 - 650
    gone = problem_of(await refund(world, order, lines=[{"index": 1, "quantity": 1}]), 409, "line-gone")
    assert (gone["index"], gone["left"]) == (1, 0)
    last = (await refund(world, order, lines=[{"index": 0, "quantity": 1}])).json()["order"]
    assert (last["status"], last["paymentStatus"]) == ("cancelled", "refunded")


async def test_a_retry_of_a_refund_gives_the_lines_back_once(world: World) -> None:
    order = await world.place("anna", "sun", falafel=2)
    path, body = f"/v1/orders/{order['orderId']}/refund", {"lines": [{"index": 0, "quantity": 1}], "reason": "cold"}
    first = await world.post("sun", path, body, key="k")
    again = await world.post("sun", path, body, key="k")
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    assert await world.balance("anna") == 5_000 - 650


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "amount"),
        ({"amount": 1, "lines": [{"index": 0, "quantity": 1}]}, "amount"),
        ({"all": True, "lines": [{"index": 0, "quantity": 1}]}, "all"),
        ({"lines": []}, "lines"),
        ({"lines": [{"index": -1, "quantity": 1}]}, "lines[0].index"),
        ({"lines": [{"index": 0, "quantity": 0}]}, "lines[0].quantity"),
        ({"lines": [{"index": 0, "quantity": 1}, {"index": 0, "quantity": 1}]}, "lines[1].index"),
    ],
)
async def test_a_refund_says_one_thing_and_names_no_line_twice(world: World, body: dict[str, Any], field: str) -> None:
    order = await world.place("anna", "sun", falafel=2)
    problem = problem_of(await refund(world, order, **body), 400, "invalid-request")
    assert [error["field"] for error in problem["errors"]] == [field]


async def test_a_stall_refunds_its_open_and_its_instant_sales_and_others_an_organiser(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    await world.hand_out(order)
    problem_of(await refund(world, order, amount=1), 409, "sale-over")
    assert (await refund(world, order, "admin", amount=1)).status_code == 200
    await at_once(world)
    assert (await refund(world, await world.place("anna", "sun", falafel=1), all=True)).status_code == 200
    problem_of(await refund(world, order, "moon", amount=1), 404, "not-found")
    problem_of(await refund(world, order, "ben", amount=1), 403, "forbidden")


async def ready(world: World, number: int) -> list[dict[str, Any]]:
    orders = [await world.place("anna", "sun", ayran=1) for _ in range(number)]
    for order in orders:
        await world.post("sun", f"/v1/orders/{order['orderId']}/status", {"status": "ready"})
    return [(await world.get("sun", f"/v1/orders/{order['orderId']}")).json() for order in orders]


async def test_all_ready_orders_are_cleared_and_each_can_be_recalled(world: World) -> None:
    orders = await ready(world, 3)
    waiting = await world.place("anna", "sun", ayran=1)
    answer = await world.post("sun", "/v1/vendors/sun/orders/clear-ready", {})
    assert answer.status_code == 200, answer.text
    assert answer.json()["orderIds"] == [order["orderId"] for order in orders]
    board = (await world.get("sun", "/v1/boards/sun")).json()
    assert (board["preparing"], board["ready"]) == ([waiting["number"]], [])
    back = await world.post(
        "sun", f"/v1/orders/{orders[0]['orderId']}/status", {"status": "ready", "from": "completed"}
    )
    assert back.json()["order"]["status"] == "ready"


async def test_what_was_called_after_the_page_looked_is_not_cleared(world: World) -> None:
    orders = await ready(world, 2)
    path = "/v1/vendors/sun/orders/clear-ready"
    newest = max(order["calledAt"] for order in orders)
    answer = await world.post("sun", path, {"calledUntil": "2020-01-01T00:00:00Z"})
    assert answer.json()["orderIds"] == []
    answer = await world.post("sun", path, {"calledUntil": newest})
    assert len(answer.json()["orderIds"]) == 2


@pytest.mark.parametrize("until", ["noon", "2026-07-04T10:00:00", 5, None])
async def test_an_instant_has_a_zone(world: World, until: object) -> None:
    problem_of(
        await world.post("sun", "/v1/vendors/sun/orders/clear-ready", {"calledUntil": until}), 400, "invalid-request"
    )
