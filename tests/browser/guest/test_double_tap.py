"""A second tap at the same spot presses nothing that has come there meanwhile."""

import re

from playwright.async_api import expect

from tests.browser.guest.acts import DISHES, announce, hungry, view
from tests.browser.guest.measures import second_tap_at, second_taps_on
from tests.browser.pages import PHONE, Pages


async def test_who_taps_pay_twice_does_not_cancel(pages: Pages) -> None:
    stall, anna = await pages.ground.stall(), await pages.ground.customer(funds=2_000)
    page = await pages.tab(f"/pay/?vendor={stall.vendor_id}&item={stall.items['ayran']}", who=anna)
    await pages.live(page)
    await expect(page.locator("#pay")).to_have_text("Pay €3.00")
    await second_tap_at(page, "#pay", "#paid")
    await page.locator("#pay").click()
    await pages.true(page, "window.hit !== null")
    assert await page.evaluate("window.hit") == "nothing"
    await page.get_by_role("button", name=re.compile(r"Cancel \(\d+ s\)")).click()  # later it is meant
    await expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()


async def test_who_taps_order_twice_does_not_answer_a_call(pages: Pages) -> None:
    stall, anna, page = await hungry(pages)
    order_id = await pages.ground.placed(anna, stall)
    await pages.ground.step(stall, order_id, "ready")
    await expect(page.locator("#ready")).to_be_visible()
    await page.get_by_label("Add wrap").click()
    await second_tap_at(page, "#order", "#order-bar", right=0.9)
    await page.locator("#order").click()
    await pages.true(page, "window.hit !== null")
    assert await page.evaluate("window.hit") == "nothing"
    await expect(page.locator("#orders .order")).to_have_count(2)
    await expect(page.locator("#ready")).to_be_visible()
    await page.get_by_role("button", name="I'm coming").click()
    await expect(page.locator("#orders")).to_contain_text("The stall knows you're coming.")


async def test_who_answers_a_call_twice_presses_nothing_behind_it(pages: Pages) -> None:
    stall, anna, page = await hungry(pages, {f"Dish {number}": 100 for number in range(1, 13)})
    order_id = await pages.ground.placed(anna, stall)
    await pages.ground.step(stall, order_id, "ready")
    await expect(page.locator("#ready")).to_be_visible()
    await second_tap_at(page, "#ready-seen", "#ready")
    await page.get_by_role("button", name="I'm coming").click()
    await pages.true(page, "window.hit !== null")
    assert await page.evaluate("window.hit") == "nothing"


async def test_who_taps_twice_dismisses_one_announcement(pages: Pages) -> None:
    anna = await pages.ground.customer()
    page = await pages.open(anna, PHONE)
    for message in ("The bar is open.", "The bar is full.", "Lost: a red bag."):
        await announce(pages, message)
    await page.locator(".announcements-line").click()
    first = page.get_by_role("button", name="Dismiss:").first
    await expect(page.locator("#announcements li")).to_have_count(3)
    await first.click(trial=True)  # waits until it can be meant
    await first.evaluate(
        """(button) => {
          const { x, y, height } = button.getBoundingClientRect();
          button.click();
          window.hit = [0, 20, 40, 60, 80].map((down) => document.elementFromPoint(x + 10, y + height / 2 + down))
            .filter((hit) => hit?.closest("#announcements button")).length;
        }"""
    )
    assert await page.evaluate("window.hit") == 0
    await expect(page.locator("#announcements li")).to_have_count(2)


async def test_who_taps_the_line_of_announcements_twice_presses_nothing_behind_it(pages: Pages) -> None:
    _, _, page = await hungry(pages, DISHES)
    await announce(pages, "The bar is open.")
    line = page.locator(".announcements-line")
    await expect(line).to_be_visible()
    for is_open in ("true", "false"):
        assert await second_taps_on(line) == []
        await expect(line).to_have_attribute("aria-expanded", is_open)


async def test_two_taps_never_ask_for_the_money_back(pages: Pages) -> None:
    page = await pages.open(await pages.ground.customer(funds=2_000), PHONE)
    await view(page, "Wallet")
    await page.get_by_text("Get leftover money back").click()
    hit = await page.evaluate(
        """() => {
          document.getElementById("payout-send").click();
          const { x, y, width, height } = document.getElementById("ask-do").getBoundingClientRect();
          return document.elementFromPoint(x + width / 2, y + height / 2).id;
        }"""
    )
    assert hit != "ask-do"
    await page.get_by_role("button", name="Ask for €20.00").click()  # after a moment
    await expect(page.locator("#balance")).to_have_text("€0.00")
