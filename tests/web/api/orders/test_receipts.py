"""Receipts over HTTP: of orders, and of top-ups."""

from pathlib import Path
from typing import Any

import msgspec

from festival_push.domain.money.funds import CreditFunds
from festival_push.domain.values import (
    HELD,
    DrawerId,
    TransferId,
    UserId,
    desk_account,
    drawer_account,
    provider_account,
)
from festival_push.web.api.orders.receipts import method_of
from tests.web.world import World, open_world, problem_of, settings_of

WHO = {"legalName": "Sonne GmbH", "taxId": "12/345/67890", "address": "Am Feld 1, 12345 Ort"}
FIELDS = [
    "festival", "timezone", "vendorId", "vendorName", "orderId", "number", "status", "timestamp", "items", "total",
    "taxes", "tip", "deposit", "paid", "payments", "refunds", "returned", "kept", "currency", "currencyDigits",
]  # fmt: skip


async def patch(world: World, who: str, path: str, changes: dict[str, object]) -> dict[str, Any]:
    answer = await world.http.patch(path, json=changes, headers=world.bearer(who))
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


async def bought(world: World, *, tip: int = 0, **quantities: int) -> str:
    """Anna's order at the sun, by its id."""
    items = [{"itemId": item_id, "quantity": quantity} for item_id, quantity in quantities.items()]
    answer = await world.post("anna", "/v1/orders", {"vendorId": "sun", "items": items, "tip": tip})
    assert answer.status_code == 201, answer.text
    order_id: str = answer.json()["order"]["orderId"]
    return order_id


async def receipt(world: World, order_id: str, who: str = "anna") -> dict[str, Any]:
    answer = await world.get(who, f"/v1/orders/{order_id}/receipt")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_receipt_says_who_sold_what_at_which_tax_and_how_it_was_paid(world: World) -> None:
    await patch(world, "sun", "/v1/vendors/sun", dict(WHO))
    await patch(world, "sun", "/v1/menu/falafel", {"taxBp": 700})
    await patch(world, "sun", "/v1/menu/ayran", {"taxBp": 1900})
    order_id = await bought(world, falafel=2, ayran=3, tip=50)
    order = (await world.get("anna", f"/v1/orders/{order_id}")).json()
    found = await receipt(world, order_id)
    assert list(found) == [*FIELDS[:4], *WHO, *FIELDS[4:]]
    food, drink = (each["total"] for each in order["items"])
    assert found == {
        "festival": world.services.settings.festival.name, "timezone": "Europe/Berlin",
        "vendorId": "sun", "vendorName": "Sun", **WHO,
        "orderId": order_id, "number": order["number"], "status": "preparing", "timestamp": order["createdAt"],
        "items": order["items"], "total": food + drink,
        "taxes": [
            {
                "taxBp": 1900, "gross": drink, "net": drink - round(drink * 19 / 119), "tax": round(drink * 19 / 119),
                "returned": 0, "taxReturned": 0,
            },
            {
                "taxBp": 700, "gross": food, "net": food - round(food * 7 / 107), "tax": round(food * 7 / 107),
                "returned": 0, "taxReturned": 0,
            },
        ],
        "tip": 50, "deposit": 0, "paid": food + drink + 50,
        "payments": [{"account": "wallet", "amount": food + drink + 50, "returned": 0}],
        "refunds": [], "returned": 0, "kept": food + drink + 50, "currency": "EUR", "currencyDigits": 2,
    }  # fmt: skip
    for reader in ("sun", "admin"):
        assert await receipt(world, order_id, reader) == found


async def test_where_nobody_has_said_a_rate_or_a_business_a_receipt_claims_none(world: World) -> None:
    found = await receipt(world, await bought(world, ayran=1))
    assert list(found) == FIELDS
    price = found["total"]
    assert found["taxes"] == [{"gross": price, "net": price, "tax": 0, "returned": 0, "taxReturned": 0}]
    assert "taxBp" not in found["items"][0]


