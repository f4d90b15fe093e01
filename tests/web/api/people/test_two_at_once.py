"""People who are two things at once: what counts is what they are to the thing that they ask for."""

from typing import Any

import pytest

from tests.support.timing.waiting import until
from tests.web.world import World, problem_of


async def step(world: World, who: str, order: dict[str, Any], status: str) -> None:
    """A step of an order that its stall, or an organiser, takes."""
    body = {"status": status, "reason": "rain"} if status == "cancelled" else {"status": status}
    answer = await world.post(who, f"/v1/orders/{order['orderId']}/status", body)
    assert answer.status_code == 200, answer.text


async def till(world: World, vendor_id: str) -> int:
    """What is in a stall's till."""
    found: int = (await world.get("admin", f"/v1/admin/vendors/{vendor_id}/settlement")).json()["balance"]
    return found


@pytest.mark.parametrize("status", ["confirmed", "ready", "completed"])
async def test_keeping_one_stall_gives_no_power_over_ones_order_at_another(world: World, status: str) -> None:
    await world.appoint("anna", "moon")
    order = await world.place("anna", "sun", falafel=1)
    path = f"/v1/orders/{order['orderId']}"
    problem_of(await world.post("anna", f"{path}/status", {"status": status}), 409, "invalid-transition")
    estimate = await world.post("anna", f"{path}/status", {"status": "preparing", "estimatedTime": 5})
    assert estimate.json()["order"]["estimatedTime"] is None
    for present in ("ready", "completed"):
        await step(world, "sun", order, present)
        problem_of(await world.post("anna", f"{path}/cancel", {"reason": "ate it"}), 409, "invalid-transition")
        back = {"status": "cancelled", "reason": "ate it"}
        problem_of(await world.post("anna", f"{path}/status", back), 409, "invalid-transition")
    seen = (await world.get("anna", path)).json()
    assert (seen["status"], seen["refunded"], await till(world, "sun")) == ("completed", 0, 650)


async def test_who_is_the_customer_is_shown_the_wallet_whatever_else_they_are(world: World) -> None:
    await world.top_up("admin", 1_000)
    order = await world.place("admin", "sun", ayran=1)
    cancelled = (await world.post("admin", f"/v1/orders/{order['orderId']}/cancel", {})).json()
    assert cancelled["balance"] == 1_000
    await world.appoint("anna", "sun")
    others = await world.place("ben", "sun", ayran=1)
    answer = await world.post("anna", f"/v1/orders/{others['orderId']}/cancel", {"reason": "rain"})
    assert "balance" not in answer.json()
    own = await world.place("anna", "sun", ayran=1)
    answer = await world.post("anna", f"/v1/orders/{own['orderId']}/status", {"status": "ready"})
    assert answer.json()["balance"] == 4_800


@pytest.mark.parametrize("what", ["keeper", "organiser", "cashier"])
async def test_what_somebody_becomes_takes_no_money_out_of_reach(world: World, what: str) -> None:
    if what == "keeper":
        await world.appoint("anna", "moon")
    elif what == "organiser":
        await world.post("admin", "/v1/admin/users/anna/role", {"role": "admin"})
    else:
        await world.post("admin", "/v1/admin/users/anna/cashier", {"cashier": True})
    assert (await world.get("anna", "/v1/me")).json()["wallet"] == {"balance": 5_000}
    await world.place("anna", "sun", falafel=1)
    asked = await world.post("anna", "/v1/payouts", {"all": True, "account": "wallet"})
    assert (asked.status_code, asked.json()["balance"]) == (201, 0)
    payout = asked.json()["payout"]
    assert (payout["account"], payout["userId"], payout["ownerId"], payout["amount"]) == (
        "wallet", "anna", "anna", 4_350,
    )  # fmt: skip
    assert "vendorId" not in payout
    own = (await world.get("anna", "/v1/me/payouts?account=wallet")).json()["items"]
    assert [each["payoutId"] for each in own] == [payout["payoutId"]]
    moved = (await world.get("anna", "/v1/me/transactions?account=wallet")).json()["items"]
    assert [each["kind"] for each in moved] == ["payout", "purchase", "top-up"]


