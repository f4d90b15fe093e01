"""The pickup board: no number is hidden, the newest is the largest, and the screen looks after itself."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from playwright.async_api import Page, Route, ViewportSize, expect

from tests.browser.pages import LIVE_WITHIN_MS, PHONE, WALL, Pages
from tests.browser.test_customer import COUNT_TONES

SIZES: Final[Sequence[ViewportSize]] = [
    {"width": width, "height": height}
    for width, height in (
        (360, 640), (390, 844), (1024, 768), (1280, 720), (1080, 1920), (1920, 1080), (3840, 2160),
    )
]  # fmt: skip
READY: Final = (1, 2, 5, 6, 11, 12, 24, 48, 80, 120)
PREPARING: Final = (0, 1, 6, 12, 30, 60)
BOARDS: Final = [[ready, preparing] for ready in READY for preparing in PREPARING]

LOOK: Final = Path(__file__).with_name("look-at-board.js").read_text("utf-8")


async def stubbed(
    pages: Pages,
    size: ViewportSize = WALL,
    *,
    stalls: Sequence[str] = ("sun",),
    stream: str = "",
    announcements: Sequence[Mapping[str, Any]] = (),
    clock: bool = False,
) -> Page:
    """A board whose server tells `stream` once, and these announcements. With `clock`, the test moves the time."""
    page = await pages.context.new_page()
    await page.set_viewport_size(size)
    page.on("pageerror", lambda error: pages.complaints.append(f"board: {error}"))

    async def answer(route: Route) -> None:
        if route.request.url.endswith("/stream") and stream:
            await route.fulfill(content_type="text/event-stream", body=f"retry: 100000000\n\n{stream}")
        elif route.request.url.endswith("/v1/announcements"):
            await route.fulfill(json={"items": list(announcements), "next": None})
        else:
            await route.abort()

    await page.route("**/v1/**", answer)
    await page.route("**/healthz", lambda route: route.abort())  # else the watchdog reloads a page without a stream
    if clock:
        await page.clock.install(time="2026-06-01T12:00:00Z")  # goes on until the page is there
    pairs = urlencode([pair for name in stalls for pair in (("vendor", name), ("token", "t"))])
    await page.goto(f"{pages.ground.url()}/kiosk/#{pairs}")
    await expect(page.locator(".stall")).to_have_count(len(stalls))
    if clock:
        await page.clock.pause_at("2026-06-01T12:10:00Z")
    return page


def frame(event: str, data: Mapping[str, Any]) -> str:
    """One event of a stream."""
    return f"event: {event}\ndata: {json.dumps(data)}\n\n"


def board(calls: Mapping[int, str], *, now: str, minutes: int = 30) -> dict[str, Any]:
    """A board with these calls, the newest first: their times by number."""
    called = [{"number": number, "calledAt": f"2026-06-01T{at}Z"} for number, at in calls.items()]
    return {
        "vendorId": "sun", "vendorName": "Sun", "preparing": [], "ready": list(calls), "called": called,
        "readyMinutes": minutes, "timestamp": f"2026-06-01T{now}Z",
    }  # fmt: skip


async def take(page: Page, whole: Mapping[str, Any]) -> None:
    """Hand the page a board that the server has written just now."""
    await page.evaluate("(whole) => BoardPage.stalls[0].take(whole, performance.now(), true)", whole)


async def test_no_number_is_hidden_on_any_screen(pages: Pages) -> None:
    page = await stubbed(pages)
    for size in SIZES:
        await page.set_viewport_size(size)
        await page.evaluate("BoardPage.tick()")
        assert await page.evaluate(LOOK, BOARDS) == []


@pytest.mark.parametrize("stalls", [2, 3, 4])
async def test_no_number_of_several_stalls_is_hidden(pages: Pages, stalls: int) -> None:
    page = await stubbed(pages, stalls=[f"stall-{number}" for number in range(stalls)])
    for size in (WALL, SIZES[4], SIZES[2]):  # landscape, portrait, a tablet
        await page.set_viewport_size(size)
        await page.evaluate("BoardPage.tick()")
        assert await page.evaluate(LOOK, [[1, 0], [6, 6], [24, 12], [48, 30]]) == []


@pytest.mark.parametrize("size", [{"width": 360, "height": 640}, WALL], ids=["small", "wall"])
async def test_announcements_stand_above_the_numbers_until_they_are_withdrawn(pages: Pages, size: ViewportSize) -> None:
    storm = {"announcementId": "storm", "message": "Thunderstorm: leave the hill. " * 9, "priority": "high"}
    lake = {"announcementId": "lake", "message": "The bar by the lake is open.", "title": "Lake"}
    told = frame("connected", {"heartbeat": 15, "snapshot": board({}, now="12:00:00")})
    told += frame("new-notification", {"type": "announcement", **storm})  # overtakes the list
    page = await stubbed(pages, size, stream=told, announcements=[lake])
    band = page.locator("#band")
    await expect(band).to_contain_text("Thunderstorm")
    await expect(page.locator("#band-count")).to_have_text("1/2")
    await expect(band).to_have_attribute("data-priority", "high")
    await page.evaluate("BoardPage.tick()")
    assert await page.evaluate(LOOK, [[5, 6], [24, 12], [48, 30]]) == []
    below = (
        "document.getElementById('band').getBoundingClientRect().bottom <= document.getElementById('board').offsetTop"
    )
    assert await page.evaluate(below)
    assert await page.evaluate(
        "document.getElementById('band').scrollWidth <= document.getElementById('band').clientWidth"
    )

    await page.evaluate("BoardPage.hearNotice('announcement-withdrawn', { announcementId: 'storm' })")
    await expect(band).to_have_text("Lake The bar by the lake is open.")
    changed = {**lake, "message": "The bar by the lake is closed."}
    await page.evaluate("(changed) => BoardPage.hearNotice('announcement-changed', changed)", changed)
    await expect(band).to_contain_text("closed")
    await page.evaluate("BoardPage.hearNotice('announcement-withdrawn', { announcementId: 'lake' })")
    await expect(band).to_be_hidden()


async def test_the_number_called_last_is_the_largest_for_a_minute_and_old_numbers_leave(pages: Pages) -> None:
    page = await stubbed(pages, clock=True)  # the screen's clock is wrong: the server's says five o'clock
    await take(page, board({8: "16:58:00", 7: "16:31:00"}, now="17:00:00"))
    numbers = page.locator("#ready li")
    await expect(numbers).to_have_text(["8", "7"])
    await expect(page.locator("#ready .newest")).to_have_count(0)
    await expect(page.locator("#clock")).to_have_text(await shown_time(page, "2026-06-01T17:00:00Z"))
    await take(page, board({9: "17:00:10", 8: "16:58:00", 7: "16:31:00"}, now="17:00:10"))
    await expect(page.locator("#ready .newest")).to_have_text("9")
    await expect(page.locator("#spoken")).to_have_text("Number 9 is ready.")
    await page.clock.run_for(59_000)
    await expect(numbers).to_have_text(["9", "8"])
    await page.clock.run_for(2_000)
    await expect(page.locator("#ready .newest")).to_have_count(0)
    await page.clock.fast_forward(28 * 60_000)
    await page.clock.run_for(1_000)
    await expect(numbers).to_have_text(["9"])
    await page.clock.fast_forward(60_000)
    await page.clock.run_for(1_000)
    await expect(numbers).to_have_count(0)


async def shown_time(page: Page, timestamp: str) -> str:
    """A time of day as the page's language and zone write it."""
    script = "(at) => new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })"
    shown: str = await page.evaluate(script, timestamp)
    return shown


