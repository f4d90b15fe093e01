"""Answers that events overtake: what was read first comes last, and the pages still show what is newest."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route, expect

from tests.browser.pages import LAPTOP, Pages
from tests.browser.stall.kitchen import section
from tests.support.ground import Person, Stall
from tests.support.timing.waiting import until


@asynccontextmanager
async def late(pages: Pages, path: str) -> AsyncIterator[asyncio.Event]:
    """Let the server answer at once, and the browser hear of it at the end. The event: the first answer is there."""
    answered, go = asyncio.Event(), asyncio.Event()

    under_way = 0

    async def hold(route: Route) -> None:
        nonlocal under_way
        if go.is_set():
            return await route.continue_()
        under_way += 1
        try:
            answer = await route.fetch()
            answered.set()
            await go.wait()
            await route.fulfill(response=answer)
        finally:
            under_way -= 1

    await pages.context.route(path, hold)
    try:
        yield answered
        assert answered.is_set()
    finally:
        go.set()
        await until(lambda: under_way == 0, message="no answer is on its way when the test ends")


async def patch(pages: Pages, path: str, body: object, *, who: Person) -> None:
    changed = await pages.ground.http.patch(pages.ground.url() + path, json=body, headers=who.bearer)
    assert changed.status_code == 200, changed.text


async def told(pages: Pages, page: Page, person: Person) -> None:
    """Wait until the page has heard of everything that has happened: the last of it is money."""
    await pages.ground.top_up(person, 100)
    await expect(page.locator("#balance")).to_have_text(f"€{await pages.ground.balance(person) / 100:.2f}")


async def test_a_transaction_that_overtakes_the_ledger_stays_on_top(pages: Pages) -> None:
    ground = pages.ground
    anna, admin = await ground.customer(funds=100), await ground.admin()
    async with late(pages, "**/v1/admin/transactions*") as answered:
        desk = await pages.open(admin, LAPTOP)
        await answered.wait()
        await ground.top_up(anna, 200)
        await expect(desk.locator("#transactions tr")).to_have_count(1)
    await expect(desk.locator("#transactions tr")).to_have_count(2)
    await expect(desk.locator("#transactions tr").first).to_contain_text("€2.00")


async def test_what_was_listed_under_another_filter_is_said_to_be_no_answer(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    await ground.placed(anna, stall)
    desk = await pages.open(await ground.admin(), LAPTOP)
    await desk.get_by_role("link", name="Orders").click()
    await expect(desk.locator("#orders li")).to_have_count(1)
    await pages.context.route("**/v1/orders?*status=*", lambda route: route.fulfill(status=500))
    await desk.get_by_label("Status").select_option("cancelled")
    await expect(desk.locator("#orders-state")).not_to_be_empty()
    await pages.context.unroute("**/v1/orders?*status=*")
    await desk.get_by_label("Status").select_option("completed")
    await expect(desk.locator("#orders-state")).to_have_text("No such orders.")
    await expect(desk.locator("#orders li")).to_have_count(0)


async def test_what_a_stall_changes_while_a_phone_reads_it_is_shown(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer()
    phone = await pages.open(anna)
    await phone.locator(".stall").click()
    await expect(phone.locator("#menu")).to_contain_text("wrap")
    await phone.get_by_role("link", name="All stalls").click()
    async with late(pages, "**/v1/vendors/*/menu") as answered:
        await phone.locator(".stall").click()
        await answered.wait()
        await patch(pages, f"/v1/menu/{stall.items['wrap']}", {"available": False, "price": 999}, who=stall)
        await told(pages, phone, anna)
    await expect(phone.locator("#menu li", has_text="wrap")).to_contain_text("€9.99Sold out")


async def test_money_and_news_that_overtake_their_answers_stay(pages: Pages) -> None:
    ground = pages.ground
    anna = await ground.customer(funds=100)
    async with late(pages, "**/v1/me/notifications?*") as answered:
        phone = await pages.open(anna)
        await answered.wait()
        await ground.fund(anna, "1.00", external_id="pay-1")
        await expect(phone.locator("#notifications-badge")).to_have_text("2")
    await phone.get_by_role("link", name="Messages").click()
    await expect(phone.locator("#notifications li")).to_have_count(2)

    await phone.get_by_role("link", name="Wallet").click()
    async with late(pages, "**/v1/balance/refresh") as answered:
        await phone.locator("#refresh").click()
        await answered.wait()
        await told(pages, phone, anna)
    await expect(phone.locator("#refresh")).to_be_enabled()
    await expect(phone.locator("#balance")).to_have_text("€3.00")


async def test_the_last_of_many_payments_shows_in_the_wallet(pages: Pages) -> None:
    anna = await pages.ground.customer(funds=100)
    phone = await pages.open(anna)
    async with late(pages, "**/v1/me/transactions*") as answered:
        await phone.get_by_role("link", name="Wallet").click()
        await answered.wait()
        await told(pages, phone, anna)
        await phone.get_by_role("link", name="Stalls").click()
        await told(pages, phone, anna)
    await phone.get_by_role("link", name="Wallet").click()
    await expect(phone.locator("#transactions li")).to_have_count(3)


async def test_what_another_keeper_changes_meanwhile_is_shown(pages: Pages) -> None:
    stall = await pages.ground.stall()
    async with late(pages, "**/v1/vendors") as listed, late(pages, "**/v1/vendors/*/menu") as read:
        tablet = await pages.open(stall, LAPTOP)
        await asyncio.gather(listed.wait(), read.wait())
        await patch(pages, f"/v1/vendors/{stall.vendor_id}", {"open": False}, who=stall)
        await patch(pages, f"/v1/menu/{stall.items['wrap']}", {"price": 400}, who=stall)
        await patch(pages, f"/v1/vendors/{stall.vendor_id}", {"autoAccept": False}, who=stall)
        await expect(tablet.locator("#auto-accept")).to_have_text("Accept by hand")
    await expect(tablet.locator("#menu li", has_text="wrap")).to_contain_text("€4.00")
    await expect(tablet.locator("#closed")).to_be_visible()

    async with late(pages, f"**/v1/vendors/{stall.vendor_id}") as answered:
        await section(tablet, "Stall")
        await tablet.get_by_role("switch", name="Open for orders").click()
        await answered.wait()
        await patch(pages, f"/v1/vendors/{stall.vendor_id}", {"autoAccept": True}, who=stall)
        await expect(tablet.locator("#auto-accept")).to_have_text("Accepts by itself")
    await expect(tablet.locator("#open")).to_be_enabled()
    await expect(tablet.locator("#auto-accept")).to_have_text("Accepts by itself")


async def test_an_order_that_is_gone_does_not_come_back_with_an_older_answer(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    order_id = await ground.placed(anna, stall)
    tablet = await pages.open(stall, LAPTOP)
    async with late(pages, "**/v1/orders/*/status") as answered:
        await tablet.get_by_role("button", name="Ready order 1").click()
        await answered.wait()
        await ground.step(stall, order_id, "completed")
        await expect(tablet.locator(".ticket")).to_have_count(0)
    kept = "Object.keys(localStorage).filter((name) => name.includes('.outbox ')).map((name) => localStorage[name])"
    await pages.true(tablet, f"{kept}.join() === '[]'")
    await expect(tablet.locator(".ticket")).to_have_count(0)


async def paying(pages: Pages, stall: Stall, person: Person) -> Page:
    """The page behind the code of the stall's ayran."""
    page = await pages.tab(f"/pay/?vendor={stall.vendor_id}&item={stall.items['ayran']}", who=person)
    await pages.live(page)
    return page


