"""The desk's guests over HTTP: found, shown, frozen, moved; and never a sign-in name in it."""

import json
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from festival_push.domain.people.rights import MakeCashier
from festival_push.domain.values import Instant, Role, UserId
from tests.support.festival import Put
from tests.support.qr import read_svg
from tests.support.timing.waiting import until
from tests.web.world import LIMITS, World, open_world, problem_of, settings_of

PEOPLE: Final = "/v1/admin/people"


async def make_cashier(world: World, user_id: str = "cash") -> None:
    await world.add(user_id)
    made = MakeCashier(actor_id=UserId("admin"), user_id=UserId(user_id), cashier=True)
    cashier = (await world.services.committer.submit(made)).reply.user
    await world.services.committer.submit(Put((msgspec.structs.replace(cashier, rights_at=Instant(0)),)))


@pytest.fixture
async def desk(world: World) -> World:
    """The world with a cashier, and Eve, who is Anna with a new phone."""
    await make_cashier(world)
    await world.add("eve")
    return world


async def find(world: World, text: str, who: str = "cash") -> list[dict[str, Any]]:
    answer = await world.http.get(PEOPLE, params={"find": text}, headers=world.bearer(who))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def card(world: World, user_id: str, who: str = "cash") -> dict[str, Any]:
    answer = await world.get(who, f"{PEOPLE}/{user_id}")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_a_guest_is_found_by_name_id_code_and_number(desk: World) -> None:
    order = await desk.place("anna", "sun", ayran=1)
    code = (await desk.get("anna", "/v1/me")).json()["topUpCode"]
    [anna] = await find(desk, "änn")
    assert list(anna) == ["userId", "name", "topUpCode", "balance", "frozen", "suspended", "is", "stalls"]
    assert (anna["userId"], anna["balance"], anna["topUpCode"]) == ("anna", 4_800, code)
    assert [each["userId"] for each in await find(desk, f" {code[:4].lower()}-{code[4:]} ")] == ["anna"]
    assert [each["userId"] for each in await find(desk, "anna")] == ["anna"]
    [numbered] = await find(desk, f"#{order['number']}")
    assert numbered["order"] == {
        "orderId": order["orderId"], "number": order["number"], "status": "preparing", "vendorId": "sun",
        "vendorName": "Sun",
    }  # fmt: skip
    assert [each["stalls"] for each in await find(desk, "moon")] == [[{"vendorId": "moon", "part": "owner"}]]
    assert await find(desk, "nobody") == []


