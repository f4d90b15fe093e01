"""Refunds, payouts, the ledger and settlements over HTTP."""

import csv
import io
from typing import Any

import msgspec
import pytest

from festival_push.domain.values import VendorId
from festival_push.web.api.orders.refunds import RefundBody
from festival_push.web.api.payouts.payouts import PayoutBody
from tests.support.festival import Put
from tests.web.world import World, problem_of


async def test_an_order_is_refunded_in_parts_and_never_twice(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    path = f"/v1/orders/{order['orderId']}/refund"
    async with world.follow("/v1/stream", world.bearer("anna")) as anna:
        await anna.first("connected")
        first, again = [await world.post("admin", path, {"amount": 150, "reason": "cold"}, key="r1") for _ in range(2)]
        assert first.status_code == 200
        assert (first.content, again.headers["idempotent-replayed"]) == (again.content, "true")
        told = await anna.first("order-refunded")
        assert {name: told[name] for name in ("orderId", "amount", "reason")} == {
            "orderId": order["orderId"], "amount": 150, "reason": "cold",
        }  # fmt: skip
    shown = first.json()["order"]
    assert (shown["refunded"], shown["paymentStatus"], shown["status"]) == (150, "partially-refunded", "preparing")
    assert await world.balance("anna") == 4_500
    problem = problem_of(await world.post("admin", path, {"amount": 501, "reason": "x"}), 409, "refund-too-large")
    assert problem["refundable"] == 500
    rest = await world.post("admin", path, {"all": True, "reason": "closed"})
    assert rest.json()["order"]["paymentStatus"] == "refunded"
    assert (await world.balance("anna"), await world.balance("sun")) == (5_000, 0)
    problem_of(await world.post("admin", path, {"all": True, "reason": "again"}), 409, "refund-too-large")


async def test_a_refund_needs_a_key_and_an_amount_within_the_limit(world: World) -> None:
    path = f"/v1/orders/{(await world.place('anna', 'sun', ayran=1))['orderId']}/refund"
    response = await world.http.post(path, json={"amount": 1, "reason": "cold"}, headers=world.bearer("admin"))
    problem_of(response, 400, "idempotency-key-required")
    body = {"amount": world.services.rules.amount_max + 1, "reason": "cold"}
    assert problem_of(await world.post("admin", path, body), 400, "invalid-request")["errors"][0]["field"] == "amount"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "amount"),
        ({"amount": 1, "all": True}, "amount"),
        ({"amount": 1, "all": False}, "all"),
        ({"all": False}, "all"),
        ({"all": None}, "all"),
        ({"all": 1}, "all"),
        ({"all": "true"}, "all"),
    ],
    ids=str,
)
async def test_who_asks_for_money_says_how_much_or_all(world: World, body: dict[str, Any], field: str) -> None:
    order = await world.place("anna", "sun", falafel=1)
    before = await world.balance("anna"), await world.balance("sun")
    for who, path, more in (
        ("anna", "/v1/payouts", {}),
        ("admin", f"/v1/orders/{order['orderId']}/refund", {"reason": "cold"}),
    ):
        problem = problem_of(await world.post(who, path, body | more), 400, "invalid-request")
        assert [error["field"] for error in problem["errors"]] == [field]
    assert (await world.balance("anna"), await world.balance("sun")) == before


async def test_an_empty_body_asks_for_no_money(world: World) -> None:
    problem = problem_of(await world.post("anna", "/v1/payouts", b""), 400, "invalid-request")
    assert problem["errors"] == [{"field": "amount", "message": "is required, or all: true"}]
    assert await world.balance("anna") == 5_000


async def test_all_is_asked_for_once_and_is_another_wish_than_as_much(world: World) -> None:
    first = await world.post("anna", "/v1/payouts", {"all": True}, key="k1")
    assert (first.status_code, first.json()["balance"]) == (201, 0)
    await world.post("admin", f"/v1/payouts/{first.json()['payout']['payoutId']}/reject", {"reason": "no such account"})
    again = await world.post("anna", "/v1/payouts", {"all": True}, key="k1")
    assert (again.status_code, again.content) == (201, first.content), "though there is money again"
    problem_of(await world.post("anna", "/v1/payouts", {"amount": 5_000}, key="k1"), 422, "idempotency-key-reused")
    assert await world.balance("anna") == 5_000


def test_bodies_from_before_there_was_all_keep_their_fingerprint() -> None:
    for body, told in (
        (PayoutBody(amount=5, note="IBAN"), b'{"amount":5,"note":"IBAN"}'),
        (RefundBody(amount=5, reason="cold"), b'{"amount":5,"reason":"cold"}'),
    ):
        assert msgspec.json.encode(body, order="deterministic") == told


