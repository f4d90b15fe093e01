"""The cash desk over HTTP: a cashier's day with a drawer, and the organiser who looks at it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from festival_push.domain.people.rights import MakeCashier, SuspendUser
from festival_push.domain.values import Instant, UserId
from festival_push.ops.audit.audit import audit
from festival_push.store.opening import open_database
from tests.support.festival import Put
from tests.web.world import LIMITS, World, open_world, problem_of, settings_of


async def hire(world: World, user_id: str) -> None:
    """A cashier, since long ago."""
    await world.add(user_id)
    made = MakeCashier(actor_id=UserId("admin"), user_id=UserId(user_id), cashier=True)
    user = (await world.services.committer.submit(made)).reply.user
    await world.services.committer.submit(Put((msgspec.structs.replace(user, rights_at=Instant(0)),)))


@pytest.fixture
async def world(world: World) -> World:
    """With two cashiers."""
    for user_id in ("cash", "till"):
        await hire(world, user_id)
    return world


async def opened(world: World, caller: str = "cash", *, name: str = "Gate 1", amount: int = 10_000) -> str:
    answer = await world.post(caller, "/v1/admin/drawers", {"name": name, "float": amount})
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["drawerId"]
    return found


async def take(world: World, amount: int, *, caller: str = "cash", method: str = "cash") -> dict[str, Any]:
    body = {"userId": "anna", "amount": amount, "method": method}
    answer = await world.post(caller, "/v1/admin/top-ups", body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def pay(world: World, body: dict[str, Any], *, caller: str = "cash", user_id: str = "anna") -> Any:
    return await world.post(caller, f"/v1/admin/people/{user_id}/payouts", body)


async def sums(world: World, drawer_id: str, caller: str = "cash") -> dict[str, Any]:
    answer = await world.get(caller, f"/v1/admin/drawers/{drawer_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def movements(world: World, drawer_id: str, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = (await world.get("cash", f"/v1/admin/drawers/{drawer_id}/movements{query}")).json()
    return found


async def all_is_well(world: World) -> None:
    database = await open_database(world.services.settings.database.url)
    try:
        assert await audit(database) == []
    finally:
        await database.close()


async def test_a_drawer_is_opened_once_per_key(world: World) -> None:
    body = {"name": "  Gate 1 ", "float": 10_000}
    first = await world.post("cash", "/v1/admin/drawers", body, key="d")
    assert first.status_code == 201
    shown = first.json()
    assert {**shown, "drawerId": "", "openedAt": "", "position": 0} == {
        "drawerId": "", "name": "Gate 1", "cashierId": "cash", "cashierName": "Cash", "status": "open", "openedAt": "",
        "float": 10_000, "currency": "EUR", "currencyDigits": 2, "position": 0,
    }  # fmt: skip
    again = await world.post("cash", "/v1/admin/drawers", body, key="d")
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    refused = problem_of(await world.post("cash", "/v1/admin/drawers", body, key="e"), 409, "drawer-open")
    assert refused["drawerId"] == shown["drawerId"]


@pytest.mark.parametrize(
    ("body", "field"),
    [({"name": " ", "float": 1}, "name"), ({"name": "x", "float": -1}, "float"), ({"name": "x"}, "float"),
     ({"float": 1}, "name"), ({"name": "x", "float": 10**13}, "float"), ({"name": "x", "float": "1"}, "float")],
)  # fmt: skip
async def test_what_is_wrong_with_an_opening_is_named(world: World, body: dict[str, Any], field: str) -> None:
    problem = problem_of(await world.post("cash", "/v1/admin/drawers", body), 400, "invalid-request")
    assert [each["field"] for each in problem["errors"]] == [field]


async def test_a_day_at_the_desk_adds_up(world: World) -> None:
    drawer_id = await opened(world)
    assert (await take(world, 2_000))["drawerId"] == drawer_id
    typo = await take(world, 5_000)
    back = await world.post(
        "cash", f"/v1/admin/transfers/{typo['transactionId']}/reverse", {"amount": 4_500, "reason": "typo"}
    )
    assert back.status_code == 201
    assert "drawerId" not in await take(world, 700, method="card")
    spoilt = await take(world, 300, method="card")
    await world.post("cash", f"/v1/admin/transfers/{spoilt['transactionId']}/reverse", {"all": True, "reason": "typo"})
    await take(world, 900, method="card", caller="till")  # another's
    paid = (await pay(world, {"amount": 1_200, "reason": "goes home"})).json()
    assert (paid["userId"], paid["amount"], paid["balance"], paid["drawerId"]) == (
        "anna", 1_200, 5_000 + 2_000 + 500 + 700 + 900 - 1_200, drawer_id
    )  # fmt: skip
    path = f"/v1/admin/drawers/{drawer_id}/cash"
    brought = (await world.post("cash", path, {"direction": "in", "amount": 100, "reason": "coins"})).json()
    assert brought["cash"] == 11_400
    taken = await world.post("admin", path, {"direction": "out", "amount": 8_000, "reason": "too much"})
    assert (taken.status_code, taken.json()["cash"]) == (201, 3_400)
    expected = {
        "topUps": 2_500, "payouts": 1_200, "movedIn": 100, "movedOut": 8_000, "expected": 3_400, "bookings": 4,
        "otherMethods": {"card": 700}, "status": "open", "float": 10_000,
    }  # fmt: skip
    for caller in ("cash", "admin"):
        shown = await sums(world, drawer_id, caller)
        assert {name: shown[name] for name in expected} == expected
    await all_is_well(world)


async def test_its_bookings_are_listed_newest_first_with_the_guests(world: World) -> None:
    drawer_id = await opened(world)
    booked = await take(world, 2_000)
    await world.post(
        "cash", f"/v1/admin/transfers/{booked['transactionId']}/reverse", {"amount": 500, "reason": "typo"}
    )
    await pay(world, {"amount": 100}, user_id="ben")
    listed = (await movements(world, drawer_id))["items"]
    facts = [(each["kind"], each["direction"], each["amount"], each.get("name"), each["reversed"]) for each in listed]
    assert facts == [
        ("payout", "out", 100, "Ben", 0),
        ("adjustment", "out", 500, "Anna", 0),
        ("top-up", "in", 2_000, "Anna", 500),
        ("cash", "in", 10_000, None, 0),
    ]
    assert (listed[1]["reverses"], listed[1]["note"], listed[1]["actor"]) == (
        booked["transactionId"], "typo", "user:cash"
    )  # fmt: skip
    assert (listed[0]["userId"], "userId" in listed[3]) == ("ben", False)
    first = await movements(world, drawer_id, "?limit=3")
    rest = await movements(world, drawer_id, f"?limit=3&before={first['next']}")
    assert [*first["items"], *rest["items"]] == listed
    assert rest["next"] is None


async def test_it_is_closed_with_a_count_and_a_difference_wants_a_reason(world: World) -> None:
    drawer_id = await opened(world)
    await take(world, 2_000)
    path = f"/v1/admin/drawers/{drawer_id}/close"
    refused = problem_of(await world.post("cash", path, {"counted": 11_950}), 409, "difference-unexplained")
    assert (refused["expected"], refused["counted"], refused["difference"]) == (12_000, 11_950, -50)
    body = {"counted": 11_950, "reason": "a coin fell"}
    closed = await world.post("cash", path, body, key="c")
    assert closed.status_code == 200
    assert {**closed.json(), "position": 0} == {
        "drawerId": drawer_id, "expected": 12_000, "counted": 11_950, "difference": -50, "position": 0
    }  # fmt: skip
    assert (await world.post("cash", path, body, key="c")).content == closed.content
    problem_of(await world.post("cash", path, body, key="again"), 409, "drawer-closed")
    shown = await sums(world, drawer_id, "admin")
    assert (shown["status"], shown["closedBy"], shown["reason"]) == ("closed", "cash", "a coin fell")
    assert (shown["topUps"], shown["movedIn"], shown["movedOut"]) == (2_000, 0, 0)
    assert (shown["expected"], shown["counted"], shown["difference"]) == (12_000, 11_950, -50)
    notices = (await world.get("admin", "/v1/me/notifications")).json()["items"]
    assert notices[0]["code"] == "cash-missing"
    overview = (await world.get("admin", "/v1/admin/overview")).json()
    assert (overview["inSafe"], overview["differences"], "inDrawers" in overview) == (1_950, -50, False)
    assert overview["cameIn"] + overview["losses"] == (
        overview["wallets"] + overview["held"] + overview["fees"] + overview["paidOut"]
    )
    await all_is_well(world)


async def test_the_overview_shows_cash_and_counts_what_the_desk_paid(world: World) -> None:
    before = (await world.get("admin", "/v1/admin/overview")).json()
    assert not {"inDrawers", "inSafe", "differences"} & before.keys()
    await opened(world)
    await take(world, 2_000)
    await pay(world, {"amount": 500})
    after = (await world.get("admin", "/v1/admin/overview")).json()
    assert (after["inDrawers"], after["inSafe"]) == (11_500, -10_000)
    assert after["cameIn"] - before["cameIn"] == 2_000
    assert after["paidOut"] - before["paidOut"] == 500


async def test_an_organiser_sees_all_drawers_and_a_cashier_their_own(world: World) -> None:
    mine, other = await opened(world), await opened(world, "till", name="Gate 2", amount=0)
    await world.post("till", f"/v1/admin/drawers/{other}/close", {"counted": 0})
    third = await opened(world, "till", name="Gate 3", amount=0)

    async def ids(caller: str, query: str = "") -> list[str]:
        page = (await world.get(caller, f"/v1/admin/drawers{query}")).json()
        return [each["drawerId"] for each in page["items"]]

    assert set(await ids("admin")) == {mine, other, third}
    assert await ids("cash") == [mine]
    assert set(await ids("till")) == {other, third}
    assert await ids("admin", "?status=closed") == [other]
    assert set(await ids("admin", "?status=open")) == {mine, third}
    assert await ids("till", "?status=open") == [third]
    found, before = [], ""
    for _ in range(3):
        page = (await world.get("admin", f"/v1/admin/drawers?limit=1{before}")).json()
        found += [each["drawerId"] for each in page["items"]]
        before = f"&before={page['next']}"
    assert (found, page["next"]) == (await ids("admin"), None)
    for path in (f"/v1/admin/drawers/{mine}", f"/v1/admin/drawers/{mine}/movements", "/v1/admin/drawers/none"):
        problem_of(await world.get("till", path), 404, "not-found")
    problem_of(await world.get("admin", "/v1/admin/drawers/none"), 404, "not-found")
    problem_of(await world.get("admin", "/v1/admin/drawers?status=lost"), 400, "invalid-request")


async def test_a_payout_at_the_desk_counts_once_and_its_guest_finds_it(world: World) -> None:
    problem_of(await pay(world, {"amount": 500}), 409, "no-drawer")
    await opened(world)
    first = await world.post("cash", "/v1/admin/people/anna/payouts", {"amount": 500}, key="p")
    assert first.status_code == 201
    again = await world.post("cash", "/v1/admin/people/anna/payouts", {"amount": 500}, key="p")
    assert (again.content, await world.balance("anna")) == (first.content, 4_500)
    [mine] = (await world.get("anna", "/v1/me/payouts")).json()["items"]
    assert (mine["payoutId"], mine["status"], mine["amount"], mine["atDesk"]) == (
        first.json()["payoutId"], "completed", 500, True
    )  # fmt: skip
    moved = (await world.get("anna", "/v1/me/transactions")).json()["items"][0]
    assert (moved["kind"], moved["amount"]) == ("payout", -500)
    assert (await world.get("anna", "/v1/me/notifications")).json()["items"][0]["code"] == "paid-at-desk"
    for body in ({}, {"amount": 1, "all": True}, {"amount": 0}):
        problem_of(await pay(world, body), 400, "invalid-request")
    problem_of(await pay(world, {"amount": 1}, user_id="nobody"), 404, "not-found")


async def test_a_suspended_guest_gets_all_of_it(world: World) -> None:
    await opened(world)
    await world.services.committer.submit(SuspendUser(actor_id=UserId("admin"), user_id=UserId("anna"), suspended=True))
    assert (await pay(world, {"all": True})).json()["amount"] == 5_000
    assert problem_of(await pay(world, {"all": True}), 409, "insufficient-funds")["balance"] == 0
    await all_is_well(world)


async def test_there_must_be_enough_cash(world: World) -> None:
    await opened(world, amount=499)
    assert problem_of(await pay(world, {"amount": 500}), 409, "drawer-short")["cash"] == 499
    drawer_id = (await world.get("cash", "/v1/admin/drawers")).json()["items"][0]["drawerId"]
    path = f"/v1/admin/drawers/{drawer_id}/cash"
    problem_of(await world.post("cash", path, {"direction": "out", "amount": 500, "reason": "x"}), 409, "drawer-short")
    for body, field in (
        ({"direction": "up", "amount": 1, "reason": "x"}, "direction"),
        ({"direction": "in", "amount": 1, "reason": " "}, "reason"),
        ({"direction": "in", "amount": 0, "reason": "x"}, "amount"),
    ):
        problem = problem_of(await world.post("cash", path, body), 400, "invalid-request")
        assert [each["field"] for each in problem["errors"]] == [field]


async def test_a_payout_at_the_desk_may_be_above_amount_max(world: World) -> None:
    most = world.services.rules.amount_max
    await opened(world, amount=2 * most)
    while await world.balance("anna") <= most:
        await take(world, most // 2)
    assert (await pay(world, {"amount": most + 1})).status_code == 201


async def test_a_cashier_without_a_drawer_takes_no_cash(world: World) -> None:
    body = {"userId": "anna", "amount": 100, "method": "cash"}
    problem_of(await world.post("cash", "/v1/admin/top-ups", body, key="k"), 409, "no-drawer")
    await opened(world)
    kept = await world.post("cash", "/v1/admin/top-ups", body, key="k")  # not kept: the same wish is good now
    assert kept.status_code == 201


async def test_a_cashier_takes_back_nothing_of_others(world: World) -> None:
    await opened(world)
    other = await opened(world, "till")
    theirs = await take(world, 100, caller="till")
    path = f"/v1/admin/transfers/{theirs['transactionId']}/reverse"
    problem_of(await world.post("cash", path, {"all": True, "reason": "x"}), 404, "not-found")
    problem_of(await world.post("till", path, {"all": True, "reason": "x", "acceptLoss": True}), 403, "forbidden")
    await world.post("till", f"/v1/admin/drawers/{other}/close", {"counted": 10_100})
    problem_of(await world.post("till", path, {"all": True, "reason": "x"}), 409, "drawer-closed")
    assert (await world.post("admin", path, {"all": True, "reason": "x"})).status_code == 201
    await all_is_well(world)


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[World]:
    """A world where much money wants a second person, and a day at the desk is bounded."""
    limits = msgspec.structs.replace(LIMITS, second_person_above=1_000, cashier_payout_daily_max=1_500)
    async with open_world(settings_of(tmp_path, limits=limits)) as world:
        await hire(world, "cash")
        yield world


async def test_much_waits_and_a_day_is_bounded(guarded: World) -> None:
    await opened(guarded)
    waiting = await pay(guarded, {"amount": 1_001})
    assert (waiting.status_code, waiting.json()["status"]) == (202, "waiting")
    assert await guarded.balance("anna") == 5_000
    assert (await pay(guarded, {"amount": 1_000})).status_code == 201
    refused = problem_of(await pay(guarded, {"amount": 501}), 409, "daily-limit")
    assert (refused["left"], refused["dailyMax"]) == (500, 1_500)
