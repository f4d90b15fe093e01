"""Where somebody is more than one thing, a finger finds every target, and nothing is wider than the screen."""

from playwright.async_api import Page, expect

from tests.browser.guest.acts import view
from tests.browser.pages import PHONE, Pages
from tests.browser.relations.parts import OFFICE, TABLET, appoint, cashier, page_of
from tests.browser.stall.kitchen import section
from tests.browser.stall.test_kitchen import apart

NAME = "Anna Katharina of the Very Long Names"


async def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def test_on_a_phone_a_tablet_and_in_the_office(pages: Pages) -> None:
    ground = pages.ground
    sun, moon = await ground.stall("Falafel Sun"), await ground.stall("Pizza Moon")
    anna = await ground.customer(NAME, funds=98_765)
    for stall in (sun, moon):
        anna = await appoint(pages, anna, stall, "owner")
    await cashier(pages, anna)

    phone = await page_of(pages, anna, "customer", PHONE)
    await expect(phone.locator("header").get_by_role("link")).to_have_count(2)
    await apart(phone, "header", 2)
    await fits(phone)
    await view(phone, "Wallet")
    await phone.get_by_role("button", name="Show my sign-in name").click()
    await phone.get_by_text("Change my PIN").first.click()
    await fits(phone)
    await phone.set_viewport_size({"width": 390, "height": 4_000})
    await apart(phone, "#account", 6)

    tablet = await pages.tab("/vendor/", TABLET, who=anna)
    await expect(tablet.locator("#gate h2")).to_have_text("Which stall?")
    await apart(tablet, "#gate", 2)
    await tablet.get_by_role("button", name="Falafel Sun").click()
    await pages.live(tablet)
    for page in (tablet, await page_of(pages, anna, "vendor", PHONE)):
        await section(page, "Stall")
        await expect(page.locator("#keepers li")).to_have_count(2)
        await page.locator("#sign-out").scroll_into_view_if_needed()
        await fits(page)
        await page.set_viewport_size(
            {"width": page.viewport_size["width"] if page.viewport_size else 0, "height": 4_000}
        )
        await apart(page, "#view-stall", 14)

    desk = await page_of(pages, anna, "admin", OFFICE)
    await apart(desk, "body", 8)
    await fits(desk)
    for size in (OFFICE, PHONE):
        office = await page_of(pages, await ground.admin(), "admin", size)
        await view(office, "People")
        await office.get_by_role("button", name=f"Rights of {NAME}").click()
        await fits(office)
        await office.set_viewport_size({"width": size["width"], "height": 4_000})
        await apart(office, "#person", 6)
        await office.locator("#person-close").click()
        await office.set_viewport_size(size)
        for name in ("Deeds", "My account"):
            await view(office, name)
            await apart(office, "body", 4)
            await fits(office)
