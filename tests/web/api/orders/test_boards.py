"""Pickup boards over HTTP, and the screens that show them."""

import asyncio
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from festival_push.domain.orders.boards import Board
from festival_push.domain.stalls.events import CalledNumber
from festival_push.domain.values import Instant, VendorId, rfc3339
from festival_push.push.streams import places
from festival_push.settings import Boards
from festival_push.store.reads.orders import BoardSeen
from festival_push.web.api.orders.board_views import board_text
from tests.support.timing.waiting import until
from tests.web.world import BASE_URL, World, open_world, problem_of, settings_of


async def add_display(world: World, who: str = "sun", vendor_id: str = "sun") -> tuple[str, dict[str, str]]:
    """A new screen; its id, and the header that makes a request the screen's."""
    response = await world.post(who, f"/v1/vendors/{vendor_id}/displays", {})
    assert response.status_code == 201, response.text
    return response.json()["displayId"], {"Authorization": f"Bearer {response.json()['token']}"}


async def test_a_screen_gets_a_link_that_sets_it_up(world: World) -> None:
    response = await world.post("sun", "/v1/vendors/sun/displays", {"name": "Left of the door"})
    assert response.status_code == 201
    body = response.json()
    assert list(body) == ["displayId", "token", "url"]
    url = urlsplit(body["url"])
    assert (f"{url.scheme}://{url.netloc}", url.path, url.query) == (BASE_URL, "/kiosk/", "")
    assert parse_qs(url.fragment) == {"vendor": ["sun"], "token": [body["token"]]}


async def test_a_stall_lists_the_screens_that_may_be_used(world: World) -> None:
    first, _ = await add_display(world)
    second, _ = await add_display(world)
    await add_display(world, "moon", "moon")
    page = (await world.get("sun", "/v1/vendors/sun/displays")).json()
    assert {each["displayId"] for each in page["items"]} == {first, second}
    assert list(page["items"][0]) == ["displayId", "name", "createdAt"]
    await world.http.delete(f"/v1/displays/{first}", headers=world.bearer("sun"))
    page = (await world.get("admin", "/v1/vendors/sun/displays")).json()
    assert [each["displayId"] for each in page["items"]] == [second]


async def test_a_screen_needs_no_body(world: World) -> None:
    response = await world.http.post("/v1/vendors/sun/displays", headers=world.bearer("admin"))
    assert response.status_code == 201


async def test_a_board_shows_numbers_only(world: World) -> None:
    first = await world.place("anna", "sun", falafel=1)
    second = await world.place("ben", "sun", ayran=1)
    await world.post("sun", f"/v1/orders/{first['orderId']}/status", {"status": "ready"})
    _, screen = await add_display(world)
    before = rfc3339(world.services.now())
    board = (await world.http.get("/v1/boards/sun", headers=screen)).json()
    head = await world.services.log.head()
    timestamp, (called,) = board.pop("timestamp"), board.pop("called")
    assert board == {
        "vendorId": "sun", "vendorName": "Sun", "preparing": [second["number"]], "ready": [first["number"]],
        "readyMinutes": 30, "position": head.position,
    }  # fmt: skip
    assert (called["number"], called["calledAt"] <= before <= timestamp) == (first["number"], True)
    for who in ("sun", "admin"):
        seen = (await world.get(who, "/v1/boards/sun")).json()
        assert seen.pop("timestamp") >= timestamp
        assert seen == board | {"called": [called]}


async def test_the_newest_call_comes_first_also_after_a_recall(world: World) -> None:
    orders = [await world.place("anna", "sun", ayran=1) for _ in range(3)]
    for order in (orders[1], orders[0], orders[2]):
        await world.post("sun", f"/v1/orders/{order['orderId']}/status", {"status": "ready"})
        await asyncio.sleep(0.002)  # another millisecond
    for status in ("preparing", "ready"):
        await world.post("sun", f"/v1/orders/{orders[1]['orderId']}/status", {"status": status})
    board = (await world.get("sun", "/v1/boards/sun")).json()
    first, second, third = (order["number"] for order in orders)
    assert board["ready"] == [first, second, third]
    assert [each["number"] for each in board["called"]] == [second, third, first]
    assert [each["calledAt"] for each in board["called"]] == sorted(
        (each["calledAt"] for each in board["called"]), reverse=True
    )


