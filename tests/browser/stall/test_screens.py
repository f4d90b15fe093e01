"""Screens at the stall: paired by a code that somebody types on them, confirmed or refused on the stall's page."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from playwright.async_api import Page, Route, expect

from tests.browser.pages import LAPTOP, WALL, Pages
from tests.browser.stall.kitchen import TABLET, rested, section
from tests.browser.stall.test_steps import tap
from tests.browser.stall.test_vendor import second_keeper
from tests.support.ground import Stall
from tests.support.timing.waiting import until

WAIT_MS: Final = 10 * 60 * 1_000
"""As long as a code works."""

# In the moment of the change: whether the target takes a tap where it is by now, and whether it has moved up.
LOOK: Final = """([watched, target]) => {
  const placeOf = () => Array.from(document.querySelectorAll(target)).at(-1).getBoundingClientRect();
  const before = placeOf().top;
  window.taken = null;
  new MutationObserver((_, watcher) => {
    watcher.disconnect();
    const { x, y, width, height } = placeOf();
    window.taken = [Boolean(document.elementFromPoint(x + width / 2, y + height / 2)?.closest(target)), y < before];
  }).observe(document.querySelector(watched), { attributeFilter: ["hidden"], childList: true });
}"""


async def made_code(page: Page, name: str) -> str:
    """Let the stall make a code for a screen that will have this name."""
    await section(page, "Stall")
    await expect(page.locator("#screen-address")).to_contain_text("/kiosk/")
    await page.get_by_label("Where it stands").fill(name)
    await page.get_by_role("button", name="Make a code").click()
    await expect(page.locator("#screen-left")).to_contain_text("For one screen")
    return await page.locator("#screen-code").inner_text()


async def typed(pages: Pages, code: str) -> Page:
    """A screen on which somebody has typed the code."""
    wall = await pages.tab("/kiosk/", WALL)
    await expect(wall.locator("#pair-words")).to_contain_text("Ask the stall for a code")
    await wall.keyboard.type(code)
    await expect(wall.locator("#pair-words")).to_contain_text("Waiting for Falafel Sun to confirm")
    return wall


async def test_a_screen_is_paired_by_a_code_also_after_a_reload_and_is_taken_down(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    page = await kitchen.open(stall, TABLET)
    code = await made_code(page, "Left of the door")
    await page.reload()
    await kitchen.live(page)
    await section(page, "Stall")
    await expect(page.locator("#screen-code")).to_have_text(code)
    wall = await typed(kitchen, code)
    await expect(page.locator("#screen-shown")).to_be_hidden()
    await expect(page.locator("#screens-waiting li")).to_contain_text("Left of the door")
    await section(page, "Orders")
    await page.reload()
    await kitchen.live(page)
    await expect(page.locator("#screens-badge")).to_have_text("1")

    await section(page, "Stall")
    await expect(page.locator("#screens-state")).to_have_text("No screen shows your board yet.")
    await page.get_by_role("button", name="Confirm Left of the door").click()
    await expect(page.locator("#screens li")).to_contain_text("Left of the door")
    await expect(page.locator("#screens-waiting li")).to_have_count(0)
    await expect(page.locator("#screens-badge")).to_be_hidden()
    await kitchen.live(wall)
    await ground.placed(anna, stall)
    await expect(wall.locator("#preparing")).to_contain_text("1")

    await page.get_by_role("button", name="Take down Left of the door").click()
    await expect(page.locator("#ask-title")).to_have_text("Take Left of the door down?")
    await page.locator("#ask-do").click()
    await expect(page.locator("#screens li")).to_have_count(0)

    async def is_gone() -> bool:
        listed = await ground.get(f"/v1/vendors/{stall.user_id}/displays", who=stall)
        return bool(listed.json()["items"] == [])

    await until(is_gone, within_s=60)


async def test_a_screen_that_asked_while_the_stalls_page_was_closed_is_confirmed_when_it_is_back(
    kitchen: Pages,
) -> None:
    page = await kitchen.open(await kitchen.ground.stall(), TABLET)
    code = await made_code(page, "Left of the door")
    await page.goto("about:blank")
    wall = await typed(kitchen, code)
    await page.goto(f"{kitchen.ground.url()}/vendor/")
    await kitchen.live(page)
    await expect(page.locator("#screens-badge")).to_have_text("1")
    await section(page, "Stall")
    await expect(page.locator("#screen-shown")).to_be_hidden()  # its code is used up
    await page.get_by_role("button", name="Confirm Left of the door").click()
    await kitchen.live(wall)
    await expect(page.locator("#screens li")).to_contain_text("Left of the door")
    await expect(page.locator("#screens-waiting li")).to_have_count(0)


async def test_a_screen_that_one_keeper_refuses_can_not_be_confirmed_by_another(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall = await ground.stall()
    page, other = await kitchen.open(stall, TABLET), await kitchen.open(await second_keeper(kitchen, stall), LAPTOP)
    wall = await typed(kitchen, await made_code(page, "Bar"))
    await expect(other.locator("#screens-badge")).to_have_text("1")
    await expect(other.locator("#screens-state")).to_have_text("No screen shows your board yet.")  # it was read once
    async with other.expect_response("**/displays/pairings"):
        await section(other, "Stall")
    await page.get_by_role("button", name="Refuse Bar").click()
    await expect(page.locator("#screens-waiting li")).to_have_count(0)
    await expect(wall.locator("#pair-words")).to_contain_text("The stall has refused this screen")
    await other.get_by_role("button", name="Confirm Bar").click()
    await expect(other.locator("#toasts")).to_contain_text("Somebody has refused this screen already.")
    await expect(other.locator("#screens-waiting li")).to_have_count(0)
    await expect(other.locator("#screens-state")).to_have_text("No screen shows your board yet.")


async def asked(pages: Pages, stall: Stall, name: str) -> None:
    """Let a screen ask to show the stall's board, without a page of its own."""
    ground = pages.ground
    made = await ground.post(f"/v1/vendors/{stall.user_id}/displays/codes", {"name": name}, who=stall)
    begun = await ground.post("/v1/displays/pairings", {"code": made.json()["code"]})
    assert begun.status_code == 202, begun.text
    ground.secrets.add(begun.json()["secret"])


