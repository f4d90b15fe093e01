"""The organiser's desk."""

from typing import Any

import pytest

from festival_push.domain.money.funds import CreditFunds
from festival_push.domain.values import TransferId, UserId
from tests.web.world import World, problem_of

TOP_UP = {"userId": "anna", "amount": 2_000, "method": "cash", "note": "paid with a fifty"}


async def hold(world: World, external_id: str, amount: int = 700) -> None:
    """Money without an owner."""
    await world.services.committer.submit(
        CreditFunds(
            provider="zeffy", external_id=external_id, amount=amount, transfer_id=TransferId(f"t-{external_id}"),
            user_id=UserId("nobody"), donor_name="Dora", donor_email="dora@example.org",
        )
    )  # fmt: skip


async def test_cash_is_booked_once(world: World) -> None:
    first = await world.post("admin", "/v1/admin/top-ups", TOP_UP, key="t")
    assert first.status_code == 201
    body = first.json()
    assert list(body) == ["userId", "transactionId", "amount", "balance", "position"]
    assert (body["userId"], body["amount"], body["balance"]) == ("anna", 2_000, 7_000)
    again = await world.post("admin", "/v1/admin/top-ups", TOP_UP, key="t")
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    assert await world.balance("anna") == 7_000


async def test_a_wallet_is_not_filled_above_its_limit(world: World) -> None:
    limit, most = world.services.rules.balance_max, world.services.rules.amount_max
    while await world.balance("anna") + most <= limit:
        assert (await world.post("admin", "/v1/admin/top-ups", {**TOP_UP, "amount": most})).status_code == 201
    before = await world.balance("anna")
    problem = problem_of(
        await world.post("admin", "/v1/admin/top-ups", {**TOP_UP, "amount": most}), 409, "balance-limit"
    )
    assert (problem["balance"], problem["balanceMax"]) == (before, limit)
    assert await world.balance("anna") == before


async def test_a_top_up_above_the_limit_is_named(world: World) -> None:
    most = world.services.rules.amount_max
    response = await world.post("admin", "/v1/admin/top-ups", {**TOP_UP, "amount": most + 1})
    assert problem_of(response, 400, "invalid-request")["errors"][0]["field"] == "amount"


async def test_an_unknown_person_gets_nothing(world: World) -> None:
    problem_of(await world.post("admin", "/v1/admin/top-ups", {**TOP_UP, "userId": "nobody"}), 404, "not-found")


async def test_held_money_is_shown_and_assigned_once(world: World) -> None:
    await hold(world, "p1")
    (held,) = (await world.get("admin", "/v1/admin/funds/held")).json()["items"]
    assert {**held, "fundsId": "", "timestamp": ""} == {
        "fundsId": "", "provider": "zeffy", "externalId": "p1", "amount": 700, "currency": "EUR", "donorName": "Dora",
        "donorEmail": "dora@example.org", "reason": "unknown-owner", "timestamp": "", "held": 700,
        "wantedUserId": "nobody", "wantedName": None, "wantedCode": None,
    }  # fmt: skip
    path = f"/v1/admin/funds/{held['fundsId']}/assign"
    first = await world.post("admin", path, {"userId": "ben"}, key="a")
    assert first.status_code == 200
    assert (first.json()["userId"], first.json()["amount"], first.json()["balance"]) == ("ben", 700, 5_700)
    again = await world.post("admin", path, {"userId": "ben"}, key="a")
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    problem_of(await world.post("admin", path, {"userId": "anna"}), 409, "already-assigned")
    assert (await world.balance("ben"), await world.balance("anna")) == (5_700, 5_000)
    assert (await world.get("admin", "/v1/admin/funds/held")).json() == {"items": [], "next": None}
    problem_of(await world.post("admin", "/v1/admin/funds/nothing/assign", {"userId": "ben"}), 404, "not-found")


