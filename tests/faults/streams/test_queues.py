"""Two customers at one stall: each is told of their queue position, once for every change."""

from festival_push.domain.open_orders import band
from tests.support.ground import Ground, Person, Stall
from tests.support.wire.follower import Follower


async def queue_position_of(ground: Ground, person: Person, order_id: str) -> int | None:
    """As the server tells whoever asks."""
    answer = await ground.get(f"/v1/orders/{order_id}", who=person)
    position: int | None = answer.json()["queuePosition"]
    return position


def places_told(follower: Follower) -> list[tuple[str, int]]:
    return [(event["orderId"], event["queuePosition"]) for event in follower.of("queue-updated")]


async def three_orders(ground: Ground) -> tuple[Stall, Person, Person, list[str]]:
    """Ben's, then two of Anna's."""
    stall = await ground.stall()
    anna, ben = await ground.customer("Anna", funds=5_000), await ground.customer("Ben", funds=5_000)
    return stall, anna, ben, [await ground.placed(who, stall) for who in (ben, anna, anna)]


async def test_who_waits_is_told_of_each_position_once_also_after_a_cut(ground: Ground) -> None:
    stall, anna, ben, (first, second, third) = await three_orders(ground)
    phone, other = await Follower.from_now(ground.url(), anna.token), await Follower.from_now(ground.url(), ben.token)
    await ground.step(stall, first, "ready")
    await phone.follow(ground.url(), done=lambda: len(phone.frames) >= 2)
    assert places_told(phone) == [(second, 1), (third, 2)]
    assert [await queue_position_of(ground, anna, each) for each in (second, third)] == [1, 2]

    await ground.step(stall, first, "completed")  # it has left the queue already
    await ground.step(stall, first, "completed")
    await ground.step(stall, second, "ready")  # while nobody is connected
    await phone.follow(ground.url(), done=lambda: len(phone.of("queue-updated")) >= 3)
    assert places_told(phone)[2:] == [(third, 1)]
    await other.until_events(ground.url(), 4)
    assert places_told(other) == [], "who is called to the stall waits no more"


async def test_an_order_that_was_not_ready_after_all_moves_everyone_back(ground: Ground) -> None:
    stall, anna, ben, (first, second, third) = await three_orders(ground)
    await ground.step(stall, first, "ready")
    phone, other = await Follower.from_now(ground.url(), anna.token), await Follower.from_now(ground.url(), ben.token)
    await ground.step(stall, first, "preparing")
    await phone.until_events(ground.url(), 2)
    await other.until_events(ground.url(), 2)
    assert places_told(phone) == [(second, 2), (third, 3)]
    assert [frame.event for frame in other.frames] == ["order-status-changed", "queue-updated"]
    assert places_told(other) == [(first, 1)]


async def test_a_step_in_a_rush_costs_a_few_events_and_every_position_stays_near(ground: Ground) -> None:
    stall = await ground.stall(prices={"chips": 10})
    anna = await ground.customer(funds=5_000)
    orders = [await ground.placed(anna, stall) for _ in range(40)]
    told = {order_id: position for position, order_id in enumerate(orders, 1)}
    phone = await Follower.from_now(ground.url(), anna.token)
    for order_id in orders[:5]:
        await ground.step(stall, order_id, "ready")
    await phone.until_events(ground.url(), 5 * (3 + 15))
    assert len(phone.of("queue-updated")) == 5 * 15, "of 39, 38, 37, 36 and 35 customers"
    told |= dict(places_told(phone))
    for order_id in orders[5:]:
        position = await queue_position_of(ground, anna, order_id)
        assert position is not None
        assert band(told[order_id]) == band(position)
