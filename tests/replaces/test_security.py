"""Who may do what: tokens, permissions, ownership, rooms, and how often."""

import asyncio
from pathlib import Path

import httpx2
import pytest

from tests.replaces.ear import listening
from tests.support.ground import Ground, Person
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until
from tests.support.wire.follower import Connection


@pytest.mark.parametrize("token", [None, "x", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."])
async def test_a_stream_needs_a_valid_token(ground: Ground, token: str | None) -> None:
    headers: dict[str, str | bytes] = {} if token is None else {"Authorization": f"Bearer {token}"}
    with await Connection.open(ground.url(), headers=headers) as stream:
        await until(lambda: _status(stream), message="the answer's head")
        assert stream.status == 401


async def _status(stream: Connection) -> int | None:
    if stream.status is None:
        await stream.read()
    return stream.status


async def test_a_customer_orders_and_sees_orders_and_balance(ground: Ground) -> None:
    stall, anna = await ground.stall(prices={"wrap": 750}), await ground.customer(funds=1000)
    order_id = await ground.placed(anna, stall)
    listed = (await ground.get("/v1/orders", who=anna)).json()["items"]
    assert [order["orderId"] for order in listed] == [order_id]
    assert await ground.balance(anna) == 250


async def test_a_customer_may_not_do_a_stalls_or_an_admins_work(ground: Ground) -> None:
    stall, anna = await ground.stall(), await ground.customer(funds=1000)
    order_id = await ground.placed(anna, stall)
    assert (await ground.step(anna, order_id, "ready")).status_code in {403, 404}
    assert (await ground.get("/v1/admin/overview", who=anna)).status_code == 403
    body = {"userId": anna.user_id, "amount": 100, "method": "cash"}
    assert (await ground.post("/v1/admin/top-ups", body, who=anna, key="k")).status_code == 403
    assert await ground.balance(anna) == 250


async def test_a_stall_updates_orders_and_sees_sales(ground: Ground) -> None:
    stall, anna = await ground.stall(prices={"wrap": 750}), await ground.customer(funds=1000)
    order_id = await ground.placed(anna, stall)
    assert (await ground.step(stall, order_id, "ready")).is_success
    sales = (await ground.get("/v1/me/transactions", who=stall)).json()["items"]
    assert [(sale["kind"], sale["amount"], sale["orderId"]) for sale in sales] == [("sale", 750, order_id)]


async def test_a_stall_may_not_touch_anothers_orders(ground: Ground) -> None:
    stall, other, anna = await ground.stall(), await ground.stall("Bar"), await ground.customer(funds=1000)
    order_id = await ground.placed(anna, stall)
    assert (await ground.step(other, order_id, "ready")).status_code == 404
    assert (await ground.get(f"/v1/orders/{order_id}", who=stall)).json()["status"] == "preparing"


async def test_an_admin_has_full_access(ground: Ground) -> None:
    stall, anna, admin = await ground.stall(), await ground.customer(funds=1000), await ground.admin()
    order_id = await ground.placed(anna, stall)
    assert (await ground.step(admin, order_id, "ready")).is_success
    item_id = next(iter(stall.items.values()))
    changed = await ground.http.patch(f"{ground.url()}/v1/menu/{item_id}", json={"price": 800}, headers=admin.bearer)
    assert changed.json()["price"] == 800
    for path in ("overview", "connections", "transactions", "users", f"vendors/{stall.vendor_id}/settlement"):
        assert (await ground.get(f"/v1/admin/{path}", who=admin)).is_success, path


async def test_nobody_sees_what_is_not_theirs(ground: Ground) -> None:
    stall, anna, ben = await ground.stall(), await ground.customer(funds=1000), await ground.customer("Ben")
    order_id = await ground.placed(anna, stall)
    assert (await ground.get(f"/v1/orders/{order_id}", who=ben)).status_code == 404
    assert (await ground.post(f"/v1/orders/{order_id}/cancel", {}, who=ben, key="k")).status_code == 404
    async with listening(ground, ben) as other:
        await ground.step(stall, order_id, "ready")
        await ground.top_up(ben, 100)
        await other.hear("balance-updated", userId=ben.user_id)
        assert other.heard("order-ready") == []
        assert [data["userId"] for data in other.heard("balance-updated")] == [ben.user_id]


async def test_a_room_opens_only_to_who_may_see_it(ground: Ground) -> None:
    stall, anna, ben = await ground.stall(), await ground.customer(funds=1000), await ground.customer("Ben")
    order_id = await ground.placed(anna, stall)
    for room in (f"order-{order_id}", f"user-{anna.user_id}"):
        assert (await ground.post("/v1/rooms/join", {"room": room}, who=ben)).status_code in {403, 404}
    for owner in (anna, stall):
        assert (await ground.post("/v1/rooms/join", {"room": f"order-{order_id}"}, who=owner)).is_success


async def until_refused(ground: Ground, person: Person, statuses: list[int]) -> httpx2.Response:
    """Let this person ask faster than they may, many times at once: one after the other, a slow machine might be slow
    enough. The first refusal; `statuses` is told of the answers before it."""
    for _ in range(100):
        asking = [ground.post("/v1/balance/refresh", {}, who=person) for _ in range(20)]
        answers = await asyncio.gather(*asking)
        statuses += [answer.status_code for answer in answers if answer.is_success]
        refused = [answer for answer in answers if not answer.is_success]
        if refused:
            assert {answer.status_code for answer in refused} == {429}
            return refused[0]
    raise AssertionError(f"{len(statuses)} commands were let through")


async def test_sixty_commands_a_minute(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, settings={"LIMITS__COMMANDS_PER_MIN": "60"}) as server:
        async with Ground([server]) as ground:
            anna, ben = await ground.customer(), await ground.customer("Ben")
            statuses: list[int] = []
            refused = await until_refused(ground, anna, statuses)
            assert len(statuses) >= 60  # and one more for each second that they took
            assert refused.json()["code"] == "rate-limited"
            assert refused.headers["ratelimit-limit"] == "60"
            assert int(refused.headers["retry-after"]) >= 1
            assert (await ground.post("/v1/balance/refresh", {}, who=ben)).is_success  # nobody pays for another


async def test_the_limit_is_a_setting_and_is_forgotten_in_time(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, settings={"LIMITS__COMMANDS_PER_MIN": "120"}) as server:
        async with Ground([server]) as ground:
            anna = await ground.customer()
            assert (await until_refused(ground, anna, [])).json()["code"] == "rate-limited"

            async def allowed() -> bool:
                return (await ground.post("/v1/balance/refresh", {}, who=anna)).is_success

            await until(allowed, within_s=60, message="one more command is allowed")
