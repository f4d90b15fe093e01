"""An announcement on the stall's page is one line until somebody taps it, and leaves the tickets as they are."""

from typing import Final

from playwright.async_api import Route, expect

from tests.browser.guest.acts import announce
from tests.browser.guest.measures import places, second_taps_on
from tests.browser.pages import PHONE, Pages
from tests.browser.stall.kitchen import TABLET, WHOLE, rush
from tests.browser.stall.test_kitchen import STILL, apart

STORM: Final = "Thunderstorm: close the roofs, and send everybody who waits to the tents until we say more."


async def test_it_stays_until_it_is_dismissed(kitchen: Pages) -> None:
    page = await kitchen.open(await kitchen.ground.stall(), PHONE)
    await announce(kitchen, STORM, priority="high")
    line = page.locator(".announcements-line")
    for _ in range(2):
        await expect(line).to_have_text(STORM)
        await expect(page.locator("#announcements")).to_be_hidden()
        await expect(page.locator("#toasts")).not_to_contain_text("Thunderstorm")
        await page.reload()
        await kitchen.live(page)
    await line.click()
    await expect(line).to_have_attribute("aria-expanded", "true")
    await page.get_by_role("button", name="Dismiss").click()
    for _ in range(2):
        await expect(line).to_be_hidden()
        await expect(page.locator("#announcements li")).to_have_count(0)
        await page.reload()
        await kitchen.live(page)


async def test_in_a_browser_without_has_it_leaves_no_hole_beside_the_items(kitchen: Pages) -> None:
    async def without(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, body=(await answer.text()).replace(":has(", ":unknown("))

    await kitchen.context.route("**/vendor.css", without)
    page = await kitchen.open(await kitchen.ground.stall(), TABLET)
    await announce(kitchen, STORM)
    await expect(page.locator(".announcements-line")).to_be_visible()
    (line,), (strip,) = await places(page, ".announcements-line"), await places(page, ".strip")
    assert line["bottom"] <= strip["top"]
    assert (strip["left"], strip["right"]) == (line["left"], line["right"])


async def test_on_a_tablet_every_ticket_stays_in_its_place_with_its_boxes(kitchen: Pages) -> None:
    stall = await kitchen.ground.stall()
    await rush(kitchen, stall, 26)
    page = await kitchen.open(stall, TABLET)
    whole = f"(([all, whole]) => whole >= 12 && whole === all)(({WHOLE})('preparing'))"
    await kitchen.true(page, whole)
    await kitchen.drawn(page)
    before = await places(page, "#preparing li.ticket")
    await announce(kitchen, STORM, priority="high")
    line = page.locator(".announcements-line")
    await expect(line).to_be_visible()
    await expect(page.locator("[data-resting]")).to_have_count(0)
    await kitchen.drawn(page)
    assert await page.evaluate(whole)
    assert await places(page, "#preparing li.ticket") == before
    await expect(page.locator("#lanes[data-flat]")).to_have_count(0)
    assert await page.locator("#preparing .tick").count() == 2 * len(before)
    assert await page.evaluate(STILL)
    await apart(page, "body", 12)

    assert await second_taps_on(line) == []
    await expect(page.locator("#announcements li")).to_contain_text(STORM)
    await apart(page, "body", 12)
    assert await second_taps_on(line) == []
    await expect(page.locator("#announcements")).to_be_hidden()
    await kitchen.true(page, whole)
    assert await places(page, "#preparing li.ticket") == before
