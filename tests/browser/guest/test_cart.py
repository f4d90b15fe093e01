"""What somebody has chosen lives on while they look around; each wish goes with its own dish."""

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.guest.acts import change, hungry, notes_of, open_menu, view
from tests.browser.pages import Pages
from tests.browser.test_pages import register, user_id_of
from tests.support.ground import PIN, Person


async def choose(page: Page) -> None:
    """Two wraps without onions, an ayran, and a tip."""
    await page.get_by_label("Add wrap").click()
    await page.get_by_label("Add wrap").click()
    await page.get_by_label("Add ayran").click()
    await page.locator("#order-more").click()
    await page.get_by_label("Wish for 2\u00a0× wrap").fill("no onions")
    await page.get_by_role("group", name="Tip for the stall").get_by_role("button").last.click()


async def expect_chosen(page: Page) -> None:
    await expect(page.locator("#order")).to_have_text("Order 3 items · €20.70")
    await expect(page.locator("#order-more")).to_have_text("1 wish · Tip")


async def test_what_was_chosen_lives_over_another_stall_a_reload_and_a_new_sign_in(pages: Pages) -> None:
    ground = pages.ground
    await ground.stall()
    await ground.stall("Meadow Bar", {"beer": 500})
    page = await pages.tab("/customer/")
    await register(page, "Zoë")
    await pages.live(page)
    await ground.top_up(Person(user_id=await user_id_of(page), token="", role="customer"), 5_000)
    await open_menu(page)
    await choose(page)
    await expect_chosen(page)

    await open_menu(page, "Meadow Bar")
    await expect(page.locator("#order-bar")).to_be_hidden()
    await page.get_by_label("Add beer").click()
    await open_menu(page)
    await expect_chosen(page)
    await page.reload()
    await pages.live(page)
    await expect_chosen(page)

    await view(page, "Wallet")
    await page.get_by_role("button", name="Sign out").click()
    await page.locator("#gate").get_by_label("PIN").fill(PIN)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await pages.live(page)
    await open_menu(page, "Meadow Bar")
    await expect(page.locator("#order")).to_contain_text("Order 1 item")
    await open_menu(page)
    await expect_chosen(page)
    await page.locator("#order").click()
    await expect(page.locator("#orders .order")).to_have_count(1)
    await open_menu(page)
    await expect(page.locator("#order-bar")).to_be_hidden()
    await page.reload()
    await pages.live(page)
    await expect(page.locator("#menu > li").first).to_be_visible()
    await expect(page.locator("#order-bar")).to_be_hidden()


async def test_nobody_finds_what_somebody_else_has_chosen(pages: Pages) -> None:
    _, _, page = await hungry(pages)
    await page.get_by_label("Add wrap").click()
    other = await pages.open(await pages.ground.customer("Ben", funds=1_000))
    await open_menu(other)
    await expect(other.locator("#order-bar")).to_be_hidden()


async def test_each_wish_goes_with_its_own_item(pages: Pages) -> None:
    stall, _, page = await hungry(pages)
    await page.get_by_label("Add ayran").click()  # the first tap is not what the wish is for
    await page.get_by_label("Add wrap").click()
    await page.locator("#order-more").click()
    wish = page.get_by_label("Wish for 1\u00a0× wrap")
    await wish.fill("no onions")
    await wish.press("Enter")  # it ends the wish; it doesn't pay
    await expect(page.locator("#orders .order")).to_have_count(0)
    await page.get_by_label("Add wrap").click()
    await expect(page.get_by_label("Wish for 2\u00a0× wrap")).to_have_value("no onions")
    await page.locator("#order").click()
    await expect(page.locator("#orders .order")).to_have_count(1)
    assert await notes_of(pages, stall) == {"wrap": "no onions", "ayran": None}


async def test_what_changed_at_the_stall_meanwhile_is_said(pages: Pages) -> None:
    stall, _, page = await hungry(pages)
    await choose(page)
    await page.goto("about:blank")
    await change(pages, f"/v1/menu/{stall.items['wrap']}", {"price": 800}, who=stall)
    await change(pages, f"/v1/menu/{stall.items['ayran']}", {"available": False}, who=stall)
    await page.goto(f"{pages.ground.url()}/customer/#stall={stall.vendor_id}")
    await pages.live(page)
    await expect(page.locator("#menu")).to_contain_text("€8.00 was €7.50")
    await expect(page.locator("#order-problem")).to_have_text("Sold out meanwhile: ayran. It is off your order.")
    await expect(page.locator("#order")).to_contain_text("Order 2 items")


@pytest.mark.parametrize("way", ["reload", "another stall"])
async def test_an_order_without_an_answer_is_only_ever_sent_again_as_it_was(pages: Pages, way: str) -> None:
    ground = pages.ground
    await ground.stall("Meadow Bar", {"beer": 500})
    stall, anna, page = await hungry(pages)
    keys: list[str] = []

    async def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        await route.fetch()
        await route.fulfill(status=500, content_type="text/plain", body="gone")

    await choose(page)
    await page.route("**/v1/orders", lose)
    await page.locator("#order").click()
    await expect(page.locator("#order-problem")).to_contain_text("We can't tell yet")
    if way == "reload":
        await page.reload()
        await pages.live(page)
    else:
        await open_menu(page, "Meadow Bar")
        await expect(page.get_by_label("Add beer")).to_be_enabled()
        await open_menu(page)
    await expect(page.locator("#order-problem")).to_contain_text("Your last try had no answer")
    await expect(page.get_by_label("Add wrap")).to_be_disabled()
    await expect(page.locator("#order")).to_have_text("Order 3 items · €20.70")
    await change(pages, f"/v1/menu/{stall.items['wrap']}", {"price": 800}, who=stall)
    await page.unroute("**/v1/orders")
    async with page.expect_request("**/v1/orders") as again:
        await page.locator("#order").click()
    assert (await again.value).headers["idempotency-key"] == keys[-1]
    await expect(page.locator("#toasts")).to_contain_text("you weren't charged twice")
    assert await ground.balance(anna) == 20_000 - 2_070
    await open_menu(page)
    await expect(page.locator("#order-bar")).to_be_hidden()
