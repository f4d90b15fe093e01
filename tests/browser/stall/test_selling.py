"""The stall's page sells as it happens: handed over at once, counted, given back line by line, cleared in one tap."""

import re
import secrets
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Locator, Page, ViewportSize, expect

from tests.browser.pages import PHONE, Pages
from tests.browser.stall.kitchen import TABLET, TARGETS, more, placed, rested, section, step, ticket
from tests.support.ground import Stall

SMALL: Final[ViewportSize] = {"width": 320, "height": 640}
OVERFLOW: Final = "() => document.documentElement.scrollWidth - innerWidth"


async def patched(pages: Pages, stall: Stall, path: str, body: dict[str, Any]) -> None:
    """A change that the stall makes elsewhere."""
    answer = await pages.ground.http.patch(pages.ground.url() + path, json=body, headers=stall.bearer)
    assert answer.status_code == 200, answer.text


async def give_back(page: Page, lines: dict[str, int], reason: str, words: str) -> None:
    """Choose so many of these lines in the sheet that is open, say why, and press the button, which must say this."""
    sheet = page.locator("#giving")
    await expect(sheet).to_be_visible()
    for name, count in lines.items():
        for _ in range(count):
            await sheet.get_by_role("button", name=f"One more: {name}").click()
    await expect(sheet.locator("#giving-do")).to_be_disabled()
    await sheet.get_by_role("button", name=reason).click()
    await expect(sheet.locator("#giving-do")).to_have_text(words)
    await rested(page)
    await sheet.locator("#giving-do").click()
    await expect(sheet).to_be_hidden()


async def large_enough(page: Page, root: str) -> None:
    """Every target in there can be hit by a finger, and nothing runs out of the screen."""
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    count, wrong = await page.evaluate(TARGETS, root)
    assert count > 0
    assert wrong == []
    assert await page.evaluate(OVERFLOW) <= 0


def sale(page: Page, number: int = 0) -> Locator:
    """A sale of the list, the newest first."""
    return page.locator("#just-paid-list .sale").nth(number)


async def test_a_kitchen_gives_lines_back_stops_cooking_and_clears_what_was_picked_up(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=20_000)
    wrap, ayran = stall.items["wrap"], stall.items["ayran"]
    lines = [{"itemId": wrap, "quantity": 2}, {"itemId": ayran, "quantity": 1}]
    orders = [await placed(kitchen, anna, stall, lines) for _ in range(5)]
    page = await kitchen.open(stall, TABLET)

    # A line goes back: it is struck through, here and at once, and the rest is still to be made.
    sheet = await more(page, 1)
    await sheet.get_by_role("button", name="Give back…").click()
    await expect(page.locator("#giving")).to_be_visible()
    await rested(page)
    await large_enough(page, "#giving")
    await give_back(page, {"wrap": 1, "ayran": 1}, "Sold out", "Give €10.50 back")
    first = ticket(page, 1)
    await expect(first.locator(".ticket-line").nth(0).locator("s")).to_have_text("2 ×")
    await expect(first.locator(".ticket-line").nth(0)).to_contain_text("1 × wrap")
    await expect(first.locator(".ticket-line").nth(1).locator("s")).to_have_text("1 × ayran")
    assert await ground.balance(anna) == 20_000 - 5 * 1_800 + 1_050

    # The office refunds another order as a whole while it is prepared: nobody cooks it (A14).
    refund = {"all": True, "reason": "Too late"}
    answer = await ground.post(
        f"/v1/orders/{orders[1]}/refund", refund, who=await ground.admin(), key=secrets.token_hex(8)
    )
    assert answer.status_code == 200, answer.text
    await expect(ticket(page, 2)).to_have_count(0)
    await expect(page.locator("#toasts")).to_contain_text("Order 2 was cancelled.")

    # The last lines cancel an order, and the page says so before.
    sheet = await more(page, 3)
    await sheet.get_by_role("button", name="Give back…").click()
    await page.locator("#giving").get_by_role("button", name="All of it").click()
    await expect(page.locator("#giving-words")).to_have_text("That is all of it: the order is cancelled.")
    await give_back(page, {}, "Spilt", "Give €18.00 back")
    await expect(ticket(page, 3)).to_have_count(0)

    # All that is ready is cleared by one tap and one answer, and comes back by another tap.
    await expect(page.locator("#ready-clear")).to_be_hidden()
    for number in (1, 4, 5):
        await step(page, number)
    await expect(page.locator("#ready-count")).to_have_text("3")
    # They stand there before the server has heard of the last one; what it does not know it can't clear.
    kept = "Object.keys(localStorage).filter((name) => name.includes('.outbox ')).map((name) => localStorage[name])"
    await kitchen.true(page, f"{kept}.join() === '[]'")
    await rested(page)
    await page.get_by_role("button", name="Clear all").click()
    await expect(page.locator("#ask-title")).to_have_text("3 orders were picked up?")
    await rested(page)
    await page.get_by_role("button", name="Clear them all").click()
    await expect(page.locator("#ready .ticket")).to_have_count(0)
    await expect(page.locator("#ready-clear")).to_be_hidden()
    await rested(page)
    await page.get_by_role("button", name=re.compile("Undo 3 picked up")).click()
    await expect(page.locator("#ready .ticket")).to_have_count(3)
    assert kitchen.complaints == []


