"""What an amount means, in five currencies that a browser knows otherwise than the server: the same to everybody."""

import re
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.pages import LAPTOP, Pages
from tests.support.ground import Ground
from tests.support.servers.server import ServerProcess

# Code and digits set; what the provider reports, and what pages show of it; what a stall types, in minor units, and as
# shown; what nobody can type here, and what the page says to it.
CASES: Final = (
    ("EUR", "-1", "50.50", "50.50", "4.50", 450, "4.50", "1,500", "like 1500."),
    ("JPY", "-1", "5000", "5,000", "450", 450, "450", "4.50", "JPY has no digits after the point. Type it like 450."),
    ("KWD", "-1", "50.125", "50.125", "1,500", 1_500, "1.500", "1.5000", "KWD has 3 digits after the point."),
    ("HUF", "-1", "5000", "5,000.00", "1500", 150_000, "1,500.00", "1.500", "like 1500."),
    ("HUF", "0", "5000", "5,000", "1500", 1_500, "1,500", "1500.0", "HUF has no digits after the point."),
    ("IQD", "-1", "5000.250", "5,000.250", "1500", 1_500_000, "1,500.000", "0", "It must be more than nothing."),
)


async def shown(page: Page, selector: str, amount: str) -> None:
    """Wait until an element shows this number, and no other, whatever sign the browser has for the currency."""
    number = re.escape(amount)
    await expect(page.locator(selector)).to_have_text(re.compile(rf"^[^\d]*{number}[^\d]*$"))


@pytest.mark.parametrize(
    ("code", "digits", "reported", "arrived", "typed", "price", "listed", "wrong", "says"),
    CASES,
    ids=lambda value: value if isinstance(value, str) and value.isupper() else "",
)
async def test_an_amount_is_the_same_to_provider_guest_stall_and_desk(
    tmp_path: Path, browser: Browser, code: str, digits: str, reported: str, arrived: str, typed: str, price: int,
    listed: str, wrong: str, says: str,
) -> None:  # fmt: skip
    currency = {"FESTIVAL__CURRENCY": code, "FESTIVAL__CURRENCY_DIGITS": digits}
    with ServerProcess(tmp_path, settings=currency) as server:
        async with Ground([server]) as ground, Pages(ground, browser) as pages:
            stall, anna = await ground.stall(), await ground.customer()
            phone = await pages.open(anna)
            done = await ground.fund(anna, reported, external_id="p1", currency=code)
            assert done.json()["status"] == "credited", done.text
            await shown(phone, "#balance", arrived)

            counter = await pages.open(stall, LAPTOP)
            await counter.get_by_role("navigation").get_by_role("link", name="Menu").click()
            await counter.locator("#item-name").fill("Soup")
            await counter.locator("#item-price").fill(wrong)
            await counter.locator("#item-save").click()
            await expect(counter.locator("#item-problem")).to_contain_text(says)
            await counter.locator("#item-price").fill(typed)
            await counter.locator("#item-save").click()
            await shown(counter, "#menu li:has-text('Soup') .price", listed)
            menu = (await ground.get(f"/v1/vendors/{stall.vendor_id}/menu", who=anna)).json()["items"]
            assert [(item["price"], item["currency"]) for item in menu if item["name"] == "Soup"] == [(price, code)]

            before = await ground.balance(anna)
            desk = await pages.open(await ground.admin(), LAPTOP)
            await desk.locator("#top-up-user").fill(anna.user_id)
            await desk.locator("#top-up-amount").fill(typed)
            await desk.locator("#top-up-send").click()
            await desk.locator("#ask-do").click()
            await expect(desk.locator("#top-up-done")).to_contain_text("booked for Anna")
            assert await ground.balance(anna) == before + price
            assert pages.complaints == []