async def test_a_terminal_gets_a_board_as_text(world: World) -> None:
    empty = await world.get("sun", "/v1/boards/sun?format=text")
    assert (empty.status_code, empty.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert empty.text == "Sun\nReady: -\nPreparing: -\n"
    orders = [await world.place("anna", "sun", ayran=1) for _ in range(3)]
    for order in orders[:2]:
        await world.post("sun", f"/v1/orders/{order['orderId']}/status", {"status": "ready"})
        await asyncio.sleep(0.002)  # another millisecond
    first, second, third = (order["number"] for order in orders)
    board = await world.get("sun", "/v1/boards/sun?format=text")
    assert board.text == f"Sun\nReady: {second} {first}\nPreparing: {third}\n"
    assert (await world.get("sun", "/v1/boards/sun?format=json")).json()["ready"] == [first, second]
    for query in ("format=html", "format=", "format=null", "format=text&format=text", "as=text"):
        problem_of(await world.get("sun", f"/v1/boards/sun?{query}"), 400, "invalid-request")
    problem_of(await world.get("moon", "/v1/boards/sun?format=text"), 404, "not-found")


NOW = Instant(1_783_159_200_000)
MINUTE_MS = 60 * 1000


def seen_board(*ages_ms: int, preparing: int = 0, name: str = "Sun") -> BoardSeen:
    """A board whose numbers 1, 2, 3 … were called so long ago."""
    called = tuple(
        CalledNumber(number=number, called_at=rfc3339(Instant(NOW - age_ms)))
        for number, age_ms in enumerate(ages_ms, 1)
    )
    ready = tuple(each.number for each in called)
    board = Board(vendor_id=VendorId("sun"), preparing=tuple(range(500, 500 + preparing)), ready=ready, called=called)
    return BoardSeen(board, name, 1, "e")


def test_text_that_is_too_long_for_a_terminal_is_wrapped_between_numbers() -> None:
    text = board_text(seen_board(*range(60), preparing=99, name="N " * 40), ready_minutes=30, now=NOW)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 79
    assert len(lines) > 6
    ready, preparing = " ".join(lines).split("Ready: ")[1].split(" Preparing: ")
    assert [int(number) for number in ready.split()] == list(range(1, 61))
    assert [int(number) for number in preparing.split()] == list(range(500, 599))


@pytest.mark.parametrize(
    ("ready_minutes", "shown"), [(0, "1 2 3"), (1, "1"), (2, "1 2"), (3, "1 2 3"), (1_440, "1 2 3")]
)
def test_text_shows_a_ready_number_for_so_many_minutes_after_its_call(ready_minutes: int, shown: str) -> None:
    board = seen_board(MINUTE_MS - 1, MINUTE_MS, 2 * MINUTE_MS)
    assert f"\nReady: {shown}\n" in board_text(board, ready_minutes=ready_minutes, now=NOW)


async def test_a_board_tells_for_how_long_it_shows_a_number(tmp_path: Path) -> None:
    async with open_world(settings_of(tmp_path, boards=Boards(ready_min=0))) as world:
        assert (await world.get("sun", "/v1/boards/sun")).json()["readyMinutes"] == 0
        async with world.follow("/v1/boards/sun/stream", world.bearer("sun")) as stream:
            assert (await stream.first("connected"))["snapshot"]["readyMinutes"] == 0


async def test_a_screen_follows_its_board(world: World) -> None:
    order = await world.place("anna", "sun", falafel=1)
    display_id, screen = await add_display(world)
    async with world.follow("/v1/boards/sun/stream", screen) as stream:
        connected = await stream.first("connected")
        await until(lambda: len(stream.frames) == 2)
        await world.post("sun", f"/v1/orders/{order['orderId']}/status", {"status": "ready"})
        await world.place("anna", "moon", beer=1)  # not on this board
        await until(lambda: len(stream.frames) == 3)
        await until(world.is_told)
    assert (connected["userId"], connected["userType"], connected["resumed"]) == (display_id, "display", False)
    whole = {"vendorId": "sun", "preparing": [order["number"]], "ready": [], "called": []}
    timestamp = connected["snapshot"].pop("timestamp")
    assert connected["snapshot"] == {**whole, "vendorName": "Sun", "readyMinutes": 30}
    assert timestamp <= rfc3339(world.services.now())
    _, again, live = stream.frames
    assert (again.event, again.id) == ("board-updated", None)  # for a screen that knows this event only
    shown = json.loads(again.data)
    assert {name: shown[name] for name in whole} == whole
    told = json.loads(live.data)
    assert (told["ready"], [each["number"] for each in told["called"]]) == ([order["number"]], [order["number"]])
    assert told["called"][0]["calledAt"] == told["timestamp"]
    assert len(stream.frames) == 3
    headers = screen | {"Last-Event-ID": stream.last_event_id}
    async with world.follow("/v1/boards/sun/stream", headers) as resumed:
        assert (await resumed.first("connected"))["resumed"]
        await world.place("anna", "sun", ayran=1)
        await until(lambda: len(resumed.frames) == 2)
    assert resumed.events() == ["connected", "board-updated"]
    assert resumed.frames[1].id is not None


async def test_every_board_hears_the_announcements_for_everybody_and_no_others(world: World) -> None:
    screens = [(stall, (await add_display(world, stall, stall))[1]) for stall in ("sun", "moon")]
    for stall, screen in screens:
        async with world.follow(f"/v1/boards/{stall}/stream", screen) as stream:
            await stream.first("connected")
            for audience in ("customers", "vendors"):
                await announce(world, "Psst", audience)
            path = f"/v1/admin/announcements/{await announce(world, 'Rain')}"
            await world.http.patch(path, json={"message": "Storm"}, headers=world.bearer("admin"))
            assert (await stream.first("announcement-changed"))["message"] == "Storm"
        await world.http.delete(path, headers=world.bearer("admin"))
        missed = screen | {"Last-Event-ID": stream.last_event_id}
        async with world.follow(f"/v1/boards/{stall}/stream", missed) as back:
            await back.first("announcement-withdrawn")
        assert stream.events() == ["connected", "board-updated", "new-notification", "announcement-changed"]
        assert back.events() == ["connected", "announcement-withdrawn"]


async def announce(world: World, message: str, audience: str = "all") -> str:
    """Let the organiser announce something; returns the announcement's id."""
    made = await world.post("admin", "/v1/admin/announcements", {"message": message, "audience": audience})
    announcement_id: str = made.json()["announcementId"]
    return announcement_id


async def test_a_screen_opens_its_stream_with_a_ticket(world: World) -> None:
    display_id, screen = await add_display(world)
    ticket = (await world.http.post("/v1/auth/stream-tickets", json={}, headers=screen)).json()["ticket"]
    async with world.follow("/v1/boards/sun/stream", {}, f"ticket={ticket}") as stream:
        assert (await stream.first("connected"))["userId"] == display_id


async def test_a_revoked_screen_goes_dark(world: World) -> None:
    display_id, screen = await add_display(world)
    _, other = await add_display(world)
    async with (
        world.follow("/v1/boards/sun/stream", screen) as stream,
        world.follow("/v1/boards/sun/stream", other) as left,
    ):
        await stream.first("connected")
        await left.first("connected")
        response = await world.http.delete(f"/v1/displays/{display_id}", headers=world.bearer("sun"))
        assert (response.status_code, response.content) == (204, b"")
        assert (await stream.first("error"))["code"] == "display-revoked"
        await until(lambda: stream.is_over)
        assert not left.is_over
    problem_of(await world.http.get("/v1/boards/sun", headers=screen), 401, "display-revoked")
    assert (await world.http.delete(f"/v1/displays/{display_id}", headers=world.bearer("sun"))).status_code == 204


async def test_a_screen_revoked_while_its_stream_opens_goes_dark_too(world: World) -> None:
    display_id, screen = await add_display(world)
    reads, may_go = world.services.reads, asyncio.Event()
    read_board = reads.board
    asked = asyncio.Event()

    async def slow_board(vendor_id: str) -> object:
        asked.set()
        await may_go.wait()
        return await read_board(vendor_id)  # type: ignore[arg-type]  # a VendorId

    reads.board = slow_board  # type: ignore[assignment]  # the test's own
    opening = asyncio.create_task(_until_dark(world, screen))
    await asyncio.wait_for(asked.wait(), 120)
    await world.http.delete(f"/v1/displays/{display_id}", headers=world.bearer("sun"))
    may_go.set()
    assert await asyncio.wait_for(opening, 120) == ["display-revoked"]


async def _until_dark(world: World, screen: dict[str, str]) -> list[str]:
    async with world.follow("/v1/boards/sun/stream", screen) as stream:
        await until(lambda: stream.is_over)
    return [json.loads(frame.data)["code"] for frame in stream.frames if frame.event == "error"]


async def test_a_board_is_not_for_everyone(world: World) -> None:
    _, moon = await add_display(world, "moon", "moon")
    for path in ("/v1/boards/sun", "/v1/boards/sun/stream"):
        assert (await world.http.get(path)).status_code == 401
        problem_of(await world.get("anna", path), 403, "forbidden")
        problem_of(await world.get("moon", path), 404, "not-found")
        problem_of(await world.http.get(path, headers=moon), 404, "not-found")
        unknown = path.replace("sun", "mars")
        problem_of(await world.get("admin", unknown), 404, "not-found")


@pytest.mark.parametrize("vendor_id", ["%00", "%F0%9F%8D%95", "a%20b"])
async def test_what_is_no_stall_has_no_board(world: World, vendor_id: str) -> None:
    problem_of(await world.get("admin", f"/v1/boards/{vendor_id}"), 404, "not-found")
    problem_of(await world.post("admin", f"/v1/vendors/{vendor_id}/displays", {}), 404, "not-found")


async def test_a_public_board_is_for_everyone(tmp_path: Path) -> None:
    async with open_world(settings_of(tmp_path, boards=Boards(public=True))) as world:
        order = await world.place("anna", "sun", falafel=1)
        for headers in ({}, world.bearer("anna"), world.bearer("moon"), {"Authorization": "Bearer x"}):
            response = await world.http.get("/v1/boards/sun", headers=headers)
            assert response.json()["preparing"] == [order["number"]]
        async with world.follow("/v1/boards/sun/stream", {}) as stream:
            connected = await stream.first("connected")
        assert (connected["userId"], connected["userType"]) == ("public", "public")
        problem_of(await world.get(None, "/v1/boards/mars"), 404, "not-found")


async def test_passers_by_of_one_address_do_not_take_every_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "PASSERS_BY_MAX", 1)
    async with (
        open_world(settings_of(tmp_path, boards=Boards(public=True))) as world,
        world.follow("/v1/boards/sun/stream", {}) as first,
    ):
        await first.first("connected")
        async with world.follow("/v1/boards/sun/stream", {}) as second:
            assert (await second.first("error"))["code"] == "too-many-streams"
        async with world.follow("/v1/boards/sun/stream", world.bearer("sun")) as keeper:
            await keeper.first("connected")


async def test_a_person_called_public_is_no_passer_by(tmp_path: Path) -> None:
    async with open_world(settings_of(tmp_path, boards=Boards(public=True))) as world:
        await world.add("public")
        async with (
            world.follow("/v1/boards/sun/stream", {}) as passer_by,
            world.follow("/v1/stream", world.bearer("public")) as person,
        ):
            await passer_by.first("connected")
            await person.first("connected")
            await world.post("admin", "/v1/admin/users/public/suspend", {})
            assert (await person.first("error"))["code"] == "suspended"
            await world.place("anna", "sun", falafel=1)
            await passer_by.first("board-updated")
