"""Quick steps at the stall, one after the other, with the page's clock in the test's hand."""

from datetime import UTC, datetime
from typing import Final

from playwright.async_api import Page, ViewportSize, expect

from tests.browser.pages import Pages
from tests.browser.stall.kitchen import TABLET, quick_taps, rested, rush, ticket

SMALL: Final[ViewportSize] = {"width": 360, "height": 640}
TICK_MS: Final = 100
TICKS_MAX: Final = 20
"""Until the next step can be taken: by then every place has come to rest."""


async def test_a_small_page_is_never_all_outlines_while_orders_are_left(kitchen: Pages) -> None:
    stall, now = await kitchen.ground.stall(), datetime.now(UTC)
    await rush(kitchen, stall, 9)
    await kitchen.context.clock.install(time=now)
    await kitchen.context.clock.pause_at(now)
    page = await kitchen.open(stall, SMALL)
    await expect(page.locator("#preparing li.ticket")).to_have_count(3)
    most = 0
    for number in range(1, 8):
        most = max(most, await rested_by_clock(page))
        await page.get_by_role("button", name=f"Ready order {number}").click()
        await expect(page.locator("#preparing-count")).to_have_text(str(9 - number))
    await rested_by_clock(page)
    assert most >= 2, "no place was kept"


async def test_a_double_tap_on_undo_takes_one_step_back(kitchen: Pages) -> None:
    stall, now = await kitchen.ground.stall(), datetime.now(UTC)
    await rush(kitchen, stall, 3)
    await kitchen.context.clock.install(time=now)
    await kitchen.context.clock.pause_at(now)
    page = await kitchen.open(stall, SMALL)
    for number in (1, 2):
        await rested_by_clock(page)
        await page.get_by_role("button", name=f"Ready order {number}").click()
        await expect(page.locator("#preparing-count")).to_have_text(str(3 - number))
    await rested_by_clock(page)
    undo = page.get_by_role("button", name="Undo 2 ready")
    await quick_taps(undo, undo)
    await expect(page.locator("#preparing-count")).to_have_text("2")
    await expect(page.get_by_role("button", name="Undo 1 ready")).to_be_visible()  # it stands where the other one did


async def test_a_double_tap_on_recall_takes_one_step(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall = await ground.stall()
    await rush(kitchen, stall, 14)
    for order in (await ground.get("/v1/orders?limit=100", who=stall)).json()["items"]:
        if order["number"] <= 2:
            for status in ("ready", "completed"):
                await ground.step(stall, order["orderId"], status)
    page = await kitchen.open(stall, TABLET)
    await page.get_by_role("button", name="Recently done").click()
    await expect(page.locator("#done-list li")).to_have_count(2)
    await rested(page)
    recall = page.get_by_role("button", name="Recall order 2")
    await quick_taps(recall, recall)
    await expect(ticket(page, 2, "ready")).to_be_visible()
    await expect(page.locator("#ready-count")).to_have_text("1")
    await expect(page.locator("#preparing-count")).to_have_text("12")
    await page.get_by_role("button", name="Recently done").click()
    await expect(page.locator("#done-list li")).to_have_count(1)


async def rested_by_clock(page: Page) -> int:
    """Let as little time go by as the next step needs, and look at the page all the while.

    Returns:
        How many outlines it had at most.
    """
    most = 0
    for _ in range(TICKS_MAX):
        outlines = await page.locator("#preparing li.outline").count()
        assert await page.locator("#preparing li.ticket").count() > 0, f"{outlines} outlines, and no ticket"
        most = max(most, outlines)
        if await page.locator("#lanes[aria-disabled=true], #lanes li.ticket[aria-disabled=true]").count() == 0:
            return most
        await page.clock.run_for(TICK_MS)
    raise AssertionError("the next step can't be taken")