async def test_the_code_that_the_guests_page_shows_is_found_when_it_is_scanned(desk: World) -> None:
    picture = await desk.get("anna", "/v1/me/qr.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    [anna] = await find(desk, read_svg(picture.content))
    assert anna["userId"] == "anna"


@pytest.mark.parametrize("query", ["", "?find=", "?find=%20%20", "?limit=5", "?find=a&limit=51", "?find=a&who=b"])
async def test_whoever_looks_says_whom_they_look_for(desk: World, query: str) -> None:
    for who in ("cash", "admin"):
        problem_of(await desk.get(who, f"{PEOPLE}{query}"), 400, "invalid-request")


async def test_no_more_are_found_than_were_asked_for(desk: World) -> None:
    for number in range(12):
        await desk.add(f"zoe-{number}")
    assert len(await find(desk, "zoe")) == 10
    answer = await desk.get("cash", f"{PEOPLE}?find=zoe&limit=3")
    assert (len(answer.json()["items"]), answer.json()["next"]) == (3, None)


async def test_the_card_shows_all_that_the_desk_needs(desk: World) -> None:
    order = await desk.place("anna", "sun", ayran=2)
    await desk.post("anna", "/v1/payouts", {"amount": 100, "note": "IBAN of Anna"})
    await desk.services.issuing.begin((await _person(desk, "anna")), device="Firefox on Android")
    shown = await card(desk, "anna")
    assert list(shown) == [
        "userId", "name", "topUpCode", "balance", "currency", "currencyDigits", "frozen", "suspended", "createdAt",
        "is", "stalls", "orders", "sessions", "payouts",
    ]  # fmt: skip
    assert (shown["balance"], shown["currency"], shown["currencyDigits"], shown["is"]) == (
        4_500,
        "EUR",
        2,
        ["customer"],
    )
    [seen] = shown["orders"]
    assert (seen["orderId"], seen["vendorName"], seen["status"], seen["total"]) == (
        order["orderId"], "Sun", "preparing", 400,
    )  # fmt: skip
    [session] = shown["sessions"]
    assert list(session) == ["device", "external", "createdAt", "lastSeenAt"]
    [payout] = shown["payouts"]
    assert (payout["amount"], payout["status"]) == (100, "requested")
    assert "IBAN of Anna" not in json.dumps(shown), "who pays it out sees it, and nobody else"
    [with_id] = (await card(desk, "anna", "admin"))["sessions"]
    assert with_id["sessionId"]
    assert (await card(desk, "sun"))["stalls"] == [{"vendorId": "sun", "name": "Sun", "part": "owner"}]
    for path in (f"{PEOPLE}/nobody", f"{PEOPLE}/nobody/transactions"):
        problem_of(await desk.get("cash", path), 404, "not-found")


async def test_the_history_has_stalls_actors_and_notes(desk: World) -> None:
    order = await desk.place("anna", "sun", ayran=1)
    body = {"userId": "anna", "amount": 50, "method": "card", "note": "birthday"}
    topped = (await desk.post("cash", "/v1/admin/top-ups", body)).json()["transactionId"]
    await desk.post("admin", f"/v1/admin/transfers/{topped}/reverse", {"amount": 20, "reason": "typo"})
    answer = await desk.get("cash", f"{PEOPLE}/anna/transactions?limit=3")
    back, top_up, purchase = answer.json()["items"]
    assert (back["kind"], back["amount"], back["note"], back["reverses"]) == ("adjustment", -20, "typo", topped)
    assert (top_up["actor"], top_up["actorName"], top_up["note"], top_up["reversed"]) == (
        "user:cash", "Cash", "birthday", 20,
    )  # fmt: skip
    assert (purchase["vendorName"], purchase["orderId"], purchase["amount"]) == ("Sun", order["orderId"], -200)
    assert "reversed" not in purchase
    rest = (await desk.get("cash", f"{PEOPLE}/anna/transactions?before={answer.json()['next']}")).json()
    assert ([each["amount"] for each in rest["items"]], rest["next"]) == ([5_000], None)


async def test_a_frozen_wallet_pays_nothing_and_its_owner_hears_of_it(desk: World) -> None:
    asked = await desk.post("sun", "/v1/payment-requests", {"amount": 10, "description": "x"})
    async with desk.follow("/v1/stream", desk.bearer("anna")) as stream:
        await stream.first("connected")
        frozen = await desk.post("cash", f"{PEOPLE}/anna/freeze", {"reason": "phone lost"})
        assert (frozen.status_code, frozen.json()["frozen"]) == (200, True)
        told = await stream.first("new-notification")
        assert (told["code"], told["params"]) == ("wallet-frozen", {"reason": "phone lost"})
        items = [{"itemId": "ayran", "quantity": 1}]
        for path, body in (
            ("/v1/orders", {"vendorId": "sun", "items": items}),
            (f"/v1/payment-requests/{asked.json()['requestId']}/pay", {}),
            ("/v1/payouts", {"amount": 1}),
        ):
            problem_of(await desk.post("anna", path, body, key=path), 409, "wallet-frozen")
        assert (await desk.get("anna", "/v1/me")).json()["wallet"] == {"balance": 5_000, "frozen": True}
        assert (await card(desk, "anna"))["frozen"] is True
        await desk.top_up("anna", 10)
        await until(lambda: "payment-completed" in stream.events(), message="money that comes in")
        assert not stream.is_over
    done = await desk.post("cash", f"{PEOPLE}/anna/unfreeze", {"reason": "found"})
    assert (done.status_code, done.json()["frozen"]) == (200, False)
    paid = await desk.post("anna", "/v1/orders", {"vendorId": "sun", "items": items}, key="/v1/orders")
    assert paid.status_code == 201, "the same key: the order was not made"
    assert (await desk.get("anna", "/v1/me")).json()["wallet"] == {"balance": 4_810}
    problem_of(await desk.post("cash", f"{PEOPLE}/anna/freeze", {}), 400, "invalid-request")
    deeds = (await desk.get("admin", "/v1/admin/deeds?subject=user:anna")).json()["items"]
    assert [deed["act"] for deed in deeds if "freeze" in deed["act"]] == ["unfreeze", "freeze"]


async def test_a_lost_phones_wallet_is_moved_once_however_often_it_is_asked(desk: World) -> None:
    body = {"toUserId": "eve", "reason": "phone lost"}
    async with desk.follow("/v1/stream", desk.bearer("anna")) as stream:
        await stream.first("connected")
        moved = await desk.post("cash", f"{PEOPLE}/anna/move", body, key="k")
        assert moved.status_code == 200, moved.text
        assert (moved.json()["moved"], moved.json()["balance"]) == (5_000, 5_000)
        again = await desk.post("cash", f"{PEOPLE}/anna/move", body, key="k")
        assert again.content == moved.content
        assert again.headers["idempotent-replayed"] == "true"
        await until(lambda: stream.is_over, message="the end of the old phone's stream")
    problem_of(await desk.get("anna", "/v1/me"), 401, "session-ended")
    shown = await card(desk, "anna")
    assert (shown["movedTo"], shown["frozen"], shown["balance"]) == ("eve", True, 0)
    assert await desk.balance("eve") == 5_000
    [anna] = await find(desk, "anna")
    assert anna["movedTo"] == "eve"
    ledger = (await desk.get("admin", "/v1/admin/transactions?limit=1")).json()["items"][0]
    assert (ledger["kind"], ledger["debit"], ledger["credit"]) == ("adjustment", "user:anna", "user:eve")
    assert ledger["transactionId"] == moved.json()["transactionId"]
    for who, amount in (("anna", -5_000), ("eve", 5_000)):
        seen = (await desk.get("cash", f"{PEOPLE}/{who}/transactions?limit=1")).json()["items"][0]
        assert (seen["kind"], seen["amount"]) == ("moved", amount)
    [own] = (await desk.get("eve", "/v1/me/transactions?limit=1")).json()["items"]
    assert (own["kind"], own["amount"]) == ("moved", 5_000)


async def test_drink_tickets_are_on_the_card_and_go_along(desk: World) -> None:
    await desk.post("admin", f"{PEOPLE}/anna/allowance", {"amount": 300, "reason": "crew"})
    assert (await card(desk, "anna"))["allowance"] == 300
    moved = await desk.post("cash", f"{PEOPLE}/anna/move", {"toUserId": "eve", "reason": "lost"})
    assert (moved.json()["moved"], moved.json()["allowance"]) == (5_000, 300)
    assert (await card(desk, "eve"))["allowance"] == 300
    assert "allowance" not in await card(desk, "anna")


async def test_what_can_not_be_moved(desk: World) -> None:
    path = f"{PEOPLE}/anna/move"
    problem = problem_of(await desk.post("cash", path, {"toUserId": "anna", "reason": "x"}), 400, "invalid-request")
    assert problem["errors"][0]["field"] == "toUserId"
    problem_of(await desk.post("cash", path, {"toUserId": "nobody", "reason": "x"}), 404, "not-found")
    problem_of(await desk.post("cash", path, {"toUserId": "sun", "reason": "x"}), 403, "forbidden")
    problem_of(await desk.post("cash", f"{PEOPLE}/admin/move", {"toUserId": "eve", "reason": "x"}), 403, "forbidden")
    await desk.post("cash", f"{PEOPLE}/ben/freeze", {"reason": "x"})
    problem_of(await desk.post("cash", path, {"toUserId": "ben", "reason": "x"}), 409, "wallet-frozen")
    await desk.post("cash", path, {"toUserId": "eve", "reason": "x"})
    problem_of(await desk.post("cash", f"{PEOPLE}/eve/move", {"toUserId": "anna", "reason": "x"}), 409, "wallet-moved")
    assert (await desk.post("admin", f"{PEOPLE}/eve/move", {"toUserId": "sun", "reason": "x"})).status_code == 200


async def test_much_money_waits_for_a_second_organiser(tmp_path: Path) -> None:
    limits = msgspec.structs.replace(LIMITS, second_person_above=4_000)
    async with open_world(settings_of(tmp_path, limits=limits)) as world:
        await make_cashier(world)
        await world.add("eve")
        await world.add("olga", Role.ADMIN)
        olga = await _person(world, "admin")
        await world.services.committer.submit(Put((msgspec.structs.replace(olga, rights_at=Instant(0)),)))
        asked = await world.post("cash", f"{PEOPLE}/anna/move", {"toUserId": "eve", "reason": "lost"})
        assert (asked.status_code, asked.json()["amount"]) == (202, 5_000)
        assert (await card(world, "anna"))["frozen"] is False
        path = f"/v1/admin/confirmations/{asked.json()['confirmationId']}/confirm"
        done = await world.post("admin", path, {})
        assert done.status_code == 200, done.text
        assert (await card(world, "anna"))["movedTo"] == "eve"
        assert await world.balance("eve") == 5_000


async def test_a_payment_for_the_old_code_goes_to_the_new_wallet(desk: World) -> None:
    await desk.post("cash", f"{PEOPLE}/anna/move", {"toUserId": "eve", "reason": "lost"})
    code = (await card(desk, "anna"))["topUpCode"]
    paid = {"id": "p1", "amount": "12.50", "currency": "EUR", "status": "succeeded", "top_up_code": code}
    answer = await desk.http.post(
        "/v1/webhooks/funds/relay", json=paid, headers={"Authorization": "Bearer relay-secret-of-enough-characters"}
    )
    assert answer.json()["status"] == "credited", answer.text
    assert await desk.balance("eve") == 6_250


async def _person(world: World, user_id: str) -> Any:
    person = await world.services.reads.person(UserId(user_id))
    assert person is not None
    return person.user