async def test_what_happens_while_somebody_pays_is_shown(pages: Pages) -> None:
    ground = pages.ground
    stall, anna = await ground.stall(), await ground.customer(funds=2_000)
    phone = await paying(pages, stall, anna)
    await expect(phone.locator("#pay")).to_have_text("Pay €3.00")
    async with late(pages, "**/v1/vendors/*/menu") as answered:
        await patch(pages, f"/v1/menu/{stall.items['ayran']}", {"price": 400}, who=stall)
        await answered.wait()
        await phone.get_by_label("One more").click()
    await expect(phone.locator("#pay")).to_have_text("Pay €8.00")

    async with late(pages, "**/v1/orders") as answered:
        await phone.locator("#pay").click()
        await answered.wait()
        (order,) = (await ground.get("/v1/orders", who=stall)).json()["items"]
        await ground.step(stall, order["orderId"], "ready")
        await expect(phone.locator("#toasts")).to_contain_text("ready")
    await expect(phone.get_by_role("heading", name="Ready for pickup")).to_be_visible()

    async with late(pages, "**/v1/orders/*") as answered:
        await phone.reload()
        await answered.wait()
        await pages.live(phone)
        await ground.step(stall, order["orderId"], "completed")
        await told(pages, phone, anna)
    await expect(phone.get_by_role("heading", name="Picked up")).to_be_visible()
