"""Rooms over HTTP: what is joined on one device is followed by all, live and after coming back."""

import json

import pytest

from festival_push.domain.words.rooms import ROOMS_MAX
from tests.support.timing.waiting import until
from tests.web.world import World, problem_of


async def join(world: World, who: str, room: str) -> list[str]:
    response = await world.post(who, "/v1/rooms/join", {"room": room})
    assert response.status_code == 200, response.text
    rooms: list[str] = response.json()["rooms"]
    return rooms


async def test_an_organiser_follows_an_order_until_leaving_it(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    room = f"order-{order['orderId']}"
    status = f"/v1/orders/{order['orderId']}/status"
    async with (
        world.follow("/v1/stream", world.bearer("admin")) as one,
        world.follow("/v1/stream", world.bearer("admin")) as other,
    ):
        await one.first("connected")
        assert (await other.first("connected"))["snapshot"]["rooms"] == []
        assert await join(world, "admin", room) == [room]
        await world.post("sun", status, {"status": "ready"})
        for device in (one, other):
            assert (await device.first("room-joined"))["room"] == room
            assert (await device.first("order-ready"))["orderId"] == order["orderId"]
        left = await world.post("admin", "/v1/rooms/leave", {"room": room})
        assert left.json() == {"room": room, "rooms": []}
        await world.post("sun", status, {"status": "completed"})
        await world.post("admin", "/v1/balance/refresh", {})  # the last event
        for device in (one, other):
            await device.first("balance-updated")
            assert device.events().count("order-status-changed") == 1
            positions = [int(frame.id.partition(".")[2]) for frame in device.frames if frame.id]
            assert positions == sorted(set(positions))


async def test_membership_outlives_the_connection(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    room = f"order-{order['orderId']}"
    await join(world, "admin", room)
    async with world.follow("/v1/stream", world.bearer("admin")) as stream:
        assert (await stream.first("connected"))["snapshot"]["rooms"] == [room]
        cursor = stream.last_event_id
    await world.post("sun", f"/v1/orders/{order['orderId']}/status", {"status": "ready"})
    await until(world.is_told)
    async with world.follow("/v1/stream", {**world.bearer("admin"), "Last-Event-ID": cursor}) as stream:
        assert (await stream.first("connected"))["resumed"] is True
        assert (await stream.first("order-ready"))["orderId"] == order["orderId"]
    polled = (await world.get("admin", f"/v1/events?after={cursor}")).json()
    assert [event["event"] for event in polled["events"]] == ["order-status-changed", "order-ready"]


async def test_tracking_follows_the_open_orders_or_those_that_are_named(world: World) -> None:
    finished, first, second = [await world.place("anna", "sun", ayran=1) for _ in range(3)]
    for status in ("ready", "completed"):
        await world.post("sun", f"/v1/orders/{finished['orderId']}/status", {"status": status})
    async with world.follow("/v1/stream", world.bearer("anna")) as stream:
        await stream.first("connected")
        answer = await world.post("anna", "/v1/orders/track", b"")
        assert answer.status_code == 200
        assert answer.json() == {"orderIds": [second["orderId"], first["orderId"]], "message": "Tracking 2 orders."}
        told = await stream.first("tracking-orders")
        assert {name: told[name] for name in ("orderIds", "message")} == answer.json()
    named = await world.post("anna", "/v1/orders/track", {"orderIds": [finished["orderId"]] * 2})
    assert named.json() == {"orderIds": [finished["orderId"]], "message": "Tracking 1 order."}
    problem_of(await world.post("ben", "/v1/orders/track", {"orderIds": [first["orderId"]]}), 404, "not-found")


async def test_the_balance_is_told_again(world: World) -> None:
    async with world.follow("/v1/stream", world.bearer("anna")) as stream:
        await stream.first("connected")
        answer = await world.post("anna", "/v1/balance/refresh", b"")
        assert (answer.status_code, answer.json()) == (200, {"balance": 5_000, "currency": "EUR", "currencyDigits": 2})
        told = await stream.first("balance-updated")
    assert {name: told[name] for name in ("userId", "newBalance", "oldBalance", "amount", "reason")} == {
        "userId": "anna", "newBalance": 5_000, "oldBalance": 5_000, "amount": 0, "reason": "refresh",
    }  # fmt: skip


@pytest.mark.parametrize("room", ["", "anna", "board-sun", "role-admin", "system", "user", "user:anna", 5, None])
async def test_what_is_no_room_is_named(world: World, room: object) -> None:
    for path in ("/v1/rooms/join", "/v1/rooms/leave"):
        problem = problem_of(await world.post("anna", path, {"room": room}), 400, "invalid-request")
        assert problem["errors"][0]["field"] == "room"


@pytest.mark.parametrize("room", ["user-", "user-ben", "order-none", "order-\u2603", "user-\n"])
async def test_a_room_that_is_not_yours_is_not_found(world: World, room: str) -> None:
    problem_of(await world.post("anna", "/v1/rooms/join", {"room": room}), 404, "not-found")


async def test_there_is_a_last_room(world: World) -> None:
    for number in range(ROOMS_MAX):
        await world.add(f"guest-{number}")
        await join(world, "admin", f"user-guest-{number}")
    problem = problem_of(await world.post("admin", "/v1/rooms/join", {"room": "user-anna"}), 409, "too-many-rooms")
    assert problem["roomsMax"] == ROOMS_MAX
    async with world.follow("/v1/stream", world.bearer("admin")) as stream:
        await stream.first("connected")
        cursor = stream.last_event_id
    await world.post("guest-59", "/v1/balance/refresh", {})
    await until(world.is_told)
    async with world.follow("/v1/stream", {**world.bearer("admin"), "Last-Event-ID": cursor}) as stream:
        told = json.loads((await until(lambda: [f for f in stream.frames if f.event == "balance-updated"]))[0].data)
        assert told["userId"] == "guest-59"
