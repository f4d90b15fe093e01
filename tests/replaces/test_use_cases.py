"""What people do with it: customers, stalls, the organiser."""

from tests.replaces.ear import listening
from tests.support.ground import Ground


async def test_funds_arrive_at_once(ground: Ground) -> None:
    anna = await ground.customer()
    async with listening(ground, anna) as phone:
        await ground.fund(anna, "20.00", external_id=f"use-{anna.user_id}")
        assert (await phone.hear("balance-updated"))["newBalance"] == 2000
        assert (await phone.hear("payment-completed"))["paymentMethod"] == "zeffy"
        assert (await phone.hear("new-notification", type="payment"))["message"]
    again = await ground.fund(anna, "20.00", external_id=f"use-{anna.user_id}")
    assert again.json()["status"] == "duplicate"
    assert await ground.balance(anna) == 2000


async def test_an_order_is_tracked_to_its_end(ground: Ground) -> None:
    stall, anna = await ground.stall(), await ground.customer(funds=1000)
    async with listening(ground, anna) as phone:
        order_id = await ground.placed(anna, stall)
        for status in ("ready", "completed"):
            assert (await ground.step(stall, order_id, status)).is_success
            await phone.hear("order-status-changed", orderId=order_id, status=status)
        steps = [data["status"] for data in phone.heard("order-status-changed")]
        assert steps == ["preparing", "ready", "completed"]


async def test_a_customer_is_called_to_the_pickup(ground: Ground) -> None:
    stall, anna = await ground.stall(), await ground.customer(funds=1000)
    screen = await ground.screen(stall)
    order_id = await ground.placed(anna, stall)
    async with listening(ground, anna) as phone:
        await ground.step(stall, order_id, "ready")
        number = (await phone.hear("order-ready", orderId=order_id))["number"]
        assert (await phone.hear("new-notification", orderId=order_id))["message"]
    board = await ground.http.get(
        f"{ground.url()}/v1/boards/{stall.vendor_id}", headers={"Authorization": f"Bearer {screen.token}"}
    )
    assert board.json()["ready"] == [number]


async def test_stall_and_customer_write_to_each_other(ground: Ground) -> None:
    stall, anna = await ground.stall(), await ground.customer(funds=1000)
    order_id = await ground.placed(anna, stall)
    async with listening(ground, anna) as phone, listening(ground, stall) as tablet:
        await ground.post(f"/v1/orders/{order_id}/messages", {"message": "No onions?"}, who=anna)
        assert (await tablet.hear("customer-message", orderId=order_id))["message"] == "No onions?"
        await ground.post(f"/v1/orders/{order_id}/messages", {"message": "Of course"}, who=stall)
        assert (await phone.hear("vendor-message", orderId=order_id))["message"] == "Of course"


async def test_a_stall_sees_an_order_only_after_it_is_paid(ground: Ground) -> None:
    stall, poor, anna = await ground.stall(), await ground.customer("Ben"), await ground.customer(funds=1000)
    async with listening(ground, stall) as tablet:
        assert (await ground.order(poor, stall)).json()["code"] == "insufficient-funds"
        order_id = await ground.placed(anna, stall)
        await tablet.hear("new-order", orderId=order_id)
        assert [data["userId"] for data in tablet.heard("new-order")] == [anna.user_id]


async def test_a_stall_sees_its_earnings_move(ground: Ground) -> None:
    stall, anna = await ground.stall(prices={"wrap": 750}), await ground.customer(funds=1000)
    async with listening(ground, stall) as tablet:
        order_id = await ground.placed(anna, stall)
        assert (await tablet.hear("balance-updated", orderId=order_id))["newBalance"] == 750
    assert await ground.balance(stall) == 750


async def test_the_organiser_watches_every_transaction(ground: Ground) -> None:
    stall, anna, admin = await ground.stall(prices={"wrap": 750}), await ground.customer(), await ground.admin()
    async with listening(ground, admin) as organiser:
        await ground.top_up(anna, 1000)
        order_id = await ground.placed(anna, stall)
        await organiser.hear("new-transaction", kind="top-up", userId=anna.user_id, amount=1000)
        await organiser.hear("new-transaction", kind="purchase", orderId=order_id, amount=750)