async def test_pages_turn_by_themselves_and_a_call_comes_before_them(pages: Pages) -> None:
    page = await stubbed(pages, PHONE, clock=True)
    calls = {number: f"11:{number % 60:02}:00" for number in range(100, 400)}
    await take(page, board(calls, now="12:00:00", minutes=0))
    turn, numbers = page.locator(".lane.ready .turn"), page.locator("#ready li")
    await expect(turn).to_have_text(re.compile("^1/[2-7]$"))
    seen = set(await numbers.all_inner_texts())
    count = int((await turn.inner_text()).partition("/")[2])
    for shown in range(2, count + 1):
        await page.clock.run_for(9_000)
        await expect(turn).to_have_text(f"{shown}/{count}")
        seen |= set(await numbers.all_inner_texts())
    assert len(seen) == len(calls)
    await page.clock.run_for(1_000)
    assert 0 < await page.locator(".lane.ready .turn-clock").evaluate("(clock) => clock.value") < 1
    await take(page, board({5: "12:02:00", **calls}, now="12:02:00", minutes=0))
    await expect(turn).to_contain_text("1/")
    await expect(numbers.first).to_have_text("5")
    await page.clock.run_for(9_000)
    await expect(turn).not_to_contain_text("1/")
    await expect(numbers.first).to_have_text("5")  # on every page