async def look_after(page: Page, watched: str, target: str) -> None:
    """Look, in the moment when something below `watched` comes or goes, whether a target that moves takes a tap."""
    await page.locator(target).last.scroll_into_view_if_needed()
    await page.evaluate(LOOK, [watched, target])


async def test_what_moves_up_when_a_screen_is_answered_takes_no_second_tap(kitchen: Pages) -> None:
    stall = await kitchen.ground.stall()
    page = await kitchen.open(stall, TABLET)
    await section(page, "Stall")
    for name in ("Bar", "Door"):
        await asked(kitchen, stall, name)
    await expect(page.locator("#screens-waiting li")).to_have_count(2)
    await rested(page)
    go = asyncio.Event()

    async def hold(route: Route) -> None:
        await go.wait()
        await route.continue_()

    await page.route("**/displays/pairings/*", hold)
    await look_after(page, "#screens-waiting", "#screens-waiting .danger")
    async with page.expect_request("**/displays/pairings/*"):
        await page.get_by_role("button", name="Refuse Bar").click()
    await rested(page)  # a double tap would be over
    go.set()
    await kitchen.true(page, "window.taken !== null")
    assert await page.evaluate("window.taken") == [False, True]
    await page.get_by_role("button", name="Refuse Door").click()  # after a moment it is meant
    await expect(page.locator("#screens-waiting li")).to_have_count(0)


async def test_what_moves_up_when_a_code_is_over_takes_no_tap(kitchen: Pages) -> None:
    await kitchen.context.clock.install(time=datetime.now(UTC))
    page = await kitchen.open(await kitchen.ground.stall(), TABLET)
    await made_code(page, "Bar")
    await rested(page)
    await look_after(page, "#screen-shown", "#pin-change summary")
    await page.clock.fast_forward(WAIT_MS)
    await kitchen.true(page, "window.taken !== null")
    assert await page.evaluate("window.taken") == [False, True]
    await expect(page.locator("#screen-shown")).to_be_hidden()


async def test_a_double_tap_on_a_switch_of_the_stall_is_one_change(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall = await ground.stall()
    page = await kitchen.open(stall, TABLET)
    await section(page, "Stall")
    switch = page.get_by_role("switch", name="Open for orders")
    await expect(switch).to_be_checked()
    await tap(page, switch, 300)
    await expect(page.locator("#open:not([aria-busy])")).to_have_text("Closed")
    stalls = (await ground.get("/v1/vendors", who=stall)).json()["items"]
    assert [each["open"] for each in stalls] == [False]
