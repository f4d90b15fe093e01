"""A bar says what is in its beer; a guest buys it, and both print the receipt."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.browser.guest.acts import open_menu, view
from tests.browser.guest.measures import targets
from tests.browser.pages import LAPTOP, PHONE, Pages
from tests.browser.stall.kitchen import section
from tests.browser.stall.test_kitchen import apart
from tests.support.ground import Ground, Stall
from tests.support.servers.server import ServerProcess

SMALL: Final[ViewportSize] = {"width": 320, "height": 568}
PAPERS: Final = {"roll": ("80mm", "200mm"), "A6": ("105mm", "148mm"), "A4": ("210mm", "297mm")}
PX_OF_MM: Final = 96 / 25.4
MARGIN_MM: Final = 4
SEEN: Final = """() => Array.from(document.querySelectorAll("body *")).filter((one) => {
  const box = one.getBoundingClientRect();
  return box.width && box.height && one.checkVisibility() && (box.left < -0.5 || box.right > innerWidth + 0.5);
}).map((one) => `${one.tagName} ${one.className} ${one.textContent.slice(0, 30)}`)"""


@pytest_asyncio.fixture(loop_scope="session")
async def pages(tmp_path: Path, browser: Browser) -> AsyncIterator[Pages]:
    """A festival with two rates of tax."""
    settings = {"FESTIVAL__TAX_RATES_BP": "[1900, 700]", "FESTIVAL__NAME": "Waldfest", "ORDERS__CANCEL_S": "0"}
    with ServerProcess(tmp_path, settings=settings) as server:
        async with Ground([server]) as ground, Pages(ground, browser) as opened:
            yield opened
            assert opened.complaints == []


async def fits(page: Page) -> None:
    """Nothing of the page is wider than the screen."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.evaluate(SEEN) == []


