"""What the old server emitted: the same name, and at least the same fields."""

from tests.replaces.ear import listening
from tests.support.ground import Ground


async def test_balance_updated(ground: Ground) -> None:
    anna = await ground.customer(funds=500)
    async with listening(ground, anna) as phone:
        await ground.top_up(anna, 250)
        told = await phone.hear("balance-updated")
        known = {"userId": anna.user_id, "newBalance": 750, "oldBalance": 500, "amount": 250, "reason": "top-up"}
        assert known.items() <= told.items()


async def test_new_notification(ground: Ground) -> None:
    stall, anna = await ground.stall(), await ground.customer(funds=1000)
    async with listening(ground, anna) as phone:
        order_id = await ground.placed(anna, stall)
        told = await phone.hear("new-notification", orderId=order_id)
        assert told["message"]
        assert told["type"] in {"info", "success", "warning", "error", "order", "payment", "announcement", "message"}
        assert told["timestamp"].endswith("Z")


async def test_payment_completed(ground: Ground) -> None:
    anna = await ground.customer()
    async with listening(ground, anna) as phone:
        assert (await ground.fund(anna, "12.50", external_id=f"pay-{anna.user_id}")).json()["status"] == "credited"
        told = await phone.hear("payment-completed")
        known = {"userId": anna.user_id, "amount": 1250, "newBalance": 1250, "paymentMethod": "zeffy"}
        assert known.items() <= told.items()


async def test_order_status_changed(ground: Ground) -> None:
    stall, anna = await ground.stall(prices={"wrap": 750}), await ground.customer(funds=1000)
    order_id = await ground.placed(anna, stall)
    async with listening(ground, anna) as phone:
        await ground.step(stall, order_id, "ready")
        told = await phone.hear("order-status-changed", orderId=order_id)
        assert told["status"] == "ready"
        assert "wrap" in told["itemName"]
        assert "estimatedTime" in told


async def test_order_ready(ground: Ground) -> None:
    stall, anna = await ground.stall(), await ground.customer(funds=1000)
    order_id = await ground.placed(anna, stall)
    async with listening(ground, anna) as phone:
        await ground.step(stall, order_id, "ready")
        told = await phone.hear("order-ready", orderId=order_id, vendorId=stall.vendor_id)
        assert told["itemName"]
        assert told["message"]


async def test_new_order(ground: Ground) -> None:
    stall, anna = await ground.stall(prices={"wrap": 750}), await ground.customer("Anna", funds=1000)
    async with listening(ground, stall) as keeper:
        order_id = await ground.placed(anna, stall)
        told = await keeper.hear("new-order", orderId=order_id)
        assert {"userId": anna.user_id, "customerName": "Anna", "price": 750}.items() <= told.items()
        assert "wrap" in told["item"]


async def test_connected(ground: Ground) -> None:
    anna = await ground.customer()
    async with listening(ground, anna) as phone:
        greeting = await phone.hear("connected")
        assert {"userId": anna.user_id, "userType": "customer"}.items() <= greeting.items()
        assert greeting["message"]


async def test_error(ground: Ground) -> None:
    anna = await ground.customer()
    async with listening(ground, anna) as phone:
        assert (await ground.post("/v1/auth/logout", {}, who=anna)).is_success
        told = await phone.hear("error")
        assert told["code"] == "session-ended"
        assert told["message"]