async def test_what_went_back_is_on_the_receipt_with_its_tax_its_reason_and_its_time(world: World) -> None:
    await patch(world, "sun", "/v1/menu/falafel", {"taxBp": 700})
    order_id = await bought(world, falafel=1, tip=20)
    other = await bought(world, falafel=1)
    price = (await receipt(world, order_id))["total"]
    for reason, amount in (("cold", 107), ("late", None)):
        share = {"all": True} if amount is None else {"amount": amount}
        answer = await world.post("admin", f"/v1/orders/{order_id}/refund", {**share, "reason": reason})
        assert answer.status_code == 200, answer.text
        if amount is not None:
            part = await receipt(world, order_id)
    [tax] = part["taxes"]
    kept = price - 107
    assert (tax["returned"], tax["tax"] - tax["taxReturned"]) == (107, round(kept * 7 / 107))
    assert (part["returned"], part["kept"], part["paid"]) == (107, kept + 20, price + 20)
    assert part["payments"] == [{"account": "wallet", "amount": price + 20, "returned": 107}]
    whole = await receipt(world, order_id)
    assert [(each["kind"], each["amount"], each["reason"]) for each in whole["refunds"]] == [
        ("refund", 107, "cold"), ("refund", price - 107 + 20, "late"),
    ]  # fmt: skip
    assert all(each["timestamp"].endswith("Z") for each in whole["refunds"])
    assert (whole["returned"], whole["kept"]) == (price + 20, 0)
    [tax] = whole["taxes"]
    assert (tax["returned"], tax["taxReturned"]) == (tax["gross"], tax["tax"])
    assert (await receipt(world, other))["refunds"] == []


async def test_what_drink_tickets_paid_and_what_of_the_deposit_came_back_is_told_apart(world: World) -> None:
    await patch(world, "sun", "/v1/menu/ayran", {"deposit": 100, "taxBp": 1900})
    granted = await world.post("admin", "/v1/admin/people/anna/allowance", {"amount": 250, "reason": "crew"})
    assert granted.status_code in {200, 201}, granted.text
    order_id = await bought(world, ayran=2, tip=10)
    found = await receipt(world, order_id)
    paid = found["total"] + 10 + 200
    assert (found["deposit"], found["paid"], found["refunds"]) == (200, paid, [])
    assert found["payments"] == [
        {"account": "wallet", "amount": paid - 250, "returned": 0},
        {"account": "allowance", "amount": 250, "returned": 0},
    ]
    assert [tax["gross"] for tax in found["taxes"]] == [found["total"]]  # the deposit has no rate
    answer = await world.post("sun", f"/v1/orders/{order_id}/cancel", {"reason": "sold out"})
    assert answer.status_code == 200, answer.text
    found = await receipt(world, order_id)
    assert [(each["kind"], each["amount"]) for each in found["refunds"]] == [("refund", paid - 200), ("deposit", 200)]
    assert (found["returned"], found["kept"]) == (paid, 0)
    assert [(each["amount"], each["returned"]) for each in found["payments"]] == [(paid - 250, paid - 250), (250, 250)]


async def test_a_line_that_went_back_goes_back_at_its_rate(world: World) -> None:
    await patch(world, "sun", "/v1/menu/falafel", {"taxBp": 700})
    await patch(world, "sun", "/v1/menu/ayran", {"taxBp": 1900})
    order_id = await bought(world, falafel=1, ayran=2)
    back = {"lines": [{"index": 1, "quantity": 1}], "reason": "spilt"}
    answer = await world.post("admin", f"/v1/orders/{order_id}/refund", back)
    assert answer.status_code == 200, answer.text
    found = await receipt(world, order_id)
    price = found["items"][1]["unitPrice"]
    assert [(tax["taxBp"], tax["returned"]) for tax in found["taxes"]] == [(1900, price), (700, 0)]
    assert found["items"][1]["refunded"] == 1


async def test_a_cancelled_order_says_so_on_its_receipt(world: World) -> None:
    order_id = await bought(world, ayran=1)
    await world.post("sun", f"/v1/orders/{order_id}/cancel", {"reason": "sold out"})
    found = await receipt(world, order_id)
    assert (found["status"], found["kept"]) == ("cancelled", 0)
    assert [each["reason"] for each in found["refunds"]] == ["sold out"]


async def test_an_amount_has_a_receipt_without_a_rate(world: World) -> None:
    asked = (await world.post("sun", "/v1/payment-requests", {"amount": 300, "description": "Cup"})).json()
    paid = (await world.post("anna", f"/v1/payment-requests/{asked['requestId']}/pay", {})).json()
    found = await receipt(world, paid["order"]["orderId"])
    assert (found["items"][0]["name"], found["total"], found["status"]) == ("Cup", 300, "completed")
    assert found["atOnce"] is True  # nobody has called its number
    assert [each.get("taxBp") for each in found["taxes"]] == [None]