async def prints(page: Page, words: list[str]) -> None:
    """It prints on one sheet of each paper, black on white, without what only a screen needs."""
    size = page.viewport_size
    assert size is not None
    await page.emulate_media(media="print", color_scheme="dark")
    for width, height in PAPERS.values():
        pdf = await page.pdf(width=width, height=height)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1, width
        wide = int((int(width[:-2]) - 2 * MARGIN_MM) * PX_OF_MM)  # what is left between the margins
        await page.set_viewport_size({"width": wide, "height": 900})
        await fits(page)
        assert await page.locator(".top").is_hidden()
        for text in words:
            await expect(page.locator("#paper")).to_contain_text(text)
    colours = "(element) => [getComputedStyle(element).color, getComputedStyle(element).backgroundColor]"
    assert await page.locator("#paper").evaluate(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    await page.emulate_media(media="screen", color_scheme="light")
    await page.set_viewport_size(size)


async def says_its_beer(tablet: Page) -> None:
    """The owner adds a beer with everything that a beer says."""
    await section(tablet, "Menu")
    await expect(tablet.locator("#item-more").get_by_label("Deposit in EUR")).to_be_hidden()  # the form is short
    await tablet.get_by_label("Name").first.fill("Beer")
    await tablet.get_by_role("textbox", name="Price in EUR").fill("4.50")
    await tablet.get_by_text("More: tax, age, deposit").click()
    await tablet.get_by_label("Tax in the price").select_option("19%")
    await tablet.get_by_label("Age", exact=True).select_option("16+")
    await tablet.locator("#item-more").get_by_label("Deposit in EUR").fill("two")
    await tablet.get_by_label("Left (not counted if empty)").fill("10")
    await apart(tablet, "#view-menu", 8)
    await tablet.get_by_role("button", name="Add to the menu").click()
    await expect(tablet.locator("#item-problem")).to_contain_text("This is no deposit. Type it like 2.00.")
    await expect(tablet.locator("#item-more").get_by_label("Deposit in EUR")).to_be_focused()
    await tablet.locator("#item-more").get_by_label("Deposit in EUR").fill("2")
    await tablet.get_by_role("button", name="Add to the menu").click()
    row = tablet.locator("#menu li", has_text="Beer")
    await expect(row.locator(".item-facts")).to_have_text("19% tax · 16+ · +\u00a0€2.00 deposit · 10 left")
    await expect(tablet.locator("#item-more").get_by_label("Deposit in EUR")).to_be_hidden()


async def says_whose_it_is(tablet: Page) -> None:
    await section(tablet, "Stall")
    await tablet.get_by_text("Receipts: whose business it is").click()
    await tablet.get_by_label("Name of the business").fill("Sonne GmbH")
    await tablet.get_by_label("Tax id").fill("12/345/67890")
    await tablet.get_by_label("Address").fill("Am Feld 1, 12345 Ort")
    await tablet.locator("#business-save").click()
    await expect(tablet.locator("#business-save")).to_be_enabled()
    await tablet.reload()
    await expect(tablet.get_by_label("Address")).to_have_value("Am Feld 1, 12345 Ort")


async def test_a_beer_says_what_is_in_it_and_both_sides_print_its_receipt(pages: Pages) -> None:
    ground = pages.ground
    stall = await ground.stall()
    tablet = await pages.open(stall, LAPTOP)
    await says_its_beer(tablet)
    await says_whose_it_is(tablet)
    await section(tablet, "Orders")

    anna = await ground.customer(funds=2_000)
    phone = await pages.open(anna, SMALL)
    await open_menu(phone)
    beer = phone.locator("#menu li", has_text="Beer")
    await expect(beer.locator(".age")).to_contain_text("16+")
    await expect(beer.locator(".price")).to_contain_text("€4.50")
    await expect(beer.locator(".deposit")).to_have_text(" +\u00a0€2.00 deposit")
    await expect(beer).not_to_contain_text("left")
    for _ in range(2):
        await phone.get_by_label("Add Beer").click()
    await phone.get_by_label("Add ayran").click()
    await expect(phone.locator("#order")).to_have_text("Order 3 items · €16.00")
    await expect(phone.locator("#order-beside")).to_have_text("Includes €4.00 deposit · 16+: bring your ID")
    await fits(phone)
    await targets(phone)
    await phone.locator("#order").click()
    await expect(phone.locator("#balance")).to_have_text("€4.00")
    card = phone.locator("#orders .order").first
    await expect(card).to_contain_text("Includes €4.00 deposit")
    await targets(phone)

    ticket = tablet.locator(".ticket").first
    await expect(ticket.locator(".ticket-line", has_text="Beer").locator(".age")).to_contain_text("16+")
    await expect(ticket.locator(".ticket-line", has_text="ayran").locator(".age")).to_have_count(0)

    await card.get_by_role("link", name="Receipt of order 1").click()
    await expect(phone.locator("#paper h2")).to_have_text("Falafel Sun")
    words = [
        "Waldfest", "Sonne GmbH", "Am Feld 1, 12345 Ort", "12/345/67890", "2\u00a0× Beer\u00a0(A) à\u00a0€4.50€9.00",
        "Deposit", "€4.00",
        "Total€16.00", "A\u00a019%€7.56€1.44€9.00",
    ]  # fmt: skip
    await fits(phone)
    await targets(phone)
    await prints(phone, words)
    await phone.get_by_role("button", name="Back").click()
    await expect(phone.locator("#balance")).to_have_text("€4.00")

    await tablet.get_by_role("button", name="More of order 1").click()
    await tablet.get_by_role("link", name="Receipt of order 1").click()
    await expect(tablet.locator("#paper")).to_contain_text("Total€16.00")
    await fits(tablet)


async def test_what_went_back_and_what_came_in_have_receipts_too(pages: Pages) -> None:
    ground = pages.ground
    stall: Stall = await ground.stall()
    anna = await ground.customer(funds=2_000)
    order_id = await ground.placed(anna, stall)
    whole = await ground.placed(anna, stall)
    body: dict[str, object] = {"lines": [{"index": 0, "quantity": 1}], "reason": "burnt"}
    done = await ground.post(f"/v1/orders/{whole}/refund", body, who=stall, key="l")
    assert done.status_code == 200, done.text
    body = {"amount": 250, "reason": "cold"}
    done = await ground.post(f"/v1/orders/{order_id}/refund", body, who=await ground.admin(), key="r")
    assert done.status_code == 200, done.text
    phone = await pages.open(anna, PHONE)
    await view(phone, "Wallet")
    await expect(phone.locator("#transactions li")).to_have_count(5)
    await targets(phone)
    await phone.get_by_role("link", name="Receipt: Order").first.click()  # the newest
    await expect(phone.locator("#paper")).to_contain_text("1\u00a0× wrap · 1 given back")
    await expect(phone.locator("#paper")).to_contain_text("StatusCancelled")
    await phone.go_back()
    await phone.get_by_role("link", name="Receipt: Order").last.click()
    await expect(phone.locator("#paper")).to_contain_text("cold-€2.50")
    await expect(phone.locator("#paper")).to_contain_text("Paid in the end€5.00")
    await expect(phone.locator("#paper")).not_to_contain_text("Net")  # nobody has said a rate
    await phone.go_back()
    await phone.get_by_role("link", name="Receipt: Top-up").click()
    await expect(phone.locator("#paper")).to_contain_text("Into the wallet€20.00")
    await expect(phone.locator("#paper")).to_contain_text("there is no tax in it")
    await prints(phone, ["Anna", "desk"])


async def test_a_receipt_is_for_who_may_see_it_and_says_so_to_others(pages: Pages) -> None:
    ground = pages.ground
    stall, anna, ben = await ground.stall(), await ground.customer(), await ground.customer("Ben")
    await ground.top_up(anna, 1_000)
    order_id = await ground.placed(anna, stall)
    nobody = await pages.tab(f"/receipt/?order={order_id}")
    await nobody.get_by_role("button", name="I have an account: sign in").click()
    await nobody.get_by_label("Sign-in name").fill(ben.sign_in)
    await nobody.get_by_label("PIN").fill("739146")
    await nobody.get_by_role("button", name="Sign in", exact=True).click()
    await expect(nobody.locator("#state")).to_have_text("There is no such receipt, or it is somebody else's.")
    await expect(nobody.locator("#print")).to_be_hidden()
    wrong = await pages.tab("/receipt/?order=", who=anna)
    await expect(wrong.locator("#state")).to_have_text("This address names no receipt.")
    page = await pages.tab(f"/receipt/?order={order_id}", who=anna)
    await page.route("**/receipt", lambda route: route.abort())
    await page.reload()
    await expect(page.get_by_role("button", name="Try again")).to_be_visible()
    await page.unroute("**/receipt")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator("#paper h2")).to_have_text("Falafel Sun")


