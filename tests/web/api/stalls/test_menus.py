"""Menus over HTTP."""

from pathlib import Path

import httpx2
import msgspec
import pytest

from tests.web.world import World, open_world, problem_of, settings_of

ITEM_FIELDS = ["itemId", "vendorId", "name", "description", "price", "available", "currency", "currencyDigits"]


async def test_the_stalls_are_listed_by_name(world: World) -> None:
    body = (await world.get("anna", "/v1/vendors")).json()
    assert body == {
        "items": [
            {"vendorId": "moon", "name": "Moon", "open": True, "autoAccept": True, "attended": True},
            {"vendorId": "sun", "name": "Sun", "open": True, "autoAccept": True, "attended": True},
        ],
        "next": None,
    }


async def test_a_stall_changes_its_menu(world: World) -> None:
    wish = {"name": " Hummus ", "description": "with bread", "price": 500}
    added = await world.post("moon", "/v1/vendors/moon/menu", wish)
    assert added.status_code == 201
    item = added.json()
    assert list(item) == ITEM_FIELDS
    euros = {"currency": "EUR", "currencyDigits": 2}
    assert item == {**wish, **euros, "name": "Hummus", "available": True, "itemId": item["itemId"], "vendorId": "moon"}
    path = f"/v1/menu/{item['itemId']}"
    changed = await world.http.patch(path, json={"available": False, "price": 550}, headers=world.bearer("moon"))
    assert (changed.status_code, changed.json()) == (200, {**item, "available": False, "price": 550})
    menu = (await world.get("anna", "/v1/vendors/moon/menu")).json()
    assert menu["next"] is None
    assert [(each["name"], each["available"]) for each in menu["items"]] == [("Beer", True), ("Hummus", False)]
    removed = await world.http.delete(path, headers=world.bearer("moon"))
    assert (removed.status_code, removed.content) == (204, b"")
    assert len((await world.get("anna", "/v1/vendors/moon/menu")).json()["items"]) == 1
    problem_of(await world.http.delete(path, headers=world.bearer("moon")), 404, "not-found")


async def test_a_change_must_change_something(world: World) -> None:
    response = await world.http.patch("/v1/menu/beer", json={}, headers=world.bearer("moon"))
    problem_of(response, 400, "invalid-request")


async def test_a_price_above_the_limit_is_named(world: World) -> None:
    most = world.services.rules.amount_max
    problem = problem_of(
        await world.post("moon", "/v1/vendors/moon/menu", {"name": "Gold", "price": most + 1}), 400, "invalid-request"
    )
    assert problem["errors"][0]["field"] == "price"
    changed = await world.http.patch("/v1/menu/beer", json={"price": most + 1}, headers=world.bearer("moon"))
    assert problem_of(changed, 400, "invalid-request")["errors"][0]["field"] == "price"
    assert (await world.post("moon", "/v1/vendors/moon/menu", {"name": "Gold", "price": most})).status_code == 201


@pytest.mark.parametrize("vendor_id", ["mars", "%00", "%E2%98%80"])
async def test_an_unknown_stall_has_no_menu(world: World, vendor_id: str) -> None:
    problem_of(await world.get("anna", f"/v1/vendors/{vendor_id}/menu"), 404, "not-found")


async def test_a_stall_without_items_has_an_empty_menu(world: World) -> None:
    for item_id in ("falafel", "ayran"):
        await world.http.delete(f"/v1/menu/{item_id}", headers=world.bearer("sun"))
    assert (await world.get("anna", "/v1/vendors/sun/menu")).json() == {"items": [], "next": None}


async def change(world: World, changes: dict[str, object], item_id: str = "beer") -> httpx2.Response:
    return await world.http.patch(f"/v1/menu/{item_id}", json=changes, headers=world.bearer("moon"))


