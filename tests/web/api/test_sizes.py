"""What somebody piles up has a bound: beyond it, the answer says which."""

from pathlib import Path

import msgspec
import pytest

from festival_push.domain.payouts import payouts
from festival_push.domain.stalls import displays
from festival_push.domain.words import messages
from tests.web.world import LIMITS, World, open_world, problem_of, settings_of

ITEM = {"name": "Soup", "price": 400}


async def test_a_menu_has_an_end(tmp_path: Path) -> None:
    limits = msgspec.structs.replace(LIMITS, menu_items_max=3)
    async with open_world(settings_of(tmp_path, limits=limits)) as world:
        added = await world.post("sun", "/v1/vendors/sun/menu", ITEM)
        assert added.status_code == 201
        problem = problem_of(await world.post("admin", "/v1/vendors/sun/menu", ITEM), 409, "menu-full")
        assert problem["menuItemsMax"] == 3
        await world.http.delete(f"/v1/menu/{added.json()['itemId']}", headers=world.bearer("sun"))
        assert (await world.post("sun", "/v1/vendors/sun/menu", ITEM)).status_code == 201
        assert len((await world.get("anna", "/v1/vendors/sun/menu")).json()["items"]) == 3


async def test_a_customer_has_so_many_open_orders_at_a_stall(tmp_path: Path) -> None:
    limits = msgspec.structs.replace(LIMITS, open_orders_max=2)
    wish = {"vendorId": "sun", "items": [{"itemId": "ayran", "quantity": 1}]}
    async with open_world(settings_of(tmp_path, limits=limits)) as world:
        first = await world.place("anna", "sun", ayran=1)
        await world.place("anna", "sun", ayran=1)
        balance = await world.balance("anna")
        problem = problem_of(await world.post("anna", "/v1/orders", wish), 409, "too-many-open-orders")
        assert problem["openOrdersMax"] == 2
        asked = [
            (await world.post("sun", "/v1/payment-requests", body)).json()["requestId"]
            for body in ({"items": wish["items"]}, {"amount": 100, "description": "Deposit"})
        ]
        item, amount = [await world.post("anna", f"/v1/payment-requests/{each}/pay", {}) for each in asked]
        problem_of(item, 409, "too-many-open-orders")
        assert (amount.status_code, amount.json()["order"]["status"]) == (201, "completed")
        assert await world.balance("anna") == balance - 100
        await world.place("anna", "moon", beer=1)
        await world.place("ben", "sun", ayran=1)
        for status in ("ready", "completed"):
            await world.post("sun", f"/v1/orders/{first['orderId']}/status", {"status": status})
        await world.place("anna", "sun", ayran=1)


async def test_a_stall_has_so_many_displays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(displays, "DISPLAYS_MAX", 1)
    path = "/v1/vendors/sun/displays"
    display = (await world.post("sun", path, {})).json()
    assert problem_of(await world.post("admin", path, {}), 409, "too-many-displays")["displaysMax"] == 1
    await world.http.delete(f"/v1/displays/{display['displayId']}", headers=world.bearer("sun"))
    assert (await world.post("sun", path, {})).status_code == 201


async def test_each_side_sends_so_many_messages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MESSAGES_MAX", 1)
    path = f"/v1/orders/{(await world.place('anna', 'sun', falafel=1))['orderId']}/messages"
    for who in ("sun", "anna"):
        assert (await world.post(who, path, {"message": "Hi"})).status_code == 201
        assert problem_of(await world.post(who, path, {"message": "Hi"}), 409, "too-many-messages")["messagesMax"] == 1
    assert len((await world.get("anna", path)).json()["items"]) == 2


async def test_a_person_waits_for_so_many_payouts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payouts, "PAYOUTS_MAX", 1)
    assert (await world.post("anna", "/v1/payouts", {"amount": 1})).status_code == 201
    problem = problem_of(await world.post("anna", "/v1/payouts", {"amount": 1}), 409, "too-many-payouts")
    assert problem["payoutsMax"] == 1
    assert (await world.post("ben", "/v1/payouts", {"amount": 1})).status_code == 201