async def test_every_balance_says_whose_it_is(world: World) -> None:
    await world.appoint("anna", "sun")
    async with world.follow("/v1/stream", world.bearer("anna")) as stream:
        await stream.first("connected")
        await world.post("admin", "/v1/admin/top-ups", {"userId": "anna", "amount": 5, "method": "cash"})
        wallet = await stream.first("balance-updated")
        assert (wallet["account"], wallet["userId"], wallet["newBalance"], "vendorId" in wallet) == (
            "wallet", "anna", 5_005, False,
        )  # fmt: skip
        assert (await stream.first("payment-completed"))["account"] == "wallet"
        stream.frames.clear()
        await world.place("ben", "sun", ayran=1)
        sale = await stream.first("balance-updated")
        assert (sale["account"], sale["vendorId"], sale["userId"], sale["newBalance"]) == ("till", "sun", "sun", 200)


async def test_a_refresh_tells_the_wallet_and_each_till(world: World) -> None:
    await world.appoint("anna", "sun")
    await world.appoint("anna", "moon")
    await world.place("ben", "sun", ayran=1)
    async with world.follow("/v1/stream", world.bearer("anna")) as stream:
        await stream.first("connected")
        refreshed = (await world.post("anna", "/v1/balance/refresh", {})).json()
        assert refreshed == {"balance": 200, "currency": "EUR", "currencyDigits": 2}
        await until(lambda: stream.events().count("balance-updated") == 3)


async def test_what_is_personal_is_not_told_to_those_who_keep_the_same_stall(world: World) -> None:
    await world.appoint("anna", "sun")
    async with world.follow("/v1/stream", world.bearer("anna")) as stream:
        await stream.first("connected")
        await world.post("admin", "/v1/admin/top-ups", {"userId": "sun", "amount": 700, "method": "cash"})
        order = await world.place("sun", "moon", beer=1)
        await world.post("sun", "/v1/rooms/join", {"room": f"order-{order['orderId']}"})
        await world.post("sun", "/v1/orders/track", {})
        await world.post("sun", "/v1/me/notifications/read", {"upTo": 1})
        await world.post("admin", "/v1/admin/users/sun/pin", {"pin": "739146"})
        await world.post("anna", "/v1/balance/refresh", {})
        await stream.first("balance-updated")  # all that was to come before it has come
        assert set(stream.events()) <= {"connected", "balance-updated"}
    texts = [each["message"] for each in (await world.get("anna", "/v1/me/notifications")).json()["items"]]
    assert not any("PIN" in text or ("wallet" in text and "50.00" not in text) for text in texts)


async def test_a_stall_is_paid_out_what_it_has_earned_and_to_its_owner(world: World) -> None:
    await world.appoint("anna", "sun")
    order = await world.place("ben", "sun", falafel=1)
    refused = problem_of(await world.post("sun", "/v1/payouts", {"amount": 650}), 409, "money-unearned")
    assert (refused["available"], refused["balance"]) == (0, 650)
    await step(world, "anna", order, "ready")
    await step(world, "anna", order, "completed")
    for body in ({"amount": 1}, {"amount": 1, "account": "till"}, {"all": True, "vendorId": "sun"}):
        problem_of(await world.post("anna", "/v1/payouts", body), 403, "forbidden")
    problem_of(await world.post("moon", "/v1/payouts", {"amount": 1, "vendorId": "sun"}), 404, "not-found")
    problem_of(
        await world.post("sun", "/v1/payouts", {"amount": 1, "account": "wallet", "vendorId": "sun"}),
        404, "not-found",
    )  # fmt: skip
    paid = (await world.post("sun", "/v1/payouts", {"all": True})).json()
    assert (paid["balance"], paid["payout"]["account"], paid["payout"]["vendorId"], paid["payout"]["ownerId"]) == (
        0, "till", "sun", "sun",
    )  # fmt: skip
    assert [each["payoutId"] for each in (await world.get("anna", "/v1/me/payouts")).json()["items"]] == [
        paid["payout"]["payoutId"]
    ]
    for_sun = await world.post("admin", "/v1/payouts", {"amount": 1, "account": "till", "vendorId": "sun"})
    problem_of(for_sun, 409, "insufficient-funds")


