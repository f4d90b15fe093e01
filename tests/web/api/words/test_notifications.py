"""Notifications over HTTP, and how far they were read."""

import msgspec
import pytest

from festival_push.domain.log import LogRow
from festival_push.domain.values import Instant, Position, Topic
from festival_push.store.reads.notifications import Notification
from festival_push.web.api.people.profile import notification_view
from tests.web.world import World, problem_of


async def read(world: World, up_to: object, who: str = "anna") -> int:
    response = await world.post(who, "/v1/me/notifications/read", {"upTo": up_to})
    assert response.status_code == 200, response.text
    unread: int = response.json()["unread"]
    return unread


async def test_notifications_are_listed_newest_first_with_what_was_read(world: World) -> None:
    order = await world.place("anna", "sun", ayran=1)
    await world.post("sun", f"/v1/orders/{order['orderId']}/status", {"status": "ready"})
    page = (await world.get("anna", "/v1/me/notifications?limit=2")).json()
    ready, paid = page["items"]
    assert {"notificationId", "message", "type", "orderId", "timestamp", "read"} <= set(ready)
    assert (ready["type"], ready["orderId"], ready["read"]) == ("order", order["orderId"], False)
    assert paid["type"] == "payment"
    rest = (await world.get("anna", f"/v1/me/notifications?limit=2&before={page['next']}")).json()
    assert (ready["code"], ready["params"]) == ("order-ready", {"number": order["number"], "stall": "Sun"})
    arrived = "50.00 EUR has arrived in your wallet."
    assert ([each["message"] for each in rest["items"]], rest["next"]) == ([arrived], None)
    assert [(each["code"], each["params"]) for each in rest["items"]] == [("money-arrived", {"amount": 5000})]
    assert await read(world, paid["notificationId"]) == 1
    items = (await world.get("anna", "/v1/me/notifications")).json()["items"]
    assert [each["read"] for each in items] == [False, True, True]
    assert (await world.get("anna", "/v1/me")).json()["unread"] == 1
    assert (await world.get("ben", "/v1/me")).json()["unread"] == 1


def test_what_an_older_version_has_told_has_no_code_and_shows_as_it_was_told() -> None:
    data = '{"timestamp":"2026-07-02T13:46:53.000Z","message":"Carla asks for a payout.","type":"info"}'
    row = LogRow(position=Position(3), topics=(Topic("user:anna"),), type="new-notification", data=data, at=Instant(0))
    shown = msgspec.to_builtins(notification_view(Notification(row=row, announcement=None), read_up_to=0))
    assert shown["message"] == "Carla asks for a payout."
    assert not {"code", "params"} & shown.keys()


async def test_reading_reaches_the_persons_other_devices_and_nobody_else(world: World) -> None:
    async with (
        world.follow("/v1/stream", world.bearer("anna")) as other,
        world.follow("/v1/stream", world.bearer("ben")) as stranger,
    ):
        head = (await other.first("connected"))["snapshot"]
        assert head["unread"] == 1
        await stranger.first("connected")
        position = world.services.hub.position
        assert await read(world, position) == 0
        told = await other.first("notifications-read")
        assert {name: told[name] for name in ("upTo", "unread")} == {"upTo": position, "unread": 0}
        assert stranger.events() == ["connected"]


async def test_a_position_may_be_the_id_of_an_event(world: World) -> None:
    head = await world.services.log.head()
    assert await read(world, f"{head.epoch}.{head.position}") == 0


@pytest.mark.parametrize("up_to", [-1, 2**53, True, 1.5, None, [], "", "x", "1.", ".1", "other.5", "-1", "\uff11"])
async def test_anything_else_is_no_position(world: World, up_to: object) -> None:
    response = await world.post("anna", "/v1/me/notifications/read", {"upTo": up_to})
    assert problem_of(response, 400, "invalid-request")["errors"][0]["field"] == "upTo"
    assert (await world.get("anna", "/v1/me")).json()["unread"] == 1
