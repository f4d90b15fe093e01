"""Announcements over HTTP: made, heard, listed, edited, withdrawn, and who sees what stands."""

from pathlib import Path
from typing import Any

import httpx2
import msgspec

from festival_push.domain.topics import BOARDS
from festival_push.domain.values import Instant
from festival_push.settings import Boards
from tests.support.festival import Put
from tests.support.timing.waiting import until
from tests.web.world import World, open_world, problem_of, settings_of

PATH = "/v1/admin/announcements"
HOUR_MS = 3600 * 1000


async def made(world: World, message: str, audience: str = "all", **more: str) -> dict[str, Any]:
    response = await world.post("admin", PATH, {"message": message, "audience": audience, **more})
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def patch(world: World, announcement: dict[str, Any], body: object) -> httpx2.Response:
    path = f"{PATH}/{announcement['announcementId']}"
    return await world.http.patch(path, json=body, headers=world.bearer("admin"))


async def withdraw(world: World, announcement: dict[str, Any]) -> None:
    path = f"{PATH}/{announcement['announcementId']}"
    assert (await world.http.delete(path, headers=world.bearer("admin"))).status_code == 204


async def items(world: World, who: str, path: str) -> list[dict[str, Any]]:
    response = await world.get(who, path)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["items"]
    return found


async def standing(world: World, headers: dict[str, str]) -> list[str]:
    response = await world.http.get("/v1/announcements", headers=headers)
    assert response.status_code == 200, response.text
    return [each["message"] for each in response.json()["items"]]


async def test_an_announcement_is_one_event_and_reaches_its_audience(world: World) -> None:
    async with (
        world.follow("/v1/stream", world.bearer("anna")) as anna,
        world.follow("/v1/stream", world.bearer("sun")) as sun,
    ):
        for stream in (anna, sun):
            await stream.first("connected")
        before = (await world.services.log.head()).position
        stage = await made(world, "The stage opens.", "customers", title="Music", priority="high")
        assert stage["position"] == before + 1
        assert (await world.services.log.head()).position == before + 2  # and organisers hear of the deed
        assert stage["notificationId"] == str(before + 1)
        told = await anna.first("new-notification")
        names = ("message", "title", "priority", "announcementId", "timestamp")
        assert {name: told[name] for name in names} == {name: stage[name] for name in names}
        assert told["type"] == "announcement"
        hands = await made(world, "All hands.", "vendors")
        assert not {"title", "priority"} & hands.keys()
        await made(world, "Good night.")
        await until(lambda: anna.events().count("new-notification") == 2)
        await until(lambda: sun.events().count("new-notification") == 3)  # who keeps a stall may buy from others
    listed = await items(world, "anna", "/v1/me/notifications?limit=2")
    assert [each["message"] for each in listed] == ["Good night.", "The stage opens."]
    assert [listed[1][name] for name in ("notificationId", "announcementId")] == [
        stage["notificationId"], stage["announcementId"],
    ]  # fmt: skip


async def test_a_key_announces_once(world: World) -> None:
    body = {"message": "Rain.", "audience": "all"}
    first, again = [await world.post("admin", PATH, body, key="k") for _ in range(2)]
    assert (first.content, again.headers["idempotent-replayed"]) == (again.content, "true")
    assert len(await items(world, "admin", PATH)) == 1


async def test_organisers_list_all_newest_first_with_their_reach(world: World) -> None:
    first = await made(world, "Rain.")
    second = await made(world, "Gas at six.", "vendors", title="Gas")
    await withdraw(world, second)
    third = await made(world, "Sun.", "customers", priority="low")
    await world.post("anna", "/v1/me/notifications/read", {"upTo": third["position"]})
    await world.post("ben", "/v1/me/notifications/read", {"upTo": first["position"]})
    page = (await world.get("admin", f"{PATH}?limit=2")).json()
    listed = [*page["items"], *await items(world, "admin", f"{PATH}?limit=2&before={page['next']}")]
    assert [each["announcementId"] for each in listed] == [each["announcementId"] for each in (third, second, first)]
    assert [each["reach"] for each in listed] == [
        {"people": 5, "read": 1}, {"people": 2, "read": 0}, {"people": 5, "read": 2},
    ]  # fmt: skip
    sun, gas, rain = listed
    assert list(rain) == [
        "announcementId", "audience", "message", "priority", "createdAt", "createdBy", "position", "reach",
    ]  # fmt: skip
    assert (rain["priority"], sun["priority"], gas["title"]) == ("normal", "low", "Gas")
    assert (rain["createdAt"], rain["createdBy"], rain["position"]) == (first["timestamp"], "admin", first["position"])
    assert {"withdrawnAt"} == gas.keys() - rain.keys() - {"title"}
    await world.post("admin", "/v1/admin/users/ben/suspend", {})
    assert (await items(world, "admin", PATH))[-1]["reach"] == {"people": 4, "read": 1}