async def test_a_board_without_its_server_is_dimmed_says_since_when_and_recovers(pages: Pages) -> None:
    ground = pages.ground
    (server,) = ground.servers
    stall, anna = await ground.stall(), await ground.customer(funds=3_000)
    await pages.context.add_init_script(COUNT_TONES)
    wall = await pages.open_board(await ground.screen(stall))
    await expect(wall.locator("#stall")).to_have_text("Falafel Sun")
    await expect(wall.locator("#sound")).to_have_text("Touch for sound")
    await wall.locator("#clock").click()
    await expect(wall.locator("#sound")).to_be_hidden()
    await ground.step(stall, await ground.placed(anna, stall), "ready")
    await expect(wall.locator("#ready .newest")).to_have_text("1")
    await pages.true(wall, "window.tones > 0")

    server.kill()
    await expect(wall.locator("#link")).to_have_text("Connecting…")
    await expect(wall.locator("#stale")).to_contain_text("Last update")
    await expect(wall.locator(".lanes")).to_have_css("opacity", "0.55")
    await expect(wall.locator("#ready li")).to_have_text("1")
    server.start()
    await ground.step(stall, await ground.placed(anna, stall), "ready")
    await pages.live(wall)
    await expect(wall.locator("#ready .newest")).to_have_text("2")
    await expect(wall.locator("#stale")).to_have_text("")
    await expect(wall.locator(".lanes")).to_have_css("opacity", "1")


async def test_a_screen_shows_several_stalls_and_keeps_them(pages: Pages) -> None:
    ground = pages.ground
    sun, moon, anna = await ground.stall(), await ground.stall("Moon"), await ground.customer(funds=3_000)
    screens = [await ground.screen(sun), await ground.screen(moon)]
    await ground.step(sun, await ground.placed(anna, sun), "ready")
    await ground.placed(anna, moon)
    first = await pages.open_board(screens[0])
    await first.goto(first.url.partition("#")[0] + "#setup")
    await first.get_by_text("Enter a link by hand").click()
    await first.get_by_label("Stall id").fill(screens[1].vendor_id)
    await first.get_by_label("Display token").fill(screens[1].token)
    await first.get_by_role("button", name="Show this stall").click()
    await pages.live(first)
    assert "token" not in first.url
    await first.close()

    again = await pages.tab("/kiosk/", WALL)  # as after a power cut
    await pages.live(again)
    await expect(again.locator(".stall h2")).to_have_text(["Falafel Sun", "Moon"])
    await expect(again.locator("#ready li")).to_have_text("1")
    await expect(again.locator("#preparing-2 li")).to_have_text("1")
    removed = f"{ground.url()}/v1/displays/{screens[1].display_id}"
    assert (await ground.http.delete(removed, headers=moon.bearer)).status_code == 204
    await expect(again.locator("#link")).to_have_text("Moon: no access")
    await expect(again.locator(".stall[data-link=live] h2")).to_have_text("Falafel Sun")

    await again.locator("#clock").click()
    await again.get_by_role("button", name="Add a stall").click()
    await again.locator("#paired-list li", has_text=screens[1].vendor_id).get_by_role("button", name="Remove").click()
    await again.get_by_role("button", name="Show the board").click()
    await pages.live(again)
    await expect(again.locator(".stall")).to_have_count(1)


@dataclass
class Pairing:
    """What the server answers to a request to pair, and to the questions that follow."""

    begun: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)

    async def begin(self, route: Route) -> None:
        self.codes.append(route.request.post_data_json["code"])
        await route.fulfill(**self.begun)

    async def tell(self, route: Route) -> None:
        assert route.request.headers["authorization"] == "Bearer s1"
        await route.fulfill(**self.told)


