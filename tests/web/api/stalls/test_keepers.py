"""Keepers: appointed and dismissed by owners and organisers, over HTTP and on their streams."""

import asyncio

import pytest

from festival_push.domain.values import Part
from festival_push.push.streams.places import Standing
from tests.support.timing.waiting import until
from tests.web.world import World, problem_of

KEEPERS = "/v1/vendors/sun/keepers"
WITHIN_S = 5.0  # on a busy machine; the second look comes after one second


async def keepers(world: World, who: str = "sun") -> list[tuple[str, str]]:
    """Ids and parts of sun's keepers."""
    found = (await world.get(who, KEEPERS)).json()
    assert found["next"] is None
    return [(each["userId"], each["part"]) for each in found["items"]]


async def test_an_owner_appoints_and_dismisses(world: World) -> None:
    made = await world.post("sun", KEEPERS, {"userId": "anna"})
    assert (made.status_code, made.json()) == (
        201, {"userId": "anna", "name": "Anna", "part": "keeper", "suspended": False},
    )  # fmt: skip
    assert await keepers(world) == [("sun", "owner"), ("anna", "keeper")]
    promoted = await world.post("sun", KEEPERS, {"userId": "anna", "part": "owner"})
    assert (promoted.status_code, promoted.json()["part"]) == (201, "owner")
    left = await world.http.delete(f"{KEEPERS}/sun", headers=world.bearer("anna"))
    assert left.status_code == 204
    assert await keepers(world, "anna") == [("anna", "owner")]
    me = (await world.get("sun", "/v1/me")).json()
    assert (me["userType"], me["is"], me["stalls"]) == ("customer", ["customer"], [])


async def test_anybody_may_go_but_the_only_owner(world: World) -> None:
    await world.appoint("anna", "sun")
    assert (await world.http.delete(f"{KEEPERS}/anna", headers=world.bearer("anna"))).status_code == 204
    problem_of(await world.http.delete(f"{KEEPERS}/anna", headers=world.bearer("anna")), 404, "not-found")
    for who in ("sun", "admin"):
        problem_of(await world.http.delete(f"{KEEPERS}/sun", headers=world.bearer(who)), 409, "owns-stall")
    problem_of(await world.post("sun", KEEPERS, {"userId": "sun", "part": "keeper"}), 409, "owns-stall")


async def test_who_or_what_is_not_there(world: World) -> None:
    assert problem_of(await world.post("sun", KEEPERS, {"userId": "zoe"}), 404, "not-found")["what"] == "user"
    for who in ("moon", "admin"):
        nowhere = "/v1/vendors/nowhere/keepers"
        assert problem_of(await world.get(who, nowhere), 404, "not-found")["what"] == "vendor"
    problem_of(await world.post("admin", "/v1/vendors/nowhere/keepers", {"userId": "anna"}), 404, "not-found")


async def test_a_keeper_serves_and_a_dismissed_one_does_not(world: World) -> None:
    await world.appoint("ben", "sun")
    order = await world.place("anna", "sun", ayran=1)
    path = f"/v1/orders/{order['orderId']}/status"
    assert (await world.post("ben", path, {"status": "ready"})).status_code == 200
    await world.http.delete(f"{KEEPERS}/ben", headers=world.bearer("sun"))
    problem_of(await world.post("ben", path, {"status": "completed"}), 403, "forbidden")
    problem_of(await world.get("ben", f"/v1/orders/{order['orderId']}"), 404, "not-found")


@pytest.mark.parametrize("change", ["appointed", "dismissed", "promoted", "cashier", "organiser", "suspended"])
async def test_an_open_stream_ends_when_a_relation_changes(world: World, change: str) -> None:
    if change in {"dismissed", "promoted"}:
        await world.appoint("anna", "sun")
    async with world.follow("/v1/stream", world.bearer("anna")) as stream:
        await stream.first("connected")
        match change:
            case "appointed":
                await world.post("sun", KEEPERS, {"userId": "anna"})
            case "promoted":
                await world.post("sun", KEEPERS, {"userId": "anna", "part": "owner"})
            case "dismissed":
                await world.http.delete(f"{KEEPERS}/anna", headers=world.bearer("sun"))
            case "cashier":
                await world.post("admin", "/v1/admin/users/anna/cashier", {"cashier": True})
            case "organiser":
                await world.post("admin", "/v1/admin/users/anna/role", {"role": "admin"})
            case _:
                await world.post("admin", "/v1/admin/users/anna/suspend", {})
        async with asyncio.timeout(WITHIN_S):
            error = await stream.first("error")
        assert error["code"] == ("suspended" if change == "suspended" else "role-changed")
        await until(lambda: stream.is_over)


async def test_who_comes_back_hears_the_stall(world: World) -> None:
    await world.appoint("ben", "sun", Part.KEEPER)
    async with world.follow("/v1/stream", world.bearer("ben")) as stream:
        snapshot = (await stream.first("connected"))["snapshot"]
        assert [kept["vendorId"] for kept in snapshot["stalls"]] == ["sun"]
        order = await world.place("anna", "sun", ayran=1)
        assert (await stream.first("new-order"))["orderId"] == order["orderId"]


async def test_who_keeps_a_stall_and_who_runs_the_festival_have_places_of_their_own(world: World) -> None:
    await world.appoint("anna", "sun")
    await world.post("admin", "/v1/admin/users/ben/cashier", {"cashier": True})
    await world.add("zoe")
    places = {}
    for who in ("anna", "ben", "admin", "sun", "zoe"):
        async with world.follow("/v1/stream", world.bearer(who)):
            (stream,) = world.services.streams.streams_of(who)
            places[who] = stream.owner.place.standing, stream.owner.place.share
    staff = Standing.STAFF
    assert places == {
        "anna": (staff, "sun"), "sun": (staff, "sun"), "ben": (staff, None), "admin": (staff, None),
        "zoe": (Standing.CUSTOMER, "127.0.0.1"),
    }  # fmt: skip


async def test_a_stalls_room_is_for_those_who_keep_it(world: World) -> None:
    await world.appoint("anna", "sun")
    for who, status in (("anna", 200), ("sun", 200), ("admin", 200), ("moon", 404), ("ben", 404)):
        for room in ("stall-sun", "user-sun") if who != "sun" else ("stall-sun",):
            answer = await world.post(who, "/v1/rooms/join", {"room": room})
            assert answer.status_code == status, (who, room)
