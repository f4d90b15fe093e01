"""A guest downloads what is kept of them and has themselves erased; the office does it for somebody who asks."""

import asyncio
import json
from pathlib import Path

from playwright.async_api import expect

from tests.browser.pages import Pages
from tests.browser.relations.parts import OFFICE, page_of
from tests.browser.test_admin import view


async def test_a_guest_takes_their_data_along_and_goes(pages: Pages) -> None:
    ground = pages.ground
    guest = await ground.customer("Zelda Quux", funds=500)
    page = await page_of(pages, guest, "customer")
    await page.get_by_role("link", name="Wallet").click()
    data = page.locator("#own-data")
    await data.locator("summary").click()
    async with page.expect_download() as download:
        await data.get_by_role("button", name="Download my data").click()
    file = await (await download.value).path()
    told = json.loads(await asyncio.to_thread(Path(file).read_text, encoding="utf-8"))
    assert ((await download.value).suggested_filename, told["person"]["name"]) == (
        f"data-{guest.user_id}.json",
        "Zelda Quux",
    )
    erase = data.get_by_role("button", name="Erase me")
    await expect(erase).to_be_disabled()
    await data.get_by_label("I know that nobody can undo this.").check()
    await erase.click()
    await expect(data.get_by_role("alert")).to_contain_text("There is money left: €5.00")
    await expect(erase).to_be_disabled()
    box = await data.locator("label.check").bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_an_organiser_erases_somebody_who_asked_for_it(pages: Pages) -> None:
    ground = pages.ground
    guest = await ground.customer("Otto Gone")
    desk = await page_of(pages, await ground.admin(), "admin", OFFICE)
    await view(desk, "People")
    await desk.get_by_label("Name, id or top-up code").fill("Otto Gone")
    await desk.get_by_role("button", name="Rights of Otto Gone").click()
    row = desk.locator("#person-parts .row", has_text="Their data")
    async with desk.expect_download() as download:
        await row.get_by_role("button", name="Download").click()
    assert (await download.value).suggested_filename == f"data-{guest.user_id}.json"
    await row.get_by_role("button", name="Erase").click()
    await desk.get_by_role("button", name="They asked for it").click()
    await desk.locator("#ask-do").click()
    await expect(desk.locator("#person-title")).to_have_text("Erased guest")
    assert (await ground.get("/v1/me", who=guest)).status_code == 401
