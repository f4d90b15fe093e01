"""Deposits over HTTP: paid with an order, offered back by any stall, taken once; and what their QR codes say."""

import asyncio
from collections import Counter
from typing import Any

from festival_push.domain.deposits.give_backs import EXPIRES_S
from festival_push.domain.values import Instant, rfc3339
from tests.support.qr import read_svg
from tests.web.world import BASE_URL, World, problem_of

CUP = 200
TWO_CUPS = {"items": [{"itemId": "beer", "quantity": 2}, {"itemId": "falafel", "quantity": 1}]}


async def sold(world: World, beers: int = 2) -> dict[str, Any]:
    """Anna has bought beers in cups."""
    await world.change_item("beer", deposit=CUP)
    return await world.place("anna", "moon", beer=beers)


async def offered(world: World, body: object = TWO_CUPS, who: str = "sun") -> dict[str, Any]:
    response = await world.post(who, "/v1/give-backs", body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


async def test_an_order_says_its_deposit_and_the_stall_hears_it(world: World) -> None:
    before = await world.balance("anna")
    async with world.follow("/v1/stream", world.bearer("moon")) as stall:
        await stall.first("connected")
        order = await sold(world)
        told = await stall.first("new-order")
    assert (order["total"], order["deposit"], order["items"][0]["deposit"]) == (900, 400, CUP)
    assert (told["total"], told["deposit"]) == (900, 400)
    assert not {"depositRefunded", "allowance", "allowanceRefunded"} & set(order)
    assert await world.balance("anna") == before - 1_300
    assert (await world.balance("moon")) == 900, "the stall holds the price alone"
    moved = (await world.get("anna", "/v1/me/transactions")).json()["items"]
    assert [(each["kind"], each["amount"]) for each in moved[:2]] == [("deposit", -400), ("purchase", -900)]
    plain = await world.place("anna", "sun", ayran=1)
    assert "deposit" not in plain
    cancelled = (await world.post("moon", f"/v1/orders/{order['orderId']}/cancel", {"reason": "out"})).json()["order"]
    assert (cancelled["refunded"], cancelled["depositRefunded"]) == (900, 400)


async def test_who_expects_another_deposit_pays_nothing(world: World) -> None:
    await world.change_item("beer", deposit=CUP)
    wish = {"vendorId": "moon", "items": [{"itemId": "beer", "quantity": 2}], "expectedTotal": 900}
    refused = problem_of(await world.post("anna", "/v1/orders", wish | {"expectedDeposit": 0}), 409, "price-changed")
    assert {name: refused[name] for name in ("total", "expectedTotal", "deposit", "expectedDeposit")} == {
        "total": 900, "expectedTotal": 900, "deposit": 400, "expectedDeposit": 0,
    }  # fmt: skip
    paid = await world.post("anna", "/v1/orders", wish | {"expectedDeposit": 400})
    assert paid.status_code == 201, paid.text
    plain = problem_of(await world.post("anna", "/v1/orders", wish | {"expectedTotal": 901}), 409, "price-changed")
    assert "deposit" not in plain
    problem_of(await world.post("anna", "/v1/orders", wish | {"expectedDeposit": -1}), 400, "invalid-request")


async def test_a_payment_request_says_the_deposit_beside_its_total(world: World) -> None:
    await world.change_item("beer", deposit=CUP)
    body = {"items": [{"itemId": "beer", "quantity": 2}]}
    made = (await world.post("moon", "/v1/payment-requests", body)).json()
    assert (made["total"], made["deposit"]) == (900, 400)
    path = f"/v1/payment-requests/{made['requestId']}"
    assert (await world.get("anna", path)).json()["deposit"] == 400
    paid = (await world.post("anna", f"{path}/pay", {})).json()
    assert (paid["order"]["deposit"], paid["balance"]) == (400, 5_000 - 1_300)


async def test_a_stall_offers_and_a_guest_sees_and_takes_it(world: World) -> None:
    await sold(world)
    before, now = await world.balance("ben"), world.services.now()
    made = await offered(world)
    give_back_id, path = made["giveBackId"], f"/v1/give-backs/{made['giveBackId']}"
    assert made == {
        "giveBackId": give_back_id, "total": 400, "url": f"{BASE_URL}/give-back/?offer={give_back_id}",
        "expiresAt": made["expiresAt"],
    }  # fmt: skip
    earliest, latest = (rfc3339(Instant(at + EXPIRES_S * 1000)) for at in (now, world.services.now()))
    assert earliest <= made["expiresAt"] <= latest
    seen = (await world.get("ben", path)).json()
    assert seen == {
        "giveBackId": give_back_id, "vendorId": "sun", "vendorName": "Sun", "total": 400, "currency": "EUR",
        "currencyDigits": 2, "status": "open", "claimedByYou": False, "url": made["url"],
        "createdAt": seen["createdAt"], "expiresAt": made["expiresAt"],
        "items": [{"itemId": "beer", "name": "Beer", "quantity": 2, "deposit": CUP}],
    }  # fmt: skip
    async with world.follow("/v1/stream", world.bearer("sun")) as stall:
        async with world.follow("/v1/stream", world.bearer("ben")) as guest:
            await stall.first("connected")
            await guest.first("connected")
            claimed = await world.post("ben", f"{path}/claim", {}, key="mine")
            assert claimed.status_code == 200, claimed.text
            balance, notice = await guest.first("balance-updated"), await guest.first("new-notification")
        told = await stall.first("give-back-claimed")
    assert {name: claimed.json()[name] for name in ("giveBackId", "vendorName", "total", "balance")} == {
        "giveBackId": give_back_id, "vendorName": "Sun", "total": 400, "balance": before + 400,
    }  # fmt: skip
    assert (balance["account"], balance["newBalance"], balance["reason"]) == ("wallet", before + 400, "deposit")
    assert (notice["code"], notice["params"]) == ("deposit-back", {"amount": 400, "stall": "Sun"})
    assert {name: told[name] for name in ("giveBackId", "vendorId", "amount")} == {
        "giveBackId": give_back_id, "vendorId": "sun", "amount": 400,
    }  # fmt: skip
    again = await world.post("ben", f"{path}/claim", {}, key="mine")
    assert (again.status_code, again.json()) == (200, claimed.json()), "the same try, answered again"
    problem_of(await world.post("ben", f"{path}/claim", {}), 409, "already-claimed")
    problem_of(await world.post("anna", f"{path}/claim", {}), 409, "already-claimed")
    for who, is_mine in (("ben", True), ("anna", False)):
        shown = (await world.get(who, path)).json()
        assert (shown["status"], shown["claimedByYou"]) == ("claimed", is_mine)
    assert await world.balance("ben") == before + 400


async def test_many_guests_take_one_offer_at_once_and_one_gets_it(world: World) -> None:
    await sold(world)
    path = f"/v1/give-backs/{(await offered(world))['giveBackId']}/claim"
    guests = ["anna", "ben"] * 6
    answers = await asyncio.gather(*(world.post(who, path, {}) for who in guests))
    kinds = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
    assert kinds == {(200, None): 1, (409, "already-claimed"): 11}


async def test_more_offers_than_cups_run_dry(world: World) -> None:
    await sold(world, beers=1)
    cup = {"amount": CUP, "description": " Cup "}
    first, second = [(await offered(world, cup))["giveBackId"] for _ in range(2)]
    assert (await world.get("ben", f"/v1/give-backs/{first}")).json()["items"] == [
        {"itemId": None, "name": "Cup", "quantity": 1, "deposit": CUP}
    ]
    assert (await world.post("ben", f"/v1/give-backs/{first}/claim", {})).status_code == 200
    refused = problem_of(await world.post("ben", f"/v1/give-backs/{second}/claim", {}), 409, "deposits-exhausted")
    assert refused["left"] == 0
    problem_of(await world.post("sun", "/v1/give-backs", cup), 409, "deposits-exhausted")


async def test_what_can_not_be_offered_is_refused_by_name(world: World) -> None:
    await sold(world)
    for body, field in (
        ({}, "amount"),
        ({"amount": 1}, "description"),
        ({"items": []}, "items"),
        ({"items": [{"itemId": "beer", "quantity": 100}]}, "items[0].quantity"),
        ({"items": [{"itemId": "beer", "quantity": 1}], "amount": 1}, "amount"),
        ({"amount": 1, "description": "Cup", "expiresIn": 3_601}, "expiresIn"),
        ({"items": [{"itemId": "beer", "quantity": 1}] * 51}, "items"),
    ):
        problem = problem_of(await world.post("sun", "/v1/give-backs", body), 400, "invalid-request")
        assert [error["field"] for error in problem["errors"]] == [field], body
    only_food = {"items": [{"itemId": "falafel", "quantity": 1}]}
    problem_of(await world.post("sun", "/v1/give-backs", only_food), 409, "no-deposit")
    problem_of(await world.post("sun", "/v1/give-backs", TWO_CUPS | {"vendorId": "moon"}), 404, "not-found")
    problem_of(await world.get("ben", "/v1/give-backs/none"), 404, "not-found")


async def test_the_qr_code_leads_to_the_page(world: World) -> None:
    await sold(world)
    made = await offered(world)
    picture = await world.get("sun", f"/v1/give-backs/{made['giveBackId']}/qr.svg")
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert read_svg(picture.content) == made["url"]


async def test_a_code_ends_with_the_keeper_who_made_it(world: World) -> None:
    await sold(world)
    await world.appoint("ben", "sun")
    mine, other = await offered(world, who="ben"), (await offered(world))["giveBackId"]
    gone = await world.http.delete("/v1/vendors/sun/keepers/ben", headers=world.bearer("sun"))
    assert gone.status_code in {200, 204}, gone.text
    path = f"/v1/give-backs/{mine['giveBackId']}"
    assert (await world.get("anna", path)).json()["status"] == "expired"
    problem_of(await world.post("anna", f"{path}/claim", {}), 409, "give-back-expired")
    assert (await world.get("anna", f"/v1/give-backs/{other}")).json()["status"] == "open"