UNKNOWN: Final = {"status": 404, "json": {"code": "not-found"}}
BEGUN: Final = {"pairingId": "p1", "secret": "s1", "vendorId": "sun", "vendorName": "Sun", "expiresAt": "2026-06-01Z"}


async def test_a_screen_is_paired_by_a_code_and_each_refusal_has_a_way_back(pages: Pages) -> None:
    ground = pages.ground
    screen = await ground.screen(await ground.stall())
    page, server = await pages.tab("/kiosk/", WALL), Pairing(begun=UNKNOWN)
    await page.route("**/v1/displays/pairings", server.begin)
    await page.route("**/v1/displays/pairings/p1", server.tell)
    words, keys = page.locator("#pair-words"), page.locator("#keys")
    await expect(words).to_contain_text("Ask the stall for a code")
    await page.keyboard.type("ab0o1c")  # look-alikes type nothing
    await expect(page.locator("#code")).to_have_text("A B C _ _ _")
    await page.keyboard.press("Backspace")
    await page.keyboard.type("d234")
    await expect(words).to_contain_text("This code is not known")

    server.begun = {"status": 202, "json": BEGUN}
    server.told = {"status": 200, "json": {"status": "waiting", "vendorId": "sun"}}
    for char in "QRS567":
        await keys.get_by_role("button", name=char, exact=True).click()
    await expect(words).to_contain_text("Waiting for Sun to confirm")
    server.told = {"status": 200, "json": {"status": "refused", "vendorId": "sun"}}
    await expect(words).to_contain_text("The stall has refused this screen")

    server.told = UNKNOWN
    await page.keyboard.press("ArrowRight")  # a remote control: the first key, then its neighbour
    await page.keyboard.press("ArrowRight")
    for _ in range(6):
        await page.keyboard.press("Enter")
    await expect(words).to_contain_text("has not confirmed in time")

    server.told = {"status": 503, "json": {}}
    await page.keyboard.type("222222")
    await expect(words).to_contain_text("No connection to the server")
    confirmed = {"status": "confirmed", "vendorId": screen.vendor_id, "token": screen.token}
    server.told = {"status": 200, "json": confirmed}
    await pages.live(page)
    assert server.codes == ["ABD234", "QRS567", "333333", "222222"]
    await expect(page.locator("#stall")).to_have_text("Falafel Sun")
    await expect(page.locator("#setup")).to_be_hidden()
    await page.reload()
    await pages.live(page)


async def test_the_screen_is_kept_awake(pages: Pages) -> None:
    await pages.context.add_init_script("""window.locks = [];
      Object.defineProperty(navigator, "wakeLock", { value: { request: async () => {
        const lock = new EventTarget();
        window.locks.push(lock);
        return lock;
      } } });""")
    page = await stubbed(pages)
    await pages.true(page, "window.locks.length === 1")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert await page.evaluate("window.locks.length") == 1
    await page.evaluate("window.locks[0].dispatchEvent(new Event('release'))")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await pages.true(page, "window.locks.length === 2")


async def test_a_dead_stream_is_found_by_reading_the_board(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=3_000)
    screen = await ground.screen(stall)
    page = await pages.context.new_page()
    await page.clock.install()
    opened: list[str] = []

    async def say_once(route: Route) -> None:
        opened.append(route.request.url)
        if len(opened) > 1:
            return await route.continue_()
        snapshot = {"vendorId": screen.vendor_id, "vendorName": "Falafel Sun", "preparing": [], "ready": []}
        told = "retry: 100000000\n\n" + frame("connected", {"heartbeat": 15, "snapshot": snapshot})
        return await route.fulfill(content_type="text/event-stream", body=told)

    await page.route("**/v1/boards/*/stream", say_once)
    await page.goto(f"{ground.url()}/kiosk/#" + urlencode({"vendor": screen.vendor_id, "token": screen.token}))
    await expect(page.locator("#stall")).to_have_text("Falafel Sun")
    await ground.placed(anna, stall)
    await page.clock.run_for(61_000)
    await expect(page.locator("#preparing li")).to_have_text("1")
    await expect(page.locator(":root[data-link=live]")).to_be_attached(timeout=LIVE_WITHIN_MS)
    assert len(opened) == 2