async def test_a_payout_is_asked_for_and_completed(world: World) -> None:
    asked = await world.post("anna", "/v1/payouts", {"amount": 2_000, "note": "IBAN DE02"})
    assert asked.status_code == 201
    payout = asked.json()["payout"]
    assert (asked.json()["balance"], payout["status"], payout["note"]) == (3_000, "requested", "IBAN DE02")
    assert await world.balance("anna") == 3_000
    moved = (await world.get("anna", "/v1/me/transactions")).json()["items"][0]
    assert (moved["kind"], moved["amount"], moved["balance"]) == ("payout", -2_000, 3_000)
    waiting = (await world.get("admin", "/v1/payouts?status=requested")).json()
    assert waiting == {"items": [payout], "next": None}
    done = await world.post("admin", f"/v1/payouts/{payout['payoutId']}/complete", b"")
    assert (done.status_code, done.json()["payout"]["status"]) == (200, "completed")
    assert (await world.get("admin", "/v1/payouts?status=requested")).json()["items"] == []
    reject = await world.post("admin", f"/v1/payouts/{payout['payoutId']}/reject", {"reason": "late"})
    assert problem_of(reject, 409, "payout-settled")["payoutStatus"] == "completed"


async def test_everyone_sees_the_payouts_of_their_own_wallet(world: World) -> None:
    await world.hand_out(await world.place("ben", "sun", falafel=1))
    asked = [
        (await world.post(who, "/v1/payouts", {"amount": 100})).json()["payout"] for who in ("anna", "sun", "anna")
    ]
    page = (await world.get("anna", "/v1/me/payouts?limit=1")).json()
    assert page["items"] == [asked[2]]
    assert (await world.get("anna", f"/v1/me/payouts?before={page['next']}")).json() == {
        "items": [asked[0]],
        "next": None,
    }
    assert (await world.get("sun", "/v1/me/payouts")).json()["items"] == [asked[1]]
    assert (await world.get("ben", "/v1/me/payouts")).json()["items"] == []


async def test_a_rejected_payout_is_back_in_the_wallet(world: World) -> None:
    payout = (await world.post("anna", "/v1/payouts", {"all": True})).json()["payout"]
    assert (payout["amount"], await world.balance("anna")) == (5_000, 0)
    problem_of(await world.post("anna", "/v1/payouts", {"all": True}), 409, "insufficient-funds")
    for _ in range(2):
        done = await world.post("admin", f"/v1/payouts/{payout['payoutId']}/reject", {"reason": "no such account"})
        assert done.json()["payout"]["reason"] == "no such account"
    assert await world.balance("anna") == 5_000
    problem_of(await world.post("admin", "/v1/payouts/none/complete", {}), 404, "not-found")


async def test_pages_of_payouts_and_of_the_ledger_hold_each_once(world: World) -> None:
    for _ in range(3):
        await world.post("anna", "/v1/payouts", {"amount": 1})
    for path, name, count in (("/v1/payouts", "payoutId", 3), ("/v1/admin/transactions", "transactionId", 5)):
        seen: list[str] = []
        following: str | None = f"{path}?limit=2"
        while following:
            page = (await world.get("admin", following)).json()
            seen += [each[name] for each in page["items"]]
            following = f"{path}?limit=2&before={page['next']}" if page["next"] else None
        assert (len(seen), len(set(seen))) == (count, count)


async def test_the_ledger_shows_both_sides(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    newest = (await world.get("admin", "/v1/admin/transactions?limit=1")).json()["items"][0]
    assert newest == {
        "transactionId": newest["transactionId"], "kind": "purchase", "amount": 650, "debit": "user:anna",
        "credit": "till:sun", "debitBalance": 4_350, "creditBalance": 650, "orderId": order["orderId"],
        "timestamp": newest["timestamp"], "actor": "user:anna", "reversed": 0,
    }  # fmt: skip


async def test_a_settlement_as_json_and_for_a_spreadsheet(world: World) -> None:
    order = await world.place("anna", "sun", falafel=2)
    await world.post("admin", f"/v1/orders/{order['orderId']}/refund", {"amount": 300, "reason": "cold"})
    await world.hand_out(order)
    await world.post("sun", "/v1/payouts", {"amount": 400})
    settlement = (await world.get("admin", "/v1/admin/vendors/sun/settlement")).json()
    assert settlement == {
        "vendorId": "sun", "vendorName": "Sun", "currency": "EUR", "currencyDigits": 2, "orders": 1,
        "sales": 1_300, "refunds": 300, "fees": 0, "paidOut": 400, "other": 0,
        "balance": 600, "payoutDue": 600, "owed": 0, "tips": 0,
    }  # fmt: skip
    vendor = await world.services.reads.vendor(VendorId("sun"))
    assert vendor is not None
    renamed = msgspec.structs.replace(vendor, name='=HYPERLINK("x"), "Sun"')
    await world.services.committer.submit(Put(rows=(renamed,)))
    response = await world.get("admin", "/v1/admin/vendors/sun/settlement.csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    heading, row = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert dict(zip(heading, row, strict=True)) == {
        "vendorId": "sun", "vendorName": "'=HYPERLINK(\"x\"), \"Sun\"", "currency": "EUR", "currencyDigits": "2",
        "orders": "1", "sales": "13.00", "refunds": "3.00", "fees": "0.00", "paidOut": "4.00", "other": "0.00",
        "balance": "6.00", "payoutDue": "6.00", "owed": "0.00", "tips": "0.00",
    }  # fmt: skip
    problem_of(await world.get("admin", "/v1/admin/vendors/mars/settlement"), 404, "not-found")