async def test_a_bar_sells_at_once_counts_what_is_left_and_takes_a_sale_back(kitchen: Pages, tmp_path: Path) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall("Bar", {"Beer": 450, "Nuts": 300}), await ground.customer(funds=20_000)
    beer, nuts = stall.items.values()
    await patched(kitchen, stall, f"/v1/menu/{beer}", {"stock": 3})
    page, guest = await kitchen.open(stall, TABLET), await kitchen.open(anna, PHONE)
    await section(page, "Stall")
    switch = page.locator("#at-once")
    await expect(switch).to_have_text("Calls numbers")
    await rested(page)
    await switch.click()
    await expect(switch).to_have_text("Hands over at once")
    await expect(switch).to_have_attribute("aria-checked", "true")
    await section(page, "Orders")
    await expect(page.locator("#just-paid-state")).to_have_text(
        "Nothing sold yet. What is paid appears here by itself."
    )
    await expect(page.locator("#nothing")).to_be_hidden()

    # What is paid appears with a large amount and no number, and the count goes down.
    await expect(page.locator("#chips")).to_contain_text("3 left")
    await placed(kitchen, anna, stall, [{"itemId": beer, "quantity": 2}, {"itemId": nuts, "quantity": 1}])
    await expect(sale(page).locator(".sale-amount")).to_have_text("€12.00")
    await expect(sale(page)).to_contain_text("2 × Beer, 1 × Nuts")
    await expect(page.locator("#chips")).to_contain_text("1 left")
    await expect(page.locator("#lanes .ticket")).to_have_count(0)
    await expect(guest.locator("#toasts")).to_contain_text("Paid at Bar: 2 × Beer, 1 × Nuts")

    # The last one sells out by itself, and is there again when it is given back.
    await placed(kitchen, anna, stall, [{"itemId": beer, "quantity": 1}])
    chip = page.get_by_role("switch", name="Beer is available").first
    await expect(chip).to_have_attribute("aria-checked", "false")
    await expect(sale(page).locator(".sale-amount")).to_have_text("€4.50")
    await expect(sale(page, 1).locator(".sale-amount")).to_have_text("€12.00")
    await rested(page)
    await sale(page, 1).get_by_role("button", name="Give back").click()
    await give_back(page, {"Beer": 1}, "Wrong order", "Give €4.50 back")
    await expect(sale(page, 1)).to_contain_text("€4.50 given back")
    await expect(chip).to_have_attribute("aria-checked", "true")
    await expect(page.locator("#chips")).to_contain_text("1 left")
    assert await ground.balance(anna) == 20_000 - 1_200

    # The guest reads what they paid, without a number, and what is back.
    await section(guest, "Orders")
    card = guest.locator("#orders .order").nth(1)
    await expect(card).to_contain_text("Paid")
    await expect(card.locator(".order-number")).to_have_text("✓")
    await expect(card.locator("s")).to_have_text("1 × Beer")
    await expect(card).to_contain_text("€4.50 refunded")

    # After a reload it is all there, and it fits a small phone.
    await page.reload()
    await kitchen.live(page)
    await expect(sale(page, 1)).to_contain_text("€4.50 given back")
    for size in (SMALL, PHONE, TABLET):
        await page.set_viewport_size(size)
        await rested(page)
        await large_enough(page, "#just-paid")
        await page.screenshot(path=tmp_path / f"sold-{size['width']}.png")
    assert kitchen.complaints == []