async def test_someone_elses_order_has_no_receipt(world: World) -> None:
    order_id = await bought(world, ayran=1)
    for who in ("ben", "moon"):
        problem_of(await world.get(who, f"/v1/orders/{order_id}/receipt"), 404, "not-found")
    problem_of(await world.get("anna", "/v1/orders/none/receipt"), 404, "not-found")


async def test_who_the_business_is_only_its_keepers_read_in_the_list(world: World) -> None:
    await world.add("kim")
    await world.appoint("kim", "sun")
    answer = await patch(world, "sun", "/v1/vendors/sun", {**WHO, "address": "  Am Feld 1,  12345 Ort "})
    assert answer.items() >= (WHO | {"address": answer["address"]}).items()
    for reader, sees in (("sun", True), ("kim", True), ("admin", True), ("anna", False), ("moon", False)):
        listed = (await world.get(reader, "/v1/vendors")).json()["items"]
        [sun] = [each for each in listed if each["vendorId"] == "sun"]
        assert {name: sun.get(name) for name in WHO} == ({n: answer[n] for n in WHO} if sees else dict.fromkeys(WHO))
    problem_of(
        await world.http.patch("/v1/vendors/sun", json={"taxId": "1"}, headers=world.bearer("kim")), 403, "forbidden"
    )
    cleared = await patch(world, "sun", "/v1/vendors/sun", {"taxId": "", "address": " "})
    assert ("taxId" in cleared, "address" in cleared, cleared["legalName"]) == (False, False, WHO["legalName"])
    wrong = await world.http.patch("/v1/vendors/sun", json={"taxId": "1" * 41}, headers=world.bearer("sun"))
    assert problem_of(wrong, 400, "invalid-request")["errors"][0]["field"] == "taxId"


async def test_a_top_up_has_a_receipt_for_whose_wallet_it_is(world: World) -> None:
    topped = (await world.post("admin", "/v1/admin/top-ups", {
        "userId": "anna", "amount": 2_000, "method": "cash", "note": "Gate 1",
    })).json()  # fmt: skip
    path = f"/v1/me/transactions/{topped['transactionId']}/receipt"
    found = (await world.get("anna", path)).json()
    assert found.pop("timestamp").endswith("Z")
    assert found == {
        "festival": "Festival", "timezone": "Europe/Berlin", "transactionId": topped["transactionId"], "name": "Anna",
        "amount": 2_000, "returned": 0, "method": "cash", "note": "Gate 1", "currency": "EUR", "currencyDigits": 2,
    }  # fmt: skip
    for who in ("ben", "admin"):
        problem_of(await world.get(who, path), 404, "not-found")
    await world.post(
        "admin", f"/v1/admin/transfers/{topped['transactionId']}/reverse", {"amount": 500, "reason": "typo"}
    )
    assert (await world.get("anna", path)).json()["returned"] == 500


def test_what_a_drawer_has_got_is_cash() -> None:
    accounts = (drawer_account(DrawerId("d1")), desk_account("card"), provider_account("zeffy"), HELD)
    assert [method_of(account) for account in accounts] == ["cash", "card", None, None]


async def test_a_providers_top_up_names_it_and_no_other_transfer_has_such_a_receipt(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    festival = msgspec.structs.replace(settings.festival, name="Waldfest", timezone="Asia/Kolkata")
    async with open_world(msgspec.structs.replace(settings, festival=festival)) as world:
        await world.services.committer.submit(
            CreditFunds(
                provider="zeffy", external_id="p1", amount=700, user_id=UserId("anna"), transfer_id=TransferId("t1")
            )
        )
        found = (await world.get("anna", "/v1/me/transactions/t1/receipt")).json()
        assert (found["festival"], found["timezone"]) == ("Waldfest", "Asia/Kolkata")
        assert (found["provider"], found["amount"]) == ("zeffy", 700)
        assert "method" not in found
        await bought(world, ayran=1)
        moved = (await world.get("anna", "/v1/me/transactions")).json()["items"]
        purchase = next(each for each in moved if each["kind"] == "purchase")
        problem_of(
            await world.get("anna", f"/v1/me/transactions/{purchase['transactionId']}/receipt"), 404, "not-found"
        )
