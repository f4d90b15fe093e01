"""Answers that events overtake: what was read first comes last, and the pages still show what is newest."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route, expect

from tests.browser.pages import LAPTOP, Pages


@asynccontextmanager
async def late(where: Page, path: str) -> AsyncIterator[asyncio.Event]:
    """Let the server answer at once, and the browser hear of it at the end. The event: the first answer is there."""
    asked, go = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        answer = await route.fetch()
        asked.set()
        await go.wait()
        await route.fulfill(response=answer)

    await where.context.route(path, hold)
    try:
        yield asked
        assert asked.is_set()
    finally:
        go.set()


async def test_a_transaction_that_overtakes_the_ledger_stays_on_top(pages: Pages) -> None:
    ground = pages.ground
    anna, admin = await ground.customer(funds=100), await ground.admin()
    desk = await pages.tab("/", LAPTOP)
    async with late(desk, "**/v1/admin/transactions*") as asked:
        await desk.goto(f"{ground.url()}/admin/#token={admin.token}")
        await asked.wait()
        await ground.top_up(anna, 200)
        await expect(desk.locator("#transactions tr")).to_have_count(1)
    await expect(desk.locator("#transactions tr")).to_have_count(2)
    await expect(desk.locator("#transactions tr").first).to_contain_text("€2.00")