async def test_an_item_says_its_tax_its_age_and_its_deposit_and_its_stall_alone_how_many_are_left(
    world: World,
) -> None:
    says = {"taxBp": 1900, "ageMin": 18, "deposit": 200, "stock": 40}
    added = await world.post("moon", "/v1/vendors/moon/menu", {"name": "Schnapps", "price": 400, **says})
    assert added.status_code == 201
    item = added.json()
    assert list(item) == [*ITEM_FIELDS, *says]
    assert item.items() >= says.items()
    seen = {}
    for reader in ("moon", "admin", "anna", "sun"):
        menu = (await world.get(reader, "/v1/vendors/moon/menu")).json()["items"]
        [seen[reader]] = [each for each in menu if each["itemId"] == item["itemId"]]
    assert seen["moon"] == seen["admin"] == item
    del item["stock"]
    assert seen["anna"] == seen["sun"] == item


async def test_none_left_is_a_count(world: World) -> None:
    assert (await change(world, {"stock": 0})).json()["stock"] == 0


async def test_null_clears_what_an_item_says_and_what_is_left_out_stays(world: World) -> None:
    plain = (await change(world, {"available": True})).json()
    assert list(plain) == ITEM_FIELDS
    says: dict[str, object] = {"taxBp": 0, "ageMin": 16, "deposit": 100, "stock": 3}  # 0 % is a rate
    assert (await change(world, says)).json() == {**plain, **says}
    assert (await change(world, {"price": 500})).json() == {**plain, **says, "price": 500}
    for name in list(says):
        answer = (await change(world, {name: None})).json()
        del says[name]
        assert answer == {**plain, **says, "price": 500}
    assert (await change(world, {"ageMin": 0, "deposit": 0})).json() == {**plain, "price": 500}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("taxBp", -1), ("taxBp", 10_001), ("taxBp", 7.5), ("ageMin", -1), ("ageMin", 100), ("ageMin", True),
        ("deposit", -1), ("deposit", "200"), ("stock", -1), ("stock", 1_000_001),
    ],
)  # fmt: skip
async def test_a_value_out_of_bounds_is_named(world: World, field: str, wrong: object) -> None:
    new = {"name": "Gold", "price": 100, field: wrong}
    for response in (await world.post("moon", "/v1/vendors/moon/menu", new), await change(world, {field: wrong})):
        assert problem_of(response, 400, "invalid-request")["errors"][0]["field"] == field


async def test_a_deposit_above_the_limit_is_named(world: World) -> None:
    most = world.services.rules.amount_max
    new = {"name": "Gold", "price": 100, "deposit": most + 1}
    for response in (
        await world.post("moon", "/v1/vendors/moon/menu", new),
        await change(world, {"deposit": most + 1}),
    ):
        assert problem_of(response, 400, "invalid-request")["errors"][0]["field"] == "deposit"
    assert (await change(world, {"deposit": most})).status_code == 200


async def test_a_new_item_has_values_and_no_nulls(world: World) -> None:
    for field in ("taxBp", "ageMin", "deposit", "stock"):
        response = await world.post("moon", "/v1/vendors/moon/menu", {"name": "Gold", "price": 1, field: None})
        assert problem_of(response, 400, "invalid-request")["errors"][0]["field"] == field


async def test_a_festival_with_rates_of_tax_takes_no_others(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    festival = msgspec.structs.replace(settings.festival, tax_rates_bp=(1_900, 700))
    async with open_world(msgspec.structs.replace(settings, festival=festival)) as world:
        assert (await world.get("moon", "/v1/me")).json()["rules"]["taxRatesBp"] == [1_900, 700]
        new = {"name": "Gold", "price": 100, "taxBp": 1600}
        for response in (
            await world.post("moon", "/v1/vendors/moon/menu", new),
            await change(world, {"taxBp": 1600}),
        ):
            [error] = problem_of(response, 400, "invalid-request")["errors"]
            assert error == {"field": "taxBp", "message": "must be one of 1900, 700"}
        assert (await change(world, {"taxBp": 700})).json()["taxBp"] == 700
        assert "taxBp" not in (await change(world, {"taxBp": None})).json()
