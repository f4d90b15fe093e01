"""A treasurer's evening in the office, and an owner's at the stall: figures, files, and the books closed."""

import os
from pathlib import Path
from typing import Final

from playwright.async_api import Page, expect

from tests.browser.pages import LAPTOP, PHONE, Pages

SHOTS: Final = os.environ.get("FESTIVAL_PUSH_SHOTS")
"""A folder for pictures of the pages, for whoever wants to look at them."""


async def _fits(page: Page) -> None:
    """Nothing is wider than the screen, and whatever is tapped is large enough for a finger."""
    for width in (320, 390, 1_024):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        small = await page.evaluate(
            """() => Array.from(document.querySelectorAll("main button, main input, main select, main summary"))
                .filter((part) => part.checkVisibility() && part.getBoundingClientRect().height < 44)
                .map((part) => part.id || part.textContent)"""
        )
        assert small == [], (width, small)


async def test_the_office_reads_reports_downloads_them_and_closes_the_books(pages: Pages, tmp_path: Path) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(prices={"Wrap": 750}), await ground.customer(funds=5_000)
    await ground.placed(anna, stall)
    await ground.placed(anna, stall)
    desk = await pages.open(await ground.admin(), LAPTOP)
    await desk.get_by_role("navigation", name="Sections").get_by_role("link", name="Reports").click()
    await expect(desk.locator("#report tbody tr")).to_have_count(1)
    await expect(desk.locator("#report tbody td").nth(1)).to_have_text("2")
    await expect(desk.locator("#report tbody td").nth(2)).to_have_text("€15.00")
    today = await desk.locator("#report-from").input_value()
    assert today == await desk.locator("#report-to").input_value() != ""

    for by, cells in (
        ("stall", ["Falafel Sun", "2", "€15.00"]), ("item", ["Wrap", "No rate", "Falafel Sun", "2", "€15.00"]),
        ("tax", ["No rate", "€15.00"]), ("method", ["cash", "1", "€50.00"]), ("cashier", ["Organiser", "cash", "1"]),
    ):  # fmt: skip
        await desk.locator("#report-by").select_option(by)
        for at, text in enumerate(cells):
            await expect(desk.locator("#report tbody tr").first.locator("td").nth(at)).to_have_text(text)
    await expect(desk.locator("#report-stall")).to_be_disabled()
    await desk.locator("#report-by").select_option("item")
    await desk.locator("#report-stall").select_option(label="Falafel Sun")
    await expect(desk.locator("#report thead th")).to_have_count(6)
    await desk.locator("#report-from").fill("2026-01-01")
    await expect(desk.locator("#report-state")).to_contain_text("at most 92 days")
    await desk.locator("#report-to").fill("2026-01-02")
    await expect(desk.locator("#report-state")).to_contain_text("nothing")

    days = "2026-01-01-to-2026-01-02"
    for button, beginning in (
        ("Download this table", "Falafel-Sun-by-item"), ("Download what all stalls sold", "settlements"),
    ):  # fmt: skip
        async with desk.expect_download() as saving:
            await desk.get_by_role("button", name=button).click()
        saved = await saving.value
        assert saved.suggested_filename == f"Festival-{beginning}-{days}.csv"
        await saved.save_as(tmp_path / "saved.csv")
        assert (tmp_path / "saved.csv").read_bytes().startswith(b"\xef\xbb\xbf")

    await expect(desk.locator("#books-lines")).to_contain_text("Top-ups, cash (1)€50.00")
    await desk.get_by_role("button", name="Close: make Z 1").click()
    await desk.locator("#ask-do").click()
    await expect(desk.locator("#z-reports li")).to_have_count(1)
    await desk.locator("#z-reports summary").click()
    await expect(desk.locator("#z-reports dl")).to_contain_text("Sold€15.00")
    await expect(desk.get_by_role("button", name="Close: make Z 2")).to_be_disabled()
    if SHOTS:
        await desk.screenshot(path=f"{SHOTS}/office.png", full_page=True)
    await _fits(desk)


async def test_an_owner_sees_what_was_sold_as_it_is_sold_and_makes_a_z_report(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(prices={"Wrap": 750}), await ground.customer(funds=5_000)
    await ground.placed(anna, stall)
    tablet = await pages.open(stall, PHONE)
    await tablet.get_by_role("link", name="Sales").click()
    await expect(tablet.locator("#sales")).to_have_text("€7.50")
    await ground.placed(anna, stall)
    await expect(tablet.locator("#sales-detail")).to_have_text("2 orders · sold €15.00")
    await expect(tablet.locator("#sold-items li")).to_have_text("2 × Wrap€15.00")
    today = await tablet.locator("#sales-day").input_value()

    await tablet.locator("#sales-day").fill("2026-01-01")
    await expect(tablet.locator("#sales-title")).to_contain_text("1 Jan")
    await expect(tablet.locator("#sales")).to_have_text("€0.00")
    await expect(tablet.locator("#sold-items-state")).to_have_text("Nothing sold.")
    await tablet.locator("#sales-day").fill(today)
    await expect(tablet.locator("#sales-title")).to_have_text("Sales today")
    await expect(tablet.locator("#sales")).to_have_text("€15.00")

    await tablet.get_by_text("X and Z reports").click()
    await expect(tablet.locator("#books-lines")).to_contain_text("2 × Wrap€15.00")
    await tablet.get_by_role("button", name="Close: make Z 1").click()
    await tablet.locator("#ask-do").click()
    await expect(tablet.locator("#z-reports li")).to_contain_text("Z 1")
    await expect(tablet.locator("#books-state")).to_contain_text("0 orders")
    await expect(tablet.locator("#sales")).to_have_text("€15.00")  # a day is not over with its Z report
    if SHOTS:
        await tablet.screenshot(path=f"{SHOTS}/stall.png", full_page=True)
    await _fits(tablet)
