"""The pickup board hides no number, the newest is the largest, and pages turn by themselves."""

import re
from typing import Final

import pytest
from playwright.async_api import Page, expect

from tests.browser.kiosk.boards import LARGE, SIZES, TABLET, UPRIGHT, board, both, faults, stubbed, take
from tests.browser.pages import PHONE, WALL, Pages


async def test_no_number_is_hidden_on_any_screen(pages: Pages) -> None:
    # Each lane stands alone, and is seen with each count; on every other screen with a new call.
    page = await stubbed(pages)
    for at, size in enumerate(SIZES):
        await page.set_viewport_size(size)
        boards = [(ready, (ready - 1) % 61, ready % 2 == at % 2) for ready in range(1, 121)]
        assert await faults(page, boards) == [], size


@pytest.mark.parametrize("stalls", [2, 3, 4])
async def test_no_number_of_several_stalls_is_hidden(pages: Pages, stalls: int) -> None:
    page = await stubbed(pages, stalls=[f"stall-{number}" for number in range(stalls)])
    for size in (WALL, UPRIGHT, TABLET, LARGE):
        await page.set_viewport_size(size)
        assert await faults(page, both([(1, 0), (6, 6), (24, 12), (48, 30)])) == []


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


WATCH_REMOVALS: Final = """() => {
  window.removed = [];
  new MutationObserver((records) => {
    for (const record of records) for (const item of record.removedNodes) window.removed.push(item.textContent);
  }).observe(document.getElementById("ready"), { childList: true });
}"""


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
    await page.evaluate(WATCH_REMOVALS)
    await page.clock.run_for(9_000)
    await expect(turn).not_to_contain_text("1/")
    await expect(numbers.first).to_have_text("5")  # on every page
    removed = await page.evaluate("window.removed")
    assert removed
    assert "5" not in removed  # taken out and put in again, it would flash again