async def test_orders_are_listed_by_side(world: World) -> None:
    await world.appoint("anna", "sun")
    await world.appoint("anna", "moon")
    own = await world.place("anna", "moon", beer=1)
    at_sun = await world.place("ben", "sun", ayran=1)

    async def listed(who: str, query: str = "") -> list[str]:
        return [each["orderId"] for each in (await world.get(who, f"/v1/orders{query}")).json()["items"]]

    assert await listed("anna") == await listed("anna", "?account=till") == [at_sun["orderId"]]
    assert await listed("anna", "?vendorId=moon") == await listed("anna", "?account=wallet") == [own["orderId"]]
    assert await listed("admin") == [at_sun["orderId"], own["orderId"]]
    assert await listed("admin", "?account=wallet") == []
    assert await listed("admin", "?vendorId=sun&status=preparing") == [at_sun["orderId"]]
    problem_of(await world.get("ben", "/v1/orders?vendorId=sun"), 403, "forbidden")


async def test_a_keeper_of_several_says_which_stall_asks_for_a_payment(world: World) -> None:
    await world.appoint("anna", "sun")
    await world.appoint("anna", "moon")
    asked = {"amount": 5, "description": "Deposit"}
    for body, stall in ((asked, "sun"), (asked | {"vendorId": "moon"}, "moon")):
        made = await world.post("anna", "/v1/payment-requests", body)
        assert made.status_code == 201
        seen = (await world.get("ben", f"/v1/payment-requests/{made.json()['requestId']}")).json()
        assert seen["vendorId"] == stall
    problem_of(await world.post("sun", "/v1/payment-requests", asked | {"vendorId": "moon"}), 404, "not-found")


async def test_a_cashier_tops_up_and_finds_people_and_nothing_else_of_the_office(world: World) -> None:
    made = await world.post("admin", "/v1/admin/users/ben/cashier", {"cashier": True})
    assert (made.status_code, made.json()["is"], made.json()["userType"]) == (200, ["customer", "cashier"], "customer")
    top_up = {"userId": "anna", "amount": 500, "method": "card"}
    assert (await world.post("ben", "/v1/admin/top-ups", top_up)).status_code == 201
    problem_of(await world.get("ben", "/v1/admin/users"), 403, "forbidden")
    found = (await world.get("ben", "/v1/admin/users?search=anna")).json()["items"]
    assert [each["userId"] for each in found] == ["anna"]
    by_code = (await world.get("ben", f"/v1/admin/users?search={found[0]['topUpCode']}")).json()["items"]
    assert [each["userId"] for each in by_code] == ["anna"]
    for path in ("/v1/admin/overview", "/v1/admin/transactions", "/v1/payouts", "/v1/admin/funds/held"):
        problem_of(await world.get("ben", path), 403, "forbidden")
    await world.post("admin", "/v1/admin/users/ben/cashier", {"cashier": False})
    problem_of(await world.post("ben", "/v1/admin/top-ups", top_up), 403, "forbidden")


async def test_the_office_sees_what_people_are(world: World) -> None:
    await world.appoint("anna", "sun")
    (anna,) = (await world.get("admin", "/v1/admin/users?search=anna")).json()["items"]
    assert (anna["userType"], anna["is"], anna["vendorId"]) == ("vendor", ["customer", "keeper"], "sun")
    assert anna["stalls"] == [{"vendorId": "sun", "part": "keeper"}]


async def test_a_stall_that_opens_has_an_id_of_its_own(world: World) -> None:
    made = (await world.post("admin", "/v1/admin/users", {"role": "vendor", "name": "Grill", "pin": "739146"})).json()
    (stall,) = made["stalls"]
    assert stall["part"] == "owner"
    assert stall["vendorId"] == made["vendorId"] != made["userId"]
    (code,) = (await world.post("admin", "/v1/admin/vendor-codes", {"count": 1})).json()["codes"]
    body = {"name": "Crepes", "pin": "739146", "vendorCode": code}
    joined = (await world.post(None, "/v1/auth/register", body)).json()
    me = (await world.get(joined["userId"], "/v1/me")).json()
    assert (joined["userType"], me["stalls"][0]["name"]) == ("vendor", "Crepes")
    assert me["vendorId"] not in {joined["userId"], stall["vendorId"]}