async def test_held_money_goes_in_parts_and_back(world: World) -> None:
    await hold(world, "p1")
    (held,) = (await world.get("admin", "/v1/admin/funds/held")).json()["items"]
    path = f"/v1/admin/funds/{held['fundsId']}"
    for amount in (200, 100):
        assert (await world.post("admin", f"{path}/assign", {"userId": "ben", "amount": amount})).status_code == 200
    assert await world.balance("ben") == 5_300
    too_much = problem_of(
        await world.post("admin", f"{path}/assign", {"userId": "ben", "amount": 401}), 409, "more-than-held"
    )
    assert too_much["held"] == 400
    (left,) = (await world.get("admin", "/v1/admin/funds/held")).json()["items"]
    assert (left["amount"], left["held"]) == (700, 400)
    back = await world.post("admin", f"{path}/give-back", {"amount": 150, "reason": "paid twice"}, key="g")
    assert back.status_code == 200
    assert {**back.json(), "transactionId": "", "position": 0} == {
        "fundsId": held["fundsId"], "transactionId": "", "amount": 150, "held": 250, "position": 0,
    }  # fmt: skip
    again = await world.post("admin", f"{path}/give-back", {"amount": 150, "reason": "paid twice"}, key="g")
    assert again.content == back.content
    assert (await world.post("admin", f"{path}/give-back", {"all": True, "reason": "unknown"})).json()["held"] == 0
    problem_of(await world.post("admin", f"{path}/give-back", {"all": True, "reason": "x"}), 409, "already-assigned")
    overview = (await world.get("admin", "/v1/admin/overview")).json()
    assert (overview["cameIn"], overview["held"]) == (10_000 + 300, 0)


async def test_money_for_a_full_wallet_says_whose_it_is(world: World) -> None:
    code = (await world.get("anna", "/v1/me")).json()["topUpCode"]
    typed = f" {code[:3].lower()}-{code[3:]} "
    await world.services.committer.submit(
        CreditFunds(
            provider="zeffy", external_id="p1", amount=world.services.rules.balance_max,
            transfer_id=TransferId("t1"), top_up_code=typed,
        )
    )  # fmt: skip
    (held,) = (await world.get("admin", "/v1/admin/funds/held")).json()["items"]
    assert (held["reason"], held["wantedUserId"], held["wantedCode"]) == ("balance-limit", "anna", typed)
    assert held["wantedName"] == (await world.get("anna", "/v1/me")).json()["name"]
    told = (await world.get("anna", "/v1/me/notifications")).json()["items"]
    assert any("has arrived for you and is kept" in notice["message"] for notice in told)


async def test_pages_of_held_money_hold_each_once(world: World) -> None:
    for number in range(5):
        await hold(world, f"p{number}")
    seen: list[str] = []
    path: str | None = "/v1/admin/funds/held?limit=2"
    while path:
        page: dict[str, Any] = (await world.get("admin", path)).json()
        seen += [each["externalId"] for each in page["items"]]
        path = f"/v1/admin/funds/held?limit=2&before={page['next']}" if page["next"] else None
    assert sorted(seen) == [f"p{number}" for number in range(5)]


async def test_an_invitation_opens_one_stall(world: World) -> None:
    response = await world.post("admin", "/v1/admin/vendor-codes", {"count": 2})
    assert response.status_code == 201
    codes = response.json()["codes"]
    assert len(set(codes)) == 2
    registration = {"name": "Stars", "pin": "739146", "vendorCode": codes[0]}
    opened = await world.post(None, "/v1/auth/register", registration)
    assert (opened.status_code, opened.json()["userType"]) == (201, "vendor")
    problem_of(await world.post(None, "/v1/auth/register", registration), 403, "invalid-vendor-code")


async def test_cash_is_no_payment_of_a_provider(world: World) -> None:
    response = await world.post("admin", "/v1/admin/top-ups", {**TOP_UP, "method": "zeffy"})
    (error,) = problem_of(response, 400, "invalid-request")["errors"]
    assert error == {"field": "method", "message": "is the name of a payment provider"}


@pytest.mark.parametrize("method", ["", "Cash", "cash desk", "cash\n", "-cash", "x" * 33, "\u043aash"])
async def test_a_method_is_a_short_word(world: World, method: str) -> None:
    response = await world.post("admin", "/v1/admin/top-ups", {**TOP_UP, "method": method})
    assert problem_of(response, 400, "invalid-request")["errors"][0]["field"] == "method"
