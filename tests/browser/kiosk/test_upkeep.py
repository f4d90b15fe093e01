"""The pickup board rings, says how old it is, tells announcements, stays awake, and comes back by itself."""

from urllib.parse import urlencode

import pytest
from playwright.async_api import Route, ViewportSize, expect

from tests.browser.kiosk.boards import board, both, faults, frame, stubbed
from tests.browser.pages import LIVE_WITHIN_MS, WALL, Pages
from tests.browser.test_customer import COUNT_TONES


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
    assert await faults(page, both([(5, 6), (24, 12), (48, 30)])) == []
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


async def test_an_announcement_stays_on_the_board_as_the_organiser_has_it(pages: Pages) -> None:
    ground = pages.ground
    admin, announcements = await ground.admin(), "/v1/admin/announcements"
    wall = await pages.open_board(await ground.screen(await ground.stall()))
    made = await ground.post(announcements, {"message": "Rain is coming.", "audience": "all"}, who=admin)
    await ground.post(announcements, {"message": "Bring change.", "audience": "vendors"}, who=admin)
    band = wall.locator("#band")
    await expect(band).to_have_text("Rain is coming.")
    await wall.reload()
    await expect(band).to_have_text("Rain is coming.")
    url = f"{ground.url()}{announcements}/{made.json()['announcementId']}"
    changes = {"message": "Leave the hill.", "priority": "high"}
    assert (await ground.http.patch(url, json=changes, headers=admin.bearer)).is_success
    await expect(band).to_have_text("Leave the hill.")
    await expect(band).to_have_attribute("data-priority", "high")
    assert (await ground.http.delete(url, headers=admin.bearer)).is_success
    await expect(band).to_be_hidden()
    await pages.live(wall)


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
    await page.clock.run_for(6_000)  # no event tells the same
    await expect(page.locator(":root[data-link=live]")).to_be_attached(timeout=LIVE_WITHIN_MS)
    assert len(opened) == 2
