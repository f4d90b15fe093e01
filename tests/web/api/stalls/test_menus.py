"""Menus over HTTP."""

import pytest

from tests.web.world import World, problem_of

ITEM_FIELDS = ["itemId", "vendorId", "name", "description", "price", "available"]


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
    assert item == {**wish, "name": "Hummus", "available": True, "itemId": item["itemId"], "vendorId": "moon"}
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
