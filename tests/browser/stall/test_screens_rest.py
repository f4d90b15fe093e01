"""Screens and codes that come and go at the stall: no tap meets what has moved."""

import asyncio
from typing import Final

from playwright.async_api import Page, Route, expect

from tests.browser.pages import Pages
from tests.browser.stall.kitchen import TABLET, asked, quick_taps, rested, section
from tests.browser.stall.test_screens import made_code

# The page's clock is set on, past the end of every code: the server's time is what it was told last and what went by.
LATER: Final = """() => {
  const now = Date.now;
  Date.now = () => now() + 11 * 60_000;
}"""
# In the moment of the change: whether the target takes a tap where it is by now, and whether it has moved up.
LOOK: Final = """([watched, target]) => {
  const placeOf = () => Array.from(document.querySelectorAll(target)).at(-1).getBoundingClientRect();
  const element = document.querySelector(watched);
  const stateOf = () => `${element.hidden} ${element.childElementCount}`;
  const [before, state] = [placeOf().top, stateOf()];
  window.taken = null;
  new MutationObserver((_, watcher) => {
    if (stateOf() === state) return; // a page that writes what is there already is heard too
    watcher.disconnect();
    const { x, y, width, height } = placeOf();
    window.taken = [Boolean(document.elementFromPoint(x + width / 2, y + height / 2)?.closest(target)), y < before];
  }).observe(element, { attributeFilter: ["hidden"], childList: true });
}"""


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
    page = await kitchen.open(await kitchen.ground.stall(), TABLET)
    await made_code(page, "Bar")
    await expect(page.locator("#keepers .danger")).to_be_visible()
    await kitchen.context.set_offline(offline=True)  # else an answer would set its server's time right
    await expect(page.locator("#link")).to_have_text("Offline")
    await rested(page)
    await page.set_viewport_size({"width": 1024, "height": 2_000})  # what has to be scrolled stays where it is
    await look_after(page, "#screen-shown", "#keepers .danger")
    await page.evaluate(LATER)
    await kitchen.true(page, "window.taken !== null")
    assert await page.evaluate("window.taken") == [False, True]
    await expect(page.locator("#screen-shown")).to_be_hidden()


async def test_quick_taps_on_confirm_and_refuse_are_one_answer(kitchen: Pages) -> None:
    page = await kitchen.open(stall := await kitchen.ground.stall(), TABLET)
    await section(page, "Stall")
    for name in ("Bar", "Door"):
        await asked(kitchen, stall, name)
    await expect(page.locator("#screens-waiting li")).to_have_count(2)
    await rested(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/pairings/" in request.url else None)
    confirm, refuse, other = [
        page.get_by_role("button", name=name) for name in ("Confirm Bar", "Refuse Bar", "Confirm Door")
    ]
    await quick_taps(confirm, confirm, refuse, other)
    await expect(page.locator("#screens li")).to_contain_text("Bar")
    await expect(page.locator("#screens-waiting li")).to_contain_text(["Door"])
    assert len(sent) == 1
    await rested(page)
    refuse = page.get_by_role("button", name="Refuse Door")
    await quick_taps(refuse, refuse)
    await expect(page.locator("#screens-waiting li")).to_have_count(0)
    assert len(sent) == 2
    await expect(page.locator("#screens li")).to_have_count(1)
