"""Transfers are taken back, over HTTP."""

from typing import Any

from festival_push.ops.audit.audit import audit
from festival_push.store.opening import open_database
from tests.web.world import World, problem_of


async def topped(world: World, amount: int = 2_000) -> str:
    """The transfer of a top-up of Anna, who has 5,000 besides."""
    body = {"userId": "anna", "amount": amount, "method": "cash"}
    found: str = (await world.post("admin", "/v1/admin/top-ups", body)).json()["transactionId"]
    return found


async def newest(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await world.get("admin", "/v1/admin/transactions")).json()["items"]
    return found


async def all_is_well(world: World) -> None:
    """Every promise holds in its database."""
    database = await open_database(world.services.settings.database.url)
    try:
        assert await audit(database) == []
    finally:
        await database.close()


async def test_a_top_up_is_taken_back_once_per_key(world: World) -> None:
    transfer_id = await topped(world)
    path = f"/v1/admin/transfers/{transfer_id}/reverse"
    first = await world.post("admin", path, {"amount": 1_500, "reason": "typo"}, key="r")
    assert first.status_code == 201
    body = first.json()
    assert {**body, "transactionId": "", "position": 0} == {
        "transactionId": "", "reverses": transfer_id, "amount": 1_500, "loss": 0, "balance": 5_500, "position": 0,
    }  # fmt: skip
    again = await world.post("admin", path, {"amount": 1_500, "reason": "typo"}, key="r")
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    problem = problem_of(await world.post("admin", path, {"amount": 501, "reason": "typo"}), 409, "already-reversed")
    assert problem["reversible"] == 500
    back, top_up, *_ = await newest(world)
    assert (back["transactionId"], back["reverses"], back["kind"]) == (body["transactionId"], transfer_id, "adjustment")
    assert (back["debit"], back["credit"], back["note"], back["reversed"]) == ("user:anna", "desk:cash", "typo", 0)
    assert (top_up["transactionId"], top_up["reversed"]) == (transfer_id, 1_500)
    assert "reverses" not in top_up
    own = (await world.get("anna", "/v1/me/transactions")).json()["items"][0]
    assert (own["kind"], own["amount"], own["balance"]) == ("adjustment", -1_500, 5_500)
    assert own["reverses"] == transfer_id
    told = (await world.get("anna", "/v1/me/notifications")).json()["items"][0]["message"]
    assert told == "15.00 EUR was taken back from your wallet (typo)."
    await all_is_well(world)


async def test_what_is_spent_is_lost_only_if_somebody_accepts_it(world: World) -> None:
    transfer_id = await topped(world)
    await world.post("anna", "/v1/payouts", {"amount": 6_000})
    path = f"/v1/admin/transfers/{transfer_id}/reverse"
    problem = problem_of(await world.post("admin", path, {"all": True, "reason": "typo"}), 409, "insufficient-funds")
    assert (problem["balance"], problem["total"]) == (1_000, 2_000)
    taken = await world.post("admin", path, {"all": True, "reason": "typo", "acceptLoss": True})
    assert (taken.json()["loss"], taken.json()["balance"]) == (1_000, 0)
    overview = (await world.get("admin", "/v1/admin/overview")).json()
    assert overview["losses"] == 1_000
    kept = overview["wallets"] + overview["held"] + overview["fees"] + overview["paidOut"]
    assert overview["cameIn"] + overview["losses"] == kept
    await all_is_well(world)


async def test_an_order_and_a_payout_are_taken_back(world: World) -> None:
    order_id = (await world.place("anna", "sun", falafel=1))["orderId"]
    paid = await world.post("admin", f"/v1/admin/transfers/{order_id}-paid/reverse", {"all": True, "reason": "cold"})
    assert (paid.status_code, paid.json().get("balance")) == (201, 5_000), paid.text
    order = (await world.get("anna", f"/v1/orders/{order_id}")).json()
    assert (order["refunded"], order["paymentStatus"]) == (order["total"], "refunded")
    asked = (await world.post("ben", "/v1/payouts", {"amount": 1_000})).json()["payout"]
    path = f"/v1/admin/transfers/{asked['payoutId']}-asked/reverse"
    assert (await world.post("admin", path, {"amount": 400, "reason": "bank"})).json()["balance"] == 4_400
    (payout,) = (await world.get("admin", "/v1/payouts")).json()["items"]
    assert (payout["amount"], payout["reversed"], payout["status"]) == (1_000, 400, "requested")
    entries = {entry["transactionId"]: entry["reversed"] for entry in await newest(world)}
    assert (entries[f"{order_id}-paid"], entries[f"{asked['payoutId']}-asked"]) == (order["total"], 400)
    await all_is_well(world)


async def test_what_can_not_be_taken_back_is_refused(world: World) -> None:
    transfer_id = await topped(world)
    path = "/v1/admin/transfers/{}/reverse"
    back = await world.post("admin", path.format(transfer_id), {"amount": 1, "reason": "typo"})
    of_back = await world.post("admin", path.format(back.json()["transactionId"]), {"all": True, "reason": "typo"})
    problem_of(of_back, 409, "not-reversible")
    unknown = await world.post("admin", path.format("nothing"), {"all": True, "reason": "typo"})
    assert problem_of(unknown, 404, "not-found")["what"] == "transfer"
