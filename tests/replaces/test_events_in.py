"""What a client of the old system emitted, as the command that does it now."""

from tests.replaces.ear import listening
from tests.support.ground import Ground


async def test_join_user_room(ground: Ground) -> None:
    anna, admin = await ground.customer(), await ground.admin()
    async with listening(ground, admin) as organiser:
        joined = await ground.post("/v1/rooms/join", {"room": f"user-{anna.user_id}"}, who=admin)
        assert joined.json()["room"] == f"user-{anna.user_id}"
        await organiser.hear("room-joined", room=f"user-{anna.user_id}")
        await ground.top_up(anna, 1200)
        assert (await organiser.hear("balance-updated", userId=anna.user_id))["newBalance"] == 1200


async def test_leave_user_room(ground: Ground) -> None:
    anna, ben, admin = await ground.customer(), await ground.customer("Ben"), await ground.admin()
    async with listening(ground, admin) as organiser:
        for person in (anna, ben):
            await ground.post("/v1/rooms/join", {"room": f"user-{person.user_id}"}, who=admin)
        left = await ground.post("/v1/rooms/leave", {"room": f"user-{anna.user_id}"}, who=admin)
        assert f"user-{anna.user_id}" not in left.json()["rooms"]
        await organiser.hear("room-left", room=f"user-{anna.user_id}")
        await ground.top_up(anna, 100)
        await ground.top_up(ben, 200)
        await organiser.hear("balance-updated", userId=ben.user_id)  # what came before it has been read by now
        assert [data for data in organiser.heard("balance-updated") if data["userId"] == anna.user_id] == []


async def test_join_order_room(ground: Ground) -> None:
    stall, anna, admin = await ground.stall(), await ground.customer(funds=1000), await ground.admin()
    order_id = await ground.placed(anna, stall)
    async with listening(ground, admin) as organiser:
        assert (await ground.post("/v1/rooms/join", {"room": f"order-{order_id}"}, who=admin)).is_success
        await ground.step(stall, order_id, "ready")
        await organiser.hear("order-status-changed", orderId=order_id, status="ready")
        await organiser.hear("order-ready", orderId=order_id)


async def test_leave_order_room(ground: Ground) -> None:
    stall, anna, admin = await ground.stall(), await ground.customer(funds=2000), await ground.admin()
    left, kept = await ground.placed(anna, stall), await ground.placed(anna, stall)
    async with listening(ground, admin) as organiser:
        for order_id in (left, kept):
            await ground.post("/v1/rooms/join", {"room": f"order-{order_id}"}, who=admin)
        assert (await ground.post("/v1/rooms/leave", {"room": f"order-{left}"}, who=admin)).is_success
        await ground.step(stall, left, "ready")
        await ground.step(stall, kept, "ready")
        await organiser.hear("order-ready", orderId=kept)
        assert [data["orderId"] for data in organiser.heard("order-ready")] == [kept]


async def test_order_created(ground: Ground) -> None:
    stall, anna = await ground.stall(prices={"wrap": 750}), await ground.customer(funds=1000)
    async with listening(ground, stall) as keeper:
        order_id = await ground.placed(anna, stall)
        told = await keeper.hear("new-order", orderId=order_id)
        assert (told["userId"], told["price"]) == (anna.user_id, 750)
        assert "wrap" in told["item"]


async def test_update_order_status(ground: Ground) -> None:
    stall, anna = await ground.stall(), await ground.customer(funds=1000)
    order_id = await ground.placed(anna, stall)
    async with listening(ground, anna) as phone:
        body = {"status": "ready", "estimatedTime": 12}
        answer = await ground.post(f"/v1/orders/{order_id}/status", body, who=stall)
        assert answer.json()["order"]["status"] == "ready"
        assert (await phone.hear("order-status-changed", orderId=order_id))["estimatedTime"] == 12


async def test_refresh_balance(ground: Ground) -> None:
    anna = await ground.customer(funds=640)
    async with listening(ground, anna) as phone:
        assert (await ground.post("/v1/balance/refresh", {}, who=anna)).json() == {
            "balance": 640,
            "currency": "EUR",
            "currencyDigits": 2,
        }
        assert (await phone.hear("balance-updated", reason="refresh"))["newBalance"] == 640


async def test_track_my_orders(ground: Ground) -> None:
    stall, anna = await ground.stall(), await ground.customer(funds=2000)
    order_ids = {await ground.placed(anna, stall), await ground.placed(anna, stall)}
    async with listening(ground, anna) as phone:
        answer = await ground.post("/v1/orders/track", {}, who=anna)
        assert set(answer.json()["orderIds"]) == order_ids
        assert set((await phone.hear("tracking-orders"))["orderIds"]) == order_ids
