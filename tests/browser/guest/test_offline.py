"""Without a network the pages say at once what has happened and what will; and do what they say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route, expect

from tests.browser.guest.acts import hungry, open_menu, view
from tests.browser.pages import LAPTOP, Pages
from tests.support.timing.waiting import until

AT_ONCE_MS = 3_500  # who tries again does so for four seconds


async def cut(pages: Pages, page: Page) -> None:
    await pages.context.set_offline(offline=True)
    await expect(page.locator("#link")).to_have_text("Offline")


async def back(pages: Pages, page: Page) -> None:
    await pages.context.set_offline(offline=False)
    await pages.live(page)


@asynccontextmanager
async def swallowed(page: Page, path: str) -> AsyncIterator[list[str]]:
    """Requests that nobody answers until the end; their idempotency keys."""
    keys: list[str] = []
    over = asyncio.Event()
    under_way = 0

    async def hold(route: Route) -> None:
        nonlocal under_way
        under_way += 1
        keys.append(route.request.headers.get("idempotency-key", ""))
        await over.wait()
        under_way -= 1
        await route.abort()

    await page.route(path, hold)
    try:
        yield keys
    finally:
        over.set()
        await until(lambda: under_way == 0, message="nothing is held back when the test goes on")
        await page.unroute(path)


async def test_an_order_without_a_network_says_so_at_once_and_is_a_new_one_later(pages: Pages) -> None:
    _, anna, page = await hungry(pages)
    await page.get_by_label("Add wrap").click()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    await cut(pages, page)
    await page.locator("#order").click()
    await expect(page.locator("#order-problem")).to_have_text("You are offline. Nothing was sent.", timeout=AT_ONCE_MS)
    await expect(page.locator("#order")).to_be_enabled()
    await expect(page.get_by_label("Add wrap")).to_be_enabled()  # nothing was sent, so anything may still change
    await page.get_by_label("Add ayran").click()
    assert sent == []
    await back(pages, page)
    await expect(page.locator("#order-problem")).to_have_text("")
    assert await pages.ground.balance(anna) == 20_000
    await page.locator("#order").click()
    await expect(page.locator("#orders .order")).to_have_count(1)
    assert await pages.ground.balance(anna) == 20_000 - 1_050


async def test_a_payment_without_a_network_says_so_at_once(pages: Pages) -> None:
    stall, anna = await pages.ground.stall(), await pages.ground.customer(funds=1_000)
    page = await pages.tab(f"/pay/?vendor={stall.vendor_id}&item={stall.items['ayran']}", who=anna)
    await pages.live(page)
    await expect(page.locator("#pay")).to_have_text("Pay €3.00")
    await cut(pages, page)
    await page.locator("#pay").click()
    await expect(page.locator("#problem")).to_have_text("You are offline. Nothing was sent.", timeout=AT_ONCE_MS)
    await expect(page.get_by_label("One more")).to_be_enabled()
    await back(pages, page)
    await page.get_by_role("button", name="Pay €3.00").click()
    await expect(page.locator("#paid-number")).to_be_visible()
    assert await pages.ground.balance(anna) == 700


async def test_an_order_that_nobody_answers_is_tried_again_and_can_be_called_off(pages: Pages) -> None:
    _, anna, page = await hungry(pages)
    await page.get_by_label("Add wrap").click()
    async with swallowed(page, "**/v1/orders") as keys:
        await page.locator("#order").click()
        await expect(page.locator("#order-waiting")).to_contain_text("We keep trying; it counts only once.")
        await page.get_by_role("button", name="Stop trying").click()
        await expect(page.locator("#order-problem")).to_contain_text("We stopped trying. We can't tell yet")
        await expect(page.locator("#order-waiting")).to_be_hidden()
        await expect(page.get_by_label("Add wrap")).to_be_disabled()  # it may have gone through
    async with page.expect_request("**/v1/orders") as again:
        await page.locator("#order").click()
    assert (await again.value).headers["idempotency-key"] == keys[0]
    await expect(page.locator("#orders .order")).to_have_count(1)
    assert await pages.ground.balance(anna) == 20_000 - 750


async def test_a_payment_that_nobody_answers_can_be_called_off(pages: Pages) -> None:
    stall, anna = await pages.ground.stall(), await pages.ground.customer(funds=1_000)
    page = await pages.tab(f"/pay/?vendor={stall.vendor_id}&item={stall.items['ayran']}", who=anna)
    await pages.live(page)
    async with swallowed(page, "**/v1/orders"):
        await page.get_by_role("button", name="Pay €3.00").click()
        await page.get_by_role("button", name="Stop trying").click()
        await expect(page.locator("#problem")).to_contain_text("We stopped trying.")
        await expect(page.get_by_label("One more")).to_be_disabled()
    await page.get_by_role("button", name="Pay €3.00").click()
    await expect(page.locator("#paid-number")).to_be_visible()
    assert await pages.ground.balance(anna) == 700


async def test_an_order_under_way_when_the_network_goes_is_never_said_to_be_unsent(pages: Pages) -> None:
    _, anna, page = await hungry(pages)
    await page.get_by_label("Add wrap").click()

    async def lose(route: Route) -> None:
        await route.fetch()
        await pages.context.set_offline(offline=True)
        await route.abort()

    await page.route("**/v1/orders", lose)
    await page.locator("#order").click()
    await expect(page.locator("#order-problem")).to_contain_text("We can't tell yet")
    await page.locator("#order").click()
    await expect(page.locator("#order-problem")).to_contain_text("your last try had no answer", timeout=AT_ONCE_MS)
    await page.unroute("**/v1/orders")
    await back(pages, page)
    await page.locator("#order").click()
    await expect(page.locator("#toasts")).to_contain_text("you weren't charged twice")
    assert await pages.ground.balance(anna) == 20_000 - 750


async def test_lists_say_at_once_that_they_cannot_load_and_load_on_return(pages: Pages) -> None:
    await pages.ground.stall("Meadow Bar", {"beer": 500})
    _, _, page = await hungry(pages)
    await view(page, "Stalls")
    await expect(page.locator(".stall")).to_have_count(2)
    await cut(pages, page)
    await page.locator(".stall", has_text="Meadow Bar").click()
    await expect(page.locator("#menu-state")).to_contain_text("This loads by itself", timeout=AT_ONCE_MS)
    await view(page, "Wallet")
    await expect(page.locator("#transactions-state")).to_contain_text("This loads by itself", timeout=AT_ONCE_MS)
    await back(pages, page)
    await expect(page.locator("#transactions li")).to_have_count(1)
    await open_menu(page, "Meadow Bar")
    await expect(page.locator("#menu-state")).to_have_text("")


async def test_the_organiser_is_told_at_once_too(pages: Pages) -> None:
    ground = pages.ground
    anna = await ground.customer("Anna")
    desk = await pages.open(await ground.admin(), LAPTOP)
    await cut(pages, desk)
    await view(desk, "Payouts")
    await expect(desk.locator("#payouts-state")).to_contain_text("This loads by itself", timeout=AT_ONCE_MS)
    await view(desk, "Today")
    await desk.get_by_label("User id").fill(anna.user_id)
    await desk.get_by_label("Amount").fill("5")
    await desk.get_by_role("button", name="Top up").click()
    await expect(desk.locator("#top-up-problem")).to_have_text("You are offline. Nothing was sent.", timeout=AT_ONCE_MS)
    await view(desk, "Payouts")
    await back(pages, desk)
    await expect(desk.locator("#payouts-state")).to_have_text("No payouts here.")
    assert await ground.balance(anna) == 0