async def test_an_announcement_reaches_everyone(ground: Ground) -> None:
    stall, anna, admin = await ground.stall(), await ground.customer(), await ground.admin()
    async with listening(ground, anna) as phone, listening(ground, stall) as tablet:
        body = {"message": "The rain is over", "audience": "all", "priority": "high"}
        assert (await ground.post("/v1/admin/announcements", body, who=admin)).status_code == 201
        for ear in (phone, tablet):
            await ear.hear("new-notification", type="announcement", message="The rain is over", priority="high")


async def test_an_announcement_for_stalls_reaches_no_customer(ground: Ground) -> None:
    stall, anna, admin = await ground.stall(), await ground.customer(), await ground.admin()
    async with listening(ground, anna) as phone, listening(ground, stall) as tablet:
        body = {"message": "Gas is delivered at six", "audience": "vendors"}
        assert (await ground.post("/v1/admin/announcements", body, who=admin)).status_code == 201
        await tablet.hear("new-notification", message="Gas is delivered at six")
        await ground.top_up(anna, 100)
        await phone.hear("balance-updated")
        assert [data for data in phone.heard("new-notification") if data["type"] == "announcement"] == []


async def test_the_organiser_sees_who_is_connected(ground: Ground) -> None:
    anna, admin = await ground.customer(), await ground.admin()
    async with listening(ground, anna):
        connected = (await ground.get("/v1/admin/connections?limit=200", who=admin)).json()["items"]
        assert anna.user_id in {entry["userId"] for entry in connected}


async def test_the_organiser_manages_people(ground: Ground) -> None:
    anna, admin = await ground.customer(), await ground.admin()
    async with listening(ground, anna) as phone:
        done = await ground.post(f"/v1/admin/users/{anna.user_id}/suspend", {}, who=admin)
        assert done.json()["suspended"] is True
        assert (await phone.hear("error"))["code"] == "suspended"
    assert (await ground.get("/v1/me", who=anna)).status_code == 403
    assert (await ground.post(f"/v1/admin/users/{anna.user_id}/unsuspend", {}, who=admin)).is_success
    assert (await ground.get("/v1/me", who=anna)).is_success


async def test_many_people_and_tabs_at_once(ground: Ground) -> None:
    stall, people = await ground.stall(prices={"wrap": 100}), [await ground.customer(funds=500) for _ in range(5)]
    for person in people:
        async with listening(ground, person) as phone, listening(ground, person) as tablet:
            order_id = await ground.placed(person, stall)
            for ear in (phone, tablet):
                assert (await ear.hear("balance-updated", orderId=order_id))["newBalance"] == 400
                assert {data["userId"] for data in ear.heard("balance-updated")} == {person.user_id}


async def test_a_scanned_code_is_paid(ground: Ground) -> None:
    stall, anna, ben = await ground.stall(), await ground.customer(funds=2000), await ground.customer("Ben", funds=2000)
    asked = await ground.post(
        "/v1/payment-requests", {"amount": 900, "description": "Two wraps"}, who=stall, key=f"ask-{stall.vendor_id}"
    )
    assert asked.status_code == 201, asked.text
    request_id = asked.json()["requestId"]
    code = await ground.get(f"/v1/payment-requests/{request_id}/qr.svg", who=stall)
    assert code.headers["content-type"].startswith("image/svg+xml")
    async with listening(ground, stall) as tablet, listening(ground, anna) as phone:
        path = f"/v1/payment-requests/{request_id}/pay"
        paid = await ground.post(path, {}, who=anna, key="pay")
        assert paid.status_code == 201, paid.text
        order_id = paid.json()["order"]["orderId"]
        told = await tablet.hear("payment-request-paid", requestId=request_id)
        assert (told["orderId"], told["amount"]) == (order_id, 900)
        assert (await tablet.hear("new-order", orderId=order_id))["price"] == 900
        assert (await phone.hear("new-notification", orderId=order_id))["message"]
        assert (await ground.post(path, {}, who=ben, key="pay")).json()["code"] == "already-paid"
    assert (await ground.balance(anna), await ground.balance(ben)) == (1100, 2000)
