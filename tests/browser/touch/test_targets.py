"""What a finger finds on the board, in the office and under a question is large and far apart."""

from typing import Final

from playwright.async_api import Page, ViewportSize, expect

from tests.browser.guest.acts import announce, view
from tests.browser.pages import Pages
from tests.browser.stall.test_kitchen import apart

SIZES: Final[tuple[ViewportSize, ...]] = ({"width": 1024, "height": 768}, {"width": 360, "height": 640})
"""The last one is what the tests act on."""
WHOLE_PX: Final = 4_000
"""A height at which nothing has to be scrolled."""


async def seen(page: Page, root: str, least: int) -> None:
    """Look at what each screen shows."""
    for size in SIZES:
        await page.set_viewport_size(size)
        await apart(page, root, least)


async def whole(page: Page, root: str, least: int) -> None:
    """Look at a page that scrolls as one, and as each screen first shows it."""
    for size in SIZES:
        await page.set_viewport_size({"width": size["width"], "height": WHOLE_PX})
        await apart(page, root, least)
        await page.set_viewport_size(size)
        await apart(page, root, 1)


async def test_on_the_board_and_its_setup_page(pages: Pages) -> None:
    page = await pages.open_board(await pages.ground.screen(await pages.ground.stall()), SIZES[-1])
    await page.locator("#clock").click()
    await seen(page, "body", 1)
    await page.get_by_role("button", name="Add a stall").click()
    await page.get_by_text("Enter a link by hand").click()
    await whole(page, "body", 30 + 6)
    await page.keyboard.type("ABC234")
    await expect(page.locator("#pair-words")).to_contain_text("This code is not known")
    await whole(page, "body", 30 + 6)


async def test_in_every_section_and_question_of_the_office(pages: Pages) -> None:
    ground = pages.ground
    stall, anna, admin = await ground.stall(), await ground.customer(funds=5_000), await ground.admin()
    for _ in range(2):
        await ground.placed(anna, stall)
    for amount in (500, 700):
        asked = await ground.post("/v1/payouts", {"amount": amount, "note": "IBAN"}, who=anna, key=str(amount))
        assert asked.status_code == 201, asked.text
    for message in ("The bar is open.", "Rain."):
        await announce(pages, message)
    await ground.screen(stall)
    desk = await pages.open(admin, SIZES[-1])
    await expect(desk.locator("#transactions tr")).to_have_count(5)
    await ground.top_up(anna, 100)
    await expect(desk.locator("#transactions-new")).to_be_visible()
    await whole(desk, "body", 8)
    for name, rows, least in (
        ("Orders", "#orders li", 6),
        ("Payouts", "#payouts li", 6),
        ("People", "#users li", 12),
        ("Stalls", "#stalls li", 4),
        ("Announce", "#announced li", 9),
        ("My account", "#account", 3),
    ):
        await view(desk, name)
        await expect(desk.locator(rows).first).to_be_visible()
        await whole(desk, "body", least)

    await view(desk, "Stalls")
    await desk.get_by_role("button", name="Make codes").click()
    await expect(desk.locator("#codes-list li")).to_have_count(1)
    await whole(desk, "body", 6)
    await desk.get_by_role("button", name="Money and screens of Falafel Sun").click()
    await desk.get_by_role("button", name="Pair a screen").click()
    await expect(desk.locator("#display-link")).to_be_visible()
    await whole(desk, "#stall", 7)
    await desk.locator("#stall-close").click()
    await view(desk, "Orders")
    await desk.get_by_role("button", name="Refund order 1").click()
    await seen(desk, "#ask", 4)
    await desk.locator("#ask-back").click()
    await view(desk, "People")
    await desk.get_by_role("button", name="Rights of Anna").click()
    await whole(desk, "#person", 6)


async def test_under_a_question_to_a_customer(pages: Pages) -> None:
    page = await pages.open(await pages.ground.customer(funds=2_000), SIZES[-1])
    await view(page, "Wallet")
    await page.get_by_text("Get leftover money back").click()
    await page.locator("#payout-send").click()
    await expect(page.locator("#ask-title")).to_be_visible()
    await seen(page, "#ask", 2)