async def test_new_words_are_told_and_shown_everywhere(world: World) -> None:
    rain = await made(world, "Rain.", "customers", title="Soon")
    async with (
        world.follow("/v1/stream", world.bearer("anna")) as anna,
        world.follow("/v1/boards/sun/stream", world.bearer("sun")) as sun,
    ):
        for stream in (anna, sun):
            await stream.first("connected")
        response = await patch(world, rain, {"message": " Storm. ", "priority": "high"})
        assert response.status_code == 200
        told = await anna.first("announcement-changed")
        assert told.pop("timestamp")
        assert told == {
            "announcementId": rain["announcementId"], "message": "Storm.", "title": "Soon", "priority": "high",
            "audience": "customers",
        }  # fmt: skip
        await until(world.is_told)
        assert set(sun.events()) == {"connected", "board-updated"}
    words = ("message", "title", "priority", "announcementId")
    assert {name: response.json()[name] for name in words} == {name: told[name] for name in words}
    for who, path in (("anna", "/v1/me/notifications"), ("anna", "/v1/announcements"), ("admin", PATH)):
        newest = (await items(world, who, path))[0]
        assert {name: newest[name] for name in words} == {name: told[name] for name in words}, path
    without = await patch(world, rain, {"title": ""})
    assert "title" not in without.json()
    assert "title" not in (await items(world, "anna", "/v1/me/notifications"))[0]


async def test_the_same_words_again_are_no_event(world: World) -> None:
    rain = await made(world, "Rain.")
    for body in ({"message": "Rain."}, {"priority": "normal"}, {"title": ""}):
        assert "editedAt" not in (await patch(world, rain, body)).json()
    assert (await world.services.log.head()).position == rain["position"] + 1  # the deed of the first words
    problem_of(await patch(world, rain, {}), 400, "invalid-request")


async def test_what_is_withdrawn_is_gone_everywhere_and_unread_for_nobody(world: World) -> None:
    for message in ("Rain.", "Sun."):
        await made(world, message)
    rain = (await items(world, "admin", PATH))[1]
    async with world.follow("/v1/stream", world.bearer("anna")) as anna:
        unread = (await anna.first("connected"))["snapshot"]["unread"]
        await withdraw(world, rain)
        assert (await anna.first("announcement-withdrawn"))["announcementId"] == rain["announcementId"]
    listed = await items(world, "anna", "/v1/me/notifications")
    assert [each["message"] for each in listed if each["type"] == "announcement"] == ["Sun."]
    assert await standing(world, world.bearer("anna")) == ["Sun."]
    me = (await world.get("anna", "/v1/me")).json()
    left = (await world.post("anna", "/v1/me/notifications/read", {"upTo": 0})).json()
    assert me["unread"] == left["unread"] == unread - 1 == sum(not each["read"] for each in listed)
    position = (await world.services.log.head()).position
    await withdraw(world, rain)
    assert (await world.services.log.head()).position == position, "the second time changes nothing"
    problem_of(await patch(world, rain, {"message": "Fog."}), 409, "already-withdrawn")


async def test_an_unknown_announcement_is_not_found(world: World) -> None:
    unknown = {"announcementId": "none"}
    assert problem_of(await patch(world, unknown, {"message": "Fog."}), 404, "not-found")["what"] == "announcement"
    response = await world.http.delete(f"{PATH}/none", headers=world.bearer("admin"))
    problem_of(response, 404, "not-found")


async def test_everyone_sees_what_stands_for_them(world: World) -> None:
    for message, audience in (("Rain.", "all"), ("Music.", "customers"), ("Gas.", "vendors")):
        await made(world, message, audience)
    display = (await world.post("sun", "/v1/vendors/sun/displays", {})).json()
    assert await standing(world, world.bearer("anna")) == ["Music.", "Rain."]
    assert await standing(world, world.bearer("sun")) == ["Gas.", "Music.", "Rain."]
    assert await standing(world, world.bearer("admin")) == ["Music.", "Rain."]
    assert await standing(world, {"Authorization": f"Bearer {display['token']}"}) == ["Rain."]
    problem_of(await world.get(None, "/v1/announcements"), 401, "unauthorized")


async def test_passers_by_see_those_for_everybody_where_boards_are_public(tmp_path: Path) -> None:
    async with open_world(settings_of(tmp_path, boards=Boards(public=True))) as world:
        for message, audience in (("Rain.", "all"), ("Music.", "customers")):
            await made(world, message, audience)
        assert await standing(world, {}) == ["Rain."]
        assert await standing(world, world.bearer("anna")) == ["Music.", "Rain."]


async def test_no_more_than_twenty_of_the_last_twelve_hours_stand(world: World) -> None:
    numbers = [str(number) for number in range(22)]
    for number in numbers:
        await made(world, number)
    assert await standing(world, world.bearer("anna")) == numbers[:1:-1]
    rows = [reached.announcement for reached in await world.services.reads.announcements(limit=50)]
    for hours, shown in ((11, 20), (13, 0)):
        older = (msgspec.structs.replace(row, created_at=Instant(row.created_at - hours * HOUR_MS)) for row in rows)
        await world.services.committer.submit(Put(tuple(older)))
        assert len(await standing(world, world.bearer("anna"))) == shown


async def test_boards_are_told_what_is_for_everybody(world: World) -> None:
    for audience in ("all", "customers", "vendors"):
        announcement = await made(world, "Rain.", audience)
        await patch(world, announcement, {"message": "Sun."})
        await withdraw(world, announcement)
    head = await world.services.log.head()
    page = await world.services.log.read_after([BOARDS], 0, head.position, 50)
    assert [row.type for row in page.rows] == ["new-notification", "announcement-changed", "announcement-withdrawn"]