async def test_who_scans_an_item_sees_deposit_and_age_before_paying(pages: Pages) -> None:
    ground = pages.ground
    stall = await ground.stall()
    says = {"deposit": 200, "ageMin": 18, "taxBp": 1900}
    changed = await ground.http.patch(f"{ground.url()}/v1/menu/{stall.items['wrap']}", json=says, headers=stall.bearer)
    assert changed.status_code == 200, changed.text
    anna = await ground.customer(funds=2_000)
    page = await pages.tab(f"/pay/?vendor={stall.vendor_id}&item={stall.items['wrap']}", who=anna)
    await pages.live(page)
    await page.get_by_label("One more").click()
    await expect(page.locator("#lines .age")).to_contain_text("18+")
    await expect(page.locator("#deposit")).to_have_text("€4.00")
    await expect(page.locator("#total")).to_have_text("€19.00")
    await fits(page)
    await page.get_by_role("button", name="Pay €19.00").click()
    await expect(page.locator("#paid-balance")).to_have_text("€1.00")
    await expect(page.locator("#paid-text")).to_contain_text("You paid €19.00.")


async def test_a_long_menu_is_searched_and_what_was_chosen_stays_chosen(pages: Pages) -> None:
    ground = pages.ground
    await ground.stall(prices={f"Dish {number}": 300 for number in range(20)} | {"Crêpe": 500})
    anna = await ground.customer(funds=2_000)
    page = await pages.open(anna, SMALL)
    await expect(page.locator("#stalls-search")).to_be_hidden()  # one stall is found by looking
    await open_menu(page)
    await page.get_by_label("Add Dish 7").click()
    await page.get_by_label("Find something to eat or drink").fill("crepe")
    await expect(page.locator("#menu > li")).to_have_count(1)
    await fits(page)
    await page.get_by_label("Add Crêpe").click()
    await expect(page.locator("#order")).to_contain_text("Order 2 items")
    await page.get_by_label("Find something to eat or drink").fill("pizza")
    await expect(page.locator("#menu-none")).to_have_text("Nothing is called like that.")
    await page.get_by_label("Find something to eat or drink").fill("")
    await expect(page.locator("#menu > li")).to_have_count(21)
    await page.locator("#order").click()
    await expect(page.locator("#balance")).to_have_text("€12.00")
