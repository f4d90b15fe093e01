"""Screens at the stall: paired by a code that somebody types on them, confirmed or refused on the stall's page."""

import asyncio

from playwright.async_api import Page, Route, expect

from tests.browser.pages import LAPTOP, WALL, Pages
from tests.browser.stall.kitchen import TABLET, asked, section
from tests.browser.stall.test_steps import tap
from tests.browser.stall.test_vendor import second_keeper
from tests.support.timing.waiting import until


async def made_code(page: Page, name: str) -> str:
    """Let the stall make a code for a screen that will have this name."""
    await section(page, "Stall")
    await expect(page.locator("#screen-address")).to_contain_text("/kiosk/")
    await page.get_by_label("Where it stands").fill(name)
    await page.get_by_role("button", name="Make a code").click()
    await expect(page.locator("#screen-left")).to_contain_text("For one screen")
    return await page.locator("#screen-code").inner_text()


async def typed(pages: Pages, code: str) -> Page:
    """A screen on which somebody has typed the code."""
    wall = await pages.tab("/kiosk/", WALL)
    await expect(wall.locator("#pair-words")).to_contain_text("Ask the stall for a code")
    await wall.keyboard.type(code)
    await expect(wall.locator("#pair-words")).to_contain_text("Waiting for Falafel Sun to confirm")
    return wall


async def test_a_screen_is_paired_by_a_code_also_after_a_reload_and_is_taken_down(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall, anna = await ground.stall(), await ground.customer(funds=1_000)
    page = await kitchen.open(stall, TABLET)
    code = await made_code(page, "Left of the door")
    await page.reload()
    await kitchen.live(page)
    await section(page, "Stall")
    await expect(page.locator("#screen-code")).to_have_text(code)
    wall = await typed(kitchen, code)
    await expect(page.locator("#screen-shown")).to_be_hidden()
    await expect(page.locator("#screens-waiting li")).to_contain_text("Left of the door")
    await section(page, "Orders")
    await page.reload()
    await kitchen.live(page)
    await expect(page.locator("#screens-badge")).to_have_text("1")

    await section(page, "Stall")
    await expect(page.locator("#screens-state")).to_have_text("No screen shows your board yet.")
    await page.get_by_role("button", name="Confirm Left of the door").click()
    await expect(page.locator("#screens li")).to_contain_text("Left of the door")
    await expect(page.locator("#screens-waiting li")).to_have_count(0)
    await expect(page.locator("#screens-badge")).to_be_hidden()
    await kitchen.live(wall)
    await ground.placed(anna, stall)
    await expect(wall.locator("#preparing")).to_contain_text("1")

    await page.get_by_role("button", name="Take down Left of the door").click()
    await expect(page.locator("#ask-title")).to_have_text("Take Left of the door down?")
    await page.locator("#ask-do").click()
    await expect(page.locator("#screens li")).to_have_count(0)

    async def is_gone() -> bool:
        listed = await ground.get(f"/v1/vendors/{stall.vendor_id}/displays", who=stall)
        return bool(listed.json()["items"] == [])

    await until(is_gone, within_s=60)


async def test_a_screen_that_asked_while_the_stalls_page_was_closed_is_confirmed_when_it_is_back(
    kitchen: Pages,
) -> None:
    page = await kitchen.open(await kitchen.ground.stall(), TABLET)
    code = await made_code(page, "Left of the door")
    await page.goto("about:blank")
    wall = await typed(kitchen, code)
    await page.goto(f"{kitchen.ground.url()}/vendor/")
    await kitchen.live(page)
    await expect(page.locator("#screens-badge")).to_have_text("1")
    await section(page, "Stall")
    await expect(page.locator("#screen-shown")).to_be_hidden()  # its code is used up
    await page.get_by_role("button", name="Confirm Left of the door").click()
    await kitchen.live(wall)
    await expect(page.locator("#screens li")).to_contain_text("Left of the door")
    await expect(page.locator("#screens-waiting li")).to_have_count(0)


async def test_a_screen_that_one_keeper_refuses_can_not_be_confirmed_by_another(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall = await ground.stall()
    page = await kitchen.open(stall, TABLET)
    reads, read, go = 0, asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:  # what the other page has read once is all that it reads until the end
        nonlocal reads
        if route.request.method != "GET" or route.request.frame.page == page:
            await route.continue_()
            return
        reads += 1
        if reads > 1:
            await go.wait()
        await route.fulfill(response=await route.fetch())
        read.set()

    await kitchen.context.route("**/displays/pairings", hold)
    other = await kitchen.open(await second_keeper(kitchen, stall), LAPTOP)
    await read.wait()
    wall = await typed(kitchen, await made_code(page, "Bar"))
    await expect(other.locator("#screens-badge")).to_have_text("1")
    await section(other, "Stall")
    await page.get_by_role("button", name="Refuse Bar").click()
    await expect(page.locator("#screens-waiting li")).to_have_count(0)
    await expect(wall.locator("#pair-words")).to_contain_text("The stall has refused this screen")
    await other.get_by_role("button", name="Confirm Bar").click()
    await expect(other.locator("#toasts")).to_contain_text("Somebody has refused this screen already.")
    await expect(other.locator("#screens-waiting li")).to_have_count(0)
    go.set()
    await kitchen.context.unroute_all(behavior="wait")
    await expect(other.locator("#screens-state")).to_have_text("No screen shows your board yet.")


async def test_the_stalls_screens_are_shown_also_if_those_that_wait_can_not_be_read(kitchen: Pages) -> None:
    stall, status = await kitchen.ground.stall(), 500
    await kitchen.ground.screen(stall)

    async def refuse(route: Route) -> None:
        await route.fulfill(status=status, json={"code": "not-found" if status == 404 else "internal", "title": "No."})

    await kitchen.context.route("**/displays/pairings", refuse)
    page = await kitchen.open(stall, TABLET)
    await section(page, "Stall")
    await expect(page.locator("#screens li")).to_have_count(1)
    await expect(page.locator("#screens-state")).to_contain_text("can't be reached")
    status = 404  # as of a process of an older version
    await asked(kitchen, stall, "Bar")
    await section(page, "Sales")
    await section(page, "Stall")
    await expect(page.locator("#screens-state")).to_have_text("")
    await expect(page.locator("#screens-waiting li")).to_have_count(1)


async def test_a_double_tap_on_a_switch_of_the_stall_is_one_change(kitchen: Pages) -> None:
    ground = kitchen.ground
    stall = await ground.stall()
    page = await kitchen.open(stall, TABLET)
    await section(page, "Stall")
    switch = page.get_by_role("switch", name="Open for orders")
    await expect(switch).to_be_checked()
    await tap(page, switch, 300)
    await expect(page.locator("#open:not([aria-busy])")).to_have_text("Closed")
    stalls = (await ground.get("/v1/vendors", who=stall)).json()["items"]
    assert [each["open"] for each in stalls] == [False]
