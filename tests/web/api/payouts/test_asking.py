"""Asking for a payout over HTTP: where to pay it, its terms, taking it back, and donations."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from festival_push.settings import PayoutSettings
from tests.web.edge import problem_of
from tests.web.world import LIMITS, World, open_app, open_world, settings_of

IBAN: Final = "DE89 3704 0044 0532 0130 00"
BANK: Final = {"iban": IBAN, "accountHolder": "Anna  Mustér "}
UNTIL: Final = "2099-08-31T23:59:00+02:00"


@pytest.fixture
async def priced(tmp_path: Path) -> AsyncIterator[World]:
    """A festival with a fee, a least amount, a deadline and a cause."""
    payouts = PayoutSettings(min=500, fee=150, until=UNTIL, donations_for="the lifeboats")
    async with open_world(settings_of(tmp_path, payouts=payouts)) as world:
        yield world


async def asked(world: World, body: dict[str, Any], who: str = "anna") -> dict[str, Any]:
    answer = await world.post(who, "/v1/payouts", body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def errors_of(problem: dict[str, Any]) -> dict[str, str]:
    return {error["field"]: error["message"] for error in problem["errors"]}


async def test_an_account_is_kept_in_one_form_and_shown_whole_only_to_who_pays(world: World) -> None:
    payout = (await asked(world, {"amount": 100, **BANK}))["payout"]
    assert (payout["iban"], payout["accountHolder"]) == ("DE…3000", "Anna Mustér")
    assert "DE893704" not in (await world.get("anna", "/v1/me/payouts")).text
    listed = (await world.get("admin", "/v1/payouts")).json()["items"][0]
    assert (listed["iban"], listed["accountHolder"]) == ("DE89370400440532013000", "Anna Mustér")
    done = await world.post("admin", f"/v1/payouts/{payout['payoutId']}/complete", {})
    assert done.json()["payout"]["iban"] == "DE89370400440532013000"


async def test_a_payout_without_an_account_says_none(world: World) -> None:
    payout = (await asked(world, {"amount": 100}))["payout"]
    assert not {"iban", "accountHolder", "fee", "withdrawn", "runId"} & payout.keys()


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"iban": "DE89370400440532013001", "accountHolder": "A"}, "iban", "wrong digit"),
        ({"iban": "DE8937040044", "accountHolder": "A"}, "iban", "too few"),
        ({"iban": "cash please", "accountHolder": "A"}, "iban", "not an IBAN"),
        ({"iban": IBAN}, "accountHolder", "is required with iban"),
        ({"accountHolder": "Anna"}, "iban", "is required with accountHolder"),
        ({"iban": IBAN, "accountHolder": "🎪🎪"}, "accountHolder", "no letter that a bank can write"),
        ({"iban": IBAN, "accountHolder": "x" * 71}, "accountHolder", "at most 70"),
        ({"iban": IBAN, "accountHolder": "\u200b"}, "accountHolder", ""),
    ],
)
async def test_a_wrong_account_is_refused_by_its_field(
    world: World, body: dict[str, Any], field: str, said: str
) -> None:
    problem = problem_of(await world.post("anna", "/v1/payouts", {"amount": 100, **body}), 400, "invalid-request")
    assert said in errors_of(problem)[field]
    assert (await world.get("anna", "/v1/me/payouts")).json()["items"] == []


async def test_the_limit_of_a_sale_does_not_bound_a_payout(world: World) -> None:
    """A payout is bounded by the balance alone, by whichever route the money came, and so is its reversal."""
    above = LIMITS.amount_max or 100_000
    for _ in range(2):
        await world.top_up("anna", above)
    payout = (await asked(world, {"amount": above + 5_000}))["payout"]
    assert payout["amount"] == above + 5_000
    path = f"/v1/admin/transfers/{payout['payoutId']}-asked/reverse"
    back = await world.post("admin", path, {"amount": above + 1, "reason": "typo"})
    assert (back.status_code, back.json()["amount"]) == (201, above + 1)
    problem = problem_of(
        await world.post("anna", "/v1/payouts", {"amount": 10**12}), 409, "insufficient-funds"
    )  # fmt: skip
    assert problem["balance"] == await world.balance("anna")
    problem_of(await world.post("anna", "/v1/payouts", {"amount": 10**12 + 1}), 400, "invalid-request")


async def test_a_tills_money_above_that_limit_is_paid_out_too(world: World) -> None:
    await world.add_item("sun", "feast", 60_000)
    await world.top_up("anna", 100_000)
    await world.top_up("anna", 20_000)
    for _ in range(2):
        await world.hand_out(await world.place("anna", "sun", feast=1))
    body = {"amount": 115_000, "vendorId": "sun", "account": "till"}
    assert (await asked(world, body, "sun"))["payout"]["amount"] == 115_000


async def test_only_an_owner_asks_for_a_tills_money(world: World) -> None:
    await world.add("kim")
    await world.appoint("kim", "sun")
    await world.hand_out(await world.place("anna", "sun", ayran=1))
    body = {"amount": 1, "vendorId": "sun", "account": "till"}
    problem_of(await world.post("kim", "/v1/payouts", body), 403, "forbidden")
    assert (await world.post("sun", "/v1/payouts", body)).status_code == 201


async def test_terms_say_what_holds(priced: World) -> None:
    assert (await priced.get("anna", "/v1/payouts/terms")).json() == {
        "currency": "EUR", "currencyDigits": 2, "min": 500, "fee": 150, "until": "2099-08-31T21:59:00.000Z",
        "over": False, "donationsFor": "the lifeboats",
    }  # fmt: skip


async def test_terms_say_nothing_of_what_is_not_set(world: World) -> None:
    assert (await world.get("anna", "/v1/payouts/terms")).json() == {
        "currency": "EUR", "currencyDigits": 2, "min": 0, "fee": 0, "over": False,
    }  # fmt: skip


async def test_the_fee_is_told_and_given_back_when_the_payout_is_withdrawn(priced: World) -> None:
    before = await priced.balance("anna")
    answer = await asked(priced, {"amount": 1_000, **BANK})
    payout = answer["payout"]
    assert (payout["fee"], answer["balance"]) == (150, before - 1_150)
    moved = (await priced.get("anna", "/v1/me/transactions?limit=2")).json()["items"]
    assert [(each["kind"], each["amount"]) for each in moved] == [("fee", -150), ("payout", -1_000)]
    path = f"/v1/payouts/{payout['payoutId']}/withdraw"
    problem_of(await priced.post("ben", path, {}), 404, "not-found")
    problem_of(await priced.post("admin", path, {}), 403, "forbidden")
    for _ in range(2):
        done = (await priced.post("anna", path, {})).json()
        assert (done["balance"], done["payout"]["status"], done["payout"]["withdrawn"]) == (before, "rejected", True)


async def test_refusals_say_what_holds(priced: World) -> None:
    problem = problem_of(await priced.post("anna", "/v1/payouts", {"amount": 499}), 409, "payout-too-small")
    assert problem["payoutMin"] == 500


async def test_after_the_deadline_nobody_asks_and_who_waits_may_still_withdraw(tmp_path: Path) -> None:
    async with open_world(settings_of(tmp_path)) as world:
        payout = (await asked(world, {"amount": 100}))["payout"]
    closed = PayoutSettings(until="2026-01-01T00:00:00Z")
    async with open_app(settings_of(tmp_path, payouts=closed)) as world:
        problem = problem_of(await world.post("anna", "/v1/payouts", {"amount": 1}, key="late"), 409, "payouts-over")
        assert problem["until"] == "2026-01-01T00:00:00.000Z"
        assert (await world.get("anna", "/v1/payouts/terms")).json()["over"] is True
        assert (await world.post("anna", f"/v1/payouts/{payout['payoutId']}/withdraw", {})).status_code == 200


async def test_the_rest_is_donated_with_a_payout(priced: World) -> None:
    before = await priced.balance("anna")
    answer = await asked(priced, {"amount": 1_000, "donateRest": True})
    assert (answer["donated"], answer["balance"]) == (before - 1_150, 0)


async def test_the_overview_counts_donations_where_there_are_some(world: World, tmp_path: Path) -> None:
    assert "donations" not in (await world.get("admin", "/v1/admin/overview")).json()
    (tmp_path / "giving").mkdir()
    settings = settings_of(tmp_path / "giving", payouts=PayoutSettings(fee=150, donations_for="the lifeboats"))
    async with open_world(settings) as giving:
        await asked(giving, {"amount": 1_000, "donateRest": True})
        seen = (await giving.get("admin", "/v1/admin/overview")).json()
    assert (seen["donations"], seen["fees"], seen["paidOut"]) == (5_000 - 1_150, 150, 1_000)
    parts = ("wallets", "held", "fees", "paidOut", "donations")
    assert seen["cameIn"] + seen["losses"] == sum(seen[name] for name in parts)


async def test_a_guest_donates_once_per_key(priced: World) -> None:
    before = await priced.balance("anna")
    first = await priced.post("anna", "/v1/donations", {"amount": 300}, key="k")
    again = await priced.post("anna", "/v1/donations", {"amount": 300}, key="k")
    assert (first.status_code, first.json()["balance"], again.json()) == (201, before - 300, first.json())
    moved = (await priced.get("anna", "/v1/me/transactions?limit=1")).json()["items"][0]
    assert (moved["kind"], moved["amount"]) == ("donation", -300)
    assert (await priced.post("anna", "/v1/donations", {"all": True})).json()["balance"] == 0
    problem_of(await priced.post("anna", "/v1/donations", {"all": True}), 409, "insufficient-funds")
    problem_of(await priced.post("anna", "/v1/donations", {}), 400, "invalid-request")


async def test_without_a_cause_nothing_is_donated(world: World) -> None:
    problem_of(await world.post("anna", "/v1/donations", {"amount": 1}), 409, "no-donations")
